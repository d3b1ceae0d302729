import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { CURSOR_TIMEOUT_SECONDS, readCursor, writeCursor } from "../../src/scim/cursor.js";
import { printFilter } from "../../src/scim/filter.js";
import type { ListResponse } from "../../src/scim/list-response.js";
import type { Place } from "../../src/scim/place.js";
import type { Searchable } from "../../src/scim/search.js";
import { ManualClock } from "../support/manual-clock.js";
import { anyFilter } from "./any-filter.js";
import { BASE_URL } from "./fake-directory.js";
import { readList, searchBy } from "./readable.js";
import { lateRefusal, refusal } from "./refusal.js";
import { group } from "./sample-groups.js";
import { sid, user } from "./sample-users.js";
import { anyContents, anySort, type Contents, searchedTypes, typeAt } from "./searched-types.js";

type Query = Readonly<Record<string, unknown>>;

const search = searchBy();
const ask = async (types: readonly Searchable[], query: Query, by = search) =>
  readList(await by(types, { baseUrl: BASE_URL, query }));

const idsOf = ({ Resources }: ListResponse) => Resources.map(({ id }) => id);

/** The pages of a run from its beginning to its end. What there is may change from page to page. */
async function run(typesNow: () => readonly Searchable[], query: Query): Promise<readonly ListResponse[]> {
  const pages: ListResponse[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; cursor = pages.at(-1)?.nextCursor) {
    pages.push(await ask(typesNow(), { ...query, cursor }));
    if (pages.length > 100) throw new Error("The run never ends.");
  }
  return pages;
}

/** Users with the ids 1, 2, 3 and so on, all created at the same time. */
const users = (...displayNames: (string | undefined)[]) =>
  displayNames.map((displayName, index) =>
    user(
      { userName: `u${index + 1}`, ...(displayName !== undefined && { displayName }) },
      { sid: sid(index + 1) },
    ),
  );

const contents: Contents = {
  users: users("b", "a", "B", undefined, "a"),
  groups: ["b", "c"].map((displayName, index) =>
    group({ id: `${index}819c223-7f76-453a-919d-413861904646`, attributes: { displayName } }),
  ),
};
const types = searchedTypes(contents);

const anyPlace: fc.Arbitrary<Place> = fc.record({
  key: fc.oneof(
    fc.constant(undefined),
    fc.string({ unit: "binary" }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((key) => key + 0),
  ),
  created: fc.maxSafeNat(),
  id: fc.string({ unit: "binary" }),
  rank: fc.nat(9),
});

describe("a cursor", () => {
  it("gives back the place that it was made of", () => {
    fc.assert(
      fc.property(anyPlace, (place) => {
        expect(readCursor(writeCursor(place, "list", 0), "list", 0)).toEqual(place);
      }),
    );
    const cut = { key: "\ud83d", created: 0, id: "x", rank: 0 };
    expect(readCursor(writeCursor(cut, "list", 0), "list", 0)).toEqual(cut);
  });

  it("is made of unreserved characters (RFC 3986 §2.3), and fits into an address", async () => {
    fc.assert(
      fc.property(anyPlace, (place) => {
        expect(writeCursor(place, "a list's", Date.now())).toMatch(/^[\w.~-]+$/);
      }),
    );
    const long = searchedTypes({ users: users("\u{1f600}".repeat(4000), "\0".repeat(8000)), groups: [] });
    const { nextCursor } = await ask(long, { sortBy: "displayName", count: "1", cursor: "" });
    expect(nextCursor?.length).toBeLessThan(2000);
  });

  it.each([
    ["no base64", "%%%"],
    ["no JSON", Buffer.from("{").toString("base64url")],
    ["no array", Buffer.from("{}").toString("base64url")],
    ["nothing in it", Buffer.from("[]").toString("base64url")],
    ["too little in it", Buffer.from('["list",0,0,0]').toString("base64url")],
    ["too much in it", Buffer.from('["list",0,0,0,"id","key",1]').toString("base64url")],
    ["a time that is none", Buffer.from('["list","0",0,0,"id"]').toString("base64url")],
    ["a rank that is none", Buffer.from('["list",0,null,0,"id"]').toString("base64url")],
    ["a creation that is none", Buffer.from('["list",0,0,[],"id"]').toString("base64url")],
    ["an id that is none", Buffer.from('["list",0,0,0,7]').toString("base64url")],
    ["a key that is none", Buffer.from('["list",0,0,0,"id",null]').toString("base64url")],
    ["an end cut off", writeCursor({ key: "k", created: 1, id: "i", rank: 0 }, "list", 0).slice(0, -3)],
    ["another service's form", "VZUTiyhEQJ94IR"],
  ])("is invalidCursor with %s", (_what, cursor) => {
    expect(refusal(() => readCursor(cursor, "list", 0))).toMatchObject({
      status: 400,
      scimType: "invalidCursor",
    });
  });

  it("is never anything but read or refused, whatever it is", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json().map((json) => Buffer.from(json).toString("base64url")),
    );
    await fc.assert(
      fc.asyncProperty(text, async (cursor) => {
        try {
          await ask(types, { cursor });
        } catch (error) {
          expect(error).toMatchObject({ status: 400, scimType: "invalidCursor" });
        }
      }),
    );
  });
});

