import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { printFilter } from "../../src/scim/filter.js";
import { GROUP_SCHEMA } from "../../src/scim/group-resource.js";
import { jsonBytes } from "../../src/scim/json-bytes.js";
import type { ListResponse } from "../../src/scim/list-response.js";
import type { Searchable } from "../../src/scim/search.js";
import { readSearchRequest } from "../../src/scim/search-request.js";
import { USER_SCHEMA } from "../../src/scim/user-members.js";
import { anyFilter } from "./any-filter.js";
import { BASE_URL } from "./fake-directory.js";
import { readList, searchBy } from "./readable.js";
import { lateRefusal } from "./refusal.js";
import { group } from "./sample-groups.js";
import { sid, user } from "./sample-users.js";
import { anyContents, anySort, searchedTypes, typeAt } from "./searched-types.js";

const search = searchBy();

const DAY_MS = 86_400_000;

const types = searchedTypes({
  users: [
    user({ userName: "jsmith", displayName: "Smith, James", title: "Guide" }, { sid: sid(1) }),
    user({ userName: "ada", displayName: "ada" }, { sid: sid(2) }),
    user({ userName: "zoe" }, { sid: sid(3) }),
  ],
  groups: ["Smith Family", "Ada", "Tour Guides"].map((displayName, index) =>
    group({
      id: `${index}819c223-7f76-453a-919d-413861904646`,
      attributes: { displayName },
      members: new Set(index === 0 ? [sid(1)] : []),
      created: index * DAY_MS,
    }),
  ),
});

const ask = async (query: Record<string, unknown>, among = types) =>
  readList(await search(among, { baseUrl: BASE_URL, query }));

/** What a resource is recognized by in these tests. */
const named = ({ userName, displayName }: ListResponse["Resources"][number]) => userName ?? displayName;
const namesOf = (list: ListResponse) => list.Resources.map(named);

/** All there is, in the order of the root. */
const ALL = [
  "jsmith",
  "ada",
  "zoe",
  "Smith Family",
  "Ada",
  "Tour Guides",
  "Full account",
  "Trial account",
  "SMS",
  "Verify",
];

describe("RFC 7644 §3.4.3: a search of the root", () => {
  it("finds users and groups, as the example", async () => {
    const query = readSearchRequest({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
      attributes: ["displayName", "userName"],
      filter: 'displayName sw "smith"',
      startIndex: 1,
      count: 10,
    });
    expect(await ask(query)).toEqual({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: 2,
      startIndex: 1,
      itemsPerPage: 2,
      Resources: [
        {
          schemas: expect.arrayContaining([USER_SCHEMA]),
          id: sid(1),
          userName: "jsmith",
          displayName: "Smith, James",
        },
        { schemas: [GROUP_SCHEMA], id: expect.any(String), displayName: "Smith Family" },
      ],
    });
  });
});

