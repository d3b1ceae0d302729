import { describe, expect, it } from "@jest/globals";
import { jsonBytes } from "../../src/scim/json-bytes.js";
import { parseListQuery } from "../../src/scim/list-query.js";
import { listPieces, listResponse } from "../../src/scim/list-response.js";
import { readList } from "./readable.js";
import { refusal } from "./refusal.js";
import { schema } from "./sample-users.js";

const parse = (query: Record<string, unknown>) => parseListQuery(query, schema);

describe("the query of a list", () => {
  it("has defaults", () => {
    expect(parse({})).toMatchObject({ filter: undefined, sort: undefined, startIndex: 1, count: 100 });
  });

  it.each<[Record<string, unknown>, { startIndex: number; count: number }]>([
    [
      { startIndex: "1", count: "2" },
      { startIndex: 1, count: 2 },
    ],
    [
      { startIndex: "101", count: "100" },
      { startIndex: 101, count: 100 },
    ],
    [
      { startIndex: "0", count: "0" },
      { startIndex: 1, count: 0 },
    ],
    [
      { startIndex: "-5", count: "-5" },
      { startIndex: 1, count: 0 },
    ],
    [
      { startIndex: "+3", count: " 7 " },
      { startIndex: 3, count: 7 },
    ],
    [
      { startIndex: "", count: "" },
      { startIndex: 1, count: 100 },
    ],
    [{ count: "1001" }, { startIndex: 1, count: 1000 }],
    [
      { startIndex: "9".repeat(400), count: "9".repeat(400) },
      { startIndex: Number.MAX_SAFE_INTEGER, count: 1000 },
    ],
  ])("reads %j", (query, expected) => {
    expect(parse(query)).toMatchObject(expected);
  });

  it.each(["startIndex", "count"])("refuses words as %s, by name", (name) => {
    for (const value of ["one", "1.5", "1e3", "0x10", "1 2", "NaN", "--1", ["1", "2"], { a: "1" }]) {
      const error = refusal(() => parse({ [name]: value }));
      expect(error).toMatchObject({ status: 400, scimType: "invalidValue" });
      expect(error.detail).toContain(name);
    }
  });

  it("reads a filter, with plus signs for spaces too", () => {
    const filter = { kind: "compare", attribute: "userName", operator: "eq", value: "a b" };
    expect(parse({ filter: 'userName eq "a b"' }).filter).toEqual(filter);
    expect(parse({ filter: 'userName+eq+"a b"' }).filter).toEqual(filter);
    expect(parse({ filter: "" }).filter).toBeUndefined();
  });

  it("refuses a filter that is none", () => {
    for (const filter of ["userName", ['userName eq "a"', 'userName eq "b"'], { userName: "a" }]) {
      expect(refusal(() => parse({ filter }))).toMatchObject({ status: 400, scimType: "invalidFilter" });
    }
  });

  it("ignores parameters that it does not know", () => {
    expect(parse({ aadOptscim062020: "", x: { y: "z" } })).toMatchObject({ count: 100 });
  });
});

describe("a list", () => {
  it("counts in integers: all there are, and those on the page", () => {
    const page = { schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], itemsPerPage: 1 };
    const head = { totalResults: 25, startIndex: 25 };
    expect(readList(listPieces([jsonBytes({ id: "a" })], head))).toEqual({
      ...page,
      ...head,
      Resources: [{ id: "a" }],
    });
    expect(listResponse([{ id: "a" }])).toEqual({
      ...page,
      totalResults: 1,
      startIndex: 1,
      Resources: [{ id: "a" }],
    });
  });

  it("has its Resources where nothing was found too", () => {
    const nothing = { totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] };
    expect(readList(listPieces([], { totalResults: 0, startIndex: 1 }))).toMatchObject(nothing);
    expect(listResponse([])).toMatchObject(nothing);
  });

  it("says only where it ends or goes on that it is read by cursor", () => {
    const head = { totalResults: 2, nextCursor: "x" };
    expect(readList(listPieces([], head))).toMatchObject(head);
    expect(readList(listPieces([], head))).not.toHaveProperty("startIndex");
    expect(readList(listPieces([], { totalResults: 2 }))).not.toHaveProperty("nextCursor");
  });
});

describe("a list query that asks for too much", () => {
  it.each([
    [
      "a filter of more than 100 comparisons",
      { filter: Array(101).fill("active pr").join(" or ") },
      "invalidFilter",
    ],
    [
      "more than 200 names",
      { attributes: Array.from({ length: 201 }, (_, n) => `a${n}`).join(",") },
      "invalidValue",
    ],
  ])("%s is refused", (_what, query, scimType) => {
    expect(() => parseListQuery(query, schema)).toThrow(expect.objectContaining({ scimType }));
  });

  it("takes a name that is repeated for one", () => {
    const attributes = Array(5000).fill("userName").join(",");
    const { projection } = parseListQuery({ attributes }, schema);
    expect(projection.apply({ id: "1", userName: "ada", title: "Dr" })).toEqual({ id: "1", userName: "ada" });
  });
});
