import type { Account, AccountSid, AccountStatus } from "./account.js";
import type { Activity, Usage } from "./activity.js";
import type { Group } from "./group.js";
import type { Identity } from "./user.js";
import type { UserAttributes } from "./user-attributes.js";

/** Time, so that tests can hold it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Structured log, in pino's form. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What goes first when requests to Twilio have to wait for each other. */
export type RequestPriority = "lifecycle" | "lookup" | "sync" | "usage";

export interface RequestOptions {
  readonly priority: RequestPriority;
  /** Once aborted, nothing is sent any more; what is in flight has an unknown outcome. */
  readonly signal?: AbortSignal;
}

/** What to change at an account, in one request: all of it or nothing. */
export interface AccountChange {
  readonly status?: AccountStatus;
  readonly friendlyName?: string;
}

/**
 * Twilio's accounts. Throws DirectoryError only:
 * - `accountNotFound`: Twilio says that there is no such account;
 * - `suspendedByTwilio`, `parentSuspended`, `accountClosed`, `accountProtected`, `subaccountLimit`, `refusedByTwilio`:
 *   Twilio refused, and nothing changed;
 * - `credentialsRefused`, `twilioUnavailable`: nothing changed;
 * - `outcomeUnknown`: a write whose answer was lost, and that could not be found out in time.
 */
export interface AccountGateway {
  /** Every account, the owner account included, page by page in Twilio's order. A page is asked for by `next()`. */
  pages(options: RequestOptions): AsyncIterable<readonly Account[]>;
  fetch(sid: AccountSid, options: RequestOptions): Promise<Account>;
  /** All accounts with exactly this name, closed ones included. */
  findByFriendlyName(friendlyName: string, options: RequestOptions): Promise<readonly Account[]>;
  /** Not repeated after a lost answer: a second account would be made. */
  create(friendlyName: string, options: RequestOptions): Promise<Account>;
  /** A lost answer is resolved by fetching the account. */
  update(sid: AccountSid, change: AccountChange, options: RequestOptions): Promise<Account>;
  /** Twilio's time minus ours in milliseconds, as its last answer told; undefined before the first. */
  clockOffsetMs(): number | undefined;
}

/**
 * Twilio's usage records, as far as they tell when an account was used. Throws DirectoryError only:
 * - `usageRefused`: Twilio does not show the usage of this account now, since it is suspended for instance;
 * - `accountNotFound`, `credentialsRefused`, `twilioUnavailable`: as AccountGateway.
 */
export interface UsageGateway {
  /**
   * What an account was charged for, of its own: the owner account's without that of its subaccounts.
   *
   * @param known what an earlier reading found: only what may have come since is asked for. Undefined: all is
   */
  readUsage(account: Account, known: Usage | undefined, options: RequestOptions): Promise<Usage>;
  /** Whether these credentials may read the usage of such an account at all: an API key may not. */
  mayReadUsage(sid: AccountSid, options: RequestOptions): Promise<boolean>;
}

/** An account as the snapshot keeps it. */
export interface StoredAccount {
  readonly account: Account;
  /** The userName derived when the account was first seen; it changes only with the account's own name. */
  readonly derivedUserName: string;
}

/** That an account is about to be created, written before Twilio is asked, so that a crash in between loses nothing. */
export interface CreationIntent {
  readonly id: string;
  /** The name that the account gets at Twilio. */
  readonly friendlyName: string;
  readonly attributes: UserAttributes;
  /** False: the account is suspended once it exists. */
  readonly active: boolean;
  /** Epoch milliseconds by our clock. */
  readonly askedAt: number;
  /** The same instant by Twilio's clock, to compare with `dateCreated`. */
  readonly askedAtTwilioTime: number;
}

/** The activity of an account as the snapshot keeps it. */
export interface StoredActivity {
  readonly accountSid: AccountSid;
  readonly activity: Activity;
}

/** What a user is looked up by, of what was written about it: as it was written, in upper and lower case. */
export interface StoredKeys {
  readonly userName: string;
  readonly externalId?: string;
  /** The values of its e-mails; absent where there is none. */
  readonly emails?: readonly string[];
}

/** An account as a restart first learns of it. */
export interface StoredUser extends StoredAccount {
  /** Undefined while nobody has written to the account. */
  readonly keys: StoredKeys | undefined;
}

/** What the database holds that must be known before anything is served. */
export interface StoredDirectory {
  /** True once a complete pass over Twilio's accounts was saved: only then is `users` the whole truth. */
  readonly complete: boolean;
  /** In the order of lists. */
  readonly users: readonly StoredUser[];
}

/** What else is known of an account. */
export interface StoredDetails {
  readonly accountSid: AccountSid;
  /** Undefined while nobody has written to the account. */
  readonly identity: Identity | undefined;
  /** Undefined before anything was learned of it. */
  readonly activity: Activity | undefined;
}

/** Who enters and who leaves a group, so that a large one is not written anew for one member. */
export interface MemberChange {
  readonly added: readonly AccountSid[];
  readonly removed: readonly AccountSid[];
}

/**
 * The bridge's database. Every method is one transaction, durable when it resolves. Throws DirectoryError:
 * `userNameTaken` where a name is claimed twice, `groupNameTaken` likewise for groups, `storageUnavailable` for every
 * failure of the database itself.
 *
 * A userName is unique without case (`foldCase`) over all accounts that are not closed and all open intents. An account's
 * name is its identity's userName, or else the derived one. Closing an account frees its name, and takes the account out
 * of all groups, whose `lastModified` is then at least the account's `dateUpdated`.
 */
export interface DirectoryStore {
  /** Binds the database to an owner account. Throws `storageUnavailable` where it belongs to another one. */
  claimOwner(ownerAccountSid: AccountSid): Promise<void>;
  /** What a restart cannot serve anything without. The rest takes much longer to read, and comes behind it. */
  load(): Promise<StoredDirectory>;
  /** The details of each of these accounts, in any order. A few hundred at once: a thousand would hold up others. */
  details(sids: readonly AccountSid[]): Promise<readonly StoredDetails[]>;
  /** All groups. */
  loadGroups(): Promise<readonly Group[]>;
  /** Adds or replaces snapshot rows, and claims or frees their names. */
  saveAccounts(rows: readonly StoredAccount[]): Promise<void>;
  /** Adds or replaces what is known of activity, also of accounts whose row is not saved yet. */
  saveActivities(rows: readonly StoredActivity[]): Promise<void>;
  /** Forgets accounts that Twilio has deleted, and what was written about them. */
  forgetAccounts(sids: readonly AccountSid[]): Promise<void>;
  /** Says that a complete pass was saved. */
  markComplete(): Promise<void>;
  /** Replaces what was written about a user, together with its account's snapshot row. */
  saveIdentity(identity: Identity, row: StoredAccount): Promise<void>;
  /** Claims the userName. */
  openIntent(intent: CreationIntent): Promise<void>;
  openIntents(): Promise<readonly CreationIntent[]>;
  /** The account exists: its row and identity are saved and the intent is gone, its claim handed over to the account. */
  fulfilIntent(id: string, identity: Identity, row: StoredAccount): Promise<void>;
  /** Nothing was created: the intent is gone and its userName free. */
  dropIntent(id: string): Promise<void>;
  /**
   * Adds a group, or replaces all of it but its members, who change by `members`. The rows of those added must be saved.
   * A displayName is unique without case (`foldCase`) over all groups.
   */
  saveGroup(group: Group, members: MemberChange): Promise<void>;
  /** Forgets a group; nothing where there is none. */
  deleteGroup(id: string): Promise<void>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
