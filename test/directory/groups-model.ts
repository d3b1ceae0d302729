import type { AccountSid } from "../../src/directory/account.js";
import type { GroupContent } from "../../src/directory/groups.js";
import type { GroupLookup } from "../../src/directory/query.js";

export interface ModelGroup {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string | undefined;
  readonly members: readonly AccountSid[];
  readonly created: number;
  readonly lastModified: number;
}

const same = (a: string, b: string) => a.toUpperCase() === b.toUpperCase();

/** All groups in a few lines, slow and without any memory but the groups themselves. */
export class GroupsModel {
  /** In the order in which they were made. */
  groups: readonly ModelGroup[] = [];
  readonly #mayBeMember: (sid: string) => boolean;

  constructor(mayBeMember: (sid: string) => boolean) {
    this.#mayBeMember = mayBeMember;
  }

  isTaken(displayName: string, by?: string): boolean {
    return this.groups.some((group) => group.id !== by && same(group.displayName, displayName));
  }

  create(id: string, { attributes, members }: GroupContent, now: number): void {
    const { displayName, externalId } = attributes;
    const times = { created: now, lastModified: now };
    this.groups = [...this.groups, { id, displayName, externalId, members: this.#admit(members), ...times }];
  }

  update(id: string, { attributes, members }: GroupContent, now: number): void {
    const { displayName, externalId } = attributes;
    this.#change(id, (group) => {
      const after = { ...group, displayName, externalId, members: this.#admit(members) };
      if (JSON.stringify(after) === JSON.stringify(group)) return group;
      return { ...after, lastModified: Math.max(now, group.lastModified + 1) };
    });
  }

  delete(id: string): void {
    this.groups = this.groups.filter((group) => group.id !== id);
  }

  /** @param closedAt undefined: Twilio has forgotten it */
  leave(sid: AccountSid, closedAt: number | undefined): void {
    for (const { id, members } of this.of(sid)) {
      this.#change(id, (group) => ({
        ...group,
        members: members.filter((member) => member !== sid),
        lastModified: Math.max(group.lastModified, closedAt ?? 0),
      }));
    }
  }

  of(sid: string): readonly ModelGroup[] {
    return this.groups.filter(({ members }) => members.some((member) => member === sid));
  }

  answering({ attribute, value }: GroupLookup): readonly ModelGroup[] {
    switch (attribute) {
      case "member":
        return this.of(value);
      case "displayName":
        return this.groups.filter(({ displayName }) => same(displayName, value));
      default:
        return this.groups.filter((group) => group[attribute] === value);
    }
  }

  #admit(ids: Iterable<string>): readonly AccountSid[] {
    const admitted = [...new Set(ids)].filter((id) => this.#mayBeMember(id)) as AccountSid[];
    return admitted.sort();
  }

  #change(id: string, change: (group: ModelGroup) => ModelGroup): void {
    this.groups = this.groups.map((group) => (group.id === id ? change(group) : group));
  }
}
