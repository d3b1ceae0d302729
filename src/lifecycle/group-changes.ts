import type { Group } from "../directory/group.js";
import type { GroupContent, Groups } from "../directory/groups.js";
import type { Actor, AuditState } from "./audit.js";
import { type Audited, startAudit } from "./change-audit.js";

/** Where groups are read and changed. */
export type GroupWrites = Pick<Groups, "get" | "list" | "create" | "update" | "delete">;

export interface GroupChangesOptions {
  readonly groups: GroupWrites;
  readonly audit: Audited;
}

/** The groups, and each change to them with its audit entry. All methods throw as those of `Groups`. */
export class GroupChanges {
  readonly #groups: GroupWrites;
  readonly #audit: Audited;

  constructor({ groups, audit }: GroupChangesOptions) {
    this.#groups = groups;
    this.#audit = audit;
  }

  get(id: string): Promise<Group> {
    return this.#groups.get(id);
  }

  list(...[query]: Parameters<Groups["list"]>): ReturnType<Groups["list"]> {
    return this.#groups.list(query);
  }

  create(content: GroupContent, actor: Actor): Promise<Group> {
    const entry = startAudit(this.#audit, actor, { action: "createGroup" });
    const wanted = { displayName: content.attributes.displayName };
    entry.ask(["createGroup"], undefined, wanted);
    return entry.around(async () => {
      const group = await this.#groups.create(content, ({ added }) => {
        entry.ask(["createGroup"], undefined, { ...wanted, membersAdded: added.length });
        return entry.announce();
      });
      entry.madeGroup(group.id);
      return group;
    });
  }

  /** @param change as that of `Groups.update` */
  update(id: string, change: (current: Group) => GroupContent, actor: Actor): Promise<Group> {
    const entry = startAudit(this.#audit, actor, { action: "updateGroup", groupId: id });
    return entry.around(async () => {
      let from: AuditState = {};
      let wanted: AuditState = {};
      let isChanged = false;
      const group = await this.#groups.update(
        id,
        (current) => {
          const content = entry.read(() => change(current));
          from = { displayName: current.attributes.displayName };
          wanted = { displayName: content.attributes.displayName };
          entry.ask(["updateGroup"], from, wanted);
          return content;
        },
        ({ added, removed }) => {
          isChanged = true;
          wanted = { ...wanted, membersAdded: added.length, membersRemoved: removed.length };
          entry.ask(["updateGroup"], from, wanted);
          return entry.announce();
        },
      );
      if (!isChanged) entry.unchanged();
      return group;
    });
  }

  /** @param check as that of `Groups.delete` */
  delete(id: string, check: (current: Group) => void, actor: Actor): Promise<void> {
    const entry = startAudit(this.#audit, actor, { action: "deleteGroup", groupId: id });
    return entry.around(async () => {
      let from: AuditState = {};
      await this.#groups.delete(
        id,
        (current) => {
          entry.read(() => check(current));
          from = { displayName: current.attributes.displayName };
        },
        ({ removed }) => {
          entry.ask(["deleteGroup"], from, { membersRemoved: removed.length });
          return entry.announce();
        },
      );
    });
  }
}
