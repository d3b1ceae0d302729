import type { Account, AccountStatus, AccountType } from "./account.js";
import type { AccountBook } from "./account-book.js";
import type { Clock } from "./clock.js";

/** The ground truth about an account. Instants are ISO 8601. */
export interface AccountTruth {
  readonly sid: string;
  readonly authToken: string;
  readonly friendlyName: string;
  /** As Twilio's API shows it: `suspended` also while the owner is. */
  readonly status: AccountStatus;
  readonly suspendedByTwilio: boolean;
  readonly type: AccountType;
  readonly isOwner: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly closedAt: string | null;
  readonly currency: string;
  /** What the seed made of its usage; null for accounts created later. */
  readonly profile: string | null;
}

/** Something was asked for that does not exist or cannot be: `status` is what the control endpoint answers. */
export class ConsoleError extends Error {
  override readonly name = "ConsoleError";
  readonly status: 400 | 404 | 409;

  constructor(status: 400 | 404 | 409, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Changes to accounts as somebody makes them in Twilio's console (or Twilio itself does): none of the API's limits
 * apply. The owner account may be changed too, except that it is neither closed nor deleted.
 * All throw ConsoleError: 404 for an unknown account, 409 where a closed account would be changed back.
 */
export interface Console {
  list(): AccountTruth[];
  get(sid: string): AccountTruth;
  create(account: { friendlyName: string; type?: AccountType; currency?: string }): AccountTruth;
  edit(sid: string, change: { friendlyName?: string; type?: AccountType; currency?: string }): AccountTruth;
  suspend(sid: string): AccountTruth;
  suspendByTwilio(sid: string): AccountTruth;
  /** Also when Twilio had suspended it. */
  reactivate(sid: string): AccountTruth;
  close(sid: string): AccountTruth;
  /** At once, as if 30 days had passed since closing. */
  delete(sid: string): void;
}

export function createConsole(accounts: AccountBook, clock: Clock): Console {
  const find = (sid: string): Account => {
    const account = accounts.get(sid);
    if (account === undefined) throw new ConsoleError(404, `There is no account ${sid}.`);
    return account;
  };
  const truth = (account: Account): AccountTruth => ({
    sid: account.sid,
    authToken: account.authToken,
    friendlyName: account.friendlyName,
    status: accounts.statusOf(account),
    suspendedByTwilio: account.suspendedByTwilio,
    type: account.type,
    isOwner: account === accounts.owner,
    createdAt: new Date(account.createdAtMs).toISOString(),
    updatedAt: new Date(account.updatedAtMs).toISOString(),
    closedAt: account.closedAtMs === undefined ? null : new Date(account.closedAtMs).toISOString(),
    currency: account.currency,
    profile: account.seeded?.profile ?? null,
  });
  const changeStatus = (sid: string, status: AccountStatus, byTwilio = false): AccountTruth => {
    const account = find(sid);
    if (account.status === "closed" && status !== "closed") {
      throw new ConsoleError(409, `Account ${sid} is closed, which is final.`);
    }
    if (account === accounts.owner && status === "closed") {
      throw new ConsoleError(409, "The owner account cannot be closed.");
    }
    accounts.update(account, { status });
    account.suspendedByTwilio = byTwilio;
    return truth(account);
  };

  return {
    list: () => [...accounts.newestFirst()].map(truth),
    get: (sid) => truth(find(sid)),
    create({ friendlyName, type = accounts.owner.type, currency }) {
      const account = accounts.create(friendlyName, type);
      if (currency !== undefined) account.currency = currency;
      return truth(account);
    },
    edit(sid, { friendlyName, type, currency }) {
      const account = find(sid);
      if (friendlyName !== undefined) accounts.update(account, { friendlyName });
      if (type !== undefined && type !== account.type) {
        account.type = type;
        account.updatedAtMs = clock.now();
      }
      if (currency !== undefined) account.currency = currency;
      return truth(account);
    },
    suspend: (sid) => changeStatus(sid, "suspended"),
    suspendByTwilio: (sid) => changeStatus(sid, "suspended", true),
    reactivate: (sid) => changeStatus(sid, "active"),
    close: (sid) => changeStatus(sid, "closed"),
    delete(sid) {
      const account = find(sid);
      if (account === accounts.owner) throw new ConsoleError(409, "The owner account cannot be deleted.");
      accounts.remove(account);
    },
  };
}
