import type { Account, AccountSid } from "./account.js";
import { AccountLookup } from "./account-lookup.js";
import type { Activity } from "./activity.js";
import { accountNotFound, DirectoryError, isDirectoryError } from "./errors.js";
import { Groups } from "./groups.js";
import { LateDetails } from "./late-details.js";
import type { AccountGateway, Clock, DirectoryStore, Log, StoredAccount } from "./ports.js";
import type { UserPage, UserQuery } from "./query.js";
import { Snapshot } from "./snapshot.js";
import type { Identity, User } from "./user.js";
import { UserIndex, type UserIndexOptions } from "./user-index.js";

/** When a client should come back while the first pass over the accounts is under way. */
const NOT_READY_RETRY_SECONDS = 5;

export interface DirectoryOptions extends UserIndexOptions {
  readonly gateway: AccountGateway;
  readonly store: DirectoryStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives a UUID. */
  readonly newId: () => string;
  /** Told of what a report about an account shows that was known before. */
  readonly seen?: (change: SeenChange) => void;
}

/** What others than the bridge have changed at an account. */
export interface SeenChange {
  readonly before: Account;
  /** Undefined: Twilio no longer has the account. */
  readonly after: Account | undefined;
  readonly userName: string;
}

/** Who has an account: what all reads are served from, and what lifecycle and sync write to. */
export class Directory {
  readonly index: UserIndex;
  readonly snapshot: Snapshot;
  readonly groups: Groups;
  readonly #store: DirectoryStore;
  readonly #details: LateDetails;
  readonly #lookup: AccountLookup;
  readonly #log: Log;
  readonly #seen: (change: SeenChange) => void;
  #complete = false;
  #completeSaved = false;

  constructor(options: DirectoryOptions) {
    this.index = new UserIndex(options);
    this.snapshot = new Snapshot({ index: this.index, store: options.store });
    this.groups = new Groups({
      ...options,
      index: this.index,
      snapshot: this.snapshot,
      whole: async () => {
        this.#assertReady();
        if (!this.isWhole) await this.whole();
      },
    });
    this.#store = options.store;
    this.#details = new LateDetails({ ...options, index: this.index });
    this.#lookup = new AccountLookup(options);
    this.#log = options.log;
    this.#seen = options.seen ?? (() => {});
  }

  /** Whether all accounts are known, from the database or from a complete pass. Until then nobody is told of a part. */
  get isReady(): boolean {
    return this.#complete;
  }

