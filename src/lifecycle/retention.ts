import type { Directory } from "../directory/directory.js";
import { isDirectoryError } from "../directory/errors.js";
import type { Clock, Log } from "../directory/ports.js";
import type { Slices } from "../directory/slices.js";
import type { RetentionStore } from "./retention-store.js";

const RUN_EVERY_MS = 24 * 60 * 60_000;
const RETRY_AFTER_MS = 60 * 60_000;

/** Erased at once, in a few milliseconds. */
const IDENTITIES_PER_ERASURE = 100;

export interface RetentionOptions {
  readonly directory: Directory;
  readonly store: RetentionStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly slices: Slices;
  /** `IDENTITY_RETENTION_DAYS`, in milliseconds. */
  readonly identityRetentionMs: number;
}

/**
 * Erases what was written about a user, some time after the account was closed. What is left is what Twilio knows: where
 * closed accounts are shown, they are shown as if nobody had ever written to them.
 *
 * Nothing is planned for an account: what is due is looked up, so that a restart forgets nothing.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Erases what is due, now and then once a day. */
  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** Resolves when nothing is being erased any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /**
   * Erases what is due.
   *
   * @returns how many identities
   * @throws DirectoryError `storageUnavailable`
   */
  async erase(): Promise<number> {
    const { directory, store, clock, slices, identityRetentionMs } = this.#options;
    // An identity that is still on its way into the index would come in after it was erased.
    await directory.whole();
    const closedBefore = clock.now() - identityRetentionMs;
    const slice = slices.begin();
    let erased = 0;
    while (!this.#stopping.signal.aborted) {
      const sids = await store.eraseIdentities(closedBefore, IDENTITIES_PER_ERASURE);
      for (const sid of sids) directory.identityErased(sid);
      erased += sids.length;
      if (sids.length < IDENTITIES_PER_ERASURE) break;
      await slice.next();
    }
    return erased;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      let pauseMs = RUN_EVERY_MS;
      try {
        const identities = await this.erase();
        if (identities > 0) log.info({ identities }, "identities of closed accounts erased");
      } catch (error) {
        if (!isDirectoryError(error)) throw error;
        log.error({ err: error }, "the identities of closed accounts could not be erased");
        pauseMs = RETRY_AFTER_MS;
      }
      await clock.sleep(pauseMs, signal);
    }
  }
}
