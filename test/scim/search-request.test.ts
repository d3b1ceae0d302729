import { describe, expect, it } from "@jest/globals";
import { readSearchRequest } from "../../src/scim/search-request.js";
import { refusal } from "./refusal.js";

const SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

const read = (said: object) => readSearchRequest({ schemas: [SEARCH_REQUEST], ...said });

describe("a SearchRequest (RFC 7644 §3.4.3)", () => {
  it("is the query that a GET would have", () => {
    expect(
      read({
        attributes: ["displayName", "userName"],
        filter: 'displayName sw "smith"',
        sortBy: "displayName",
        sortOrder: "descending",
        startIndex: 1,
        count: 10,
      }),
    ).toEqual({
      attributes: ["displayName", "userName"],
      filter: 'displayName sw "smith"',
      sortBy: "displayName",
      sortOrder: "descending",
      startIndex: "1",
      count: "10",
    });
    expect(read({ excludedAttributes: ["members"] })).toEqual({ excludedAttributes: ["members"] });
  });

  it("may ask for nothing", () => {
    expect(read({})).toEqual({});
  });

  it.each([[null], [""], [[]]])("asks nothing by a parameter that is %j", (value) => {
    expect(read({ filter: value, attributes: value, sortBy: value, count: value })).toEqual({});
  });

  it("asks for the first page by an empty cursor (RFC 9865 §3), and not by one that is absent or null", () => {
    expect(read({ cursor: "" })).toEqual({ cursor: "" });
    expect(read({ cursor: "VZUTiyhEQJ94IR" })).toEqual({ cursor: "VZUTiyhEQJ94IR" });
    expect(read({ cursor: null })).toEqual({});
  });

  it("has names without case, and ignores what it does not know", () => {
    const body = { SCHEMAS: SEARCH_REQUEST.toUpperCase(), FILTER: "title pr", StartINDEX: 2, domain: "x" };
    expect(readSearchRequest(body)).toEqual({ filter: "title pr", startIndex: "2" });
  });

  it("takes numbers and names as text, as a GET has them", () => {
    expect(read({ count: "10", attributes: "userName,title" })).toEqual({
      count: "10",
      attributes: "userName,title",
    });
  });

  it.each([[undefined], [null], [[]], ["title pr"], [7]])("is not %j", (body) => {
    expect(refusal(() => readSearchRequest(body))).toMatchObject({ status: 400, scimType: "invalidSyntax" });
  });

  it("is not a message of another kind", () => {
    const schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
    expect(refusal(() => read({ schemas })).scimType).toBe("invalidSyntax");
    expect(read({ schemas: [...schemas, SEARCH_REQUEST] })).toEqual({});
  });

  it.each<[object, string]>([
    [{ filter: 7 }, "invalidFilter"],
    [{ filter: { userName: "a" } }, "invalidFilter"],
    [{ filter: ["title pr"] }, "invalidFilter"],
    [{ sortBy: ["userName"] }, "invalidValue"],
    [{ sortOrder: true }, "invalidValue"],
    [{ attributes: 7 }, "invalidValue"],
    [{ attributes: { userName: true } }, "invalidValue"],
    [{ excludedAttributes: true }, "invalidValue"],
    [{ startIndex: [1] }, "invalidValue"],
    [{ startIndex: true }, "invalidValue"],
    [{ count: [10] }, "invalidValue"],
    [{ count: true }, "invalidValue"],
    [{ count: true, cursor: "" }, "invalidCount"],
    [{ cursor: 7 }, "invalidCursor"],
    [{ cursor: ["a"] }, "invalidCursor"],
  ])("is refused, by name, where it says %j", (said, scimType) => {
    const error = refusal(() => read(said));
    expect(error).toMatchObject({ status: 400, scimType });
    expect(error.detail).toContain(Object.keys(said)[0]);
  });
});
