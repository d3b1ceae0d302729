import {
  type Account,
  type AccountSid,
  compareAccounts,
  isOwnerAccount,
  positionOf,
  sameAccount,
} from "./account.js";
import { type Activity, PENDING_ACTIVITY } from "./activity.js";
import { deriveAttributes, userNameCandidates } from "./derived-attributes.js";
import type { GroupOfUser } from "./group.js";
import type { StoredAccount } from "./ports.js";
import type { Position } from "./position.js";
import type { Lookup, UserPage, UserQuery } from "./query.js";
import { pageOf, SortedList } from "./sorted-list.js";
import type { Identity, User } from "./user.js";
import { UsersByKey } from "./users-by-key.js";

export interface UserIndexOptions {
  /** `EMAIL_DOMAIN`: gives derived users an address. */
  readonly emailDomain: string | undefined;
  /** False: the owner account is neither listed nor readable. */
  readonly showsOwner: boolean;
  /** False: closed accounts are neither listed nor readable. */
  readonly showsClosed: boolean;
}

interface Entry {
  readonly user: User;
  readonly derivedUserName: string;
  /** The tick at which what is known was asked for. Anything asked for earlier is older, and never overwrites it. */
  readonly asOf: number;
}

/** Is told of changes while they are made: the index knows the new user by then. */
export interface UserListener {
  /** A user is new or has changed, activity and groups aside. A closed account has lost the groups that `before` has. */
  changed(user: User, before: User | undefined): void;
  /** A user is not known any more; this is what it was. */
  forgotten(user: User): void;
}

/** What a report about an account was to the index. */
export type ReportEffect = "outdated" | "same" | "changed";

/**
 * All users in memory, found by id, userName, externalId and e-mail, in the order of lists.
 *
 * Knowledge has an age: `tick()` is called when a question is sent to Twilio or a write is done, and a report with an
 * earlier tick than what is known is dropped. That is why a page of a sync never undoes a write.
 */
export class UserIndex {
  readonly #options: UserIndexOptions;
  readonly #entries = new Map<AccountSid, Entry>();
  readonly #visible = new SortedList(positionOfUser);
  readonly #byKey = new UsersByKey();
  readonly #listeners: UserListener[] = [];
  #tick = 0;

  constructor(options: UserIndexOptions) {
    this.#options = options;
  }

  /** The next tick: now, in the order of events that matter to the index. */
  tick(): number {
    this.#tick += 1;
    return this.#tick;
  }

  /** How many accounts are known, hidden ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** The user that a client may see. */
  get(sid: AccountSid): User | undefined {
    const user = this.#entries.get(sid)?.user;
    return user !== undefined && this.#isVisible(user.account) ? user : undefined;
  }

  /** Any user that is known, hidden or not. */
  known(sid: AccountSid): User | undefined {
    return this.#entries.get(sid)?.user;
  }

  /** What the snapshot keeps of an account. */
  stored(sid: AccountSid): StoredAccount | undefined {
    const entry = this.#entries.get(sid);
    return entry && { account: entry.user.account, derivedUserName: entry.derivedUserName };
  }

  /**
   * Holds a userName for a change in progress, so that nobody else takes it.
   *
   * @param holder the account that the name is for, which may have it already
   * @returns gives the name back; call it once the change has been written, or has failed
   * @throws DirectoryError `userNameTaken`
   */
  reserveUserName(userName: string, holder?: AccountSid): () => void {
    return this.#byKey.reserve(userName, holder);
  }

