import { parseAccountSid } from "../directory/account.js";
import type { Clock } from "../directory/ports.js";
import { createSqliteClosings } from "../storage/sqlite-closings.js";
import { type Command, UsageError } from "./command.js";
import { withDatabaseBeside } from "./database-beside.js";
import { readOptions } from "./options.js";

/** How long a running bridge is waited for, which looks every second. */
const WAIT_MS = 5_000;
const LOOK_MS = 250;

export function createRestore(clock: Clock): Command {
  return {
    name: "restore",
    summary: "Brings back an account that waits to be closed (CLOSE_DELAY_HOURS).",
    help: HELP,

    async run([text = "", ...args], terminal) {
      const sid = parseAccountSid(text);
      if (sid === undefined) throw new UsageError("takes the SID of an account");
      const { database } = readOptions(args, ["database"]);
      return withDatabaseBeside({ option: database, terminal }, async (db) => {
        const closings = createSqliteClosings(db);
        const state = await closings.askRestore(sid);
        if (state !== "asked") {
          const isLate = state === "begun";
          terminal.err(isLate ? `${sid} is being closed now.` : `No closing of ${sid} is pending.`);
          return 1;
        }
        const until = clock.now() + WAIT_MS;
        for (;;) {
          const closing = await closings.get(sid);
          if (closing === undefined) {
            terminal.out(`${sid} is shown again, suspended as it is.`);
            return 0;
          }
          if (!closing.restoreAsked) {
            terminal.err(
              `${sid} could not be brought back; its userName may be taken. The bridge's log says why.`,
            );
            return 1;
          }
          if (clock.now() >= until) break;
          await clock.sleep(LOOK_MS);
        }
        terminal.out(
          `${sid} will not be closed. It is shown again when the bridge runs, which it does not seem to now.`,
        );
        return 0;
      });
    },
  };
}

const HELP = [
  "Usage: twilio-scim-bridge restore SID [--database URL]",
  "",
  "Undoes a deletion while the closing of the account is pending: it is shown again, suspended, under its userName.",
  "The request is left in the database, from which it is not closed any more; a running bridge does the rest within",
  "two seconds, and else the next start does. It is refused where another user has the userName by now.",
  "",
  "  --database URL  file: and the path of the database (default: DATABASE_URL, from the environment or a file .env)",
  "",
  "Exit code 0: done, or left for the next start; 1: there is nothing to undo, it is too late, or it was refused;",
  "2: it was called in a wrong way.",
].join("\n");