describe("a run by cursor (RFC 9865 §2)", () => {
  it("begins with an empty cursor, and ends where there is no nextCursor", async () => {
    const pages = await run(() => types, { count: "4" });
    expect(pages.map(({ Resources: _, ...page }) => page)).toEqual([
      {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        totalResults: 11,
        itemsPerPage: 4,
        nextCursor: expect.stringMatching(/^[\w.~-]+$/),
      },
      expect.objectContaining({ itemsPerPage: 4, nextCursor: expect.any(String) }),
      {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        totalResults: 11,
        itemsPerPage: 3,
      },
    ]);
  });

  it("has no empty page at its end, where the last one is full", async () => {
    expect(await run(() => types, { count: "11" })).toHaveLength(1);
    expect(await run(() => types.slice(0, 1), { count: "1" })).toHaveLength(5);
  });

  it("has one empty page where nothing is found", async () => {
    expect(await run(() => types, { filter: 'userName eq "nobody"' })).toEqual([
      {
        schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        totalResults: 0,
        itemsPerPage: 0,
        Resources: [],
      },
    ]);
  });

  it.each<[Query, string[]]>([
    [{}, ["u1", "u2", "u3", "u4", "u5"]],
    [{ sortBy: "displayName" }, ["u2", "u5", "u1", "u3", "u4"]],
    [{ sortBy: "displayName", sortOrder: "descending" }, ["u4", "u1", "u3", "u2", "u5"]],
    [{ sortBy: "displayName", filter: "displayName pr" }, ["u2", "u5", "u1", "u3"]],
  ])("keeps the order, with keys that repeat and that are absent: %j", async (query, order) => {
    for (const count of ["1", "2", "3", "5", "100"]) {
      const pages = await run(() => [typeAt(types, "/Users")], { ...query, count });
      expect(pages.flatMap(({ Resources }) => Resources.map(({ userName }) => userName))).toEqual(order);
    }
  });

  it("is the whole list, for any filter, order, size and types", async () => {
    const places = fc.constantFrom<readonly string[] | undefined>(
      ["/Users"],
      ["/Groups"],
      ["/AccountServices"],
      undefined,
    );
    await fc.assert(
      fc.asyncProperty(
        anyContents,
        places,
        fc.option(anyFilter, { nil: undefined }),
        fc.oneof(anySort, fc.constant({})),
        fc.integer({ min: 1, max: 6 }),
        async (there, paths, filter, order, count) => {
          const among = searchedTypes(there).filter(({ path }) => paths?.includes(path) ?? true);
          const query = { ...order, ...(filter && { filter: printFilter(filter) }) };
          let whole: ListResponse;
          try {
            whole = await ask(among, query);
          } catch {
            // The types have not what the filter or the order names.
            await expect(ask(among, { ...query, cursor: "" })).rejects.toThrow();
            return;
          }
          const pages = await run(() => among, { ...query, count: String(count) });
          expect(pages.flatMap(({ Resources }) => Resources)).toEqual(whole.Resources);
          for (const page of pages) {
            expect(page.totalResults).toBe(whole.totalResults);
            expect(page.itemsPerPage).toBe(page.Resources.length);
          }
          for (const page of pages.slice(0, -1)) expect(page.itemsPerPage).toBe(count);
        },
      ),
      { numRuns: 120 },
    );
  });

  it.each<[Query]>([[{}], [{ sortBy: "userName" }]])(
    "ends where all that was left of it has gone meanwhile: %j",
    async (query) => {
      const [one, ...others] = users("a", "b", "c");
      if (one === undefined) throw new Error("There is no user.");
      const { nextCursor } = await ask(searchedTypes({ users: [one, ...others], groups: [] }).slice(0, 1), {
        ...query,
        count: "1",
        cursor: "",
      });
      const left = searchedTypes({ users: [one], groups: [] }).slice(0, 1);
      const last = await ask(left, { ...query, count: "1", cursor: nextCursor });
      expect(last).toMatchObject({ totalResults: 1, itemsPerPage: 0, Resources: [] });
      expect(last).not.toHaveProperty("nextCursor");
    },
  );

  it("has everything once where keys are longer than a cursor holds", async () => {
    const long = searchedTypes({
      users: users(...["c", "a", "b"].map((end) => `${"x".repeat(300)}${end}`)),
      groups: [],
    });
    const pages = await run(() => long.slice(0, 1), { sortBy: "displayName", count: "1" });
    expect(pages.flatMap(idsOf)).toEqual([sid(1), sid(2), sid(3)]);
  });

  it("repeats nothing and skips nothing that stays, while others come and go", async () => {
    const presence = fc.array(fc.record({ page: fc.nat(12), index: fc.nat(30) }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        anyContents,
        presence,
        fc.oneof(anySort, fc.constant({})),
        fc.integer({ min: 1, max: 3 }),
        async (all, toggles, order, count) => {
          const everyone = [...all.users, ...all.groups];
          // What the list has at each page: each toggle takes one out, or puts it back.
          const away = new Set<unknown>(everyone.filter((_, index) => index % 3 === 0));
          const everAway = new Set(away);
          let page = 0;
          const typesNow = () => {
            for (const toggle of toggles.filter((one) => one.page === page)) {
              const one = everyone[toggle.index % Math.max(1, everyone.length)];
              if (!away.delete(one)) away.add(one);
              everAway.add(one);
            }
            page += 1;
            return searchedTypes({
              users: all.users.filter((one) => !away.has(one)),
              groups: all.groups.filter((one) => !away.has(one)),
            });
          };
          const pages = await run(typesNow, { ...order, count: String(count) });
          const seen = pages.flatMap(idsOf);
          expect(new Set(seen).size).toBe(seen.length);
          const stayed = [
            ...all.users.filter((one) => !everAway.has(one)).map(({ account }) => account.sid),
            ...all.groups.filter((one) => !everAway.has(one)).map(({ id }) => id),
          ];
          expect(seen).toEqual(expect.arrayContaining(stayed));
        },
      ),
      { numRuns: 120 },
    );
  });
});

