import { type Account, type AccountSid, compareAccounts, isOwnerAccount, sameAccount } from "./account.js";
import { type Activity, PENDING_ACTIVITY } from "./activity.js";
import { deriveAttributes, userNameCandidates } from "./derived-attributes.js";
import { userNameTaken } from "./errors.js";
import type { StoredAccount } from "./ports.js";
import type { Lookup, UserPage, UserQuery } from "./query.js";
import { SortedUsers } from "./sorted-users.js";
import type { Identity, User } from "./user.js";
import { foldCase } from "./user-attributes.js";

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

/** Told of each user that is new or has changed, activity aside, and of what it was before. */
export type UserListener = (user: User, before: User | undefined) => void;

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
  readonly #visible = new SortedUsers();
  /** Folded userName to the open account that holds it. */
  readonly #holders = new Map<string, AccountSid>();
  /** Folded userName to the closed accounts that still show it: closing an account frees its name. */
  readonly #closedByUserName = new Map<string, Set<AccountSid>>();
  readonly #byExternalId = new Map<string, Set<AccountSid>>();
  readonly #byEmail = new Map<string, Set<AccountSid>>();
  /** Folded userNames that a change in progress is about to take. */
  readonly #reserved = new Set<string>();
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
    const key = foldCase(userName);
    const holding = this.#holders.get(key);
    if (this.#reserved.has(key) || (holding !== undefined && holding !== holder)) {
      throw userNameTaken(userName);
    }
    this.#reserved.add(key);
    return () => {
      this.#reserved.delete(key);
    };
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
    const user = { ...entry.user, activity, lastModified: lastModified(account, identity, activity) };
    this.#entries.set(sid, { ...entry, user });
    this.#visible.replace(user);
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
    this.#unlink(entry.user);
    this.#visible.remove(entry.user);
    this.#entries.delete(sid);
  }

  /** The users that a client may see and that match, a page of them, in the order of lists. */
  list(query: UserQuery): UserPage {
    const { matches, offset, limit } = query;
    const among = query.lookups === undefined ? this.#visible.users : this.#lookUp(query.lookups);
    if (matches === undefined) return { users: among.slice(offset, offset + limit), total: among.length };
    const users: User[] = [];
    let total = 0;
    for (const user of among) {
      if (!matches(user)) continue;
      if (total >= offset && users.length < limit) users.push(user);
      total += 1;
    }
    return { users, total };
  }

  #lookUp(lookups: readonly Lookup[]): User[] {
    const found = new Map<AccountSid, User>();
    for (const lookup of lookups) {
      for (const sid of this.#sidsOf(lookup)) {
        const user = this.get(sid);
        if (user !== undefined) found.set(sid, user);
      }
    }
    return [...found.values()].sort((a, b) => compareAccounts(a.account, b.account));
  }

  #sidsOf({ attribute, value }: Lookup): Iterable<AccountSid> {
    switch (attribute) {
      case "id":
        return this.#entries.has(value as AccountSid) ? [value as AccountSid] : [];
      case "userName":
        return this.#accountsNamed(value);
      case "externalId":
        return this.#byExternalId.get(value) ?? [];
      case "email":
        return this.#byEmail.get(foldCase(value)) ?? [];
    }
  }

  #accountsNamed(userName: string): AccountSid[] {
    const key = foldCase(userName);
    const holder = this.#holders.get(key);
    const closed = this.#closedByUserName.get(key) ?? [];
    return holder === undefined ? [...closed] : [holder, ...closed];
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
      const key = foldCase(candidate);
      const holder = this.#holders.get(key) ?? (this.#reserved.has(key) ? "reserved" : account.sid);
      if (holder === account.sid) return candidate;
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
      attributes:
        identity === undefined
          ? deriveAttributes(account, derivedUserName, this.#options.emailDomain)
          : shownAttributes(account, identity),
      lastModified: lastModified(account, identity, activity),
    };
    this.#entries.set(account.sid, { user, derivedUserName, asOf });
    if (before !== undefined) this.#unlink(before);
    this.#link(user);
    this.#show(user, before);
    for (const listener of this.#listeners) listener(user, before);
    return user;
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

  #link(user: User): void {
    const { account, attributes } = user;
    const nameKey = foldCase(attributes.userName);
    if (account.status === "closed") addTo(this.#closedByUserName, nameKey, account.sid);
    else this.#holders.set(nameKey, account.sid);
    if (attributes.externalId !== undefined) addTo(this.#byExternalId, attributes.externalId, account.sid);
    for (const key of emailKeys(user)) addTo(this.#byEmail, key, account.sid);
  }

  #unlink(user: User): void {
    const { account, attributes } = user;
    const nameKey = foldCase(attributes.userName);
    removeFrom(this.#closedByUserName, nameKey, account.sid);
    if (this.#holders.get(nameKey) === account.sid) this.#holders.delete(nameKey);
    if (attributes.externalId !== undefined)
      removeFrom(this.#byExternalId, attributes.externalId, account.sid);
    for (const key of emailKeys(user)) removeFrom(this.#byEmail, key, account.sid);
  }
}

/** What was written, unless the account got another name in Twilio's console since. */
function shownAttributes(account: Account, identity: Identity): Identity["attributes"] {
  if (account.friendlyName === identity.friendlyName) return identity.attributes;
  return { ...identity.attributes, displayName: account.friendlyName };
}

function lastModified(account: Account, identity: Identity | undefined, activity: Activity): number {
  return Math.max(account.dateUpdated, identity?.updatedAt ?? 0, activity.changedAt ?? 0);
}

function emailKeys(user: User): string[] {
  const values = user.attributes.emails ?? [];
  return values.flatMap(({ value }) => (value === undefined ? [] : [foldCase(value)]));
}

function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, new Set([value]));
  else values.add(value);
}

function removeFrom<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const values = map.get(key);
  if (values?.delete(value) && values.size === 0) map.delete(key);
}
