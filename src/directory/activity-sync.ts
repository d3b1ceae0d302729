import { type AccountSid, isOwnerAccount } from "./account.js";
import type { Activity, Usage } from "./activity.js";
import { nextReadingAt, readingAfterChange, retryDelayMs } from "./activity-schedule.js";
import type { Directory } from "./directory.js";
import { DueQueue } from "./due-queue.js";
import { accountNotFound, isDirectoryError } from "./errors.js";
import type { Clock, Log, RequestPriority, UsageGateway } from "./ports.js";
import type { Slices } from "./slices.js";
import type { User } from "./user.js";

/** How often the progress of the first fill is logged. */
const PROGRESS_INTERVAL_MS = 10_000;

/** The longest pause after Twilio has failed for several accounts in a row. */
const LONGEST_PAUSE_MS = 60_000;
const FIRST_PAUSE_MS = 1_000;

/** What Node's timers can count. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** After this many failures in a row it is Twilio that fails, and not an account. */
const OUTAGE_FAILURES = 3;

/** What was learned is saved this long after the first of it, all together. */
const SAVE_DELAY_MS = 10_000;

export interface ActivitySyncOptions {
  readonly directory: Directory;
  readonly gateway: UsageGateway;
  readonly clock: Clock;
  readonly log: Log;
  readonly slices: Slices;
  /** `USAGE_SYNC_MINUTES`, in milliseconds. */
  readonly intervalMs: number;
  /** How many accounts are read at the same time. */
  readonly workers: number;
}

export interface ActivityProgress {
  /** `unavailable`: these credentials may not read usage. */
  readonly state: "starting" | "filling" | "filled" | "unavailable";
  /** How many accounts are known, and of how many of them something has been read. */
  readonly accounts: number;
  readonly read: number;
  /** How many are `stale`. */
  readonly stale: number;
}

/**
 * Reads the activity of all accounts from Twilio, each when it is due. Its requests wait for all others, and one account
 * that cannot be read holds up nobody.
 */
