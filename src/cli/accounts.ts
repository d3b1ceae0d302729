import type { Clock } from "../directory/ports.js";
import { readSqliteDirectory } from "../storage/sqlite-reader.js";
import { formatCsv } from "./account-csv.js";
import { formatJson } from "./account-json.js";
import { reportAccounts } from "./account-report.js";
import { formatTable } from "./account-table.js";
import { type Command, UsageError } from "./command.js";
import { readDatabaseUrl } from "./database-url.js";
import { readOptions, wholeNumber } from "./options.js";

const FORMATS = ["table", "csv", "json"] as const;
const STATUSES = ["active", "suspended", "closed"] as const;
const TYPES = ["Trial", "Full"] as const;

/** @param clock says from which day dormancy counts back */
export function createAccounts(clock: Clock): Command {
  return {
    name: "accounts",
    summary: "Reports all accounts, or the dormant ones, from the bridge's database.",
    help: HELP,

    async run(args, terminal) {
      const options = readOptions(args, ["dormant-days", "status", "type", "service", "format", "database"]);
      const format = oneOf("format", FORMATS, options.format ?? "table");
      const query = {
        dormantDays:
          options["dormant-days"] === undefined
            ? undefined
            : wholeNumber("dormant-days", options["dormant-days"], { least: 1, most: 36_500, otherwise: 1 }),
        status: options.status === undefined ? undefined : oneOf("status", STATUSES, options.status),
        type: options.type === undefined ? undefined : oneOf("type", TYPES, options.type),
        service: options.service?.toLowerCase(),
      };
      const stored = await readSqliteDirectory(readDatabaseUrl(options.database, terminal));
      const report = reportAccounts(stored, query, clock.now());
      switch (format) {
        case "table":
          terminal.out(formatTable(report, Number(terminal.env.COLUMNS) || 0));
          break;
        case "csv":
          // The terminal ends what it writes with a line feed, which the last line has already.
          terminal.out(formatCsv(report).slice(0, -1));
          break;
        case "json":
          terminal.out(formatJson(report));
          break;
      }
      if (format !== "table") for (const note of report.notes) terminal.err(note);
      return 0;
    },
  };
}

/** @throws UsageError where it is none of `values`; upper and lower case are not told apart */
function oneOf<T extends string>(name: string, values: readonly T[], text: string): T {
  const found = values.find((value) => value.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`--${name} takes ${values.slice(0, -1).join(", ")} or ${values.at(-1)}`);
}

const HELP = [
  "Usage: twilio-scim-bridge accounts [options]",
  "",
  "Reports the accounts that the bridge knows, by creation: who has one, when it was last used, for what, and",
  "what it has cost. It reads the bridge's database, also while the bridge runs, changes nothing in it, and",
  "does not ask Twilio.",
  "",
  "  --dormant-days N   only accounts that nobody has used for N days (see below)",
  "  --status STATUS    active, suspended or closed (default: all that are not closed)",
  "  --type TYPE        Trial or Full (default: both)",
  "  --service SERVICE  only accounts that were ever charged for this service, such as verify",
  "  --format FORMAT    table, csv or json (default: table)",
  "  --database URL     file: and the path of the database (default: DATABASE_URL, from the environment or",
  "                     a file .env; no other variable is read)",
  "",
  "Dormant is an account that is at least N days old and whose lastActivityExcludingFees is at least N days",
  "ago, or that has none. That date is the last day with a charge that somebody caused. lastActivity counts",
  "rent, storage and licence fees too, which an account that nobody uses goes on paying, so it would hide",
  "what is looked for. Days are those of UTC. An account whose activity was not read yet, or cannot be read,",
  "is not known to be dormant: it is not listed, and a note says how many there are.",
  "",
  "table  three lines an account, in 80 columns or up to 200 where COLUMNS says so. LAST USED is",
  "       lastActivityExcludingFees, LAST CHARGE is lastActivity. A summary and notes follow.",
  "csv    RFC 4180 in UTF-8 with a byte order mark, for spreadsheets: name, userName, accountSid,",
  "       ownerAccount, status, accountType, created, lastActivity, lastActivityExcludingFees, services,",
  "       spend, currency, activityState, activityAsOf. An apostrophe stands before what a spreadsheet would",
  "       take for a formula. Notes go to the standard error.",
  'json   {"dormantSince", "notes", "accounts"}: the last day of use that counts as dormant or null, an array of',
  "       sentences (on the standard error too), and an array of the members that csv has as columns, except",
  '       that services is [{"value", "display", "lastActivity", "lastActivityExcludingFees"}] and spend is',
  '       {"total", "currency"} or null, with total as a decimal string. Days are "2026-11-24", instants',
  '       "2026-11-24T08:00:00.000Z". Every member is always there, null where there is nothing to tell;',
  "       later releases may add some.",
  "",
  "Exit code 0: the report was made, also where it is empty; 1: the database cannot be read; 2: it was called",
  "in a wrong way.",
].join("\n");
