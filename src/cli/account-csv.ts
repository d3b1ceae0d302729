import { isOwnerAccount } from "../directory/account.js";
import type { User } from "../directory/user.js";
import { type AccountReport, nameOf } from "./account-report.js";
import { describeServices } from "./service-activity.js";

/** Makes a spreadsheet read the file as UTF-8. */
const BYTE_ORDER_MARK = "\ufeff";

const COLUMNS: readonly (readonly [name: string, value: (user: User) => string])[] = [
  ["name", (user) => neutral(nameOf(user))],
  ["userName", ({ attributes }) => neutral(attributes.userName)],
  ["accountSid", ({ account }) => account.sid],
  ["ownerAccount", ({ account }) => String(isOwnerAccount(account))],
  ["status", ({ account }) => account.status],
  ["accountType", ({ account }) => account.type],
  ["created", ({ account }) => new Date(account.dateCreated).toISOString()],
  ["lastActivity", ({ activity }) => activity.usage?.lastActivity ?? ""],
  ["lastActivityExcludingFees", ({ activity }) => activity.usage?.lastActivityExcludingFees ?? ""],
  ["services", ({ activity }) => neutral(describeServices(activity.usage?.services ?? [], "; "))],
  // A number, also when it is negative: it is nothing but a decimal.
  ["spend", ({ activity }) => activity.usage?.spend?.total ?? ""],
  ["currency", ({ activity }) => neutral(activity.usage?.spend?.currency ?? "")],
  ["activityState", ({ activity }) => activity.state],
  ["activityAsOf", ({ activity: { asOf } }) => (asOf === undefined ? "" : new Date(asOf).toISOString())],
];

/** The report for spreadsheets, as RFC 4180 has it, each line with its CRLF. */
export function formatCsv({ users }: AccountReport): string {
  const lines = [
    COLUMNS.map(([name]) => name),
    ...users.map((user) => COLUMNS.map(([, value]) => value(user))),
  ];
  return BYTE_ORDER_MARK + lines.map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

/**
 * Text that a spreadsheet does not run as a formula: an apostrophe goes before what would make one.
 *
 * Not only at the beginning, and also behind quotes: where a spreadsheet takes another separator than the comma, as many
 * languages have it, a cell begins in the middle of a value.
 */
function neutral(text: string): string {
  return text.replace(/(?<=^|[;|\t\r\n])(?=[\p{Zs}"']*[=+\-@＝＋－＠])/gu, "'").replace(/^(?=[\t\r\n])/, "'");
}

/** RFC 4180 §2.5 to §2.7, and quotes also around what another separator would split. */
function quoted(cell: string): string {
  return /[",;|\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