export class ActivitySync {
  readonly #options: ActivitySyncOptions;
  readonly #queue = new DueQueue();
  readonly #failures = new Map<AccountSid, number>();
  readonly #reading = new Map<AccountSid, Promise<void>>();
  readonly #stopping = new AbortController();
  #wake = new AbortController();
  #failuresInARow = 0;
  #state: ActivityProgress["state"] = "starting";
  #running: Promise<unknown> = Promise.resolve();
  #savesSoon = false;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: ActivitySyncOptions) {
    this.#options = options;
  }

  get progress(): ActivityProgress {
    const { size, activityTally } = this.#options.directory.index;
    const { read, stale } = activityTally;
    return { state: this.#state, accounts: size, read, stale };
  }

  /** Begins. Call it once, when the directory has been loaded. */
  start(): void {
    const { directory } = this.#options;
    directory.index.onChange({
      changed: (user, before) => this.#changed(user, before),
      forgotten: ({ account }) => {
        this.#queue.delete(account.sid);
        this.#failures.delete(account.sid);
      },
    });
    this.#running = this.#run();
  }

  /** Resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake.abort();
    await this.#running;
    await this.#saving;
  }

  /**
   * Reads one account now, whatever its schedule says.
   *
   * @throws DirectoryError `accountNotFound`, or why it could not be read
   */
  async refresh(sid: AccountSid): Promise<Activity> {
    const { directory } = this.#options;
    await directory.get(sid);
    await directory.whole();
    await this.#reading.get(sid);
    this.#queue.delete(sid);
    await this.#read(sid, "lookup");
    const user = directory.index.get(sid);
    if (user === undefined) throw accountNotFound(sid);
    return user.activity;
  }

  async #run(): Promise<void> {
    await this.#untilWhole();
    await this.#forEveryone((user) => this.#schedule(user));
    if (!(await this.#mayRead())) return;
    const workers = Array.from({ length: this.#options.workers }, () => this.#work());
    await Promise.all([...workers, this.#reportProgress()]);
  }

  /** Resolves when the directory has read its database to the end. */
  async #untilWhole(): Promise<void> {
    const { directory, clock } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 1; !directory.isWhole && !signal.aborted; attempt++) {
      await directory.whole().catch(() => clock.sleep(pauseMs(attempt), signal));
    }
  }

  async #forEveryone(work: (user: User) => void): Promise<void> {
    const { directory, slices } = this.#options;
    const slice = slices.begin();
    for (const user of directory.index.everyone()) {
      if (this.#stopping.signal.aborted) return;
      work(user);
      if (slice.isOver()) await slice.next();
    }
  }

  /** Finds out whether these credentials may read usage, and says so where they may not. */
  async #mayRead(): Promise<boolean> {
    const { gateway, directory, clock, log } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 1; !signal.aborted; attempt++) {
      if (!directory.isReady) {
        await clock.sleep(FIRST_PAUSE_MS, signal);
        continue;
      }
      const account = anySubaccount(directory);
      try {
        if (account === undefined || (await gateway.mayReadUsage(account, { priority: "usage", signal }))) {
          this.#state = "filling";
          return true;
        }
        this.#state = "unavailable";
        await this.#forEveryone((user) => this.#declareUnavailable(user));
        log.warn({}, "these credentials may not read usage records: activity is unavailable");
        return false;
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, "whether usage may be read could not be found out");
        await clock.sleep(pauseMs(attempt), signal);
      }
    }
    return false;
  }

  async #work(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (this.#failuresInARow >= OUTAGE_FAILURES) {
        await clock.sleep(pauseMs(this.#failuresInARow - OUTAGE_FAILURES + 1), signal);
      }
      const sid = this.#queue.takeDue(clock.now());
      if (sid === undefined) await this.#idle();
      else await this.#read(sid, "usage").catch(() => undefined);
    }
  }

  /** Sleeps until something is due. */
  async #idle(): Promise<void> {
    const { clock } = this.#options;
    const next = this.#queue.nextDueAtMs() ?? Number.POSITIVE_INFINITY;
    await clock.sleep(Math.min(Math.max(next - clock.now(), 0), LONGEST_TIMER_MS), this.#wake.signal);
  }

  async #read(sid: AccountSid, priority: RequestPriority): Promise<void> {
    const reading = this.#readNow(sid, priority).finally(() => this.#reading.delete(sid));
    this.#reading.set(
      sid,
      reading.catch(() => undefined),
    );
    return reading;
  }

  /** @throws DirectoryError why it could not be read; by then it is noted, and another try is scheduled */
  async #readNow(sid: AccountSid, priority: RequestPriority): Promise<void> {
    const { directory, gateway, clock } = this.#options;
    const { signal } = this.#stopping;
    const before = directory.index.known(sid);
    if (before === undefined) return;
    try {
      const usage = await gateway.readUsage(before.account, before.activity.usage, { priority, signal });
      this.#failuresInARow = 0;
      this.#failures.delete(sid);
      this.#learn(sid, before.activity, { state: "current", usage, asOf: clock.now() });
      const after = directory.index.known(sid);
      if (after !== undefined) this.#schedule(after);
    } catch (error) {
      if (!signal.aborted) this.#failed(before, error);
      throw error;
    }
  }

  #failed({ account, activity }: User, error: unknown): void {
    const { directory, clock, log } = this.#options;
    const { sid } = account;
    if (isDirectoryError(error, "accountNotFound")) return;
    if (isDirectoryError(error, "twilioUnavailable", "credentialsRefused")) this.#failuresInARow += 1;
    const failures = (this.#failures.get(sid) ?? 0) + 1;
    this.#failures.set(sid, failures);
    this.#queue.set(sid, clock.now() + retryDelayMs(failures));
    log.warn({ err: error, accountSid: sid }, "the activity of an account could not be read");
    const known = directory.index.known(sid)?.activity ?? activity;
    this.#learn(sid, known, { state: "stale", usage: known.usage, asOf: known.asOf });
  }

  #learn(sid: AccountSid, before: Activity, learned: Omit<Activity, "changedAt">): void {
    const { directory, clock } = this.#options;
    const isNew = before.state !== learned.state || !isShownAlike(before.usage, learned.usage);
    directory.activityLearned(sid, { ...learned, changedAt: isNew ? clock.now() : before.changedAt });
    this.#saveSoon();
  }

  #changed(user: User, before: User | undefined): void {
    if (this.#state === "unavailable") {
      this.#declareUnavailable(user);
      return;
    }
    const dueAt = readingAfterChange(user, before, this.#options.clock.now());
    if (dueAt === undefined) return;
    this.#queue.set(user.account.sid, dueAt);
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  #declareUnavailable({ account, activity }: User): void {
    if (activity.state === "unavailable") return;
    this.#learn(account.sid, activity, { ...activity, state: "unavailable" });
  }

  #schedule(user: User): void {
    const { clock, intervalMs } = this.#options;
    const dueAt = nextReadingAt(user, intervalMs, clock.now());
    if (dueAt === undefined) this.#queue.delete(user.account.sid);
    else this.#queue.set(user.account.sid, dueAt);
  }

  /** Logs how the first fill goes on, until it is done. */
  async #reportProgress(): Promise<void> {
    const { directory, clock, log } = this.#options;
    const { signal } = this.#stopping;
    const startedAt = clock.now();
    const readBefore = this.progress.read;
    while (!signal.aborted && this.#state === "filling") {
      await clock.sleep(PROGRESS_INTERVAL_MS, signal);
      const { accounts, read } = this.progress;
      if (read >= accounts && directory.isReady) this.#state = "filled";
      const perMs = (read - readBefore) / (clock.now() - startedAt);
      const secondsLeft = perMs > 0 ? Math.round((accounts - read) / perMs / 1000) : null;
      log.info({ done: read, total: accounts, secondsLeft }, "reading activity");
    }
  }

  /** Saves what was learned, a little later, together with what is learned until then. */
  #saveSoon(): void {
    if (this.#savesSoon) return;
    this.#savesSoon = true;
    const { directory, clock, log } = this.#options;
    const save = async () => {
      await clock.sleep(SAVE_DELAY_MS, this.#stopping.signal);
      this.#savesSoon = false;
      await directory.save();
    };
    this.#saving = save().catch((error: unknown) => {
      log.error({ err: error }, "the activity that was learned could not be saved");
    });
  }
}

function pauseMs(attempt: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

function anySubaccount(directory: Directory): AccountSid | undefined {
  for (const { account } of directory.index.everyone()) {
    if (!isOwnerAccount(account) && account.status === "active") return account.sid;
  }
  return undefined;
}

/** Whether two readings show the same; what only the next reading needs is left aside. */
function isShownAlike(a: Usage | undefined, b: Usage | undefined): boolean {
  return JSON.stringify(shownOf(a)) === JSON.stringify(shownOf(b));
}

function shownOf(usage: Usage | undefined): readonly unknown[] {
  if (usage === undefined) return [];
  const { lastActivity, lastActivityExcludingFees, services, spend } = usage;
  const each = services.map((service) => [
    service.service,
    service.lastActivity,
    service.lastActivityExcludingFees,
  ]);
  return [lastActivity, lastActivityExcludingFees, each, spend?.total, spend?.currency];
}
