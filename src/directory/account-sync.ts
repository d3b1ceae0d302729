import { type Account, type AccountSid, compareAccounts } from "./account.js";
import type { Directory } from "./directory.js";
import { isDirectoryError } from "./errors.js";
import type { AccountGateway, Clock, Log } from "./ports.js";
import type { Slices } from "./slices.js";
import { SortedRuns } from "./sorted-runs.js";

/** How soon a pass is tried again while nothing can be served. */
const FIRST_PASS_RETRY_MS = 5_000;

/** How much longer the process rests than it worked for a pass: nine times, so that passes take a tenth of one core. */
const REST_PER_WORK = 9;

/** What is known of statuses is old when no pass has been complete for so long, or for two pauses. */
const OUTDATED_MS = 10 * 60_000;

/** A pass that misses more of the known accounts than this is reported: so many are seldom closed at once. */
const SUSPICIOUS_LOSS = 0.1;

/** How many missing accounts are asked for at the same time. */
const CONFIRMED_AT_ONCE = 4;

export interface AccountSyncOptions {
  readonly directory: Directory;
  readonly gateway: AccountGateway;
  readonly clock: Clock;
  readonly log: Log;
  readonly slices: Slices;
  /** `ACCOUNT_SYNC_SECONDS`, in milliseconds: the shortest pause between two passes. */
  readonly intervalMs: number;
  /**
   * Milliseconds of CPU that the process has used so far. What it does besides during a pass is taken for a part of the
   * pass, which only makes it rest longer.
   */
  readonly cpuTimeMs: () => number;
  /** Runs before each pass: what a crash left open is settled first, so that the pass meets it settled. */
  readonly beforePass: (signal: AbortSignal) => Promise<void>;
}

export interface SyncStatus {
  /** Epoch milliseconds at which the last complete pass ended; undefined before the first since the start. */
  readonly lastCompleteAt: number | undefined;
  /** The code of the error that ended the last pass; undefined after a complete one. */
  readonly lastError: string | undefined;
  /** Milliseconds from the end of the last pass to the beginning of the next. */
  readonly pauseMs: number;
}

interface Report {
  readonly account: Account;
  readonly asOf: number;
}

/** What a pass keeps in mind until it has seen all pages. */
interface Seen {
  readonly sids: Set<AccountSid>;
  readonly renamed: SortedRuns<Report>;
  readonly added: SortedRuns<Report>;
}

/**
 * Reads all accounts from Twilio again and again, and tells the directory. Where passes are dear, the pauses between them
 * stretch, so that they take no more than a tenth of one core.
 */
export class AccountSync {
  readonly #options: AccountSyncOptions;
  readonly #stopping = new AbortController();
  #firstPass: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();
  #isStretched = false;
  #status: SyncStatus;

  constructor(options: AccountSyncOptions) {
    this.#options = options;
    this.#status = { lastCompleteAt: undefined, lastError: undefined, pauseMs: options.intervalMs };
  }

  get status(): SyncStatus {
    return this.#status;
  }

  /** Whether what is known of statuses is too old to rely on. */
  get isOutdated(): boolean {
    const { lastCompleteAt, pauseMs } = this.#status;
    const longestMs = Math.max(2 * pauseMs, OUTDATED_MS);
    return lastCompleteAt === undefined || this.#options.clock.now() - lastCompleteAt > longestMs;
  }

