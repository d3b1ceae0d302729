import type { AuditRow } from "../lifecycle/audit-store.js";
import { neutral, quoted } from "./csv-cell.js";
import { fitted, printable } from "./display-width.js";

/** Makes a spreadsheet read the file as UTF-8. */
const BYTE_ORDER_MARK = "\ufeff";

const COLUMNS: readonly (readonly [name: string, value: (row: AuditRow) => string])[] = [
  ["number", ({ number }) => String(number)],
  ["time", ({ time }) => time],
  ["kind", ({ kind }) => kind],
  ["asked", ({ asked }) => textOf(asked)],
  ["actor", ({ actor }) => actor.name],
  ["scheme", ({ actor }) => textOf(actor.scheme)],
  ["address", ({ actor }) => textOf(actor.address)],
  ["requestId", ({ actor }) => textOf(actor.requestId)],
  ["accountSid", ({ accountSid }) => textOf(accountSid)],
  ["groupId", ({ groupId }) => textOf(groupId)],
  ["identity", ({ identity }) => textOf(identity)],
  ["actions", ({ actions }) => actions.join(" ")],
  ["from", ({ from }) => (from === undefined ? "" : JSON.stringify(from))],
  ["to", ({ to }) => JSON.stringify(to)],
  ["outcome", ({ outcome }) => textOf(outcome)],
  ["reason", ({ reason }) => textOf(reason)],
  ["twilioCode", ({ twilioCode }) => textOf(twilioCode)],
  ["twilioRequestId", ({ twilioRequestId }) => textOf(twilioRequestId)],
  ["durationMs", ({ durationMs }) => textOf(durationMs)],
  ["dryRun", ({ dryRun }) => String(dryRun)],
];

/** The rows for spreadsheets, as RFC 4180 has it, each line with its CRLF. */
export function formatAuditCsv(rows: readonly AuditRow[]): string {
  const lines = [
    COLUMNS.map(([name]) => name),
    ...rows.map((row) => COLUMNS.map(([, value]) => neutral(value(row)))),
  ];
  return BYTE_ORDER_MARK + lines.map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

/** The rows for people: two lines each. */
export function formatAuditTable(rows: readonly AuditRow[]): string {
  if (rows.length === 0) return "There are no such rows.";
  return rows.flatMap(block).join("\n");
}

function block({
  number,
  time,
  kind,
  actor,
  actions,
  accountSid,
  groupId,
  identity,
  ...row
}: AuditRow): string[] {
  const became = kind === "asked" ? "asked" : textOf(row.outcome);
  const why = [row.reason, row.twilioCode, row.dryRun ? "dry run" : undefined].filter(
    (part) => part !== undefined,
  );
  const first = [
    fitted(`#${number}`, 8),
    time,
    fitted(became, 10),
    actions.join(" "),
    why.length === 0 ? "" : `(${why.join(", ")})`,
  ];
  const whose = [
    accountSid ?? groupId ?? "no account",
    printable(identity ?? row.from?.displayName ?? row.to.displayName ?? ""),
    `by ${printable(actor.name)}`,
    actor.address === undefined ? "" : `from ${actor.address}`,
    actor.requestId === undefined ? "" : `request ${actor.requestId}`,
  ];
  return [first.join("  ").trimEnd(), `${" ".repeat(10)}${whose.filter((part) => part !== "").join("  ")}`];
}

function textOf(value: string | number | undefined): string {
  return value === undefined ? "" : String(value);
}
