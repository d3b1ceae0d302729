import { describe, expect, it } from "@jest/globals";
import {
  assertPreconditions,
  isNotModified,
  type Preconditions,
  parseEntityTags,
} from "../../src/scim/preconditions.js";
import { refusal } from "./refusal.js";

const VERSION = 'W/"3694e05e9dff590"';

function conditions(headers: { ifMatch?: string; ifNoneMatch?: string }): Preconditions {
  const read = (header: string | undefined) => (header === undefined ? undefined : parseEntityTags(header));
  return { ifMatch: read(headers.ifMatch), ifNoneMatch: read(headers.ifNoneMatch) };
}

describe("the versions in a condition", () => {
  it.each<[string, "*" | string[]]>([
    ["*", "*"],
    [" * ", "*"],
    ['"*"', ["*"]],
    ['*, "a"', ["*", "a"]],
    ['"a"', ["a"]],
    ['W/"a"', ["a"]],
    ['w/"a"', ["a"]],
    ["a", ["a"]],
    ["W/a", ["a"]],
    ['"a", W/"b",c', ["a", "b", "c"]],
    ['"a"W/"b"', ["a", "b"]],
    [' ,"a", ,"b",', ["a", "b"]],
    ['"a,b", W/"c, d"', ["a,b", "c, d"]],
    ['"W/a"', ["W/a"]],
    ['W/"W/a"', ["W/a"]],
    ['"a\\"', ["a\\"]],
    ['""', [""]],
    ['"a', ["a"]],
    ['W/"a', ["a"]],
    ["", []],
    [" , ", []],
  ])("are read from %p", (header, tags) => {
    expect(parseEntityTags(header)).toEqual(tags);
  });
});

/** Headers that name VERSION, in every way that clients write it. */
const NAMING = [
  "*",
  VERSION,
  '"3694e05e9dff590"',
  "3694e05e9dff590",
  "W/3694e05e9dff590",
  `"x,y", ${VERSION}`,
  `${VERSION}, "other"`,
];

/** Versions are told apart by case. */
const NOT_NAMING = ["", ",", '"other"', '"3694E05E9DFF590"', '"3694e05e9dff59"', '"*"', "**", '""'];

describe("a write", () => {
  it("may be done where it has no condition", () => {
    expect(() => assertPreconditions(conditions({}), VERSION)).not.toThrow();
  });

  it.each(NAMING)("may be done with If-Match %s", (ifMatch) => {
    expect(() => assertPreconditions(conditions({ ifMatch }), VERSION)).not.toThrow();
    expect(() => assertPreconditions(conditions({ ifMatch }), '"3694e05e9dff590"')).not.toThrow();
  });

  it.each(NOT_NAMING)("is refused with 412 for If-Match %p", (ifMatch) => {
    const refused = refusal(() => assertPreconditions(conditions({ ifMatch }), VERSION));
    expect(refused).toMatchObject({ status: 412, scimType: "" });
    expect(refused.detail).toMatch(/has changed since it was read.*3694e05e9dff590/);
  });

  it.each(NAMING)("is refused with 412 for If-None-Match %s", (ifNoneMatch) => {
    const refused = refusal(() => assertPreconditions(conditions({ ifNoneMatch }), VERSION));
    expect(refused).toMatchObject({ status: 412, scimType: "" });
    expect(refused.detail).toContain("If-None-Match");
  });

  it.each(NOT_NAMING)("may be done with If-None-Match %p", (ifNoneMatch) => {
    expect(() => assertPreconditions(conditions({ ifNoneMatch }), VERSION)).not.toThrow();
  });

  it("has to fulfil both conditions", () => {
    const both = conditions({ ifMatch: VERSION, ifNoneMatch: VERSION });
    expect(refusal(() => assertPreconditions(both, VERSION)).status).toBe(412);
    const neither = conditions({ ifMatch: '"other"', ifNoneMatch: '"other"' });
    expect(refusal(() => assertPreconditions(neither, VERSION)).status).toBe(412);
    const fulfilled = conditions({ ifMatch: VERSION, ifNoneMatch: '"other"' });
    expect(() => assertPreconditions(fulfilled, VERSION)).not.toThrow();
  });
});

describe("a read", () => {
  it.each(NAMING)("brings nothing new to a client with If-None-Match %s", (ifNoneMatch) => {
    expect(isNotModified(conditions({ ifNoneMatch }), VERSION)).toBe(true);
  });

  it.each(NOT_NAMING)("is answered in full with If-None-Match %p", (ifNoneMatch) => {
    expect(isNotModified(conditions({ ifNoneMatch }), VERSION)).toBe(false);
  });

  it("is answered in full without If-None-Match", () => {
    expect(isNotModified(conditions({}), VERSION)).toBe(false);
    expect(isNotModified(conditions({ ifMatch: VERSION }), VERSION)).toBe(false);
  });
});

describe("a version in two parts", () => {
  const version = 'W/"own.learned"';

  it("counts with its first part for a write", () => {
    for (const ifMatch of [version, 'W/"own.other"', '"x", "own"']) {
      expect(() => assertPreconditions(conditions({ ifMatch }), version)).not.toThrow();
    }
    for (const ifMatch of ['W/"other.learned"', '"own2.learned"', '".own"']) {
      expect(refusal(() => assertPreconditions(conditions({ ifMatch }), version)).status).toBe(412);
    }
  });

  it("counts as a whole for a read", () => {
    expect(isNotModified(conditions({ ifNoneMatch: version }), version)).toBe(true);
    expect(isNotModified(conditions({ ifNoneMatch: 'W/"own.other"' }), version)).toBe(false);
  });
});
