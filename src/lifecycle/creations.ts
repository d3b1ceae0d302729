import type { Account, AccountSid } from "../directory/account.js";
import type { Directory } from "../directory/directory.js";
import { DirectoryError, isDirectoryError } from "../directory/errors.js";
import { friendlyNameFor } from "../directory/friendly-name.js";
import type {
  AccountChange,
  AccountGateway,
  Clock,
  CreationIntent,
  DirectoryStore,
  Log,
} from "../directory/ports.js";
import type { User } from "../directory/user.js";
import { foldCase, type UserAttributes } from "../directory/user-attributes.js";
import { AccountLock } from "./account-lock.js";
import { findAccountOf } from "./account-of-intent.js";

/** How long after a request was lost it may still take effect at Twilio, with a wide margin. */
const SETTLE_MS = 5_000;

/** How often Twilio is asked in that time. */
const LOOK_AGAIN_MS = 1_000;

export interface CreateRequest {
  readonly attributes: UserAttributes;
  /** False: the account is created and suspended. */
  readonly active: boolean;
}

export interface CreationsOptions {
  readonly directory: Directory;
  readonly gateway: AccountGateway;
  readonly store: DirectoryStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
}

/** A creation that is under way, or was left open: the process crashed, or Twilio's answer was lost. */
interface Creation {
  readonly intent: CreationIntent;
  /** Gives the userName back. */
  readonly release: () => void;
  /** Epoch milliseconds from which on it is certain whether the account was made. */
  settledAt: number;
  /** The account as it was made, once it is known which one it is. */
  account: Account | undefined;
}

/** Told which account it is that a request makes, as soon as it exists. */
export type AccountMade = (sid: AccountSid) => void;

/**
 * Creates accounts, so that no crash and no lost answer ever makes a second one.
 *
 * Twilio has no idempotency key, so the intent is written down first. An intent that was not brought to an end holds its
 * userName until it is settled, by the next pass of the sync or by the next request for the same userName: the account
 * that it made is found at Twilio by its name and the time of its creation.
 */
export class Creations {
  readonly #options: CreationsOptions;
  readonly #namesakes = new AccountLock();
  /** What nobody is at work on, by folded userName. */
  readonly #open = new Map<string, Creation>();

  constructor(options: CreationsOptions) {
    this.#options = options;
  }

  /** Takes in what a crash left open. Call it once, before anything is created. */
  async load(): Promise<void> {
    const { store, directory } = this.#options;
    for (const intent of await store.openIntents()) {
      const release = directory.index.reserveUserName(intent.attributes.userName);
      this.#leaveOpen({ intent, release, settledAt: 0, account: undefined });
    }
  }

