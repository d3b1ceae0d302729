import { beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { COMPARISON_OPERATORS, type Filter, printFilter } from "../../src/scim/filter.js";
import { compileFilter } from "../../src/scim/filter-match.js";
import { GROUP_SCHEMA, renderGroup } from "../../src/scim/group-resource.js";
import type { ListResponse } from "../../src/scim/list-response.js";
import { BASE_URL, request } from "./fake-directory.js";
import { ADA, BOB, CAT, type GroupsOnCore, groupsOnCore, STRANGER, UNKNOWN_ID } from "./groups-on-core.js";
import { lateRefusal } from "./refusal.js";
import { groupSchema } from "./sample-groups.js";

let on: GroupsOnCore;
beforeEach(async () => {
  on = await groupsOnCore();
});

const names = (Resources: readonly Readonly<Record<string, unknown>>[]) =>
  Resources.map(({ displayName }) => displayName);

describe("a list of groups", () => {
  beforeEach(async () => {
    await on.group("beta", [ADA], "2");
    await on.group("Alpha", [ADA, BOB]);
    await on.group("delta", [], "4");
    await on.group("Charlie", [CAT]);
  });

  it("is in the order of creation, and comes in pages", async () => {
    const list = (query: object) => on.groups.list(request({ ...query }));
    expect(names((await list({})).Resources)).toEqual(["beta", "Alpha", "delta", "Charlie"]);
    const page = await list({ startIndex: "2", count: "2" });
    expect(page).toMatchObject({ totalResults: 4, startIndex: 2, itemsPerPage: 2 });
    expect(names(page.Resources)).toEqual(["Alpha", "delta"]);
    expect(await list({ count: "0" })).toMatchObject({ totalResults: 4, Resources: [] });
  });

  it("is in an order that is asked for, in which names have no case", async () => {
    const sorted = async (query: object) => names((await on.groups.list(request({ ...query }))).Resources);
    expect(await sorted({ sortBy: "displayName" })).toEqual(["Alpha", "beta", "Charlie", "delta"]);
    expect(await sorted({ sortBy: "DISPLAYNAME", sortOrder: "descending", count: "1" })).toEqual(["delta"]);
    expect(await sorted({ sortBy: "externalId" })).toEqual(["beta", "delta", "Alpha", "Charlie"]);
    expect(await sorted({ sortBy: "members.display" })).toEqual(["beta", "Alpha", "Charlie", "delta"]);
    expect(await sorted({ sortBy: "meta.created", sortOrder: "descending" })).toEqual(
      ["beta", "Alpha", "delta", "Charlie"].reverse(),
    );
  });

  it("shows every group once by cursor, while others come and go", async () => {
    const seen: unknown[] = [];
    for (let cursor: string | undefined = ""; cursor !== undefined && seen.length < 9; ) {
      const page: ListResponse = await on.groups.list(request({ cursor, count: "1" }));
      const [first] = page.Resources;
      seen.push(first?.displayName);
      if (first?.displayName === "Alpha") {
        await on.groups.remove(String(first.id), request());
        await on.group("late");
      }
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(["beta", "Alpha", "delta", "Charlie", "late"]);
  });

  it.each<[string, string[]]>([
    ['displayName eq "ALPHA"', ["Alpha"]],
    ['displayName Eq "alph"', []],
    ['displayName sw "DEL"', ["delta"]],
    [`${GROUP_SCHEMA}:displayName eq "alpha"`, ["Alpha"]],
    ['externalId eq "4"', ["delta"]],
    ["externalId pr", ["beta", "delta"]],
    ['id eq "nobody"', []],
    [`members eq "${ADA}"`, ["beta", "Alpha"]],
    [`members.value eq "${ADA}"`, ["beta", "Alpha"]],
    [`members[value eq "${BOB}"]`, ["Alpha"]],
    [`members[value eq "${BOB}" and display eq "ada"]`, []],
    [`members.value eq "${BOB}" and members.display eq "ada"`, ["Alpha"]],
    [`members.value eq "${BOB}" or members.value eq "${CAT}"`, ["Alpha", "Charlie"]],
    [`members.value eq "${ADA.toLowerCase()}"`, []],
    [`members.value eq "${STRANGER}"`, []],
    ['members.display eq "CAT"', ["Charlie"]],
    ["not (members pr)", ["delta"]],
    ['displayName eq "alpha" and members[value pr]', ["Alpha"]],
    [`meta.location sw "${BASE_URL}/Groups/" and displayName co "l"`, ["Alpha", "delta", "Charlie"]],
    ['meta.resourceType eq "Group"', ["beta", "Alpha", "delta", "Charlie"]],
  ])("has what matches %s", async (filter, found) => {
    const list = await on.groups.list(request({ filter }));
    expect(names(list.Resources)).toEqual(found);
    expect(list).toMatchObject({ totalResults: found.length, startIndex: 1, itemsPerPage: found.length });
  });

  it.each(['shoeSize eq "1"', "displayName", 'userName eq "x"', 'members.shoeSize eq "1"'])(
    "is refused for the filter %s",
    async (filter) => {
      expect(await lateRefusal(on.groups.list(request({ filter })))).toMatchObject({
        status: 400,
        scimType: "invalidFilter",
      });
    },
  );

  it("is narrowed by the index before anything of it is looked at", async () => {
    await on.groups.list(request({ filter: `members.value eq "${CAT}" and members.display eq "cat"` }));
    expect(new Set(on.looked)).toEqual(new Set([CAT]));
  });

  it("is looked through without its members where a filter does not ask for them", async () => {
    await on.groups.list(request({ filter: 'displayName co "a"', excludedAttributes: "members" }));
    expect(on.looked).toEqual([]);
  });

  it("has what the filter would find in the whole resources", async () => {
    const all = await on.core.directory.groups.list({
      narrowings: [],
      matches: undefined,
      offset: 0,
      limit: 9,
    });
    const userOf = on.core.directory.index.get.bind(on.core.directory.index);
    const resources = all.groups.map((group) =>
      renderGroup(group, { baseUrl: BASE_URL, withMembers: true, withDisplay: true, userOf }),
    );
    await fc.assert(
      fc.asyncProperty(filters(all.groups.map(({ id }) => id)), async (filter) => {
        const matches = compileFilter(filter, groupSchema.find);
        const found = await on.groups.list(request({ filter: printFilter(filter) }));
        expect(found.Resources.map(({ id }) => id)).toEqual(resources.filter(matches).map(({ id }) => id));
      }),
      { numRuns: 300 },
    );
  });
});

/** Any filter over what a group has, mostly by equality. */
function filters(ids: readonly string[]): fc.Arbitrary<Filter> {
  const compare = (attribute: string, ...values: string[]): fc.Arbitrary<Filter> =>
    fc.record({
      kind: fc.constant("compare" as const),
      attribute: fc.constant(attribute),
      operator: fc.constantFrom("eq" as const, "eq" as const, ...COMPARISON_OPERATORS),
      value: fc.constantFrom(...values),
    });
  const ofMember = (prefix: string) => [
    compare(`${prefix}value`, ADA, BOB, CAT, STRANGER, "x"),
    compare(`${prefix}display`, "ada", "Bob", "c"),
  ];
  const leaf = fc.oneof(
    compare("id", ...ids, UNKNOWN_ID),
    compare("displayName", "ALPHA", "beta", "c", "none"),
    compare("externalId", "2", "4", "5"),
    compare("members", ADA, BOB, STRANGER),
    ...ofMember("members."),
    fc.constant<Filter>({ kind: "present", attribute: "members" }),
    some(fc.oneof(...ofMember(""))).map<Filter>((filter) => ({
      kind: "valuePath",
      attribute: "members",
      filter,
    })),
  );
  return some(some(leaf));
}

/** One filter, its opposite, or several of them. */
function some(filter: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.oneof(
    filter,
    filter.map<Filter>((operand) => ({ kind: "not", filter: operand })),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      filters: fc.array(filter, { minLength: 2, maxLength: 3 }),
    }),
  );
}
