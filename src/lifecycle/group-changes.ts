import type { AccountSid } from "../directory/account.js";
import type { Group } from "../directory/group.js";
import type { GroupContent, Groups } from "../directory/groups.js";
import type { Actor, AuditState } from "./audit.js";
import { type Audited, startAudit } from "./change-audit.js";

export interface GroupChangesOptions {
  readonly groups: Groups;
  readonly audit: Audited;
}

/** The groups, and each change to them with its audit entry. All methods throw as those of `Groups`. */
export class GroupChanges {
  readonly #groups: Groups;
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
    const { displayName } = content.attributes;
    entry.ask(["createGroup"], undefined, { displayName });
    return entry.around(async () => {
      await entry.announce();
      const group = await this.#groups.create(content);
      entry.madeGroup(group.id);
      entry.ask(["createGroup"], undefined, { displayName, membersAdded: group.members.size });
      return group;
    });
  }

  update(id: string, change: (current: Group) => GroupContent, actor: Actor): Promise<Group> {
    const entry = startAudit(this.#audit, actor, { action: "updateGroup", groupId: id });
    return entry.around(async () => {
      let before = await this.#groups.get(id);
      entry.ask(["updateGroup"], stateOf(before), {});
      await entry.announce();
      const after = await this.#groups.update(id, (current) => {
        before = current;
        const content = entry.read(() => change(current));
        entry.ask(["updateGroup"], stateOf(current), { displayName: content.attributes.displayName });
        return content;
      });
      if (after === before) entry.unchanged();
      entry.ask(["updateGroup"], stateOf(before), { ...stateOf(after), ...difference(before, after) });
      return after;
    });
  }

  delete(id: string, check: (current: Group) => void, actor: Actor): Promise<void> {
    const entry = startAudit(this.#audit, actor, { action: "deleteGroup", groupId: id });
    return entry.around(async () => {
      const group = await this.#groups.get(id);
      entry.ask(["deleteGroup"], stateOf(group), {});
      await entry.announce();
      await this.#groups.delete(id, (current) => {
        entry.read(() => check(current));
        entry.ask(["deleteGroup"], stateOf(current), { membersRemoved: current.members.size });
      });
    });
  }
}

function stateOf({ attributes }: Group): AuditState {
  return { displayName: attributes.displayName };
}

function difference(before: Group, after: Group): AuditState {
  return {
    membersAdded: countMissing(after.members, before.members),
    membersRemoved: countMissing(before.members, after.members),
  };
}

/** How many of `members` are not in `others`. */
function countMissing(members: ReadonlySet<AccountSid>, others: ReadonlySet<AccountSid>): number {
  if (members === others) return 0;
  let missing = 0;
  for (const sid of members) if (!others.has(sid)) missing += 1;
  return missing;
}
