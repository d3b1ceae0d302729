import type { Account, AccountSid, AccountStatus } from "../directory/account.js";
import { withDeadline } from "../directory/deadline.js";
import type { Directory } from "../directory/directory.js";
import { accountNotFound, DirectoryError, isDirectoryError } from "../directory/errors.js";
import { cutFriendlyName, friendlyNameFor } from "../directory/friendly-name.js";
import type { AccountChange, AccountGateway, Clock } from "../directory/ports.js";
import type { Identity, User } from "../directory/user.js";
import type { UserAttributes } from "../directory/user-attributes.js";
import type { Actor, AuditAction } from "./audit.js";
import { type Audited, type ChangeAudit, startAudit } from "./change-audit.js";
import type { CreateRequest, Creations } from "./creations.js";
import type { DelayedClosings } from "./delayed-closings.js";
import type { Guards } from "./guards.js";
import type { KeyedLock } from "./keyed-lock.js";

/** Every write is answered within 25 s; what is left is for the answer itself. Clients give up at 60. */
const WRITE_DEADLINE_MS = 24_000;

/** What to make of a user. What is absent stays as it is. */
export interface UserChange {
  readonly active?: boolean;
  /** All attributes, as they shall be shown. */
  readonly attributes?: UserAttributes;
  /** Read-only attributes that were asked to be other than they are: nothing is done about them but an audit entry. */
  readonly ignored?: readonly string[];
}

/** What the lifecycle reads, and where it tells of changes. */
export type LifecycleDirectory = Pick<
  Directory,
  | "index"
  | "get"
  | "reserveUserName"
  | "accountReported"
  | "accountChanged"
  | "accountGone"
  | "identityWritten"
>;

export interface LifecycleOptions {
  readonly directory: LifecycleDirectory;
  readonly gateway: Pick<AccountGateway, "fetch" | "update">;
  readonly creations: Pick<Creations, "create">;
  /** Where closings wait first; undefined: they are done at once. */
  readonly closings?: Pick<DelayedClosings, "ask"> | undefined;
  readonly guards: Guards;
  readonly audit: Audited;
  readonly clock: Clock;
  /** Changes to one account run one at a time, whoever makes them. */
  readonly accountLock: KeyedLock;
  /** Whether what the directory knows of statuses may be old: then Twilio is asked before nothing is done. */
  readonly isOutdated: () => boolean;
}

/**
 * The only code that changes anything at Twilio. Each change is checked first, sent to Twilio once, kept in the database,
 * and seen by the next read; and each leaves an audit entry, whatever became of it.
 *
 * All methods throw DirectoryError. They answer within 25 s.
 */
export class Lifecycle {
  readonly #options: LifecycleOptions;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  /** Creates an account at Twilio. A userName that an open account has is refused, and nothing is created. */
  create(request: CreateRequest, actor: Actor): Promise<User> {
    const { audit, clock, creations } = this.#options;
    const { attributes, active } = request;
    const entry = startAudit(audit, actor, { action: "create" });
    entry.ask(["create"], undefined, {
      status: active ? "active" : "suspended",
      friendlyName: friendlyNameFor(attributes),
      userName: attributes.userName,
    });
    return entry.around(() =>
      withDeadline(clock, WRITE_DEADLINE_MS, async (signal) => {
        await entry.announce();
        return creations.create(request, signal, (sid) => entry.doneAtTwilio(sid));
      }),
    );
  }

