import { parseAccountSid } from "../directory/account.js";
import type { Clock } from "../directory/ports.js";
import { AUDIT_ACTIONS } from "../lifecycle/audit.js";
import { readSince, SINCE_FORM } from "../lifecycle/audit-since.js";
import type { ChainHead } from "../lifecycle/audit-store.js";
import { auditKeyPath, readAuditKey } from "../storage/audit-key-file.js";
import { readSqliteAudit, verifySqliteAudit } from "../storage/sqlite-audit-reader.js";
import { formatAuditCsv, formatAuditTable } from "./audit-report.js";
import { type Command, type ExitCode, type Terminal, UsageError } from "./command.js";
import { databaseUrl } from "./database-url.js";
import { readEnvironment } from "./environment.js";
import { oneOf, readOptions } from "./options.js";

const FORMATS = ["table", "json", "csv"] as const;

/** @param clock says from when `--since` counts back */
export function createAudit(clock: Clock): Command {
  return {
    name: "audit",
    summary: "Shows who changed what, from the bridge's database, or verifies that nobody has edited it.",
    help: HELP,

    async run(args, terminal) {
      const [first, ...others] = args;
      return first === "verify" ? verify(others, terminal) : list(args, terminal, clock.now());
    },
  };
}

function list(args: readonly string[], terminal: Terminal, now: number): ExitCode {
  const options = readOptions(args, ["since", "account", "actor", "action", "format", "database"]);
  const { since, account, actor, action } = options;
  const format = oneOf("format", FORMATS, options.format ?? "table");
  const query = {
    since: since === undefined ? undefined : known(readSince(since, now), "since", SINCE_FORM),
    accountSid:
      account === undefined ? undefined : known(parseAccountSid(account), "account", "an account SID"),
    actor,
    action: action === undefined ? undefined : oneOf("action", AUDIT_ACTIONS, action),
  };
  const rows = readSqliteAudit(databaseUrl(options.database, terminal), query);
  switch (format) {
    case "table":
      terminal.out(formatAuditTable(rows));
      break;
    case "json":
      terminal.out(JSON.stringify(rows, undefined, 2));
      break;
    case "csv":
      // The terminal ends what it writes with a line feed, which the last line has already.
      terminal.out(formatAuditCsv(rows).slice(0, -1));
      break;
  }
  return 0;
}

function verify(args: readonly string[], terminal: Terminal): ExitCode {
  const options = readOptions(args, ["head", "key-file", "database"]);
  const url = databaseUrl(options.database, terminal);
  const expected =
    options.head === undefined ? undefined : known(readHead(options.head), "head", "NUMBER:MAC");
  const keyFile = options["key-file"] ?? (readEnvironment(terminal).AUDIT_KEY_FILE || undefined);
  const path = auditKeyPath(keyFile, url);
  if (path === undefined) throw new UsageError("A database in memory cannot be read from outside its bridge");
  const verdict = verifySqliteAudit(url, readAuditKey(path), expected);
  if (verdict.fault !== undefined) {
    terminal.err(verdict.fault.problem);
    return 1;
  }
  const { rows, head } = verdict;
  terminal.out(`The audit is as it was written: ${rows} rows, up to ${head.number}:${head.mac}`);
  return 0;
}

function readHead(text: string): ChainHead | undefined {
  const [, number, mac] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  return number === undefined || mac === undefined ? undefined : { number: Number(number), mac };
}

function known<T>(value: T | undefined, name: string, form: string): T {
  if (value === undefined) throw new UsageError(`--${name} takes ${form}`);
  return value;
}

const HELP = [
  "Usage: twilio-scim-bridge audit [options]",
  "       twilio-scim-bridge audit verify [options]",
  "",
  "Shows the rows of the audit, the newest first: every change that somebody asked for, what became of it, and",
  "what was changed in Twilio's console (actor twilio). It reads the bridge's database, also while the bridge",
  "runs, and changes nothing in it.",
  "",
  "  --since TIME       only rows since then: 12h or 7d back, or a date such as 2026-11-24 (UTC)",
  "  --account SID      only rows about this account",
  "  --actor NAME       only rows of this token or client, or of twilio",
  `  --action ACTION    only rows with this action: ${AUDIT_ACTIONS.slice(0, 7).join(", ")},`,
  `                     ${AUDIT_ACTIONS.slice(7).join(", ")}`,
  "  --format FORMAT    table, json or csv (default: table). In csv, an apostrophe stands before what a",
  "                     spreadsheet would take for a formula",
  "  --database URL     file: and the path of the database (default: DATABASE_URL, from the environment or",
  "                     a file .env)",
  "",
  "audit verify tells whether every row is as it was written, and otherwise the first that is not. Rows taken",
  'from the end can be told only by what the log said of it every hour ("audit head").',
  "",
  '  --head NUMBER:MAC  a row that must still be there, as a line "audit head" of the log told it',
  "  --key-file PATH    the key that seals the audit (default: AUDIT_KEY_FILE, or the database's name with",
  "                     .audit-key behind)",
  "  --database URL     as above",
  "",
  "Exit code 0: the rows were shown, or are as they were written; 1: a row is not, or the database or the key",
  "cannot be read; 2: it was called in a wrong way.",
].join("\n");