  /** Any user that is known, hidden or not, in no order. */
  *everyone(): Generator<User> {
    for (const { user } of this.#entries.values()) yield user;
  }

  /** Has `listener` told of all changes from now on. */
  onChange(listener: UserListener): void {
    this.#listeners.push(listener);
  }

  /** Takes in what the database remembers of an account. */
  restore(row: StoredAccount, identity: Identity | undefined, activity: Activity | undefined): void {
    this.#put(row.account, identity, row.derivedUserName, 0);
    if (activity !== undefined) this.setActivity(row.account.sid, activity);
  }

  /**
   * Takes in what Twilio reported of an account, new or known.
   *
   * @param asOf the tick at which Twilio was asked
   */
  report(account: Account, asOf: number): ReportEffect {
    const entry = this.#entries.get(account.sid);
    if (entry === undefined) {
      this.#put(account, undefined, this.#deriveUserName(account), asOf);
      return "changed";
    }
    const { user } = entry;
    // Nothing brings a closed account back, so a report that shows it open is older than it looks.
    const reopens = user.account.status === "closed" && account.status !== "closed";
    if (asOf < entry.asOf || reopens) return "outdated";
    if (sameAccount(user.account, account)) {
      this.#entries.set(account.sid, { ...entry, asOf });
      return "same";
    }
    this.#put(account, user.identity, this.#derivedUserNameOf(account, user.identity), asOf);
    return "changed";
  }

  /** Takes in the outcome of a write that has just been done. */
  write(account: Account, identity: Identity | undefined): User {
    return this.#put(account, identity, this.#derivedUserNameOf(account, identity), this.tick());
  }

  /** Takes in what was learned of an account's activity; nothing where the account is gone meanwhile. */
  setActivity(sid: AccountSid, activity: Activity): void {
    const entry = this.#entries.get(sid);
    if (entry === undefined) return;
    const { account, identity } = entry.user;
    const changed = lastModified(account, identity, activity);
    this.#replace(entry, { ...entry.user, activity, lastModified: changed });
  }

  /**
   * Says which groups an account is a member of; nothing where it is closed or gone meanwhile.
   *
   * @param groups in the order of lists
   */
  setGroups(sid: AccountSid, groups: readonly GroupOfUser[]): void {
    const entry = this.#entries.get(sid);
    if (entry === undefined || entry.user.account.status === "closed") return;
    this.#replace(entry, { ...entry.user, groups });
  }

  /** What the snapshot will keep of an account after an identity was written, known to the index or not. */
  storedAfter(account: Account, identity: Identity): StoredAccount {
    return { account, derivedUserName: this.#derivedUserNameOf(account, identity) };
  }

  /** The users that are not in `seen` and of whom nothing was learned since `tick`. */
  missing(seen: ReadonlySet<AccountSid>, tick: number): User[] {
    const entries = [...this.#entries.values()];
    return entries
      .filter(({ user, asOf }) => asOf < tick && !seen.has(user.account.sid))
      .map(({ user }) => user);
  }

  /** Forgets an account that Twilio no longer has. */
  forget(sid: AccountSid): void {
    const entry = this.#entries.get(sid);
    if (entry === undefined) return;
    this.#byKey.delete(entry.user);
    this.#visible.remove(entry.user);
    this.#entries.delete(sid);
    for (const listener of this.#listeners) listener.forgotten(entry.user);
  }

  /** The users that a client may see and that match, a page of them, in the order of lists. */
  list(query: UserQuery): UserPage {
    const among = query.lookups === undefined ? this.#visible.items : this.#lookUp(query.lookups);
    const { items, total } = pageOf(among, query, positionOfUser);
    return { users: items, total };
  }

  #lookUp(lookups: readonly Lookup[]): User[] {
    const found = new Map<AccountSid, User>();
    for (const lookup of lookups) {
      for (const sid of this.#byKey.find(lookup)) {
        const user = this.get(sid);
        if (user !== undefined) found.set(sid, user);
      }
    }
    return [...found.values()].sort((a, b) => compareAccounts(a.account, b.account));
  }

  #isVisible(account: Account): boolean {
    if (account.status === "closed" && !this.#options.showsClosed) return false;
    return this.#options.showsOwner || !isOwnerAccount(account);
  }

  /** A derived name stays with its account until the account's own friendly name changes. */
  #derivedUserNameOf(account: Account, identity: Identity | undefined): string {
    const known = this.#entries.get(account.sid);
    if (known === undefined) return this.#deriveUserName(account);
    const renamed = known.user.account.friendlyName !== account.friendlyName;
    return renamed && identity === undefined ? this.#deriveUserName(account) : known.derivedUserName;
  }

  #deriveUserName(account: Account): string {
    for (const candidate of userNameCandidates(account)) {
      // A closed account shows a name without holding it.
      if (account.status === "closed") return candidate;
      if (this.#byKey.isFree(candidate, account.sid)) return candidate;
    }
    throw new Error("userNameCandidates never ends");
  }

  #put(account: Account, identity: Identity | undefined, derivedUserName: string, asOf: number): User {
    const before = this.#entries.get(account.sid)?.user;
    const activity = before?.activity ?? PENDING_ACTIVITY;
    const user: User = {
      account,
      identity,
      activity,
      groups: account.status === "closed" ? [] : (before?.groups ?? []),
      attributes:
        identity === undefined
          ? deriveAttributes(account, derivedUserName, this.#options.emailDomain)
          : shownAttributes(account, identity),
      lastModified: lastModified(account, identity, activity),
    };
    this.#entries.set(account.sid, { user, derivedUserName, asOf });
    if (before !== undefined) this.#byKey.delete(before);
    this.#byKey.add(user);
    this.#show(user, before);
    for (const listener of this.#listeners) listener.changed(user, before);
    return user;
  }

  /** Puts another user in the place of one with the same account, when nothing that it is found by has changed. */
  #replace(entry: Entry, user: User): void {
    this.#entries.set(user.account.sid, { ...entry, user });
    this.#visible.replace(user);
  }

  /** Puts a user into the lists, in its own place where it is there already. */
  #show(user: User, before: User | undefined): void {
    const wasVisible = before !== undefined && this.#isVisible(before.account);
    const isVisible = this.#isVisible(user.account);
    if (wasVisible && isVisible && compareAccounts(before.account, user.account) === 0) {
      this.#visible.replace(user);
      return;
    }
    if (wasVisible) this.#visible.remove(before);
    if (isVisible) this.#visible.add(user);
  }
}

function positionOfUser({ account }: User): Position {
  return positionOf(account);
}

/** What was written, unless the account got another name in Twilio's console since. */
function shownAttributes(account: Account, identity: Identity): Identity["attributes"] {
  if (account.friendlyName === identity.friendlyName) return identity.attributes;
  return { ...identity.attributes, displayName: account.friendlyName };
}

function lastModified(account: Account, identity: Identity | undefined, activity: Activity): number {
  return Math.max(account.dateUpdated, identity?.updatedAt ?? 0, activity.changedAt ?? 0);
}
