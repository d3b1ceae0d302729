import type { AccountStatus, AccountType } from "../directory/account.js";
import { addDays, type Day, dayOf, MS_PER_DAY } from "../directory/activity.js";
import { Slices } from "../directory/slices.js";
import type { User } from "../directory/user.js";
import { UserIndex } from "../directory/user-index.js";
import type { KnownUsers } from "../storage/sqlite-reader.js";

/** Which accounts to report; what is undefined is not asked for. */
export interface ReportQuery {
  readonly dormantDays: number | undefined;
  /** Undefined: all that are not closed. */
  readonly status: AccountStatus | undefined;
  readonly type: AccountType | undefined;
  /** A slug, in lower case. */
  readonly service: string | undefined;
}

export interface AccountReport {
  /** By creation, then by SID, as in the lists of SCIM. */
  readonly users: readonly User[];
  /** How many accounts there are when dormancy is left aside: those listed are a part of them. */
  readonly considered: number;
  /** Where dormancy is asked for: the last day of use with which an account counts as dormant. */
  readonly dormantSince: Day | undefined;
  /** What whoever takes the report must know, a sentence each. */
  readonly notes: readonly string[];
}

/** Activity is read once a day at least: what is older says that no bridge reads it. */
const FRESH_FOR_MS = 2 * MS_PER_DAY;

/** @param now epoch milliseconds */
export function reportAccounts(stored: KnownUsers, query: ReportQuery, now: number): AccountReport {
  const everyone = usersOf(stored);
  const considered = everyone.filter((user) => isAskedFor(user, query));
  const { dormantDays } = query;
  const dormantSince = dormantDays === undefined ? undefined : addDays(dayOf(now), -dormantDays);
  const users =
    dormantSince === undefined ? considered : considered.filter((user) => isDormant(user, dormantSince));
  return {
    users,
    considered: considered.length,
    dormantSince,
    notes: [
      ...noteIncomplete(stored),
      ...noteService(everyone, query.service),
      ...noteUnknown(considered, dormantSince !== undefined),
      ...noteOld(users, now),
    ],
  };
}

/** The name that people know the account by. */
export function nameOf({ account, attributes }: User): string {
  return attributes.displayName ?? account.friendlyName;
}

function usersOf({ users }: KnownUsers): readonly User[] {
  const index = new UserIndex({
    emailDomain: undefined,
    showsOwner: true,
    showsClosed: true,
    slices: new Slices(),
  });
  for (const user of users) {
    index.restore({ ...user, keys: undefined }); // by which nobody looks them up
    index.complete(user);
  }
  return index.page({ narrowings: [], offset: 0, limit: users.length }).users;
}

function isAskedFor({ account, activity }: User, { status, type, service }: ReportQuery): boolean {
  if (status === undefined ? account.status === "closed" : account.status !== status) return false;
  if (type !== undefined && account.type !== type) return false;
  return service === undefined || (activity.usage?.services ?? []).some((used) => used.service === service);
}

/**
 * Whether nobody has used the account since that day. Fees do not count as use. An account of which nothing was read is
 * not dormant but unknown.
 */
function isDormant({ account, activity: { usage } }: User, since: Day): boolean {
  if (usage === undefined || dayOf(account.dateCreated) > since) return false;
  return usage.lastActivityExcludingFees === undefined || usage.lastActivityExcludingFees <= since;
}

function noteIncomplete({ complete }: KnownUsers): string[] {
  return complete ? [] : ["The bridge has not seen all accounts yet: its first look at Twilio is not done."];
}

/** A misspelt service would look like one that nobody uses. */
function noteService(everyone: readonly User[], asked: string | undefined): string[] {
  if (asked === undefined) return [];
  const used = new Set(
    everyone.flatMap(({ activity }) => (activity.usage?.services ?? []).map(({ service }) => service)),
  );
  if (used.has(asked)) return [];
  const known = used.size === 0 ? "none" : [...used].sort().join(", ");
  return [`No account has ever used a service "${asked}". Used are: ${known}.`];
}

function noteUnknown(considered: readonly User[], leavesOut: boolean): string[] {
  const unknown = considered.filter(({ activity }) => activity.usage === undefined);
  if (unknown.length === 0) return [];
  const states = new Map<string, number>();
  for (const { activity } of unknown) states.set(activity.state, (states.get(activity.state) ?? 0) + 1);
  const by = [...states].map(([state, count]) => `${count} ${state}`).join(", ");
  return [
    `The activity of ${counted(unknown.length)} is not known (${by})${leavesOut ? "; they are not listed" : ""}.`,
  ];
}

function noteOld(users: readonly User[], now: number): string[] {
  const old = users.filter(
    ({ account, activity: { asOf } }) =>
      account.status === "active" && asOf !== undefined && asOf < now - FRESH_FOR_MS,
  );
  return old.length === 0
    ? []
    : [`The activity of ${counted(old.length)} was last read more than 2 days ago. Is the bridge running?`];
}

export function counted(accounts: number): string {
  return accounts === 1 ? "1 account" : `${accounts} accounts`;
}
