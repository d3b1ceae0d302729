import type { AccountSid } from "./account.js";
import type { DirectoryStore } from "./ports.js";
import type { Slices } from "./slices.js";
import type { UserIndex } from "./user-index.js";

/** Read at once, in a few milliseconds. */
const USERS_PER_READING = 200;

export interface LateDetailsOptions {
  readonly index: UserIndex;
  readonly store: Pick<DirectoryStore, "details">;
  readonly slices: Slices;
}

/**
 * What a restart can serve without: the details of users. They are read from the database behind the start, and sooner for
 * whom somebody asks.
 *
 * All methods throw DirectoryError `storageUnavailable`, and may be called again then.
 */
export class LateDetails {
  readonly #options: LateDetailsOptions;
  #reading: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: LateDetailsOptions) {
    this.#options = options;
  }

  /** Whether nothing is missing any more. */
  get areAllRead(): boolean {
    return this.#options.index.partial.size === 0;
  }

  /** Whether the last attempt to read all has failed. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Resolves when the details of these accounts are in the index. */
  async readOf(sids: readonly AccountSid[]): Promise<void> {
    const { index, store } = this.#options;
    const partial = sids.filter((sid) => index.partial.has(sid));
    if (partial.length === 0) return;
    for (const details of await store.details(partial)) index.complete(details);
    // Who has no row any more, has no details either.
    for (const accountSid of partial) {
      index.complete({ accountSid, identity: undefined, activity: undefined });
    }
  }

  /** Resolves when the details of all accounts are in the index. */
  async readAll(): Promise<void> {
    if (this.areAllRead) return;
    this.#reading ??= this.#tryToReadAll();
    return this.#reading;
  }

  async #tryToReadAll(): Promise<void> {
    try {
      await this.#readAll();
      this.#hasFailed = false;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }

  async #readAll(): Promise<void> {
    const { index, slices } = this.#options;
    const partial = [...index.partial];
    const slice = slices.begin();
    for (let start = 0; start < partial.length; start += USERS_PER_READING) {
      await this.readOf(partial.slice(start, start + USERS_PER_READING));
      await slice.next();
    }
  }
}
