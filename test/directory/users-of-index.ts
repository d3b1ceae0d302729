import type { Account, AccountSid } from "../../src/directory/account.js";
import { type Activity, type Day, PENDING_ACTIVITY } from "../../src/directory/activity.js";
import type { Lookup, Narrowing, UserPage } from "../../src/directory/query.js";
import { Slices } from "../../src/directory/slices.js";
import type { User } from "../../src/directory/user.js";
import type { UserAttributes } from "../../src/directory/user-attributes.js";
import { UserIndex, type UserIndexOptions } from "../../src/directory/user-index.js";

export function indexOf(accounts: readonly Account[], options: Partial<UserIndexOptions> = {}): UserIndex {
  const index = new UserIndex({
    emailDomain: undefined,
    showsOwner: true,
    showsClosed: false,
    slices: new Slices(),
    ...options,
  });
  for (const account of accounts) index.report(account, index.tick());
  return index;
}

/** Has a provider write to an account. */
export function write(index: UserIndex, account: Account, written: UserAttributes, updatedAt = 0): User {
  const { sid: accountSid, friendlyName } = account;
  return index.write(account, { accountSid, attributes: written, friendlyName, updatedAt });
}

/** The activity of an account that was charged for these services. */
export function activityWith(services: readonly string[], state: Activity["state"] = "current"): Activity {
  if (state === "pending") return PENDING_ACTIVITY;
  const usage = {
    services: services.map((service) => ({ service, display: service })),
    recentCharges: {},
    readUntil: "2026-01-15" as Day,
  };
  return { state, usage, asOf: 1, changedAt: undefined };
}

export function sidsOf({ users, total }: UserPage): { readonly sids: AccountSid[]; readonly total: number } {
  return { sids: users.map((user) => user.account.sid), total };
}

/** The users that a narrowing leaves. */
export function list(index: UserIndex, narrowing?: Narrowing<Lookup>, offset = 0, limit = 100) {
  const narrowings = narrowing === undefined ? [] : [narrowing];
  return sidsOf(index.page({ narrowings, offset, limit }));
}

export function found(index: UserIndex, attribute: Lookup["attribute"], value: string): AccountSid[] {
  return list(index, [{ attribute, value }]).sids;
}