  /** Starts the first pass, and then one after each pause. Resolves when the first has ended, well or badly. */
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
    const { signal } = this.#stopping;
    for (;;) {
      await this.#options.clock.sleep(this.#status.pauseMs, signal);
      if (signal.aborted) return;
      await this.pass();
    }
  }

  /** One pass over all accounts. A failure is logged and shows in `status`; it makes no account vanish. */
  async pass(): Promise<void> {
    const { cpuTimeMs, directory } = this.#options;
    const goesWithStart = !directory.isWhole;
    const usedBeforeMs = cpuTimeMs();
    await this.#tryPass();
    // What a start does meanwhile takes many times as long as the pass, and is done once.
    this.#restAfter(goesWithStart ? 0 : cpuTimeMs() - usedBeforeMs);
  }

  async #tryPass(): Promise<void> {
    const { beforePass, clock, directory, log } = this.#options;
    try {
      await directory.whole();
      await beforePass(this.#stopping.signal);
      // What a pass has learned before it failed is true all the same.
      await this.#readAll().finally(() => directory.save());
      this.#status = { ...this.#status, lastCompleteAt: clock.now(), lastError: undefined };
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const code = isDirectoryError(error) ? error.code : "internal";
      this.#status = { ...this.#status, lastError: code };
      log.error({ err: error }, "the accounts could not be read from Twilio");
    }
  }

  /** @param workMs milliseconds of CPU that a pass took */
  #restAfter(workMs: number): void {
    const { directory, intervalMs, log } = this.#options;
    const usualMs = directory.isReady ? intervalMs : Math.min(intervalMs, FIRST_PASS_RETRY_MS);
    const pauseMs = Math.max(usualMs, REST_PER_WORK * workMs);
    const wasStretched = this.#isStretched;
    this.#isStretched = pauseMs > usualMs;
    this.#status = { ...this.#status, pauseMs };
    if (this.#isStretched && !wasStretched) {
      log.info(
        { pauseSeconds: Math.round(pauseMs / 1000) },
        "accounts are read less often than configured, so that this takes no more than a tenth of one core",
      );
    }
  }

  async #readAll(): Promise<void> {
    const { directory, gateway } = this.#options;
    const { signal } = this.#stopping;
    const { index } = directory;
    const startedAt = index.tick();
    const knownBefore = index.size;
    const seen: Seen = {
      sids: new Set(),
      renamed: new SortedRuns(byCreation),
      added: new SortedRuns(byCreation),
    };
    const pages = gateway.pages({ priority: "sync", signal })[Symbol.asyncIterator]();
    for (;;) {
      const asOf = index.tick();
      const page = await pages.next();
      if (page.done) break;
      await this.#takeIn(page.value, asOf, seen);
    }
    // Names are given when the whole pass is known, the oldest account first: a page alone would not tell who that is.
    await this.#reportAll(seen.renamed);
    await this.#reportAll(seen.added);
    directory.allSeen();
    await this.#confirmMissing(index.missing(seen.sids, startedAt), knownBefore);
  }

  async #takeIn(page: readonly Account[], asOf: number, { sids, renamed, added }: Seen): Promise<void> {
    const { directory, slices } = this.#options;
    const slice = slices.begin();
    const renamedHere: Report[] = [];
    const addedHere: Report[] = [];
    for (const account of page) {
      if (slice.isOver()) await slice.next();
      if (sids.has(account.sid)) continue;
      sids.add(account.sid);
      const known = directory.index.account(account.sid);
      if (known === undefined) addedHere.push({ account, asOf });
      else if (known.friendlyName !== account.friendlyName) renamedHere.push({ account, asOf });
      else this.#report({ account, asOf });
    }
    renamed.add(renamedHere);
    added.add(addedHere);
  }

  async #reportAll(reports: Iterable<Report>): Promise<void> {
    const slice = this.#options.slices.begin();
    for (const report of reports) {
      this.#report(report);
      if (slice.isOver()) await slice.next();
    }
  }

  #report({ account, asOf }: Report): void {
    this.#options.directory.accountReported(account, asOf);
  }

  /** Asks for each account that a complete pass did not show: only Twilio's word for it removes an account. */
  async #confirmMissing(missing: readonly AccountSid[], knownBefore: number): Promise<void> {
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
  async #confirmEach(left: Iterable<AccountSid>): Promise<void> {
    const { directory, gateway, log } = this.#options;
    const { signal } = this.#stopping;
    for (const sid of left) {
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