describe("the size of a page by cursor", () => {
  const many = searchedTypes({ users: users(...Array(1001).fill("x")), groups: [] }).slice(0, 1);

  it("is 100 where nobody says, and 1000 at the most", async () => {
    expect((await ask(many, { cursor: "" })).itemsPerPage).toBe(100);
    for (const count of ["1000", "1001", "9".repeat(400)]) {
      const page = await ask(many, { cursor: "", count });
      expect(page.itemsPerPage).toBe(1000);
      expect(await ask(many, { cursor: page.nextCursor, count })).toMatchObject({ itemsPerPage: 1 });
    }
  });

  it.each([["0"], ["-1"], ["ten"], ["1.5"]])("is invalidCount where it is %j", async (count) => {
    expect(await lateRefusal(ask(types, { cursor: "", count }))).toMatchObject({
      status: 400,
      scimType: "invalidCount",
    });
  });
});

describe("a cursor that is not for this list", () => {
  const filter = "displayName pr";
  const sortBy = "displayName";

  it.each<[string, string[], Query]>([
    ["another filter", ["/Users"], { filter: 'displayName sw "b"', sortBy }],
    ["no filter", ["/Users"], { sortBy }],
    ["another attribute to sort by", ["/Users"], { filter, sortBy: "userName" }],
    ["another direction", ["/Users"], { filter, sortBy, sortOrder: "descending" }],
    ["no order", ["/Users"], { filter }],
    ["another type", ["/Groups"], { filter, sortBy }],
    ["all types", ["/Users", "/Groups", "/AccountTypes", "/AccountServices"], { filter, sortBy }],
  ])("is invalidCursor: %s", async (_what, paths, query) => {
    const { nextCursor } = await ask([typeAt(types, "/Users")], { filter, sortBy, count: "1", cursor: "" });
    const among = paths.map((path) => typeAt(types, path));
    expect(await lateRefusal(ask(among, { ...query, cursor: nextCursor }))).toMatchObject({
      status: 400,
      scimType: "invalidCursor",
    });
  });

  it("is invalidCursor for a type with the same schema", async () => {
    const { nextCursor } = await ask([typeAt(types, "/AccountTypes")], { count: "1", cursor: "" });
    const among = [typeAt(types, "/AccountServices")];
    expect(await lateRefusal(ask(among, { cursor: nextCursor }))).toMatchObject({
      scimType: "invalidCursor",
    });
  });

  it("is invalidCursor where there are two", async () => {
    expect(await lateRefusal(ask(types, { cursor: ["", ""] }))).toMatchObject({ scimType: "invalidCursor" });
  });

  it("is a cursor of the list where only its spelling differs, or what is shown of each resource", async () => {
    const among = [typeAt(types, "/Users")];
    const { nextCursor } = await ask(among, { filter, sortBy, count: "1", cursor: "" });
    const page = await ask(among, {
      filter: "( DISPLAYNAME pr )",
      sortBy: "displayname",
      sortOrder: "ascending",
      attributes: "userName",
      count: "2",
      cursor: nextCursor,
    });
    expect(page.Resources.map(({ userName }) => userName)).toEqual(["u5", "u1"]);
  });
});

