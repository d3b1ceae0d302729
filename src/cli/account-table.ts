import { isOwnerAccount } from "../directory/account.js";
import type { User } from "../directory/user.js";
import { add, parseDecimal, ZERO } from "../twilio/decimal.js";
import { type AccountReport, counted, nameOf } from "./account-report.js";
import { displayWidth, fitted, printable } from "./display-width.js";
import { describeServices } from "./service-activity.js";

/** How many columns the facts beside the name take. */
const FACTS = [9, 5, 10, 11, 11] as const;
const GAP = "  ";
const COLUMNS = { least: 80, most: 200 };

/**
 * The report for people: three lines an account, within `columns`, and what it comes to at the end.
 *
 * @param columns how wide the terminal is; less than 80 counts as 80, more than 200 as 200
 */
export function formatTable(report: AccountReport, columns: number): string {
  const width = Math.min(Math.max(columns, COLUMNS.least), COLUMNS.most);
  const { users } = report;
  const head = line(["NAME", "STATUS", "TYPE", "LAST USED", "LAST CHARGE", "ACTIVITY"], width);
  return [
    ...(users.length === 0 ? [] : [head, ...users.flatMap((user) => block(user, width)), ""]),
    summary(report),
    ...report.notes,
  ].join("\n");
}

function block(user: User, width: number): string[] {
  const { account, attributes, activity } = user;
  const { usage } = activity;
  const otherwise = usage === undefined ? "unknown" : "never";
  const owner = isOwnerAccount(account) ? " (owner account)" : "";
  const who = fitted(`${GAP}${account.sid}${GAP}${printable(attributes.userName)}${owner}`, width).trimEnd();
  return [
    line(
      [
        printable(nameOf(user)),
        account.status,
        account.type,
        usage?.lastActivityExcludingFees ?? otherwise,
        usage?.lastActivity ?? otherwise,
        activity.state,
      ],
      width,
    ),
    who,
    ...wrapped(spendAndServices(user), width),
  ];
}

function spendAndServices({ activity: { usage } }: User): string[] {
  if (usage === undefined) return ["spend unknown"];
  const spend =
    usage.spend === undefined ? "no spend" : `${usage.spend.total} ${printable(usage.spend.currency)}`;
  const services = usage.services.map((used) => printable(describeServices([used], "")));
  return [`${spend}${services.length === 0 ? "" : ":"}`, ...services];
}

/** Words on as few lines as they need, none of them cut. */
function wrapped([first = "", ...words]: readonly string[], width: number): string[] {
  const lines: string[] = [];
  let current = `${GAP}${first}`;
  for (const [at, word] of words.entries()) {
    const next = at < words.length - 1 ? `${word},` : word;
    if (displayWidth(current) + 1 + displayWidth(next) <= width) {
      current += ` ${next}`;
    } else {
      lines.push(current);
      current = `${GAP}${GAP}${next}`;
    }
  }
  return [...lines, current];
}

function line([name = "", ...facts]: readonly string[], width: number): string {
  const room = width - FACTS.reduce((sum, fact) => sum + fact + GAP.length, 0);
  const cells = facts.map((fact, at) => fitted(fact, FACTS[at] ?? 0));
  return [fitted(name, room), ...cells].join(GAP).trimEnd();
}

function summary({ users, considered, dormantSince }: AccountReport): string {
  const what =
    dormantSince === undefined
      ? counted(users.length)
      : `Not used after ${dormantSince}: ${users.length} of ${counted(considered)}`;
  const spends = sumsByCurrency(users);
  return `${what}.${spends.length === 0 ? "" : ` All-time spend: ${spends.join(", ")}.`}`;
}

function sumsByCurrency(users: readonly User[]): string[] {
  const sums = new Map<string, ReturnType<typeof add>>();
  for (const { activity } of users) {
    const { total, currency } = activity.usage?.spend ?? { total: "0", currency: undefined };
    const amount = parseDecimal(total);
    if (currency === undefined || amount === undefined) continue;
    sums.set(currency, add(sums.get(currency) ?? ZERO, amount));
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([currency, sum]) => `${sum} ${printable(currency)}`);
}
