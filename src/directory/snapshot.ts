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
 */
export class Snapshot {
  readonly #index: UserIndex;
  readonly #store: DirectoryStore;
  readonly #changed = new Set<AccountSid>();
  readonly #changedActivities = new Set<AccountSid>();
  readonly #forgotten = new Set<AccountSid>();
  #flushing: Promise<void> = Promise.resolve();

  constructor({ index, store }: SnapshotOptions) {
    this.#index = index;
    this.#store = store;
  }

  /** Says that the index knows something new of an account, or has forgotten it. */
  touch(sid: AccountSid): void {
    if (this.#index.known(sid) === undefined) {
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
   * Saves what has changed. One flush runs at a time, so that an older row never lands on a newer one.
   *
   * @throws DirectoryError `storageUnavailable`, `userNameTaken`: what was not saved is tried again by the next flush
   */
  flush(): Promise<void> {
    const run = this.#flushing.then(() => this.#save());
    this.#flushing = run.catch(() => undefined);
    return run;
  }

  /**
   * Runs a write that refers to accounts: after all that the index knows of them has been saved, and while nothing of
   * them is being saved. So it finds their rows, and who is closed meanwhile is saved as closed only after it.
   *
   * @throws what `write` throws. What could not be saved before it is tried again by the next flush
   */
  afterFlush<T>(write: () => Promise<T>): Promise<T> {
    const run = this.#flushing.then(() => this.#saveAndThen(write));
    this.#flushing = run.then(
      () => undefined,
      () => undefined,
    );
    return run;
  }

  async #saveAndThen<T>(write: () => Promise<T>): Promise<T> {
    try {
      do await this.#save();
      while (this.#changed.size > 0);
    } catch {
      // What failed may have nothing to do with this write; where it has, the write fails by itself.
    }
    return write();
  }

  async #save(): Promise<void> {
    const forgotten = takeAll(this.#forgotten);
    await this.#orRemember(this.#forgotten, forgotten, () => this.#store.forgetAccounts(forgotten));
    await this.#saveAccounts();
    await this.#saveActivities();
  }

  async #saveActivities(): Promise<void> {
    const changed = takeAll(this.#changedActivities);
    for (let start = 0; start < changed.length; start += ROWS_PER_TRANSACTION) {
      if (start > 0) await nextTurn();
      const rows = changed.slice(start, start + ROWS_PER_TRANSACTION).flatMap((accountSid) => {
        const activity = this.#index.known(accountSid)?.activity;
        return activity === undefined ? [] : { accountSid, activity };
      });
      const unsaved = changed.slice(start);
      await this.#orRemember(this.#changedActivities, unsaved, () => this.#store.saveActivities(rows));
    }
  }

  async #saveAccounts(): Promise<void> {
    const changed = takeAll(this.#changed);
    for (let start = 0; start < changed.length; start += ROWS_PER_TRANSACTION) {
      // A database in the process answers without ever letting anything else run in between.
      if (start > 0) await nextTurn();
      const sids = changed.slice(start, start + ROWS_PER_TRANSACTION);
      try {
        await this.#store.saveAccounts(this.#rows(sids));
      } catch (error) {
        const unsaved = changed.slice(start);
        if (!isDirectoryError(error, "userNameTaken")) {
          for (const sid of unsaved) this.#changed.add(sid);
          throw error;
        }
        // Accounts exchanged names across the cut between two transactions: only together can they be saved.
        await this.#orRemember(this.#changed, unsaved, () => this.#store.saveAccounts(this.#rows(unsaved)));
        return;
      }
    }
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
}

function takeAll<T>(set: Set<T>): T[] {
  const all = [...set];
  set.clear();
  return all;
}
