import { isOwnerAccount } from "../directory/account.js";
import type { User } from "../directory/user.js";
import { type AccountReport, nameOf } from "./account-report.js";
import { neutral, quoted } from "./csv-cell.js";
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
