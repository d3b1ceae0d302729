import type { Account, AccountSid } from "../directory/account.js";
import { withDeadline } from "../directory/deadline.js";
import type { Directory } from "../directory/directory.js";
import { accountNotFound, DirectoryError, isDirectoryError } from "../directory/errors.js";
import type { AccountGateway, Clock, Log } from "../directory/ports.js";
import type { User } from "../directory/user.js";
import type { Actor } from "./audit.js";
import { type BrakePlace, type Brakes, hasNotHappened } from "./brakes.js";
import { type Audited, startAudit } from "./change-audit.js";
import type { ClosingStore, PendingClosing } from "./closing-store.js";
import type { Guards } from "./guards.js";
import type { KeyedLock } from "./keyed-lock.js";

/** How often closings are looked at while there are any, so that a `restore` at the command line is heard. */
const LOOK_MS = 1_000;

/** How long one closing may take, the wait for other changes of the account included. */
const DEADLINE_MS = 24_000;

const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 3_600_000;

export interface DelayedClosingsOptions {
  readonly directory: Directory;
  /** Not behind the brakes: a closing counts when it is asked for, and never again. */
  readonly gateway: AccountGateway;
  readonly store: ClosingStore;
  readonly brakes: Pick<Brakes, "take">;
  readonly guards: Guards;
  readonly audit: Audited;
  readonly clock: Clock;
  readonly log: Log;
  readonly accountLock: KeyedLock;
  /** `CLOSE_DELAY_HOURS`, in milliseconds. */
  readonly delayMs: number;
}

/**
 * Closings that wait: the account is suspended at once and gone for SCIM, and closed for good after a delay in which it can
 * be brought back. The database holds what is pending, so that a restart goes on with it.
 */
export class DelayedClosings {
  readonly #options: DelayedClosingsOptions;
  readonly #stopping = new AbortController();
  /** Account to how often closing it has failed, and the epoch millisecond before which it is not tried again. */
  readonly #failed = new Map<AccountSid, { readonly times: number; readonly notBefore: number }>();
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(options: DelayedClosingsOptions) {
    this.#options = options;
  }

  /** Takes in what is pending. Call it once, before the directory takes in its accounts. */
  async load(): Promise<void> {
    const { directory, store } = this.#options;
    await store.deferAll();
    for (const { accountSid, isHidden } of await store.all()) {
      if (isHidden) directory.index.setLeaving(accountSid, true);
    }
  }

  /**
   * Suspends an account and lets its closing wait. Runs while nothing else changes the account.
   *
   * @throws DirectoryError: then no closing is pending, unless the database failed after Twilio did its part
   */
  async ask(user: User, actor: Actor, doneAtTwilio: () => void, signal: AbortSignal): Promise<User> {
    const { brakes, clock, delayMs, store } = this.#options;
    const { account } = user;
    const place = await brakes.take("closures");
    const askedAt = clock.now();
    const closing = { accountSid: account.sid, askedAt, dueAt: askedAt + delayMs, actor };
    try {
      // Before Twilio is asked: what a crash leaves suspended must be known to be on its way to be closed.
      await store.open(closing);
    } catch (error) {
      await place.giveBack();
      throw error;
    }
    this.#wake();
    const suspended = await this.#suspend(account, place, signal);
    doneAtTwilio();
    await this.#hide(suspended);
    return user;
  }

