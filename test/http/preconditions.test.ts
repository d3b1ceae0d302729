import { describe, expect, it } from "@jest/globals";
import { readPreconditions } from "../../src/http/preconditions.js";

describe("the conditions of a request", () => {
  it("are what If-Match and If-None-Match say", () => {
    const headers = { "if-match": 'W/"a", "b"', "if-none-match": "*" };
    expect(readPreconditions({ headers })).toEqual({ ifMatch: ["a", "b"], ifNoneMatch: "*" });
  });

  it("are none where the headers are absent, and not where they are empty", () => {
    expect(readPreconditions({ headers: {} })).toEqual({ ifMatch: undefined, ifNoneMatch: undefined });
    expect(readPreconditions({ headers: { "if-match": "" } })).toEqual({
      ifMatch: [],
      ifNoneMatch: undefined,
    });
  });
});