describe("the time that a cursor is valid", () => {
  it.each([0, 1, 999])("is as long as ServiceProviderConfig says, from %i ms on", async (ms) => {
    const clock = new ManualClock(ms);
    const searchNow = searchBy(clock);
    const next = (query: Query) => ask(types, { count: "1", ...query }, searchNow);
    const { nextCursor } = await next({ cursor: "" });
    await clock.advance(CURSOR_TIMEOUT_SECONDS * 1000);
    const later = await next({ cursor: nextCursor });
    expect(later.itemsPerPage).toBe(1);
    await clock.advance(1001);
    const error = await lateRefusal(next({ cursor: nextCursor }));
    expect(error).toMatchObject({ status: 400, scimType: "expiredCursor" });
    expect(error.detail).toContain("3600");
    expect((await next({ cursor: later.nextCursor })).itemsPerPage).toBe(1);
  });
});

describe("pages by index", () => {
  it("stay what a list has where nobody asks for a cursor", async () => {
    const page = await ask(types, { count: "2" });
    expect(page).toMatchObject({ startIndex: 1, itemsPerPage: 2 });
    expect(page).not.toHaveProperty("nextCursor");
    expect(await ask(types, { count: "0" })).toMatchObject({ totalResults: 11, itemsPerPage: 0 });
  });
});