  async #suspend(account: Account, place: BrakePlace, signal: AbortSignal): Promise<Account> {
    const { gateway, directory, store, log } = this.#options;
    const { sid } = account;
    if (account.status === "suspended") return account;
    try {
      return await gateway.update(sid, { status: "suspended" }, { priority: "lifecycle", signal });
    } catch (error) {
      await store.drop(sid).catch((err: unknown) => {
        log.error({ err, accountSid: sid }, "a closing that was answered as failed goes on all the same");
      });
      if (hasNotHappened(error)) await place.giveBack();
      if (isDirectoryError(error, "accountNotFound")) directory.accountGone(sid);
      if (!isDirectoryError(error, "accountClosed")) throw error;
      await directory.accountChanged({ ...account, status: "closed" });
      throw accountNotFound(sid);
    }
  }

  async #hide(account: Account): Promise<void> {
    const { directory, store } = this.#options;
    await directory.accountChanged(account);
    await store.hide(account);
    directory.index.setLeaving(account.sid, true);
  }

  /** What is pending, the next to be closed first. */
  pending(): Promise<readonly PendingClosing[]> {
    return this.#options.store.all();
  }

  /**
   * Undoes a closing that is pending: the account is shown again, suspended as it is.
   *
   * @throws DirectoryError `accountNotFound`: none is pending; `accountClosed`; `userNameTaken`
   */
  async restore(sid: AccountSid, actor: Actor): Promise<User> {
    const { audit, directory } = this.#options;
    const entry = startAudit(audit, actor, { action: "restore", accountSid: sid });
    return entry.around(() =>
      this.#alone(sid, async () => {
        const status = directory.index.account(sid)?.status;
        if (status === "closed") {
          throw new DirectoryError("accountClosed", `The account ${sid} is closed; nothing brings it back.`);
        }
        const closing = await this.#options.store.get(sid);
        if (closing === undefined || !closing.isHidden) {
          throw new DirectoryError("accountNotFound", `No closing of ${sid} is pending.`);
        }
        const user = await this.#knownUser(sid);
        await entry.announce();
        return this.#show(user, user.attributes.userName);
      }),
    );
  }

  async #show({ account: { sid } }: User, userName: string): Promise<User> {
    const { directory, store } = this.#options;
    const release = directory.reserveUserName(userName, sid);
    try {
      await directory.claiming(() => store.show(sid, userName));
      directory.index.setLeaving(sid, false);
    } finally {
      release();
    }
    this.#failed.delete(sid);
    return this.#knownUser(sid);
  }

  /** Begins to close what is due, until `stop()`. */
  start(): void {
    this.#running = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let left = 1;
      const asked = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      try {
        left = await this.look();
      } catch (error) {
        log.error({ err: error }, "the pending closings could not be looked at");
      }
      if (signal.aborted) return;
      // With none pending there is nothing to undo either, and each new one is asked for here.
      await (left === 0 ? asked : clock.sleep(LOOK_MS, signal));
    }
  }

  /**
   * Does once what is to be done now. A failure is logged, and tried again after a pause.
   *
   * @returns how many are pending still
   * @throws DirectoryError `storageUnavailable`
   */
  async look(): Promise<number> {
    const { clock, directory, store } = this.#options;
    if (!directory.isReady) return 1;
    for (const closing of await store.all()) {
      if (this.#stopping.signal.aborted) break;
      const { accountSid, dueAt, isHidden, restoreAsked } = closing;
      if (restoreAsked) {
        await this.#restoreForCommand(closing);
        continue;
      }
      const status = directory.index.account(accountSid)?.status;
      // What is neither hidden nor being asked for now was interrupted; what is not suspended was changed at Twilio.
      const isToDo = !isHidden || dueAt <= clock.now() || status !== "suspended";
      const { notBefore = 0 } = this.#failed.get(accountSid) ?? {};
      if (isToDo && notBefore <= clock.now()) await this.#tryToSettle(closing);
    }
    return (await store.all()).length;
  }

  async #restoreForCommand({ accountSid }: PendingClosing): Promise<void> {
    const { log, store } = this.#options;
    try {
      await this.restore(accountSid, { name: "command line", requestId: accountSid });
    } catch (error) {
      log.warn({ err: error, accountSid }, "a closing could not be undone");
      await store.refuseRestore(accountSid);
    }
  }

  async #tryToSettle({ accountSid }: PendingClosing): Promise<void> {
    const { clock, log } = this.#options;
    try {
      await this.#alone(accountSid, (signal) => this.#settle(accountSid, signal));
      this.#failed.delete(accountSid);
    } catch (error) {
      const { times = 0 } = this.#failed.get(accountSid) ?? {};
      const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** times, LONGEST_RETRY_MS);
      this.#failed.set(accountSid, { times: times + 1, notBefore: clock.now() + pauseMs });
      log.warn(
        { err: error, accountSid, pauseSeconds: pauseMs / 1000 },
        "a closing failed; it is tried again",
      );
    }
  }

  /** Twilio is asked first: what somebody did in its console meanwhile counts more than what was asked for before. */
  async #settle(sid: AccountSid, signal: AbortSignal): Promise<void> {
    const { clock, gateway, guards, store } = this.#options;
    const closing = await store.get(sid);
    if (closing === undefined || closing.restoreAsked) return;
    const account = await this.#fetch(sid, signal);
    if (account === undefined || account.status === "closed") return this.#end(sid);
    if (!closing.isHidden) {
      guards.assertMayReachTwilio(account);
      const suspended =
        account.status === "suspended"
          ? account
          : await gateway.update(sid, { status: "suspended" }, { priority: "lifecycle", signal });
      return this.#hide(suspended);
    }
    if (account.status === "active") return this.#reactivated(closing);
    if (closing.dueAt > clock.now() || !(await store.begin(sid))) return;
    await this.#close(account, closing, signal);
  }

  async #fetch(sid: AccountSid, signal: AbortSignal): Promise<Account | undefined> {
    const { directory, gateway } = this.#options;
    const asOf = directory.index.tick();
    try {
      const account = await gateway.fetch(sid, { priority: "lifecycle", signal });
      await directory.whole();
      directory.accountReported(account, asOf);
      return account;
    } catch (error) {
      if (!isDirectoryError(error, "accountNotFound")) throw error;
      directory.accountGone(sid);
      return undefined;
    }
  }

  async #close(account: Account, { actor }: PendingClosing, signal: AbortSignal): Promise<void> {
    const { audit, directory, gateway, guards, log, store } = this.#options;
    const { sid } = account;
    const entry = startAudit(audit, actor, { action: "close", accountSid: sid });
    entry.ask(["close"], { status: account.status }, { status: "closed" });
    await entry.around(async () => {
      try {
        // It may have been protected since.
        guards.assertMayReachTwilio(account);
        await entry.announce();
        const closed = await gateway.update(sid, { status: "closed" }, { priority: "lifecycle", signal });
        await directory.accountChanged(closed);
      } catch (error) {
        await store.defer(sid).catch((err: unknown) => {
          log.error(
            { err, accountSid: sid },
            "a closing that failed can not be undone before the next start",
          );
        });
        throw error;
      }
    });
    await this.#end(sid);
  }

  async #end(sid: AccountSid): Promise<void> {
    const { directory, log, store } = this.#options;
    await store.drop(sid);
    directory.index.setLeaving(sid, false);
    log.info({ accountSid: sid }, "a pending closing has come to its end");
  }

  /** Somebody wants the account: it comes back, under another userName where its own has been taken meanwhile. */
  async #reactivated({ accountSid: sid, actor }: PendingClosing): Promise<void> {
    const { clock, directory, log } = this.#options;
    const user = await this.#knownUser(sid);
    const { account, attributes } = user;
    try {
      await this.#show(user, attributes.userName);
    } catch (error) {
      if (!isDirectoryError(error, "userNameTaken")) throw error;
      const userName = `${attributes.userName} (${sid})`;
      await directory.identityWritten(account, {
        accountSid: sid,
        attributes: { ...attributes, userName },
        friendlyName: account.friendlyName,
        updatedAt: clock.now(),
      });
      await this.#show(user, userName);
    }
    log.warn(
      { accountSid: sid, askedBy: actor.name },
      "a closing is dropped: the account was reactivated at Twilio",
    );
  }

  async #knownUser(sid: AccountSid): Promise<User> {
    const { directory } = this.#options;
    await directory.whole();
    const user = directory.index.known(sid);
    if (user === undefined) throw accountNotFound(sid);
    return user;
  }

  #alone<T>(sid: AccountSid, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { accountLock, clock } = this.#options;
    return withDeadline(clock, DEADLINE_MS, (signal) => accountLock.run(sid, signal, () => work(signal)));
  }
}
