import { type Account, type AccountSid, compareAccounts } from "./account.js";
import type { Directory } from "./directory.js";
import { isDirectoryError } from "./errors.js";
import type { AccountGateway, Clock, Log } from "./ports.js";
import type { User } from "./user.js";

/** How soon a pass is tried again while nothing can be served. */
const FIRST_PASS_RETRY_MS = 5_000;

/** A pass that misses more of the known accounts than this is reported: so many are seldom closed at once. */
const SUSPICIOUS_LOSS = 0.1;

/** How many missing accounts are asked for at the same time. */
const CONFIRMED_AT_ONCE = 4;

export interface AccountSyncOptions {
  readonly directory: Directory;
  readonly gateway: AccountGateway;
  readonly clock: Clock;
  readonly log: Log;
  /** `ACCOUNT_SYNC_SECONDS`, in milliseconds: the pause between two passes. */
  readonly intervalMs: number;
  /** Runs before each pass: what a crash left open is settled first, so that the pass meets it settled. */
  readonly beforePass: (signal: AbortSignal) => Promise<void>;
}

export interface SyncStatus {
  /** Epoch milliseconds at which the last complete pass ended; undefined before the first since the start. */
  readonly lastCompleteAt: number | undefined;
  /** The code of the error that ended the last pass; undefined after a complete one. */
  readonly lastError: string | undefined;
}

interface Report {
  readonly account: Account;
  readonly asOf: number;
}

/** Reads all accounts from Twilio again and again, and tells the directory. */
export class AccountSync {
  readonly #options: AccountSyncOptions;
  readonly #stopping = new AbortController();
  #firstPass: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();
  #status: SyncStatus = { lastCompleteAt: undefined, lastError: undefined };

  constructor(options: AccountSyncOptions) {
    this.#options = options;
  }

  get status(): SyncStatus {
    return this.#status;
  }

  /** Starts the first pass, and then one after each interval. Resolves when the first has ended, well or badly. */
  start(): Promise<void> {
    if (this.#firstPass === undefined) {
      this.#firstPass = this.pass();
      this.#running = this.#firstPass.then(() => this.#loop());
    }
    return this.#firstPass;
  }

  /** Resolves when no pass is running and none will. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { directory, clock, intervalMs } = this.#options;
    const { signal } = this.#stopping;
    for (;;) {
      const pauseMs = directory.isReady ? intervalMs : Math.min(intervalMs, FIRST_PASS_RETRY_MS);
      await clock.sleep(pauseMs, signal);
      if (signal.aborted) return;
      await this.pass();
    }
  }

  /** One pass over all accounts. A failure is logged and shows in `status`; it makes no account vanish. */
  async pass(): Promise<void> {
    const { beforePass, clock, directory, log } = this.#options;
    try {
      await beforePass(this.#stopping.signal);
      // What a pass has learned before it failed is true all the same.
      await this.#readAll().finally(() => directory.save());
      this.#status = { lastCompleteAt: clock.now(), lastError: undefined };
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const code = isDirectoryError(error) ? error.code : "internal";
      this.#status = { ...this.#status, lastError: code };
      log.error({ err: error }, "the accounts could not be read from Twilio");
    }
  }

  async #readAll(): Promise<void> {
    const { directory, gateway } = this.#options;
    const { signal } = this.#stopping;
    const { index } = directory;
    const startedAt = index.tick();
    const knownBefore = index.size;
    const seen = new Set<AccountSid>();
    const renamed: Report[] = [];
    const added: Report[] = [];
    const pages = gateway.pages({ priority: "sync", signal })[Symbol.asyncIterator]();
    for (;;) {
      const asOf = index.tick();
      const page = await pages.next();
      if (page.done) break;
      for (const account of page.value) {
        if (seen.has(account.sid)) continue;
        seen.add(account.sid);
        const known = index.known(account.sid);
        if (known === undefined) added.push({ account, asOf });
        else if (known.account.friendlyName !== account.friendlyName) renamed.push({ account, asOf });
        else this.#report({ account, asOf });
      }
    }
    // Names are given when the whole pass is known, the oldest account first: a page alone would not tell who that is.
    for (const report of renamed.sort(byCreation)) this.#report(report);
    for (const report of added.sort(byCreation)) this.#report(report);
    directory.allSeen();
    await this.#confirmMissing(index.missing(seen, startedAt), knownBefore);
  }

  #report({ account, asOf }: Report): void {
    this.#options.directory.accountReported(account, asOf);
  }

  /** Asks for each account that a complete pass did not show: only Twilio's word for it removes an account. */
  async #confirmMissing(missing: readonly User[], knownBefore: number): Promise<void> {
    const { log } = this.#options;
    if (missing.length > knownBefore * SUSPICIOUS_LOSS) {
      log.warn(
        { missing: missing.length, known: knownBefore },
        "a pass shows far fewer accounts than before",
      );
    }
    const left = missing.values();
    await Promise.all(Array.from({ length: CONFIRMED_AT_ONCE }, () => this.#confirmEach(left)));
  }

  /** Asks for what is left, one account after the other. One that Twilio does not want to show is kept. */
  async #confirmEach(left: Iterable<User>): Promise<void> {
    const { directory, gateway, log } = this.#options;
    const { signal } = this.#stopping;
    for (const { account } of left) {
      const { sid } = account;
      const asOf = directory.index.tick();
      try {
        this.#report({ account: await gateway.fetch(sid, { priority: "sync", signal }), asOf });
      } catch (error) {
        if (isDirectoryError(error, "twilioUnavailable")) throw error;
        if (isDirectoryError(error, "accountNotFound")) directory.accountGone(sid);
        else log.warn({ err: error, accountSid: sid }, "a missing account could not be confirmed to be gone");
      }
    }
  }
}

function byCreation(a: Report, b: Report): number {
  return compareAccounts(a.account, b.account);
}
