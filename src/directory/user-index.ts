import { type Account, type AccountSid, isOwnerAccount, parseAccountSid, sameAccount } from "./account.js";
import { type Activity, PENDING_ACTIVITY } from "./activity.js";
import { ActivityTally } from "./activity-tally.js";
import { deriveAttributes, userNameCandidates } from "./derived-attributes.js";
import type { GroupOfUser } from "./group.js";
import { cutPage, type Page, searchPage, unite, united } from "./page.js";
import type { StoredAccount, StoredDetails, StoredUser } from "./ports.js";
import type { UserPage, UserQuery } from "./query.js";
import type { Slices } from "./slices.js";
import type { Identity, User } from "./user.js";
import { countAll, UserCandidates } from "./user-candidates.js";
import { isWhole, type PartialUser, recordOf, UserEntry } from "./user-entry.js";
import { UserLists } from "./user-lists.js";
import { keysOf, type UserKeys, UsersByKey } from "./users-by-key.js";

export interface UserIndexOptions {
  /** `EMAIL_DOMAIN`: gives derived users an address. */
  readonly emailDomain: string | undefined;
  /** False: the owner account is neither listed nor readable. */
  readonly showsOwner: boolean;
  /** False: closed accounts are neither listed nor readable. */
  readonly showsClosed: boolean;
  /** What searches that look at very many users are cut into. */
  readonly slices: Slices;
}

/** Is told of changes while they are made: the index knows the new user by then. */
export interface UserListener {
  /** A user is new or has changed, activity and groups aside. One that is gone has lost the groups that `before` has. */
  changed?(user: User, before: User | undefined): void;
  /** Anything of a user is new or has changed. */
  shown?(user: User): void;
  /** A user is not known any more; this is what it was. */
  forgotten?(user: User | PartialUser): void;
}

/** What a report about an account was to the index. */
export type ReportEffect = "outdated" | "same" | "changed";

/**
 * All users in memory, found by id, userName, externalId, e-mail, status and service, in the order of lists.
 *
 * Knowledge has an age: `tick()` is called when a question is sent to Twilio or a write is done, and a report with an
 * earlier tick than what is known is dropped. That is why a page of a sync never undoes a write.
 *
 * After a restart users are known in part at first. Until their details are taken in, they are found and counted like all
 * others, and anything that gives or changes such a user as a whole throws: `partial` tells who must be read before.
 */