describe("RFC 7644 §3.4.2.1: a list over several types", () => {
  it("has everything, one type after the other, each in the order of creation", async () => {
    const list = await ask({});
    expect(list).toMatchObject({ totalResults: ALL.length, itemsPerPage: ALL.length, startIndex: 1 });
    expect(namesOf(list)).toEqual(ALL);
  });

  it.each<[string, string[]]>([
    ['meta.resourceType eq "User"', ["jsmith", "ada", "zoe"]],
    ['meta.resourceType eq "Group"', ["Smith Family", "Ada", "Tour Guides"]],
    ['meta.resourceType eq "AccountService"', ["SMS", "Verify"]],
    [
      '(meta.resourceType eq "Group") or (meta.resourceType eq "AccountType")',
      ["Smith Family", "Ada", "Tour Guides", "Full account", "Trial account"],
    ],
    ['meta.resourceType eq "Group" and displayName eq "ADA"', ["Ada"]],
    ['displayName eq "ada"', ["ada", "Ada"]],
    [`id eq "${sid(2)}"`, ["ada"]],
    ['id eq "service-sms"', ["SMS"]],
    // An attribute that a type has not is absent there.
    ["title pr", ["jsmith"]],
    ["members pr", ["Smith Family"]],
    [`members.value eq "${sid(1)}"`, ["Smith Family"]],
    ['type eq "AccountType"', ["Full account", "Trial account"]],
    ["not (userName pr) and not (type pr)", ["Smith Family", "Ada", "Tour Guides"]],
    ['userName ne "zoe" and not (type pr)', ["jsmith", "ada", "Smith Family", "Ada", "Tour Guides"]],
    ['userName eq "zoe" or displayName eq "Tour Guides"', ["zoe", "Tour Guides"]],
    // A URN in front names the type.
    [`${USER_SCHEMA}:displayName eq "ada"`, ["ada"]],
    [`${GROUP_SCHEMA}:displayName eq "ada"`, ["Ada"]],
    [`${GROUP_SCHEMA.toUpperCase()}:DISPLAYNAME pr`, ["Smith Family", "Ada", "Tour Guides"]],
    ['meta.resourceType eq "Nothing"', []],
  ])("finds by %s", async (filter, found) => {
    const list = await ask({ filter });
    expect(namesOf(list)).toEqual(found);
    expect(list.totalResults).toBe(found.length);
  });

  it("refuses a filter and an order by what no type has", async () => {
    const refusedAs = async (...asked: Parameters<typeof ask>) => (await lateRefusal(ask(...asked))).scimType;
    expect(await refusedAs({ filter: 'shoeSize eq "42"' })).toBe("invalidFilter");
    expect(await refusedAs({ sortBy: "shoeSize" })).toBe("invalidValue");
    expect(await refusedAs({ filter: "userName pr" }, [typeAt(types, "/Groups")])).toBe("invalidFilter");
  });

  it.each<[object, string[]]>([
    [
      { sortBy: "displayName" },
      [
        "ada",
        "Ada",
        "Full account",
        "Smith Family",
        "jsmith",
        "SMS",
        "Tour Guides",
        "Trial account",
        "Verify",
        "zoe",
      ],
    ],
    [
      { sortBy: "displayName", sortOrder: "descending" },
      [
        "zoe",
        "Verify",
        "Trial account",
        "Tour Guides",
        "SMS",
        "jsmith",
        "Smith Family",
        "Full account",
        "ada",
        "Ada",
      ],
    ],
    [{ sortBy: "userName" }, ["ada", "jsmith", "zoe", ...ALL.slice(3)]],
    [{ sortBy: "userName", sortOrder: "descending" }, [...ALL.slice(3), "zoe", "jsmith", "ada"]],
    [
      { sortBy: `${GROUP_SCHEMA}:displayName` },
      ["Ada", "Smith Family", "Tour Guides", "jsmith", "ada", "zoe", ...ALL.slice(6)],
    ],
  ])("puts all types into one order by %j", async (query, order) => {
    expect(namesOf(await ask({ ...query }))).toEqual(order);
  });

  it("leaves those of one key in the order that they have without one", async () => {
    const among = searchedTypes({
      users: [3, 1, 2].map((number, day) =>
        user({ userName: `u${number}`, title: "x" }, { sid: sid(number), dateCreated: day * DAY_MS }),
      ),
      groups: [],
    }).slice(0, 1);
    for (const sortOrder of ["ascending", "descending"]) {
      expect(namesOf(await ask({ sortBy: "title", sortOrder }, among))).toEqual(["u3", "u1", "u2"]);
    }
  });

  it("shows of each type the attributes that are asked for", async () => {
    const { Resources } = await ask({ attributes: "userName,members.value", count: "4" });
    expect(Resources.map(({ schemas: _, id: __, ...shown }) => shown)).toEqual([
      { userName: "jsmith" },
      { userName: "ada" },
      { userName: "zoe" },
      { members: [{ value: sid(1) }] },
    ]);
  });
});

