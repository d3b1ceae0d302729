import { randomUUID } from "node:crypto";
import { CONFIG_VARIABLES, ConfigError } from "../config.js";
import { brakeLimit } from "../config-forms.js";
import type { Clock } from "../directory/ports.js";
import { BRAKE_NAMES, type BrakeName } from "../lifecycle/brake-store.js";
import {
  BRAKE_VARIABLES,
  type BrakeLimits,
  type BrakeStatus,
  Brakes,
  describeBrake,
  LONGEST_RELEASE_MS,
  RELEASE_MS,
} from "../lifecycle/brakes.js";
import { createSqliteBrakes } from "../storage/sqlite-brakes.js";
import { inColumns } from "./columns.js";
import { type Command, type Terminal, UsageError } from "./command.js";
import { withDatabaseBeside } from "./database-beside.js";
import { readEnvironment } from "./environment.js";
import { readOptions, takeFlag } from "./options.js";
import { createTerminalLog } from "./terminal-log.js";

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export function createBrake(clock: Clock): Command {
  return {
    name: "brake",
    summary: "Shows how many closures and suspensions are let through in an hour, and lets more through.",
    help: HELP,

    async run([action, ...args], terminal) {
      switch (action) {
        case "status": {
          const { isSet: asJson, rest } = takeFlag(args, "json");
          const { database } = readOptions(rest, ["database"]);
          const statuses = await withBrakes(database, clock, terminal, (brakes) => brakes.status());
          terminal.out(asJson ? JSON.stringify(statuses.map(describeBrake), null, 2) : formatTable(statuses));
          return 0;
        }
        case "release": {
          const [name, ...rest] = args;
          const brake = readBrakeName(name);
          const options = readOptions(rest, ["for", "database"]);
          const forMs = options.for === undefined ? RELEASE_MS : readDuration(options.for);
          const { limit, releasedUntil } = await withBrakes(options.database, clock, terminal, (brakes) =>
            brakes.release(brake, forMs, "the command line"),
          );
          terminal.out(
            limit === undefined
              ? `The brake on ${brake} is off here (${BRAKE_VARIABLES[brake]}). Where a bridge has it on, it is released.`
              : `The brake on ${brake} is released until ${isoTime(releasedUntil)}.`,
          );
          return 0;
        }
        default:
          throw new UsageError("takes status or release");
      }
    },
  };
}

function withBrakes<T>(
  option: string | undefined,
  clock: Clock,
  terminal: Terminal,
  use: (brakes: Brakes) => Promise<T>,
): Promise<T> {
  const limits = readLimits(terminal);
  const log = createTerminalLog(terminal);
  return withDatabaseBeside({ option, terminal, log }, (db) =>
    use(new Brakes({ store: createSqliteBrakes(db), limits, clock, log, newId: () => randomUUID() })),
  );
}

/** The limits as the bridge reads them, without asking for all that it needs besides. */
function readLimits(terminal: Terminal): BrakeLimits {
  const env = readEnvironment(terminal);
  const read = (brake: BrakeName) => {
    const variable = CONFIG_VARIABLES.find(({ name }) => name === BRAKE_VARIABLES[brake]);
    const limit = brakeLimit.safeParse(env[BRAKE_VARIABLES[brake]] || variable?.default);
    if (limit.success) return limit.data;
    throw new ConfigError([`${BRAKE_VARIABLES[brake]} cannot be read; expected: ${variable?.expected}.`]);
  };
  return {
    closures: read("closures"),
    suspensions: read("suspensions"),
    creations: read("creations"),
    reactivations: read("reactivations"),
  };
}

function readBrakeName(name: string | undefined): BrakeName {
  const brake = BRAKE_NAMES.find((known) => known === name?.toLowerCase());
  if (brake !== undefined) return brake;
  throw new UsageError(`release takes ${BRAKE_NAMES.slice(0, -1).join(", ")} or ${BRAKE_NAMES.at(-1)}`);
}

function readDuration(text: string): number {
  const [, number, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  const ms = unit === "m" || unit === "h" || unit === "d" ? Number(number) * UNITS_MS[unit] : Number.NaN;
  if (ms <= LONGEST_RELEASE_MS) return ms;
  throw new UsageError("--for takes a number and m, h or d, such as 30m, and seven days at the most");
}

function formatTable(statuses: readonly BrakeStatus[]): string {
  const rows = statuses.map(({ brake, limit, counted, engaged, freeAt, releasedUntil }) => [
    brake,
    limit === undefined ? "off" : String(limit),
    limit === undefined ? "-" : String(counted),
    releasedUntil !== undefined
      ? `released until ${isoTime(releasedUntil)}`
      : engaged
        ? `engaged until ${isoTime(freeAt)}`
        : "free",
  ]);
  return inColumns([["BRAKE", "AN HOUR", "COUNTED", "STATE"], ...rows]);
}

function isoTime(ms: number | undefined): string {
  return ms === undefined ? "now" : new Date(ms).toISOString();
}

const HELP = [
  "Usage: twilio-scim-bridge brake status [--json] [--database URL]",
  "       twilio-scim-bridge brake release NAME [--for DURATION] [--database URL]",
  "",
  "The bridge lets only so many changes of a kind through in any hour, so that a provider that is misconfigured, or",
  "a token in wrong hands, cannot close everything: MAX_CLOSURES_PER_HOUR, MAX_SUSPENSIONS_PER_HOUR,",
  "MAX_CREATIONS_PER_HOUR, MAX_REACTIVATIONS_PER_HOUR. Beyond that it answers 429. Both commands work on the",
  "bridge's database, also while the bridge runs.",
  "",
  "status   shows each brake with its limit and what it has counted in the last hour. The limits are those of the",
  "         environment, or of a file .env, where the command is run.",
  "release  lets more through from now on. NAME is closures, suspensions, creations or reactivations.",
  "",
  "  --for DURATION  how long, such as 30m, 2h or 1d (default: 1h). What happens meanwhile is counted all the same.",
  "  --json          an array of brake, limit (null: off), counted, engaged, freeAt, releasedUntil",
  "  --database URL  file: and the path of the database (default: DATABASE_URL, from the environment or a file .env)",
  "",
  "Exit code 0: done; 1: the database cannot be used; 2: it was called in a wrong way.",
].join("\n");