  /**
   * Takes in what the database remembers: first what has to be known before anything is served, and behind it the rest.
   *
   * @throws DirectoryError `storageUnavailable`
   */
  async load(): Promise<void> {
    const { complete, users } = await this.#store.load();
    for (const user of users) this.index.restore(user);
    this.groups.restore(await this.#store.loadGroups());
    this.#complete = complete;
    this.#completeSaved = complete;
    this.#details.readAll().catch((error: unknown) => {
      this.#log.error({ err: error }, "the database could not be read to its end");
    });
  }

  /** Whether all that the database remembers has been read. */
  get isWhole(): boolean {
    return this.#details.areAllRead;
  }

  /** Whether it turned out, behind the start, that not all of the database can be read. */
  get isUnreadable(): boolean {
    return this.#details.hasFailed;
  }

  /**
   * Resolves when all that the database remembers has been read.
   *
   * @throws DirectoryError `storageUnavailable`: another call tries again
   */
  whole(): Promise<void> {
    return this.#details.readAll();
  }

  /** Says that a pass has seen all accounts: from now on lists are served. */
  allSeen(): void {
    this.#complete = true;
  }

  /**
   * Brings the database up to what is known.
   *
   * @throws DirectoryError `storageUnavailable`: what is missing there is saved the next time
   */
  async save(): Promise<void> {
    await this.snapshot.flush();
    if (!this.#complete || this.#completeSaved) return;
    await this.#store.markComplete();
    this.#completeSaved = true;
  }

  /**
   * The user with this account. An account that is not known yet, such as one that was just made in Twilio's console, is
   * asked for at Twilio.
   *
   * @throws DirectoryError `accountNotFound`, `directoryNotReady`, `storageUnavailable`, or why Twilio could not be asked
   */
  async get(sid: AccountSid): Promise<User> {
    this.#assertReady();
    if (this.index.account(sid) === undefined) {
      const asOf = this.index.tick();
      const account = await this.#lookup.find(sid);
      if (account === undefined) throw accountNotFound(sid);
      this.accountReported(account, asOf);
    }
    if (!this.isWhole) await this.#details.readOf([sid]);
    const user = this.index.get(sid);
    if (user === undefined) throw accountNotFound(sid);
    return user;
  }

  /** @throws DirectoryError `directoryNotReady`, `storageUnavailable` */
  async list(query: UserQuery): Promise<UserPage> {
    this.#assertReady();
    if (!this.isWhole) await this.#readFor(query);
    return this.index.list(query);
  }

  /**
   * Holds a userName for a change in progress.
   *
   * @param holder the account that the name is for, which may have it already
   * @returns gives the name back; call it once the change has been written, or has failed
   * @throws DirectoryError `userNameTaken`, `directoryNotReady`
   */
  reserveUserName(userName: string, holder?: AccountSid): () => void {
    this.#assertReady();
    return this.index.reserveUserName(userName, holder);
  }

  /**
   * Takes in what Twilio made of a change. The database is told as well, but its failure is no failure of the change:
   * Twilio holds the truth, and the row is saved with the next pass.
   */
  async accountChanged(account: Account): Promise<User> {
    const user = this.index.write(account, this.index.known(account.sid)?.identity);
    try {
      await this.snapshot.save(account.sid);
    } catch (error) {
      this.#log.error({ err: error, accountSid: account.sid }, "the snapshot could not be saved");
    }
    return user;
  }

  /**
   * Saves what a provider wrote, and then shows it.
   *
   * @param write how it is saved, together with the account's row
   * @throws DirectoryError `storageUnavailable`, `userNameTaken`: then nothing of the identity is kept
   */
  async identityWritten(
    account: Account,
    identity: Identity,
    write = (row: StoredAccount) => this.#store.saveIdentity(identity, row),
  ): Promise<User> {
    await this.claiming(() => write(this.index.storedAfter(account, identity)));
    const user = this.index.write(account, identity);
    // A flush that ran before the index was told has put the older row back.
    this.snapshot.touch(account.sid);
    return user;
  }

  /**
   * Takes in what Twilio reported of an account. The database is told by the next `save()`.
   *
   * @param asOf the tick of the index at which Twilio was asked
   */
  accountReported(account: Account, asOf: number): void {
    const before = this.index.account(account.sid);
    if (this.index.report(account, asOf) !== "changed") return;
    this.snapshot.touch(account.sid);
    if (before !== undefined) this.#tellSeen(before, account);
  }

  /**
   * Runs a write that claims a userName in the database. The index learns sooner than the database that a name is free
   * again, so a claim is refused for good only by a database that knows all that the index does.
   *
   * @throws DirectoryError `storageUnavailable`, `userNameTaken`
   */
  async claiming(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!isDirectoryError(error, "userNameTaken")) throw error;
      await this.snapshot.flush();
      await write();
    }
  }

  /** Takes in what was learned of an account's activity. The database is told by the next `save()`. */
  activityLearned(sid: AccountSid, activity: Activity): void {
    this.index.setActivity(sid, activity);
    this.snapshot.touchActivity(sid);
  }

  /** Forgets an account that Twilio no longer has. */
  accountGone(sid: AccountSid): void {
    const before = this.index.account(sid);
    if (before !== undefined) this.#tellSeen(before, undefined);
    this.index.forget(sid);
    this.snapshot.touch(sid);
  }

  /** What was written about a user has been erased: from now on it is shown as if nobody had. */
  identityErased(sid: AccountSid): void {
    const account = this.index.account(sid);
    if (account !== undefined) this.index.write(account, undefined);
  }

  #tellSeen(before: Account, after: Account | undefined): void {
    const { userName } = this.index.keysOf(before.sid) ?? { userName: before.friendlyName };
    this.#seen({ before, after, userName });
  }

  /** Sees to it that the details of all users are known whom a list shows or looks at. */
  async #readFor(query: UserQuery): Promise<void> {
    const asksForService = query.narrowings.some((lookups) =>
      lookups.some(({ attribute }) => attribute === "service"),
    );
    if (query.matches !== undefined || asksForService) return this.whole();
    // Others may come to stand on the page while it is read.
    for (;;) {
      const partial = this.index.sidsOnPage(query).filter((sid) => this.index.partial.has(sid));
      if (partial.length === 0) return;
      await this.#details.readOf(partial);
    }
  }

  #assertReady(): void {
    if (this.#complete) return;
    throw new DirectoryError("directoryNotReady", "The accounts are still being read from Twilio.", {
      retryAfterSeconds: NOT_READY_RETRY_SECONDS,
    });
  }
}
