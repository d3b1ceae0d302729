import { describe, expect, it } from "@jest/globals";
import { type Answered, answerDifferences } from "./answer-differences.js";
import { Captures } from "./captures.js";

const VERSION = 'W/"1"';
const TYPE = "application/scim+json; charset=utf-8";
const USER = { id: "x", meta: { version: VERSION } };
const ANSWERED: Answered = {
  status: 200,
  headers: { "content-type": TYPE, etag: VERSION, location: "https://bridge.example" },
  text: JSON.stringify(USER),
};
const EXPECTED = { status: 200, body: USER };

function found(change: Partial<Answered>, expected: object = {}): string[] {
  return answerDifferences({ ...ANSWERED, ...change }, { ...EXPECTED, ...expected }, new Captures());
}

describe("the comparison of status, headers and body", () => {
  it("finds nothing where all is as expected, whatever other headers there are", () => {
    expect(found({})).toEqual([]);
    expect(found({}, { headers: { LOCATION: "https://bridge.example" } })).toEqual([]);
    expect(found({}, { body: undefined, contains: { id: "x" } })).toEqual([]);
  });

  it("shows what came with another status", () => {
    expect(found({ status: 400, text: "{}" })).toEqual(["status: expected 200, got 400", "answered: {}"]);
  });

  it("wants the type of SCIM for every body", () => {
    const headers = { ...ANSWERED.headers, "content-type": "application/json; charset=utf-8" };
    expect(found({ headers })).toEqual([
      `headers.content-type: expected "${TYPE}", got "application/json; charset=utf-8"`,
    ]);
    expect(found({ headers }, { body: undefined, contains: {} })).toHaveLength(1);
    expect(found({ headers }, { headers: { "Content-Type": "application/json; charset=utf-8" } })).toEqual(
      [],
    );
  });

  it.each([
    ["no ETag", {}],
    ["another ETag", { etag: 'W/"2"' }],
    ["a strong ETag", { etag: '"1"' }],
  ])("notices %s for a resource that shows its version", (_what, { etag }: { etag?: string }) => {
    const { etag: _, ...others } = ANSWERED.headers;
    const headers = etag === undefined ? others : { ...others, etag };
    expect(found({ headers })).toHaveLength(1);
    const plain = { text: "{}", headers };
    expect(found(plain, { body: {} })).toEqual([]);
  });

  it("wants no body where none is expected, and then no type", () => {
    const nothing = { status: 204, body: undefined };
    expect(found({ status: 204, headers: {}, text: "" }, nothing)).toEqual([]);
    expect(found({ status: 204, headers: {}, text: undefined }, nothing)).toEqual([]);
    expect(found({ status: 204, text: "{}" }, nothing)).toEqual(["body: expected nothing, got {}"]);
    expect(found({ text: "", headers: {} })).toHaveLength(1);
  });
});
