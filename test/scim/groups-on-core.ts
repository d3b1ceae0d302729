import { isDeepStrictEqual } from "node:util";
import type { Account, AccountSid } from "../../src/directory/account.js";
import type { Group } from "../../src/directory/group.js";
import { createGroups } from "../../src/scim/groups.js";
import { createRenderedUsers } from "../../src/scim/rendered-users.js";
import { createSearch } from "../../src/scim/search.js";
import { createUsers } from "../../src/scim/users.js";
import { type CoreOptions, readyCore } from "../support/core.js";
import { account, sid } from "../support/example-accounts.js";
import { BASE_URL } from "./fake-directory.js";
import { readable } from "./readable.js";
import { schemas } from "./sample-users.js";

export const ADA = sid(1);
export const BOB = sid(2);
export const CAT = sid(3);
/** An account that nobody knows. */
export const STRANGER = sid(0xbad);
/** What no group has for an id. */
export const UNKNOWN_ID = "2819c223-7f76-453a-919d-413861904646";

/** A member as it is shown. */
export const member = (value: AccountSid) => ({
  value,
  $ref: `${BASE_URL}/Users/${value}`,
  type: "User",
});

/** What stands for these and no others in what is expected: the order of members means nothing. */
export const inAnyOrder = (...values: unknown[]) => ({
  asymmetricMatch: (actual: unknown) =>
    Array.isArray(actual) && isDeepStrictEqual(new Set(actual), new Set(values)),
});

const ACCOUNTS: readonly Account[] = [
  account(1, { friendlyName: "Ada" }),
  account(2, { friendlyName: "Bob" }),
  account(3, { friendlyName: "Cat" }),
];

/** The endpoints of groups and of users, on a core with a database in memory. */
export async function groupsOnCore(options: CoreOptions = {}) {
  const core = await readyCore(ACCOUNTS, options);
  const looked: AccountSid[] = [];
  const { directory, lifecycle, clock, slices } = core;
  const search = createSearch({ clock, slices });
  const render = createRenderedUsers({ index: directory.index, slices });
  return {
    core,
    groups: readable(
      createGroups({
        directory: core.groups,
        userOf(sid) {
          looked.push(sid);
          return directory.index.get(sid);
        },
        schemas,
      }),
      search,
    ),
    users: readable(createUsers({ directory, lifecycle, schemas, render }), search),
    /** Whose users were asked for to show members. */
    looked,
    /** A group that is there, a second older than the next one. */
    async group(
      displayName: string,
      members: readonly AccountSid[] = [],
      externalId?: string,
    ): Promise<Group> {
      const attributes = { displayName, ...(externalId !== undefined && { externalId }) };
      const made = await directory.groups.create({ attributes, members });
      await core.clock.advance(1000);
      return made;
    },
    /** What of groups the database was told since it was last asked. */
    takeWrites(): readonly string[] {
      const writes = core.store.calls.filter((call) => call === "saveGroup" || call === "deleteGroup");
      core.store.calls.length = 0;
      return writes;
    },
  };
}

export type GroupsOnCore = Awaited<ReturnType<typeof groupsOnCore>>;
