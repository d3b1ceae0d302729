import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { User } from "../../src/directory/user.js";
import { foldCase } from "../../src/directory/user-attributes.js";
import { UserIndex } from "../../src/directory/user-index.js";
import { compileFilter } from "../../src/scim/filter-match.js";
import { parseFilter } from "../../src/scim/filter-parser.js";
import type { ListResponse } from "../../src/scim/list-response.js";
import { createRenderedUsers } from "../../src/scim/rendered-users.js";
import { createSearch } from "../../src/scim/search.js";
import { createUsers } from "../../src/scim/users.js";
import { shortSlices } from "../directory/short-slices.js";
import { account } from "../support/example-accounts.js";
import { request } from "./fake-directory.js";
import { readable } from "./readable.js";
import { answered, BUSY, schema, schemas, sid } from "./sample-users.js";

/** Numbers of the accounts that are there from the beginning. */
const THERE = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** What happens to an account between two slices. */
type Change =
  | { readonly kind: "is created or renamed"; readonly number: number; readonly name: string }
  | { readonly kind: "is suspended" | "is closed" | "is forgotten" | "is charged"; readonly number: number };

const name = fc.constantFrom("Ada", "ada", "Bob", "Zoe", "Émile");
/** Half of them are there already; the first three never change. */
const number = fc.integer({ min: 4, max: 14 });
const change = fc.oneof<fc.Arbitrary<Change>[]>(
  fc.record({ kind: fc.constant("is created or renamed"), number, name }),
  fc.record({
    kind: fc.constantFrom("is suspended", "is closed", "is forgotten", "is charged"),
    number,
  }),
);

/** Users of an index, of whom something changes between any two slices of a search. */
function changingUsers(names: readonly string[], changes: readonly Change[]) {
  const left = changes.values();
  const slices = shortSlices(() => {
    const next = left.next();
    if (!next.done) apply(next.value);
  });
  const index = new UserIndex({ emailDomain: undefined, showsOwner: true, showsClosed: false, slices });
  const render = createRenderedUsers({ index, slices });
  const unasked = (): never => {
    throw new Error("Nothing but lists is asked for.");
  };
  const users = createUsers({
    directory: { get: unasked, list: (query) => index.list(query) },
    lifecycle: { create: unasked, update: unasked, close: unasked },
    schemas,
    render,
  });
  /** Every user as it ever was. */
  const ever: User[] = [];
  index.onChange({ shown: (user) => void ever.push(user) });

  function apply({ kind, number, ...said }: Change): void {
    const known = index.account(sid(number));
    if (known?.status === "closed") return;
    if ("name" in said) index.write({ ...account(number), ...known, friendlyName: said.name }, undefined);
    else if (known === undefined) return;
    else if (kind === "is suspended") index.write({ ...known, status: "suspended" }, undefined);
    else if (kind === "is closed") index.write({ ...known, status: "closed" }, undefined);
    else if (kind === "is forgotten") index.forget(known.sid);
    else if (kind === "is charged") index.setActivity(known.sid, BUSY);
  }

  THERE.forEach((number, at) => {
    index.write(account(number, { friendlyName: names[at % names.length] ?? "" }), undefined);
  });
  return { index, ever, users: readable(users, createSearch({ clock: { now: () => 0 }, slices })) };
}

const FILTERS = [
  "displayName pr",
  "active eq true",
  'displayName co "A"',
  "not (active eq false) and userName pr",
  'entitlements.value eq "service-sms"',
  'meta.created gt "2025-01-03T12:00:00Z"',
];

const anyQuery = fc.record(
  {
    filter: fc.constantFrom(...FILTERS),
    sortBy: fc.constantFrom("displayName", "userName", "meta.lastModified", "active"),
    sortOrder: fc.constantFrom("ascending", "descending"),
    startIndex: fc.constantFrom("1", "4"),
    count: fc.constantFrom("3", "1000"),
  },
  { requiredKeys: [], noNullPrototype: true },
);

const idsOf = ({ Resources }: ListResponse) => Resources.map(({ id }) => id);

describe("a list that is made in many slices, while users come, go and change", () => {
  it("has each user once, as it was at one time, and all that stayed as they were", async () => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { minLength: 1, maxLength: 9 }),
        fc.array(change, { maxLength: 40, size: "max" }),
        anyQuery,
        async (names, changes, query) => {
          const { index, ever, users } = changingUsers(names, changes);
          const before = THERE.map((number) => index.get(sid(number)));
          const list = await users.list(request(query));

          const ids = idsOf(list);
          expect(new Set(ids).size).toBe(ids.length);
          expect(list.itemsPerPage).toBe(ids.length);
          expect(list.totalResults).toBeGreaterThanOrEqual(ids.length);
          const served = ever.map((user) => JSON.parse(JSON.stringify(answered(user))));
          for (const resource of list.Resources) expect(served).toContainEqual(resource);

          const stayed = before.filter((user) => user !== undefined && index.get(user.account.sid) === user);
          changed += before.length - stayed.length;
          if (query.count === "3" || query.startIndex === "4") return;
          const filter = parseFilter(query.filter ?? "id pr", schema.find);
          const matches = compileFilter(filter, schema.find);
          for (const user of stayed) {
            if (user !== undefined) expect(ids.includes(user.account.sid)).toBe(matches(answered(user)));
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(changed).toBeGreaterThan(100);
  });

  it("is in its order all the same", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { minLength: 1, maxLength: 9 }),
        fc.array(change, { maxLength: 40, size: "max" }),
        async (names, changes) => {
          const { users } = changingUsers(names, changes);
          const { Resources } = await users.list(request({ sortBy: "displayName" }));
          const shown = Resources.map(({ displayName }) => foldCase(String(displayName)));
          expect(shown).toEqual(shown.toSorted());
        },
      ),
    );
  });
});
