import type { Accounts } from "./effects.js";
import type { FuzzWorld } from "./fuzz-world.js";
import { isMembers } from "./json.js";
import { readAll } from "./paging-rules.js";
import { type FuzzAnswer, type FuzzRequest, scimPath } from "./request.js";

const TWILIO = "urn:ietf:params:scim:schemas:extension:twilio:2.0:User";

type Resource = Readonly<Record<string, unknown>>;

/**
 * What one user's answer says that is not so at Twilio.
 *
 * @param outdated SIDs of which the bridge cannot know the latest
 */
export function complaintsAboutUser(
  request: FuzzRequest,
  { status, body }: FuzzAnswer,
  accounts: Accounts,
  outdated: ReadonlySet<string>,
): string[] {
  const path = scimPath(request);
  if (!/^\/Users(\/|$)/i.test(path) || status < 200 || status >= 300) return [];
  if (status === 204 && request.method === "DELETE") {
    const sid = path.slice(path.lastIndexOf("/") + 1);
    return accounts.get(sid)?.status === "closed" ? [] : [`${sid} is not closed`];
  }
  if (!isMembers(body) || Array.isArray(body.Resources) || typeof body.id !== "string") return [];
  const { expectsActive } = request;
  if (expectsActive !== undefined && body.active !== undefined && body.active !== expectsActive) {
    return [`active was to become ${expectsActive}`];
  }
  return outdated.has(body.id) ? [] : complaintsAboutAccount(body, accounts);
}

function complaintsAboutAccount(user: Resource, accounts: Accounts): string[] {
  const account = accounts.get(String(user.id));
  if (account === undefined) return [`there is no account ${user.id}`];
  const extension = isMembers(user[TWILIO]) ? user[TWILIO] : {};
  const { status = account.status, friendlyName = account.friendlyName } = extension;
  const { active = account.status === "active" } = user;
  return [
    ...(active === (account.status === "active")
      ? []
      : [`${user.id} is shown as active ${active}, and is ${account.status}`]),
    ...(status === account.status ? [] : [`${user.id} is shown as ${status}, and is ${account.status}`]),
    ...(friendlyName === account.friendlyName
      ? []
      : [
          `${user.id} is shown as ${JSON.stringify(friendlyName)}, and is ${JSON.stringify(account.friendlyName)}`,
        ]),
  ];
}

/** What the lists of all users and groups say that is not so at Twilio, or that one says and the other does not. */
export async function complaintsAboutDirectory(world: FuzzWorld, accounts: Accounts): Promise<string[]> {
  const { memory, showsClosed, showsOwner } = world;
  const users = await readAll(world, "/Users");
  const groups = await readAll(world, "/Groups");
  const expected = [...accounts].filter(
    ([sid, { status }]) => (showsClosed || status !== "closed") && (showsOwner || sid !== memory.ownerSid),
  );
  const ids = new Set(users.map(({ id }) => id));
  return [
    ...expected.flatMap(([sid]) => (ids.has(sid) ? [] : [`the account ${sid} is not listed`])),
    ...(ids.size === expected.length ? [] : [`${ids.size} are listed, and there are ${expected.length}`]),
    ...users.flatMap((user) => complaintsAboutAccount(user, accounts)),
    ...complaintsAboutMemberships(users, groups),
  ];
}

/** Each member of a group shows the group, and nobody else does. */
function complaintsAboutMemberships(users: readonly Resource[], groups: readonly Resource[]): string[] {
  const byGroup = new Set(
    groups.flatMap(({ id, members }) => valuesOf(members).map((sid) => `${sid} in ${id}`)),
  );
  const byUser = new Set(
    users.flatMap(({ id, groups: own }) => valuesOf(own).map((group) => `${id} in ${group}`)),
  );
  return [
    ...[...byGroup].flatMap((one) => (byUser.has(one) ? [] : [`only the group says: ${one}`])),
    ...[...byUser].flatMap((one) => (byGroup.has(one) ? [] : [`only the user says: ${one}`])),
  ];
}

function valuesOf(list: unknown): unknown[] {
  return Array.isArray(list) ? list.flatMap((element) => (isMembers(element) ? [element.value] : [])) : [];
}