export class UserIndex {
  readonly activityTally = new ActivityTally();
  readonly #options: UserIndexOptions;
  readonly #entries = new Map<AccountSid, UserEntry>();
  readonly #lists = new UserLists(({ account }) => this.#isVisible(account));
  readonly #byKey = new UsersByKey();
  readonly #partial = new Set<AccountSid>();
  readonly #candidates = new UserCandidates({
    lists: this.#lists,
    byKey: this.#byKey,
    visibleEntry: (sid) => this.#visibleEntry(sid),
  });
  readonly #listeners: UserListener[] = [];
  /** Accounts that wait to be closed: gone for clients, as closed ones are. */
  readonly #leaving = new Set<AccountSid>();
  #tick = 0;

  constructor(options: UserIndexOptions) {
    this.#options = options;
  }

  /** The accounts that are hidden since they wait to be closed. */
  get leaving(): ReadonlySet<AccountSid> {
    return this.#leaving;
  }

  /** Whether an account is gone for clients: it holds no userName, and is in no group. */
  isGone({ sid, status }: Account): boolean {
    return status === "closed" || this.#leaving.has(sid);
  }

  /** Hides an account that waits to be closed, known yet or not, or shows it again. Its userName must be free then. */
  setLeaving(sid: AccountSid, isLeaving: boolean): void {
    const entry = this.#entries.get(sid);
    if (entry !== undefined) {
      this.#byKey.delete(sid, keysOfKnown(entry.known));
      this.#lists.remove(entry);
    }
    if (isLeaving) this.#leaving.add(sid);
    else this.#leaving.delete(sid);
    if (entry === undefined) return;
    const before = entry.user;
    const { known } = entry;
    if (isLeaving) entry.known = { ...known, groups: [] };
    this.#byKey.add(sid, keysOfKnown(known), this.isGone(known.account));
    this.#lists.add(entry);
    const { user } = entry;
    if (user === undefined) return;
    for (const listener of this.#listeners) {
      listener.changed?.(user, before);
      listener.shown?.(user);
    }
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
    const entry = this.#visibleEntry(sid);
    return entry && wholeUser(entry);
  }

  /** Any user that is known, hidden or not. */
  known(sid: AccountSid): User | undefined {
    const entry = this.#entries.get(sid);
    return entry && wholeUser(entry);
  }

  /** Any account that is known, hidden or not. */
  account(sid: AccountSid): Account | undefined {
    return this.#entries.get(sid)?.known.account;
  }

  /** The account of a user that a client may see. */
  visibleAccount(sid: AccountSid): Account | undefined {
    return this.#visibleEntry(sid)?.known.account;
  }

  /** What an account is looked up by, hidden or not. */
  keysOf(sid: AccountSid): UserKeys | undefined {
    const entry = this.#entries.get(sid);
    return entry && keysOfKnown(entry.known);
  }

  /** The groups that an account is a member of, in the order of lists. */
  groupsOf(sid: AccountSid): readonly GroupOfUser[] {
    return this.#entries.get(sid)?.known.groups ?? [];
  }

  /** What the snapshot keeps of an account. */
  stored(sid: AccountSid): StoredAccount | undefined {
    const entry = this.#entries.get(sid);
    return entry && { account: entry.known.account, derivedUserName: entry.derivedUserName };
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
    for (const entry of this.#entries.values()) yield wholeUser(entry);
  }

  /** Has `listener` told of all changes from now on. */
  onChange(listener: UserListener): void {
    this.#listeners.push(listener);
  }

  /** Takes in what a restart learns of an account at first. */
  restore({ account, derivedUserName, keys }: StoredUser): void {
    const shown = keys ?? keysOf(deriveAttributes(account, derivedUserName, this.#options.emailDomain));
    this.#partial.add(account.sid);
    this.#insert(new UserEntry({ account, keys: shown, groups: [] }, derivedUserName, 0));
  }

  /** Takes in the rest that the database remembers of an account; nothing where it is known as a whole. */
  complete({ accountSid, identity, activity = PENDING_ACTIVITY }: StoredDetails): void {
    const entry = this.#entries.get(accountSid);
    if (entry === undefined || isWhole(entry.known)) return;
    const { account, groups } = entry.known;
    this.#partial.delete(accountSid);
    this.#change(entry, this.#userOf({ account, identity, activity, groups }, entry.derivedUserName));
  }

  /** The accounts of which details are missing. */
  get partial(): ReadonlySet<AccountSid> {
    return this.#partial;
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
    const known = entry.known.account;
    // Nothing brings a closed account back, so a report that shows it open is older than it looks.
    const reopens = known.status === "closed" && account.status !== "closed";
    if (asOf < entry.asOf || reopens) return "outdated";
    if (sameAccount(known, account)) {
      entry.asOf = asOf;
      return "same";
    }
    const { identity } = wholeUser(entry);
    this.#put(account, identity, this.#derivedUserNameOf(account, identity), asOf);
    return "changed";
  }

  /** Takes in the outcome of a write that has just been done. */
  write(account: Account, identity: Identity | undefined): User {
    return this.#put(account, identity, this.#derivedUserNameOf(account, identity), this.tick());
  }

  /** The user that such a write would make of a known account. Nothing is written. */
  preview(account: Account, identity: Identity | undefined): User {
    const known = this.known(account.sid);
    const activity = known?.activity ?? PENDING_ACTIVITY;
    const groups = account.status === "closed" ? [] : (known?.groups ?? []);
    return this.#userOf({ account, identity, activity, groups }, this.#derivedUserNameOf(account, identity));
  }

  /** Those ids that may be members of groups: of accounts that a client may see, and that are not closed. */
  mayBeMembers(ids: Iterable<string>): AccountSid[] {
    const admitted: AccountSid[] = [];
    for (const id of ids) {
      const sid = parseAccountSid(id);
      const status = sid && this.visibleAccount(sid)?.status;
      if (sid !== undefined && status !== undefined && status !== "closed") admitted.push(sid);
    }
    return admitted;
  }

  /** Takes in what was learned of an account's activity; nothing where the account is gone meanwhile. */
  setActivity(sid: AccountSid, activity: Activity): void {
    const entry = this.#entries.get(sid);
    if (entry === undefined) return;
    const user = wholeUser(entry);
    const changedAt = lastModified(user.account, user.identity, activity);
    this.#change(entry, { ...user, activity, lastModified: changedAt });
  }

  /**
   * Says which groups an account is a member of; nothing where it is closed or gone meanwhile.
   *
   * @param groups in the order of lists
   */
  setGroups(sid: AccountSid, groups: readonly GroupOfUser[]): void {
    const entry = this.#entries.get(sid);
    if (entry === undefined || this.isGone(entry.known.account)) return;
    this.#change(entry, { ...entry.known, groups });
  }

  /** What the snapshot will keep of an account after an identity was written, known to the index or not. */
  storedAfter(account: Account, identity: Identity): StoredAccount {
    return { account, derivedUserName: this.#derivedUserNameOf(account, identity) };
  }

  /** The accounts that are not in `seen` and of which nothing was learned since `tick`. */
  missing(seen: ReadonlySet<AccountSid>, tick: number): AccountSid[] {
    const missing: AccountSid[] = [];
    for (const [sid, { asOf }] of this.#entries) {
      if (asOf < tick && !seen.has(sid)) missing.push(sid);
    }
    return missing;
  }

  /** Forgets an account that Twilio no longer has. */
  forget(sid: AccountSid): void {
    const entry = this.#entries.get(sid);
    if (entry === undefined) return;
    this.#byKey.delete(sid, keysOfKnown(entry.known));
    this.#lists.remove(entry);
    this.#entries.delete(sid);
    this.#partial.delete(sid);
    this.activityTally.change(entry.user?.activity, undefined);
    for (const listener of this.#listeners) listener.forgotten?.(entry.known);
  }

  /** The users that a client may see and that match, a page of them, in the order of lists. */
  async list(query: UserQuery): Promise<UserPage> {
    const { matches, narrowings } = query;
    const slice = this.#options.slices.begin();
    const lists = this.#candidates.narrowest(narrowings);
    if (matches === undefined) return usersOf(cutPage(await unite(lists, slice), query));
    const { showsClosed } = this.#options;
    const select = (entry: UserEntry) => {
      const record = recordOf(entry);
      // It may have been closed since the search began.
      if (!matches(record) || (!showsClosed && record.status === "closed")) return undefined;
      return this.#leaving.size > 0 && this.#leaving.has(entry.id) ? undefined : record.user;
    };
    const { all } = this.#lists;
    const candidates = countAll(lists) < all.length ? await unite(lists, slice) : all;
    const { items, total } = await searchPage(candidates, select, query, slice);
    return { users: items, total };
  }

  /** A page of all users that the narrowings leave, at once. */
  page(query: Omit<UserQuery, "matches">): UserPage {
    return usersOf(this.#page(query));
  }

  /** Who is on such a page, whether or not their details have been read. */
  sidsOnPage(query: Omit<UserQuery, "matches">): AccountSid[] {
    return this.#page(query).items.map(({ id }) => id);
  }

  #page(query: Omit<UserQuery, "matches">): Page<UserEntry> {
    const [only, ...others] = this.#candidates.narrowest(query.narrowings);
    const candidates =
      only !== undefined && others.length === 0 ? only : [...united([only ?? [], ...others])];
    return cutPage(candidates, query);
  }

  #visibleEntry(sid: AccountSid): UserEntry | undefined {
    const entry = this.#entries.get(sid);
    return entry !== undefined && this.#isVisible(entry.known.account) ? entry : undefined;
  }

  #isVisible(account: Account): boolean {
    if (account.status === "closed" && !this.#options.showsClosed) return false;
    if (this.#leaving.has(account.sid)) return false;
    return this.#options.showsOwner || !isOwnerAccount(account);
  }

  /** A derived name stays with its account until the account's own friendly name changes. */
  #derivedUserNameOf(account: Account, identity: Identity | undefined): string {
    const known = this.#entries.get(account.sid);
    if (known === undefined) return this.#deriveUserName(account);
    const renamed = known.known.account.friendlyName !== account.friendlyName;
    return renamed && identity === undefined ? this.#deriveUserName(account) : known.derivedUserName;
  }

  #deriveUserName(account: Account): string {
    for (const candidate of userNameCandidates(account)) {
      // A closed account shows a name without holding it.
      if (this.isGone(account)) return candidate;
      if (this.#byKey.isFree(candidate, account.sid)) return candidate;
    }
    throw new Error("userNameCandidates never ends");
  }

  #put(account: Account, identity: Identity | undefined, derivedUserName: string, asOf: number): User {
    const entry = this.#entries.get(account.sid);
    const before = entry && wholeUser(entry);
    const activity = before?.activity ?? PENDING_ACTIVITY;
    const groups = this.isGone(account) ? [] : (before?.groups ?? []);
    const user = this.#userOf({ account, identity, activity, groups }, derivedUserName);
    if (entry === undefined) {
      this.#insert(new UserEntry(user, derivedUserName, asOf));
    } else {
      entry.derivedUserName = derivedUserName;
      entry.asOf = asOf;
      this.#byKey.delete(account.sid, keysOfKnown(entry.known));
      this.#byKey.add(account.sid, keysOf(user.attributes), this.isGone(account));
      this.#change(entry, user);
    }
    for (const listener of this.#listeners) listener.changed?.(user, before);
    return user;
  }

  #userOf(known: Pick<User, "account" | "identity" | "activity" | "groups">, derivedUserName: string): User {
    const { account, identity, activity, groups } = known;
    return {
      account,
      identity,
      activity,
      groups,
      attributes:
        identity === undefined
          ? deriveAttributes(account, derivedUserName, this.#options.emailDomain)
          : shownAttributes(account, identity),
      lastModified: lastModified(account, identity, activity),
    };
  }

  #insert(entry: UserEntry): void {
    const { known, id } = entry;
    this.#entries.set(id, entry);
    this.#byKey.add(id, keysOfKnown(known), this.isGone(known.account));
    this.#lists.add(entry);
    this.#shown(entry, undefined);
  }

  #change(entry: UserEntry, known: User | PartialUser): void {
    const before = entry.user;
    this.#lists.change(entry, known);
    this.#shown(entry, before);
  }

  #shown({ user }: UserEntry, before: User | undefined): void {
    if (user === undefined) return;
    this.activityTally.change(before?.activity, user.activity);
    for (const listener of this.#listeners) listener.shown?.(user);
  }
}

function usersOf({ items, total }: Page<UserEntry>): UserPage {
  return { users: items.map(wholeUser), total };
}

function wholeUser(entry: UserEntry): User {
  return recordOf(entry).user;
}

function keysOfKnown(known: User | PartialUser): UserKeys {
  return isWhole(known) ? keysOf(known.attributes) : known.keys;
}

/** What was written, unless the account got another name in Twilio's console since. */
function shownAttributes(account: Account, identity: Identity): Identity["attributes"] {
  if (account.friendlyName === identity.friendlyName) return identity.attributes;
  return { ...identity.attributes, displayName: account.friendlyName };
}

function lastModified(account: Account, identity: Identity | undefined, activity: Activity): number {
  return Math.max(account.dateUpdated, identity?.updatedAt ?? 0, activity.changedAt ?? 0);
}
