import { type Account, type AccountStatus, type AccountType, isDeleted } from "./account.js";
import { accountCredentials } from "./account-credentials.js";
import type { Clock } from "./clock.js";

/** All accounts of the simulated Twilio. Knows no rules of who may do what: the API and the console have their own. */
export interface AccountBook {
  readonly owner: Account;
  /** Undefined also when it was deleted 30 days after closing. */
  get(sid: string): Account | undefined;
  /** Newest first, the owner included; starts below the given sequence, so that a list can be resumed. */
  newestFirst(belowSequence?: number): Iterable<Account>;
  /** What Twilio shows: a suspended owner suspends all. */
  statusOf(account: Account): AccountStatus;
  /** Subaccounts that count against the limit: closed ones do not. */
  openSubaccounts(): number;
  create(friendlyName: string, type: AccountType): Account;
  /** Changes what differs, and then moves the date of update. */
  update(account: Account, change: { friendlyName?: string; status?: AccountStatus }): void;
  remove(account: Account): void;
}

export function createAccountBook(options: {
  owner: Account;
  subaccounts: readonly Account[];
  seed: number;
  clock: Clock;
}): AccountBook {
  const { owner, clock } = options;
  const ordered: Account[] = [owner, ...options.subaccounts];
  const bySid = new Map(ordered.map((account) => [account.sid, account]));
  let nextSequence = ordered.length;

  const isOpen = (account: Account) => account !== owner && account.status !== "closed";

  return {
    owner,
    get(sid) {
      const account = bySid.get(sid);
      return account === undefined || isDeleted(account, clock.now()) ? undefined : account;
    },
    *newestFirst(belowSequence = Number.POSITIVE_INFINITY) {
      const now = clock.now();
      for (let i = lastIndexBelow(ordered, belowSequence); i >= 0; i -= 1) {
        const account = ordered[i];
        if (account !== undefined && !isDeleted(account, now)) yield account;
      }
    },
    statusOf: (account) =>
      account.status === "active" && owner.status === "suspended" ? "suspended" : account.status,
    openSubaccounts: () => ordered.reduce((open, account) => open + (isOpen(account) ? 1 : 0), 0),
    create(friendlyName, type) {
      const sequence = nextSequence;
      nextSequence += 1;
      const now = clock.now();
      const account: Account = {
        ...accountCredentials(options.seed, "later", sequence),
        sequence,
        createdAtMs: now,
        seeded: undefined,
        friendlyName,
        type,
        status: "active",
        suspendedByTwilio: false,
        updatedAtMs: now,
        closedAtMs: undefined,
        currency: owner.currency,
      };
      ordered.push(account);
      bySid.set(account.sid, account);
      return account;
    },
    update(account, change) {
      const { friendlyName = account.friendlyName, status = account.status } = change;
      if (friendlyName === account.friendlyName && status === account.status) return;
      account.friendlyName = friendlyName;
      account.status = status;
      account.updatedAtMs = clock.now();
      if (status !== "suspended") account.suspendedByTwilio = false;
      if (status === "closed") account.closedAtMs ??= clock.now();
    },
    remove(account) {
      bySid.delete(account.sid);
      ordered.splice(ordered.indexOf(account), 1);
    },
  };
}

/** `ordered` is sorted by sequence. */
function lastIndexBelow(ordered: readonly Account[], sequence: number): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ordered[middle]?.sequence ?? sequence) < sequence) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
