import { describe, expect, it } from "@jest/globals";
import { Captures } from "./captures.js";
import type { Json } from "./conversation.js";
import { differences } from "./differences.js";

const SID = "AC0123456789abcdef0123456789abcdef";
const UUID = "0f8fad5b-d9cb-469f-a165-70867728950e";
const TWILIO_SCHEMA = "urn:ietf:params:scim:schemas:extension:twilio:2.0:User";

function found(actual: unknown, expected: Json, extent: "whole" | "part" = "whole"): string[] {
  return differences(actual, expected, { place: "body", extent, captures: new Captures() });
}

describe("the comparison of an answer", () => {
  it.each<[string, unknown, Json, string]>([
    ["another value", { a: 1 }, { a: 2 }, "body.a: expected 2, got 1"],
    ["a number as text", { a: "1" }, { a: 1 }, 'body.a: expected 1, got "1"'],
    ["null for nothing", { a: null }, {}, "body.a: expected nothing, got null"],
    ["nothing for null", {}, { a: null }, "body.a: expected null, got nothing"],
    ["one member more", { a: 1, b: 2 }, { a: 1 }, "body.b: expected nothing, got 2"],
    ["one member less", { a: 1 }, { a: 1, b: 2 }, "body.b: expected 2, got nothing"],
    ["a member deep inside", { a: [{ b: [1] }] }, { a: [{ b: [2] }] }, "body.a[0].b[0]: expected 2, got 1"],
    ["one element more", [1, 2], [1], "body[1]: expected nothing, got 2"],
    ["one element less", [1], [1, 2], "body[1]: expected 2, got nothing"],
    ["an object for an array", {}, [], "body: expected [], got {}"],
    ["an array for an object", [], {}, "body: expected {}, got []"],
    ["no body", undefined, {}, "body: expected {}, got nothing"],
  ])("notices %s", (_what, actual, expected, line) => {
    expect(found(actual, expected)).toEqual([line]);
  });

  it("notices elements in another order", () => {
    expect(found([1, 2], [2, 1])).toHaveLength(2);
    expect(found([{ a: 1 }, { a: 2 }], [{ a: 2 }, { a: 1 }], "part")).toHaveLength(1);
  });

  it("tells all differences at once", () => {
    expect(found({ a: 1, b: 2, c: 3 }, { a: 2, b: 3, c: 3 })).toHaveLength(2);
  });

  it("takes the order of members for nothing", () => {
    expect(found({ a: 1, b: 2 }, { b: 2, a: 1 })).toEqual([]);
  });

  it("lets a part have more around it, and no less in it", () => {
    const actual = { a: 1, list: [{ id: "x" }, { id: "y", more: true }, { id: "z" }] };
    expect(found(actual, { list: [{ id: "y" }, { id: "z" }] }, "part")).toEqual([]);
    expect(found(actual, { list: [{ id: "y" }, { id: "y" }] }, "part")).toHaveLength(1);
    expect(found(actual, { list: [{ id: "w" }] }, "part")).toHaveLength(1);
    expect(found(actual, { b: 1 }, "part")).toHaveLength(1);
  });
});

describe("a wildcard", () => {
  it.each([
    ["<id>", SID],
    ["<id>", UUID],
    ["<time>", "2026-11-24T10:00:00Z"],
    ["<time>", "2026-11-24T10:00:00.123+01:00"],
    ["<version>", 'W/"abc-1"'],
    ["<cursor>", "aZ09-._~"],
    ["<text>", "No such user."],
  ])("%s stands for %j", (wildcard, value) => {
    expect(found(value, wildcard)).toEqual([]);
  });

  it.each([
    ["<id>", "support"],
    ["<id>", SID.slice(0, -1)],
    ["<id>", `${SID}0`],
    ["<time>", "2026-11-24"],
    ["<time>", "2026-11-24 10:00:00Z"],
    ["<time>", 1_763_978_400],
    ["<version>", '"abc"'],
    ["<version>", 'W/""'],
    ["<version>", "abc"],
    ["<cursor>", ""],
    ["<cursor>", "a+b/c="],
    ["<text>", ""],
    ["<text>", " "],
    ["<text>", 1],
    ["<text>", null],
  ])("%s does not stand for %j", (wildcard, value) => {
    expect(found({ a: value }, { a: wildcard })).toHaveLength(1);
  });

  it("captures from the element that is meant, and from no other one", () => {
    const captures = new Captures();
    const actual = [
      { id: UUID, name: "other" },
      { id: SID, name: "meant" },
    ];
    const expected = [{ id: "<id as user>", name: "meant" }];
    expect(differences(actual, expected, { place: "body", extent: "part", captures })).toEqual([]);
    expect(captures.fill("{{user}}")).toBe(SID);
  });

  it("captures what it stands for, so that it is known from then on", () => {
    const captures = new Captures();
    const compare = (actual: unknown, expected: Json) =>
      differences(actual, expected, { place: "body", captures });
    expect(compare([SID, 'W/"1"', "x"], ["<id as user>", "<version as v>", "<cursor as next>"])).toEqual([]);
    expect(
      compare({ a: `/Users/${SID}?${SID.toLowerCase()}` }, { a: "/Users/{{user}}?{{user in lower case}}" }),
    ).toEqual([]);
    expect(compare(['W/"1"', "x"], ["{{v}}", "{{next}}"])).toEqual([]);
    expect(compare(UUID, "{{user}}")).toEqual([`body: expected "${SID}", got "${UUID}"`]);
    expect(() => compare(UUID, "<id as user>")).toThrow("user is captured already");
    expect(() => compare(UUID, "{{nobody}}")).toThrow("Nothing is captured as nobody.");
  });
});

describe("what stands for a user's extension and entitlements", () => {
  const user = (active: unknown, extension: unknown) => ({ id: SID, active, [TWILIO_SCHEMA]: extension });
  const compare = (actual: { readonly active: unknown }) =>
    found(actual, { id: "<id>", active: actual.active === true, [TWILIO_SCHEMA]: "<twilio>" });

  it.each([
    [true, "active"],
    [false, "suspended"],
    [false, "closed"],
  ])("is an extension that agrees: active is %s, the status %s", (active, status) => {
    expect(compare(user(active, { accountSid: SID, status, more: 1 }))).toEqual([]);
  });

  it.each<[string, boolean, unknown]>([
    ["that is of another account", true, { accountSid: UUID, status: "active" }],
    ["that says suspended of an active user", true, { accountSid: SID, status: "suspended" }],
    ["that says active of an inactive user", false, { accountSid: SID, status: "active" }],
    ["without a status", false, { accountSid: SID }],
    ["that is an array", true, [{ accountSid: SID, status: "active" }]],
    ["that is a text", true, "active"],
    ["that is not there", true, undefined],
  ])("is no extension %s", (_what, active, extension) => {
    expect(compare(user(active, extension))).toHaveLength(1);
  });

  it("is at least one whole entitlement", () => {
    const whole = { value: "account-type-full", display: "Full account", type: "AccountType" };
    const compare = (entitlements: unknown) => found({ entitlements }, { entitlements: "<entitlements>" });
    expect(compare([whole, whole])).toEqual([]);
    for (const wrong of [[], {}, null, [whole, {}], [{ ...whole, primary: true }]]) {
      expect(compare(wrong)).toHaveLength(1);
    }
  });
});
