import type { AccountSid } from "./account.js";
import { groupNameTaken, groupNotFound } from "./errors.js";
import { type Group, type GroupAttributes, sameGroupAttributes } from "./group.js";
import { GroupIndex } from "./group-index.js";
import type { Clock, DirectoryStore, MemberChange } from "./ports.js";
import type { GroupPage, GroupQuery } from "./query.js";
import type { Slices } from "./slices.js";
import type { Snapshot } from "./snapshot.js";
import type { UserIndex } from "./user-index.js";

export interface GroupsOptions {
  readonly index: UserIndex;
  readonly snapshot: Snapshot;
  readonly store: Pick<DirectoryStore, "saveGroup" | "deleteGroup">;
  readonly clock: Clock;
  /** Gives a UUID. */
  readonly newId: () => string;
  readonly slices: Slices;
  /** Resolves when all users are known. Throws DirectoryError `directoryNotReady`, `storageUnavailable`. */
  readonly whole: () => Promise<void>;
}

/** What a group shall be. */
export interface GroupContent {
  readonly attributes: GroupAttributes;
  /** Account SIDs. An id is passed over that belongs to no account, or to one that is hidden or closed. */
  readonly members: Iterable<string>;
}

/** Runs before a change is saved; where it throws, nothing is. */
export type BeforeSave = (change: MemberChange) => Promise<void>;

const saveAtOnce: BeforeSave = async () => {};

/**
 * The groups, and the only code that changes them. Memory learns of a change once the database has it.
 *
 * Writes run one at a time, and between two flushes of the snapshot: the rows of members are saved by then, and who is
 * closed meanwhile is saved as closed afterwards, which takes the account out of the group in the database too.
 *
 * All methods but `restore` throw DirectoryError `directoryNotReady` and `storageUnavailable`: then nothing has changed.
 */
export class Groups {
  readonly #options: GroupsOptions;
  readonly #groups: GroupIndex;

  constructor(options: GroupsOptions) {
    this.#options = options;
    this.#groups = new GroupIndex(options.index, options.slices);
  }

  /** Takes in what the database remembers. Call it once, when all accounts are restored. */
  restore(groups: readonly Group[]): void {
    this.#groups.restore(groups);
  }

  /** @throws DirectoryError `groupNotFound` */
  async get(id: string): Promise<Group> {
    await this.#options.whole();
    return this.#known(id);
  }

  async list(query: GroupQuery): Promise<GroupPage> {
    await this.#options.whole();
    return this.#groups.list(query);
  }

  /** @throws DirectoryError `groupNameTaken`; what `beforeSave` throws */
  async create({ attributes, members }: GroupContent, beforeSave = saveAtOnce): Promise<Group> {
    const { clock, newId, snapshot, whole } = this.#options;
    await whole();
    return snapshot.afterFlush(async () => {
      this.#assertNameFree(attributes.displayName, undefined);
      const admitted = new Set(this.#groups.admit(members));
      const now = clock.now();
      const group = { id: newId(), attributes, members: admitted, created: now, lastModified: now };
      const difference = { added: [...admitted], removed: [] };
      await beforeSave(difference);
      return this.#save(group, difference);
    });
  }

  /**
   * Makes another group of one. Where nothing is different nothing is written, and the group is the object that it was.
   *
   * @param change tells from the group as it is now what it shall be; runs while no other write of a group does
   * @throws DirectoryError `groupNotFound`, `groupNameTaken`; what `change` and `beforeSave` throw
   */
  async update(
    id: string,
    change: (current: Group) => GroupContent,
    beforeSave = saveAtOnce,
  ): Promise<Group> {
    const { clock, snapshot } = this.#options;
    await this.get(id);
    return snapshot.afterFlush(async () => {
      const current = this.#known(id);
      const { attributes, members } = change(current);
      const difference = this.#difference(current.members, members);
      const hasSameMembers = difference.added.length === 0 && difference.removed.length === 0;
      if (hasSameMembers && sameGroupAttributes(current.attributes, attributes)) return current;
      this.#assertNameFree(attributes.displayName, id);
      await beforeSave(difference);
      const group = {
        ...current,
        attributes,
        members: hasSameMembers ? current.members : afterChange(current.members, difference),
        lastModified: Math.max(clock.now(), current.lastModified + 1),
      };
      return this.#save(group, difference);
    });
  }

  /**
   * @param check throws where the group as it is now shall not be deleted; runs while no other write does
   * @throws DirectoryError `groupNotFound`; what `check` and `beforeSave` throw
   */
  async delete(
    id: string,
    check: (current: Group) => void = () => {},
    beforeSave = saveAtOnce,
  ): Promise<void> {
    const { snapshot, store } = this.#options;
    await this.get(id);
    return snapshot.afterFlush(async () => {
      const group = this.#known(id);
      check(group);
      await beforeSave({ added: [], removed: [...group.members] });
      await store.deleteGroup(id);
      this.#groups.delete(id);
    });
  }

  #known(id: string): Group {
    const group = this.#groups.get(id);
    if (group === undefined) throw groupNotFound(id);
    return group;
  }

  #save(group: Group, change: MemberChange): Promise<Group> {
    return this.#groups.put(group, change, () => this.#options.store.saveGroup(group, change));
  }

  #assertNameFree(displayName: string, id: string | undefined): void {
    const holder = this.#groups.named(displayName);
    if (holder !== undefined && holder !== id) throw groupNameTaken(displayName);
  }

  /** Who enters and who leaves, so that the members are who is wanted, as far as they may be. */
  #difference(current: ReadonlySet<AccountSid>, wanted: Iterable<string>): MemberChange {
    const present: ReadonlySet<string> = current;
    const kept: ReadonlySet<string> = wanted instanceof Set ? wanted : new Set(wanted);
    return {
      added: this.#groups.admit([...kept].filter((id) => !present.has(id))),
      removed: [...current].filter((sid) => !kept.has(sid)),
    };
  }
}

function afterChange(members: ReadonlySet<AccountSid>, { added, removed }: MemberChange): Set<AccountSid> {
  const after = new Set(members);
  for (const sid of removed) after.delete(sid);
  for (const sid of added) after.add(sid);
  return after;
}