describe("pages over several types", () => {
  const orders = [{}, { sortBy: "displayName" }, { sortBy: "title", sortOrder: "descending" }];

  it.each(orders)("go on across the border between two types: %j", async (order) => {
    const all = namesOf(await ask(order));
    for (let startIndex = 1; startIndex <= ALL.length + 2; startIndex++) {
      for (let count = 0; count <= ALL.length + 1; count++) {
        const page = await ask({ ...order, startIndex: String(startIndex), count: String(count) });
        const expected = all.slice(startIndex - 1, startIndex - 1 + count);
        expect(namesOf(page)).toEqual(expected);
        expect(page).toMatchObject({
          totalResults: ALL.length,
          itemsPerPage: expected.length,
          startIndex,
        });
      }
    }
  });

  it("are all that matches, and no more, for any filter, order and size", async () => {
    await fc.assert(
      fc.asyncProperty(
        anyContents,
        fc.option(anyFilter, { nil: undefined }),
        fc.oneof(anySort, fc.constant({})),
        fc.integer({ min: 1, max: 5 }),
        async (contents, filter, order, count) => {
          const among = searchedTypes(contents);
          const query = { ...order, ...(filter && { filter: printFilter(filter) }) };
          const whole = await ask(query, among);
          const pages = [];
          for (let startIndex = 1; startIndex <= whole.totalResults; startIndex += count) {
            const page = await ask({ ...query, startIndex: String(startIndex), count: String(count) }, among);
            expect(page.totalResults).toBe(whole.totalResults);
            pages.push(...page.Resources);
          }
          expect(pages).toEqual(whole.Resources);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are rendered, and what is on no page is not", async () => {
    const rendered: unknown[] = [];
    const watched = types.map(
      (type): Searchable => ({
        ...type,
        async select(selection) {
          const { found, total } = await type.select(selection);
          const watch = (one: (typeof found)[number]) => ({
            ...one,
            render(...asked: Parameters<typeof one.render>) {
              rendered.push(one.id);
              return one.render(...asked);
            },
          });
          return { found: found.map(watch), total };
        },
      }),
    );
    for (const order of orders) {
      rendered.length = 0;
      const { Resources } = await ask({ ...order, startIndex: "3", count: "2" }, watched);
      expect(rendered).toEqual(Resources.map(({ id }) => id));
    }
  });
});

describe("a search by POST", () => {
  /** The paths whose types are searched together. */
  const places = fc.constantFrom<readonly string[]>(
    ["/Users"],
    ["/Groups"],
    ["/Users", "/Groups", "/AccountServices"],
  );

  it("says what a GET says, for any query", async () => {
    const parameters = fc.record(
      {
        filter: anyFilter.map(printFilter),
        sortBy: anySort.map(({ sortBy }) => sortBy),
        sortOrder: fc.constantFrom("ascending", "Descending", "upwards"),
        attributes: fc.constantFrom<unknown>(
          ["userName"],
          ["displayName", "meta.version"],
          ['emails[type eq "a,b"]'],
          "title, x",
        ),
        excludedAttributes: fc.constantFrom("members", "meta,groups"),
        startIndex: fc.integer({ min: -1, max: 9 }),
        count: fc.integer({ min: -1, max: 1001 }),
        cursor: fc.constantFrom("", "x"),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(anyContents, places, parameters, async (contents, paths, asked) => {
        const among = searchedTypes(contents).filter(({ path }) => paths.includes(path));
        const query = Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, String(value)]));
        const outcome = async (search: () => Promise<ListResponse>) => {
          try {
            return await search();
          } catch (error) {
            return error;
          }
        };
        const byPost = await outcome(async () => ask(readSearchRequest(asked), among));
        expect(byPost).toEqual(await outcome(() => ask(query, among)));
      }),
      { numRuns: 150 },
    );
  });
});

describe("a page of groups with very many members", () => {
  const SIZES = [400_000, 500_000, 200_000, 2_000_000, 1];
  const large: Searchable = {
    path: "/Groups",
    schema: typeAt(types, "/Groups").schema,
    select: async ({ after, offset, limit }) => {
      const all = SIZES.map((size, created) => ({
        created,
        id: `g${created}`,
        key: undefined,
        size: () => size,
        render: () => jsonBytes({ id: `g${created}` }),
      }));
      const rest = all.filter(({ created }) => after === undefined || created > after.created);
      return { found: rest.slice(offset, offset + limit), total: all.length };
    },
  };
  const list = (query: Record<string, unknown>) => ask(query, [large]);
  const ids = ({ Resources }: ListResponse) => Resources.map(({ id }) => id);

  it("is shorter than was asked for, and says so", async () => {
    const page = await list({ count: "4" });
    expect(page).toMatchObject({ totalResults: 5, itemsPerPage: 2 });
    expect(ids(page)).toEqual(["g0", "g1"]);
    expect(ids(await list({ startIndex: "3" }))).toEqual(["g2"]);
  });

  it("has one group at least", async () => {
    expect(ids(await list({ startIndex: "4" }))).toEqual(["g3"]);
  });

  it("is followed by the next one where it is read by cursor", async () => {
    const pages: unknown[] = [];
    let cursor: string | undefined = "";
    while (cursor !== undefined && pages.length < 9) {
      const page: ListResponse = await list({ cursor, count: "4" });
      pages.push(ids(page));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual([["g0", "g1"], ["g2"], ["g3"], ["g4"]]);
  });
});