  /** Settles what is open, as far as Twilio can be asked. What cannot be settled stays open. */
  async settle(signal: AbortSignal): Promise<void> {
    for (const creation of [...this.#open.values()]) {
      if (!this.#take(creation)) continue;
      const { intent } = creation;
      try {
        const isSettled = await this.#amongNamesakes(intent, signal, () => this.#settleOne(creation, signal));
        if (isSettled) creation.release();
        else this.#putBack(creation);
      } catch (error) {
        this.#putBack(creation);
        const fields = { err: error, intent: intent.id };
        this.#options.log.warn(fields, "an interrupted creation could not be settled yet");
      }
    }
  }

  /**
   * @param made is told of the account also where the rest then fails
   * @throws DirectoryError `userNameTaken`, or why the account could not be made
   */
  async create(request: CreateRequest, signal: AbortSignal, made: AccountMade): Promise<User> {
    const { attributes } = request;
    const earlier = this.#open.get(foldCase(attributes.userName));
    if (earlier !== undefined) {
      this.#take(earlier);
      const user = await this.#takeOver(earlier, request, signal, made);
      if (user !== undefined) return user;
    }
    const release = this.#options.directory.reserveUserName(attributes.userName);
    return this.#createAnew(request, release, signal, made);
  }

  /** Whether it is certain now what became of a creation, and everything is done about it. */
  async #settleOne(creation: Creation, signal: AbortSignal): Promise<boolean> {
    const { clock, store, log } = this.#options;
    const { intent, settledAt } = creation;
    const isCertain = clock.now() >= settledAt;
    const account = await this.#find(creation, signal);
    if (account !== undefined) {
      await this.#finish(creation, account, intent, signal);
      log.info({ accountSid: account.sid, intent: intent.id }, "an interrupted creation was completed");
      return true;
    }
    if (!isCertain) return false;
    await store.dropIntent(intent.id);
    log.info({ intent: intent.id }, "an interrupted creation had made no account");
    return true;
  }

  /** Brings an earlier request for the same userName to its end; undefined where it turns out to have made nothing. */
  async #takeOver(
    creation: Creation,
    request: CreateRequest,
    signal: AbortSignal,
    made: AccountMade,
  ): Promise<User | undefined> {
    const { intent, release, settledAt } = creation;
    try {
      const user = await this.#amongNamesakes(intent, signal, async () => {
        const account = await this.#lookUntil(settledAt, creation, signal);
        if (account === undefined) return undefined;
        made(account.sid);
        return this.#finish(creation, account, request, signal);
      });
      if (user === undefined) await this.#options.store.dropIntent(intent.id);
      release();
      return user;
    } catch (error) {
      this.#leaveOpen(creation);
      throw error;
    }
  }

  async #createAnew(
    request: CreateRequest,
    release: () => void,
    signal: AbortSignal,
    made: AccountMade,
  ): Promise<User> {
    const { clock, directory, gateway, store, newId } = this.#options;
    const askedAt = clock.now();
    const intent: CreationIntent = {
      ...request,
      id: newId(),
      friendlyName: friendlyNameFor(request.attributes),
      askedAt,
      askedAtTwilioTime: askedAt + gateway.clockOffsetMs(),
    };
    try {
      await directory.claiming(() => store.openIntent(intent));
    } catch (error) {
      release();
      throw error;
    }
    const creation: Creation = { intent, release, settledAt: 0, account: undefined };
    try {
      const user = await this.#amongNamesakes(intent, signal, async () => {
        const account = await this.#createAccount(creation, signal);
        made(account.sid);
        return this.#finish(creation, account, request, signal);
      });
      release();
      return user;
    } catch (error) {
      // What nobody foresaw says nothing about the account.
      const mayExist = !isDirectoryError(error) || isDirectoryError(error, "outcomeUnknown");
      if (mayExist || creation.account !== undefined) this.#leaveOpen(creation);
      else await this.#abandon(creation);
      throw error;
    }
  }

  /** Namesakes wait for each other until it is kept whose an account is: one must not be taken for the other. */
  #amongNamesakes<T>(intent: CreationIntent, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.#namesakes.run(intent.friendlyName, signal, work);
  }

  /** @throws DirectoryError `outcomeUnknown`: the account may exist; anything else: it does not */
  async #createAccount(creation: Creation, signal: AbortSignal): Promise<Account> {
    const { clock, gateway } = this.#options;
    try {
      return await gateway.create(creation.intent.friendlyName, { priority: "lifecycle", signal });
    } catch (error) {
      if (!isDirectoryError(error, "outcomeUnknown")) throw error;
      const account = await this.#lookUntil(clock.now() + SETTLE_MS, creation, signal).catch(() => {
        throw error;
      });
      if (account !== undefined) return account;
      throw new DirectoryError("twilioUnavailable", "Twilio failed to create the account.", {
        retryAfterSeconds: 5,
        cause: error,
      });
    }
  }

  /** Looks for the account that a creation made, until it is found or certain not to be there. */
  async #lookUntil(settledAt: number, creation: Creation, signal: AbortSignal): Promise<Account | undefined> {
    const { clock } = this.#options;
    for (;;) {
      // What Twilio answers late, it may have looked up early.
      const isCertain = clock.now() >= settledAt;
      const account = await this.#find(creation, signal);
      if (account !== undefined || isCertain) return account;
      const waitMs = Math.max(settledAt - clock.now(), 0);
      await clock.sleep(Math.min(waitMs, LOOK_AGAIN_MS), signal);
      signal.throwIfAborted();
    }
  }

  /** The account that a creation made, as far as Twilio shows it now. */
  async #find(creation: Creation, signal: AbortSignal): Promise<Account | undefined> {
    const { gateway } = this.#options;
    const { intent, account: made } = creation;
    const isAnothers = (sid: AccountSid) => this.#isAnothers(sid);
    if (made === undefined) return findAccountOf(intent, isAnothers, gateway, signal);
    try {
      const account = await gateway.fetch(made.sid, { priority: "lifecycle", signal });
      return account.status === "closed" || isAnothers(made.sid) ? undefined : account;
    } catch (error) {
      if (isDirectoryError(error, "accountNotFound")) return undefined;
      throw error;
    }
  }

  /** Whether somebody has written to an account, or a creation that is left open has made it. */
  #isAnothers(sid: AccountSid): boolean {
    if (this.#options.directory.index.known(sid)?.identity !== undefined) return true;
    return [...this.#open.values()].some(({ account }) => account?.sid === sid);
  }

  /** The account exists: what else was asked for is done, and what was written is kept. */
  async #finish(
    creation: Creation,
    account: Account,
    { attributes, active }: CreateRequest,
    signal: AbortSignal,
  ): Promise<User> {
    const { clock, directory, gateway, store } = this.#options;
    const { intent } = creation;
    creation.account ??= account;
    const friendlyName = friendlyNameFor(attributes);
    const renames = friendlyName !== intent.friendlyName && friendlyName !== account.friendlyName;
    const change = { ...(renames && { friendlyName }), ...statusChange(intent, account, active) };
    const finished =
      Object.keys(change).length === 0
        ? account
        : await gateway.update(account.sid, change, { priority: "lifecycle", signal });
    const identity = {
      accountSid: account.sid,
      attributes,
      // A name that was given in Twilio's console since shows.
      friendlyName: renames ? finished.friendlyName : creation.account.friendlyName,
      updatedAt: clock.now(),
    };
    await store.fulfilIntent(intent.id, identity, directory.index.storedAfter(finished, identity));
    const user = directory.index.write(finished, identity);
    directory.snapshot.touch(account.sid);
    return user;
  }

  /** Nothing was created. Where the database fails to note that, the intent is settled later, with the same result. */
  async #abandon(creation: Creation): Promise<void> {
    const { store, log } = this.#options;
    const { intent, release } = creation;
    try {
      await store.dropIntent(intent.id);
      release();
    } catch (error) {
      log.error({ err: error, intent: intent.id }, "the intent to create an account could not be dropped");
      this.#leaveOpen(creation);
    }
  }

  /** Leaves a creation to whoever settles it. Its request may still take effect for a while. */
  #leaveOpen(creation: Creation): void {
    creation.settledAt = this.#options.clock.now() + SETTLE_MS;
    this.#putBack(creation);
  }

  #putBack(creation: Creation): void {
    this.#open.set(foldCase(creation.intent.attributes.userName), creation);
  }

  /** Takes a creation to work on; false where somebody else has. */
  #take(creation: Creation): boolean {
    const key = foldCase(creation.intent.attributes.userName);
    return this.#open.get(key) === creation && this.#open.delete(key);
  }
}

/** The status that a request wants of the account that an intent made. Nobody else's suspension is undone. */
function statusChange(intent: CreationIntent, account: Account, active: boolean): AccountChange {
  if (!active && account.status === "active") return { status: "suspended" };
  if (active && !intent.active && account.status === "suspended") return { status: "active" };
  return {};
}
