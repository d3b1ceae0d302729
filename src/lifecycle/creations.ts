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
import type { UserAttributes } from "../directory/user-attributes.js";
import { findAccount, lookForAccount, type SearchOptions } from "./account-of-intent.js";
import { type Audited, startAudit } from "./change-audit.js";
import { KeyedLock } from "./keyed-lock.js";
import { type Creation, OpenCreations, SETTLE_MS } from "./open-creations.js";

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
  readonly audit: Audited;
  /** Changes to one account run one at a time, whoever makes them. */
  readonly accountLock: KeyedLock;
}

/** In whose name a creation is completed for which nobody waits any more. */
const BRIDGE = "bridge";

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
  readonly #namesakes = new KeyedLock();
  readonly #open = new OpenCreations();
  readonly #search: SearchOptions;

  constructor(options: CreationsOptions) {
    this.#options = options;
    const { directory, gateway, clock } = options;
    const isAnothers = (sid: AccountSid) =>
      directory.index.known(sid)?.identity !== undefined || this.#open.hasMade(sid);
    this.#search = { gateway, clock, isAnothers };
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
    for (const creation of this.#open.values()) {
      await this.#open.settle(creation, signal, () => this.#tryToSettle(creation, signal));
    }
  }

  async #tryToSettle(creation: Creation, signal: AbortSignal): Promise<boolean> {
    const { intent, release } = creation;
    try {
      const isSettled = await this.#amongNamesakes(intent, signal, () => this.#settleOne(creation, signal));
      if (isSettled) release();
      return isSettled;
    } catch (error) {
      const fields = { err: error, intent: intent.id };
      this.#options.log.warn(fields, "an interrupted creation could not be settled yet");
      return false;
    }
  }

  /**
   * @param made is told of the account also where the rest then fails
   * @throws DirectoryError `userNameTaken`, or why the account could not be made
   */
  async create(request: CreateRequest, signal: AbortSignal, made: AccountMade): Promise<User> {
    const { directory } = this.#options;
    const { attributes } = request;
    if (!directory.isWhole) await directory.whole();
    const earlier = await this.#open.takeNamed(attributes.userName, signal);
    if (earlier !== undefined) {
      const user = await this.#takeOver(earlier, request, signal, made);
      if (user !== undefined) return user;
    }
    const release = directory.reserveUserName(attributes.userName);
    return this.#createAnew(request, release, signal, made);
  }

  /** Whether it is certain now what became of a creation, and everything is done about it. */
  async #settleOne(creation: Creation, signal: AbortSignal): Promise<boolean> {
    const { clock, directory, store, log } = this.#options;
    const { intent, settledAt } = creation;
    await directory.whole();
    const isCertain = clock.now() >= settledAt;
    const account = await findAccount(creation, this.#search, signal);
    if (account !== undefined) {
      await this.#complete(creation, account, signal);
      log.info({ accountSid: account.sid, intent: intent.id }, "an interrupted creation was completed");
      return true;
    }
    if (!isCertain) return false;
    await store.dropIntent(intent.id);
    log.info({ intent: intent.id }, "an interrupted creation had made no account");
    return true;
  }

  /** Finishes a creation for which nobody waits any more, with an audit entry of its own. */
  async #complete(creation: Creation, account: Account, signal: AbortSignal): Promise<void> {
    const { intent } = creation;
    const actor = { name: BRIDGE, requestId: intent.id };
    const entry = startAudit(this.#options.audit, actor, { action: "create", accountSid: account.sid });
    entry.ask(["create"], undefined, {
      status: intent.active ? "active" : "suspended",
      friendlyName: intent.friendlyName,
      userName: intent.attributes.userName,
    });
    await entry.around(async () => {
      await entry.announce();
      return this.#finish(creation, account, intent, signal);
    });
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
        const account = await lookForAccount(creation, settledAt, this.#search, signal);
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
    const { directory, store } = this.#options;
    let intent: CreationIntent;
    try {
      intent = await this.#intend(request, signal);
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

  /** @throws DirectoryError where Twilio's time is not known yet and cannot be learned */
  async #intend(request: CreateRequest, signal: AbortSignal): Promise<CreationIntent> {
    const { clock, gateway, newId } = this.#options;
    const friendlyName = friendlyNameFor(request.attributes);
    // Any answer of Twilio's tells its time; this question does no harm.
    if (gateway.clockOffsetMs() === undefined) {
      await gateway.findByFriendlyName(friendlyName, { priority: "lifecycle", signal });
    }
    const askedAt = clock.now();
    const askedAtTwilioTime = askedAt + (gateway.clockOffsetMs() ?? 0);
    return { ...request, id: newId(), friendlyName, askedAt, askedAtTwilioTime };
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
      const account = await lookForAccount(creation, clock.now() + SETTLE_MS, this.#search, signal).catch(
        () => {
          throw error;
        },
      );
      if (account !== undefined) return account;
      throw new DirectoryError("twilioUnavailable", "Twilio failed to create the account.", {
        retryAfterSeconds: 5,
        cause: error,
      });
    }
  }

  /** The account exists: what else was asked for is done, and what was written is kept. */
  #finish(creation: Creation, account: Account, request: CreateRequest, signal: AbortSignal): Promise<User> {
    const { accountLock, clock, directory, gateway, store } = this.#options;
    const { intent } = creation;
    const { attributes, active } = request;
    const made = creation.account ?? account;
    creation.account = made;
    return accountLock.run(account.sid, signal, async () => {
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
        friendlyName: renames ? finished.friendlyName : made.friendlyName,
        updatedAt: clock.now(),
      };
      return directory.identityWritten(finished, identity, (row) =>
        store.fulfilIntent(intent.id, identity, row),
      );
    });
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

  #leaveOpen(creation: Creation): void {
    this.#open.leave(creation, this.#options.clock.now());
  }
}

/** The status that a request wants of the account that an intent made. Nobody else's suspension is undone. */
function statusChange(intent: CreationIntent, account: Account, active: boolean): AccountChange {
  if (!active && account.status === "active") return { status: "suspended" };
  if (active && !intent.active && account.status === "suspended") return { status: "active" };
  return {};
}
