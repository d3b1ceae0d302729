import { type AccountSid, parseAccountSid } from "./account.js";
import { compareGroups, type Group, type GroupOfUser, sameGroupAttributes } from "./group.js";
import { MultiMap } from "./multi-map.js";
import { cutPage, searchPage } from "./page.js";
import type { MemberChange } from "./ports.js";
import type { GroupLookup, GroupPage, GroupQuery } from "./query.js";
import type { Slices } from "./slices.js";
import { SortedList } from "./sorted-list.js";
import { foldCase } from "./user-attributes.js";
import type { UserIndex } from "./user-index.js";

/** That an account was closed or forgotten. */
interface Departure {
  readonly sid: AccountSid;
  /** The closed account's `dateUpdated`; undefined: it was forgotten, and nobody knows when it was closed. */
  readonly closedAt: number | undefined;
}

/**
 * All groups in memory, found by id, displayName, externalId and member, in the order of lists. Users are told which
 * groups they are members of, and an account that is closed or forgotten leaves its groups.
 */
export class GroupIndex {
  readonly #users: UserIndex;
  readonly #slices: Slices;
  readonly #byId = new Map<string, Group>();
  readonly #sorted = new SortedList<Group>();
  /** Folded displayName to id. */
  readonly #byName = new Map<string, string>();
  readonly #byExternalId = new MultiMap<string, string>();
  /** Group to who has left it since it was last looked at: where many leave, a large group is copied once. */
  readonly #left = new Map<string, Departure[]>();
  /** Where departures are written down while a group is being saved, of which they may be members to come. */
  #watched: Departure[] | undefined;

  constructor(users: UserIndex, slices: Slices) {
    this.#users = users;
    this.#slices = slices;
    users.onChange({
      changed: ({ account }, before) => {
        if (!users.isGone(account)) return;
        this.#leave({ sid: account.sid, closedAt: account.dateUpdated }, before?.groups ?? []);
      },
      forgotten: ({ account, groups }) => this.#leave({ sid: account.sid, closedAt: undefined }, groups),
    });
  }

  /** Takes in what the database remembers. Call it once, when all accounts are restored. */
  restore(groups: readonly Group[]): void {
    const shownTo = new Map<AccountSid, GroupOfUser[]>();
    for (const stored of groups.toSorted(compareGroups)) {
      const group = { ...stored, members: new Set(this.admit(stored.members)) };
      this.#link(group);
      const seen = asSeenByMembers(group);
      for (const sid of group.members) {
        const shown = shownTo.get(sid);
        if (shown === undefined) shownTo.set(sid, [seen]);
        else shown.push(seen);
      }
    }
    for (const [sid, shown] of shownTo) this.#users.setGroups(sid, shown);
  }

  get(id: string): Group | undefined {
    this.#settle();
    return this.#byId.get(id);
  }

  /** The groups that match, a page of them, in the order of lists. */
  async list(query: GroupQuery): Promise<GroupPage> {
    this.#settle();
    const { matches } = query;
    const among = this.#among(query.narrowings);
    const { items, total } =
      matches === undefined
        ? cutPage(among, query)
        : await searchPage(
            among,
            (group) => (matches(group) ? group : undefined),
            query,
            this.#slices.begin(),
          );
    return { groups: items, total };
  }

  /** The id of the group that has this displayName. */
  named(displayName: string): string | undefined {
    return this.#byName.get(foldCase(displayName));
  }

  /** Those ids that may be members: of accounts that a client may see, and that are not closed. */
  admit(ids: Iterable<string>): AccountSid[] {
    return this.#users.mayBeMembers(ids);
  }

  /**
   * Adds a group, or puts it in the place of the one with its id, once `save` has resolved. Who is closed or forgotten
   * until then is no member. One at a time.
   *
   * @param change what makes its members of those that it had
   * @throws what `save` throws
   */
  async put(group: Group, change: MemberChange, save: () => Promise<void>): Promise<Group> {
    const departures: Departure[] = [];
    this.#watched = departures;
    try {
      await save();
      return this.#put(without(group, departures), change);
    } finally {
      this.#watched = undefined;
    }
  }

  delete(id: string): void {
    const group = this.get(id);
    if (group === undefined) return;
    this.#unlink(group);
    this.#byId.delete(id);
    this.#sorted.remove(group);
    this.#hideFrom(group.members, id);
  }