  /**
   * Suspends, reactivates, renames, and keeps what a provider wrote: one request to Twilio for all of it, and none where
   * Twilio has it so already.
   *
   * @param change tells from the user as it is now what it shall become; runs while nothing else changes the account
   */
  update(sid: AccountSid, change: (current: User) => UserChange, actor: Actor): Promise<User> {
    return this.#exclusively(sid, actor, "update", async (known, entry, signal) => {
      const { user, wanted } = await this.#readChange(known, change, entry, signal);
      const asked = askedOfTwilio(user, wanted);
      describeUpdate(entry, user, wanted, asked);
      entry.ignored(wanted.ignored ?? []);
      if (Object.keys(asked).length === 0 && wanted.attributes === undefined) {
        entry.unchanged();
        return user;
      }
      return this.#apply(user, wanted.attributes, asked, entry, signal);
    });
  }

  /**
   * What is wanted of the user. Where it is a status that the account seems to have already, and what is known of it is
   * old, Twilio is asked first: a suspension must not come to nothing because somebody used the console.
   */
  async #readChange(
    user: User,
    change: (current: User) => UserChange,
    entry: ChangeAudit,
    signal: AbortSignal,
  ): Promise<{ user: User; wanted: UserChange }> {
    const { directory, gateway, isOutdated } = this.#options;
    const wanted = entry.read(() => change(user));
    const { status, sid } = user.account;
    const seemsDone = wanted.active !== undefined && statusFor(wanted.active, status) === status;
    if (!seemsDone || status === "closed" || !isOutdated()) return { user, wanted };
    const asOf = directory.index.tick();
    directory.accountReported(await gateway.fetch(sid, { priority: "lifecycle", signal }), asOf);
    const current = directory.index.get(sid);
    if (current === undefined) throw accountNotFound(sid);
    return { user: current, wanted: entry.read(() => change(current)) };
  }

  /**
   * Closes an account for good: Twilio releases its phone numbers, and nothing brings it back.
   *
   * @param check throws where the user as it is now shall not be closed; runs while nothing else changes the account
   */
  async close(sid: AccountSid, actor: Actor, check: (current: User) => void = () => {}): Promise<void> {
    await this.#exclusively(sid, actor, "close", async (user, entry, signal) => {
      const { account, attributes } = user;
      if (account.status === "closed") throw accountNotFound(sid);
      entry.read(() => check(user));
      const from = { status: account.status, userName: attributes.userName };
      const { closings, guards } = this.#options;
      if (closings !== undefined) {
        entry.ask(["closeLater"], from, { status: "suspended" });
        guards.assertMayReachTwilio(account);
        guards.assertMayChange(user);
        await entry.announce();
        return closings.ask(user, actor, () => entry.doneAtTwilio(sid), signal);
      }
      entry.ask(["close"], from, { status: "closed" });
      return this.#apply(user, undefined, { status: "closed" }, entry, signal);
    });
  }

  /** Runs a change to one account while no other runs, within the deadline, and with its audit entry. */
  #exclusively(
    sid: AccountSid,
    actor: Actor,
    action: AuditAction,
    work: (user: User, entry: ChangeAudit, signal: AbortSignal) => Promise<User>,
  ): Promise<User> {
    const { accountLock, audit, clock, directory } = this.#options;
    const entry = startAudit(audit, actor, { action, accountSid: sid });
    return entry.around(() =>
      withDeadline(clock, WRITE_DEADLINE_MS, async (signal) => {
        // Asked for before the queue, where lookups one after the other would outlast the deadline.
        await directory.get(sid);
        return accountLock.run(sid, signal, async () => {
          const user = directory.index.get(sid);
          if (user === undefined) throw accountNotFound(sid);
          return work(user, entry, signal);
        });
      }),
    );
  }

  async #apply(
    user: User,
    attributes: UserAttributes | undefined,
    asked: AccountChange,
    entry: ChangeAudit,
    signal: AbortSignal,
  ): Promise<User> {
    const { directory, guards } = this.#options;
    const { sid, status } = user.account;
    const reachesTwilio = Object.keys(asked).length > 0;
    if (reachesTwilio) guards.assertMayReachTwilio(user.account);
    guards.assertMayChange(user);
    if (status === "closed") {
      throw new DirectoryError("accountClosed", "A closed Twilio account can not be changed any more.");
    }
    const release = attributes && directory.reserveUserName(attributes.userName, sid);
    try {
      await entry.announce();
      const account = reachesTwilio ? await this.#send(user, asked, signal) : user.account;
      if (reachesTwilio) entry.doneAtTwilio(sid);
      if (attributes === undefined) return await directory.accountChanged(account);
      // Another name than was known or asked for was given in Twilio's console, and shows.
      const { friendlyName } = asked.friendlyName === undefined ? user.account : account;
      return await this.#keep(account, { attributes, friendlyName }, reachesTwilio);
    } finally {
      release?.();
    }
  }

  /** Sends a change, and learns from a refusal what the index did not know. */
  async #send(user: User, asked: AccountChange, signal: AbortSignal): Promise<Account> {
    const { directory, gateway } = this.#options;
    const { account } = user;
    try {
      return await gateway.update(account.sid, asked, { priority: "lifecycle", signal });
    } catch (error) {
      // Somebody closed it in Twilio's console: unless closed accounts are shown, it is gone.
      if (isDirectoryError(error, "accountClosed")) {
        await directory.accountChanged({ ...account, status: "closed" });
        const isGone = asked.status === "closed" || directory.index.get(account.sid) === undefined;
        if (isGone) throw accountNotFound(account.sid);
      }
      if (isDirectoryError(error, "accountNotFound")) directory.accountGone(account.sid);
      throw error;
    }
  }

  async #keep(
    account: Account,
    written: Pick<Identity, "attributes" | "friendlyName">,
    reachedTwilio: boolean,
  ): Promise<User> {
    const { clock, directory } = this.#options;
    const identity = { ...written, accountSid: account.sid, updatedAt: clock.now() };
    try {
      return await directory.identityWritten(account, identity);
    } catch (error) {
      // What Twilio did is done, whether or not the rest could be kept.
      if (reachedTwilio) await directory.accountChanged(account);
      throw error;
    }
  }
}

/** What has to be sent to Twilio; nothing for what Twilio has so already. */
function askedOfTwilio({ account, attributes }: User, wanted: UserChange): AccountChange {
  const status = statusFor(wanted.active, account.status);
  const displayName = wanted.attributes?.displayName;
  const renames =
    displayName !== undefined && displayName !== attributes.displayName && displayName.trim() !== "";
  const friendlyName = renames ? cutFriendlyName(displayName.trim()) : account.friendlyName;
  return {
    ...(status !== account.status && { status }),
    ...(friendlyName !== account.friendlyName && { friendlyName }),
  };
}

function statusFor(active: boolean | undefined, current: AccountStatus): AccountStatus {
  if (active === undefined) return current;
  if (active) return "active";
  return current === "closed" ? "closed" : "suspended";
}

function describeUpdate(entry: ChangeAudit, user: User, wanted: UserChange, asked: AccountChange): void {
  const { account } = user;
  const userName = wanted.attributes?.userName;
  const renamesUser = userName !== undefined && userName !== user.attributes.userName;
  entry.ask(
    [
      ...(asked.status === "suspended" ? (["suspend"] as const) : []),
      ...(asked.status === "active" ? (["reactivate"] as const) : []),
      ...(asked.friendlyName !== undefined ? (["rename"] as const) : []),
      ...(wanted.attributes !== undefined ? (["update"] as const) : []),
    ],
    {
      status: account.status,
      friendlyName: account.friendlyName,
      userName: user.attributes.userName,
    },
    { ...asked, ...(renamesUser && { userName }) },
  );
}
