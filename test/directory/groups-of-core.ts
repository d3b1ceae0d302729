import type { AccountSid } from "../../src/directory/account.js";
import type { Group } from "../../src/directory/group.js";
import type { GroupLookup, GroupQuery } from "../../src/directory/query.js";
import type { Core } from "../support/core.js";

export const EVERY_GROUP: GroupQuery = {
  narrowings: [],
  matches: undefined,
  offset: 0,
  limit: Number.MAX_SAFE_INTEGER,
};

export function createGroup(
  core: Core,
  displayName: string,
  members: readonly string[] = [],
  externalId?: string,
): Promise<Group> {
  const attributes = { displayName, ...(externalId !== undefined && { externalId }) };
  return core.directory.groups.create({ attributes, members });
}

/** Gives a group other members, another name, or both. */
export function updateGroup(
  core: Core,
  id: string,
  said: { readonly displayName?: string; readonly members?: readonly string[] },
): Promise<Group> {
  const { displayName, members } = said;
  return core.directory.groups.update(id, (current) => ({
    attributes: { ...current.attributes, ...(displayName !== undefined && { displayName }) },
    members: members ?? current.members,
  }));
}

export async function listGroups(core: Core, query: Partial<GroupQuery> = {}): Promise<readonly Group[]> {
  return (await core.directory.groups.list({ ...EVERY_GROUP, ...query })).groups;
}

export function namesOf(groups: readonly Pick<Group, "attributes">[]): string[] {
  return groups.map(({ attributes }) => attributes.displayName);
}

/** The names of the groups that answer to a lookup. */
export async function findGroups(
  core: Core,
  attribute: GroupLookup["attribute"],
  value: string,
): Promise<string[]> {
  return namesOf(await listGroups(core, { narrowings: [[{ attribute, value }]] }));
}

/** The names of the groups that a user shows, hidden or not. */
export function groupsOf(core: Core, sid: AccountSid): string[] {
  return namesOf(core.directory.index.known(sid)?.groups ?? []);
}

export async function membersOf(core: Core, { id }: Group): Promise<AccountSid[]> {
  return [...(await core.directory.groups.get(id)).members].sort();
}

/** What the database holds of a group. */
export async function storedMembersOf(core: Core, { id }: Group): Promise<AccountSid[]> {
  const groups = await core.store.loadGroups();
  return [...(groups.find((group) => group.id === id)?.members ?? [])].sort();
}