  #put(group: Group, { added, removed }: MemberChange): Group {
    const before = this.get(group.id);
    this.#link(group, before);
    const isSeenAlike = before !== undefined && sameGroupAttributes(before.attributes, group.attributes);
    this.#showTo(isSeenAlike ? added.filter((sid) => group.members.has(sid)) : group.members, group);
    this.#hideFrom(removed, group.id);
    return group;
  }

  /** An account leaves its groups; its user shows none any more. */
  #leave(departure: Departure, groups: readonly GroupOfUser[]): void {
    this.#watched?.push(departure);
    for (const { id } of groups) {
      const left = this.#left.get(id);
      if (left === undefined) this.#left.set(id, [departure]);
      else left.push(departure);
    }
  }

  #settle(): void {
    for (const [id, left] of this.#left) {
      const group = this.#byId.get(id);
      if (group !== undefined) this.#link(without(group, left), group);
    }
    this.#left.clear();
  }

  /** Has these members show the group. */
  #showTo(sids: Iterable<AccountSid>, group: Group): void {
    const seen = asSeenByMembers(group);
    for (const sid of sids) {
      const shown = this.#users.groupsOf(sid);
      const at = shown.findIndex(({ id }) => id === group.id);
      this.#users.setGroups(sid, at >= 0 ? shown.with(at, seen) : this.#withGroup(shown, group, seen));
    }
  }

  /** The groups of a user with one more at its place, which for a new group is the last. */
  #withGroup(shown: readonly GroupOfUser[], group: Group, seen: GroupOfUser): readonly GroupOfUser[] {
    const isBefore = ({ id }: GroupOfUser) => {
      const other = this.#byId.get(id);
      return other !== undefined && compareGroups(other, group) < 0;
    };
    return shown.toSpliced(shown.findLastIndex(isBefore) + 1, 0, seen);
  }

  #hideFrom(sids: Iterable<AccountSid>, id: string): void {
    for (const sid of sids) {
      const shown = this.#users.groupsOf(sid);
      this.#users.setGroups(
        sid,
        shown.filter((other) => other.id !== id),
      );
    }
  }

  /** The groups that the first narrowing leaves: it leaves few, whichever it is. */
  #among([narrowing]: GroupQuery["narrowings"]): readonly Group[] {
    if (narrowing === undefined) return this.#sorted.items;
    return this.#inOrder(narrowing.flatMap((lookup) => [...this.#idsOf(lookup)]));
  }

  #idsOf({ attribute, value }: GroupLookup): Iterable<string> {
    switch (attribute) {
      case "id":
        return [value];
      case "displayName": {
        const id = this.named(value);
        return id === undefined ? [] : [id];
      }
      case "externalId":
        return this.#byExternalId.get(value);
      case "member": {
        const sid = parseAccountSid(value);
        return sid === undefined ? [] : this.#users.groupsOf(sid).map(({ id }) => id);
      }
    }
  }

  /** The groups that there are with these ids, each once. */
  #inOrder(ids: readonly string[]): readonly Group[] {
    const groups = new Set(ids.flatMap((id) => this.#byId.get(id) ?? []));
    return [...groups].sort(compareGroups);
  }

  #link(group: Group, before?: Group): void {
    if (before !== undefined) this.#unlink(before);
    this.#byId.set(group.id, group);
    if (before === undefined) this.#sorted.add(group);
    else this.#sorted.replace(group);
    const { displayName, externalId } = group.attributes;
    this.#byName.set(foldCase(displayName), group.id);
    if (externalId !== undefined) this.#byExternalId.add(externalId, group.id);
  }

  #unlink({ id, attributes: { displayName, externalId } }: Group): void {
    this.#byName.delete(foldCase(displayName));
    if (externalId !== undefined) this.#byExternalId.delete(externalId, id);
  }
}

/** Not the group itself: who entered it long ago would hold on to the members that it had then. */
function asSeenByMembers({ id, attributes }: Group): GroupOfUser {
  return { id, attributes };
}

/** As `DirectoryStore` does it in the database when an account is saved as closed, or forgotten. */
function without(group: Group, departures: readonly Departure[]): Group {
  if (!departures.some(({ sid }) => group.members.has(sid))) return group;
  const members = new Set(group.members);
  let { lastModified } = group;
  for (const { sid, closedAt = 0 } of departures) {
    if (members.delete(sid)) lastModified = Math.max(lastModified, closedAt);
  }
  return { ...group, members, lastModified };
}
