import fc from "fast-check";
import { compareAccounts } from "../../src/directory/account.js";
import { compareGroups, type Group } from "../../src/directory/group.js";
import type { User } from "../../src/directory/user.js";
import { createEntitlementCatalogue } from "../../src/scim/entitlement-catalogue.js";
import { createGroups } from "../../src/scim/groups.js";
import { loadSchemas } from "../../src/scim/schemas.js";
import type { Searchable } from "../../src/scim/search.js";
import { setUp } from "./fake-directory.js";
import { pageOfGroups } from "./fake-lists.js";
import { group } from "./sample-groups.js";
import { anyUser, schemas, sid, word } from "./sample-users.js";

/** What there is to search. */
export interface Contents {
  readonly users: readonly User[];
  readonly groups: readonly Group[];
}

const catalogue = createEntitlementCatalogue(loadSchemas({ oktaEntitlements: true }), [
  { slug: "sms", display: "SMS", description: "Text messages." },
  { slug: "verify", display: "Verify", description: "One-time passwords." },
]);

/** Users, groups, account types and account services, in the order in which the root lists them. */
export function searchedTypes({ users, groups }: Contents): readonly Searchable[] {
  const sorted = groups.toSorted(compareGroups);
  const unasked = (): never => {
    throw new Error("A search asks for nothing but lists.");
  };
  return [
    setUp(...users.toSorted((a, b) => compareAccounts(a.account, b.account))).users,
    createGroups({
      directory: {
        list: (query) => pageOfGroups(sorted, query),
        get: unasked,
        create: unasked,
        update: unasked,
        delete: unasked,
      },
      userOf: (id) => users.find(({ account }) => account.sid === id),
      schemas,
    }),
    ...catalogue,
  ];
}

/** The type at this path. */
export function typeAt(types: readonly Searchable[], path: string): Searchable {
  const found = types.find((type) => type.path === path);
  if (found === undefined) throw new Error(`There is no type at ${path}.`);
  return found;
}

/** Names that are few, so that several have the same, and some that are nasty. */
const anyGroup: fc.Arbitrary<Group> = fc
  .record({
    id: fc.integer({ min: 1, max: 9 }).map((number) => `0000000${number}-0000-4000-8000-000000000000`),
    displayName: word,
    externalId: fc.option(word, { nil: undefined }),
    members: fc.subarray([sid(1), sid(2)]),
    created: fc.integer({ min: 0, max: 3 }).map((day) => Date.UTC(2011, 4, 13 + day)),
  })
  .map(({ displayName, externalId, members, ...said }) =>
    group({
      ...said,
      attributes: { displayName, ...(externalId !== undefined && { externalId }) },
      members: new Set(members),
    }),
  );

/** Users and groups, each with an id of its own. */
export const anyContents: fc.Arbitrary<Contents> = fc.record({
  users: fc.uniqueArray(anyUser, { maxLength: 7, selector: ({ account }) => account.sid }),
  groups: fc.uniqueArray(anyGroup, { maxLength: 5, selector: ({ id }) => id }),
});

/** What lists can be put into the order of: attributes of all types, of some, and of none that has data. */
export const anySort: fc.Arbitrary<Readonly<Record<string, string>>> = fc.record({
  sortBy: fc.constantFrom(
    "id",
    "displayName",
    "externalId",
    "userName",
    "name.givenName",
    "active",
    "emails",
    "title",
    "members",
    "meta.created",
    "meta.resourceType",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:core:2.0:Group:displayName",
  ),
  sortOrder: fc.constantFrom("ascending", "descending"),
});
