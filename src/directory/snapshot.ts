import { setImmediate as nextTurn } from "node:timers/promises";
import type { AccountSid } from "./account.js";
import { isDirectoryError } from "./errors.js";
import type { DirectoryStore, StoredAccount } from "./ports.js";
import type { UserIndex } from "./user-index.js";

/** Rows written in one transaction: small enough that a reader or writer hardly waits for it. */
const ROWS_PER_TRANSACTION = 500;

export interface SnapshotOptions {
  readonly index: UserIndex;
  readonly store: DirectoryStore;
}

/**
 * The copy of the index in the database, from which a restart begins. It is written behind the index: what has changed
 * is remembered and saved by the next `flush()`, and stays remembered where that fails.
 *
 * One transaction runs at a time, so that an older row never lands on a newer one.
 */
export class Snapshot {
  readonly #index: UserIndex;
  readonly #store: DirectoryStore;
  readonly #changed = new Set<AccountSid>();
  readonly #changedActivities = new Set<AccountSid>();
  readonly #forgotten = new Set<AccountSid>();
  /** Those of the changed accounts for whose rows somebody waits, and the transaction that is going to save them. */
  readonly #awaited = new Set<AccountSid>();
  #awaitedSave: Promise<void> | undefined;
  #lastTurn: Promise<unknown> = Promise.resolve();

  constructor({ index, store }: SnapshotOptions) {
    this.#index = index;
    this.#store = store;
  }

  /** Says that the index knows something new of an account, or has forgotten it. */
  touch(sid: AccountSid): void {
    if (this.#index.account(sid) === undefined) {
      this.#forgotten.add(sid);
      return;
    }
    // Found again after all: what has been written to it since must not be forgotten with it.
    this.#forgotten.delete(sid);
    this.#changed.add(sid);
  }

  /** Says that the index knows something new of an account's activity. */
  touchActivity(sid: AccountSid): void {
    this.#changedActivities.add(sid);
  }

  /**
   * Saves what is known of one account, ahead of all else that has changed, and together with the accounts of others who
   * wait likewise.
   *
   * @throws DirectoryError `storageUnavailable`, `userNameTaken`: it is tried again by the next flush
   */
  save(sid: AccountSid): Promise<void> {
    this.touch(sid);
    this.#awaited.add(sid);
    this.#awaitedSave ??= this.#inTurn(async () => {
      // Answers of Twilio that have arrived at the same time are all taken in before one transaction saves them.
      await nextTurn();
      this.#awaitedSave = undefined;
      const sids = takeUpTo(Number.POSITIVE_INFINITY, this.#awaited);
      for (const awaited of sids) this.#changed.delete(awaited);
      return this.#saveAccounts(sids);
    });
    return this.#awaitedSave;
  }

  /**
   * Saves what has changed, in several transactions where it is much.
   *
   * @throws DirectoryError `storageUnavailable`, `userNameTaken`: what was not saved is tried again by the next flush
   */
  async flush(): Promise<void> {
    await this.#saveAll(this.#forgotten, (sids) => this.#forget(sids));
    await this.#saveAll(this.#changed, (sids) => this.#saveAccounts(sids));
    await this.#saveAll(this.#changedActivities, (sids) => this.#saveActivities(sids));
  }

  /**
   * Runs a write that refers to accounts: after all that the index knows of them has been saved, and while nothing of
   * them is being saved. So it finds their rows, and who is closed meanwhile is saved as closed only after it.
   *
   * @throws what `write` throws. What could not be saved before it is tried again by the next flush
   */
  afterFlush<T>(write: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      try {
        await this.#forget(takeUpTo(Number.POSITIVE_INFINITY, this.#forgotten));
        while (this.#changed.size > 0) {
          await this.#saveAccounts(takeUpTo(ROWS_PER_TRANSACTION, this.#changed));
        }
      } catch {
        // What failed may have nothing to do with this write; where it has, the write fails by itself.
      }
      return write();
    });
  }

  /** Saves what is in a set by now, a part in each turn, so that others need not wait for all of it. */
  async #saveAll(set: Set<AccountSid>, save: (sids: readonly AccountSid[]) => Promise<void>): Promise<void> {
    const parts = Math.ceil(set.size / ROWS_PER_TRANSACTION);
    for (let part = 0; part < parts; part++) {
      // A database in the process answers without ever letting anything else run in between.
      if (part > 0) await nextTurn();
      await this.#inTurn(() => save(takeUpTo(ROWS_PER_TRANSACTION, set)));
    }
  }

  #forget(sids: readonly AccountSid[]): Promise<void> {
    return this.#orRemember(this.#forgotten, sids, () => this.#store.forgetAccounts(sids));
  }

  #saveAccounts(sids: readonly AccountSid[]): Promise<void> {
    return this.#orRemember(this.#changed, sids, async () => {
      try {
        await this.#store.saveAccounts(this.#rows(sids));
      } catch (error) {
        if (!isDirectoryError(error, "userNameTaken")) throw error;
        // Accounts exchanged names across the cut between two transactions: only together can they be saved.
        const together = [...sids, ...takeUpTo(Number.POSITIVE_INFINITY, this.#changed)];
        await this.#orRemember(this.#changed, together, () => this.#store.saveAccounts(this.#rows(together)));
      }
    });
  }

  #saveActivities(sids: readonly AccountSid[]): Promise<void> {
    const rows = sids.flatMap((accountSid) => {
      const activity = this.#index.known(accountSid)?.activity;
      return activity === undefined ? [] : { accountSid, activity };
    });
    return this.#orRemember(this.#changedActivities, sids, () => this.#store.saveActivities(rows));
  }

  #rows(sids: readonly AccountSid[]): StoredAccount[] {
    return sids.flatMap((sid) => this.#index.stored(sid) ?? []);
  }

  async #orRemember(
    set: Set<AccountSid>,
    sids: readonly AccountSid[],
    write: () => Promise<void>,
  ): Promise<void> {
    if (sids.length === 0) return;
    try {
      await write();
    } catch (error) {
      for (const sid of sids) set.add(sid);
      throw error;
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work);
    this.#lastTurn = turn.catch(() => undefined);
    return turn;
  }
}

function takeUpTo<T>(count: number, set: Set<T>): T[] {
  const taken: T[] = [];
  for (const item of set) {
    if (taken.length >= count) break;
    taken.push(item);
    set.delete(item);
  }
  return taken;
}
