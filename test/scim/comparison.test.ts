import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { foldCase } from "../../src/directory/user-attributes.js";
import { valueTest } from "../../src/scim/comparison.js";
import { COMPARISON_OPERATORS, type ComparisonOperator } from "../../src/scim/filter.js";
import { schema } from "./sample-users.js";

const attribute = (name: string) => schema.find(name)?.attribute;

/** Letters whose case is not that of ASCII, or depends on what stands around them, among letters of ASCII. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom("a", "A", "i", "I", "k", "s", "S", "z", "@", "[", "5", " "),
    fc.constantFrom(
      "\u00df",
      "\u0130",
      "\u0131",
      "\u0149",
      "\u017f",
      "\u03a3",
      "\u03c2",
      "\u212a",
      "\u0307",
      "\ufb01",
    ),
  ),
  maxLength: 6,
});

describe("a comparison of texts without case", () => {
  it("is one of the folded texts, whatever is in them", () => {
    const naive: Record<ComparisonOperator, (value: string, expected: string) => boolean> = {
      eq: (value, expected) => value === expected,
      ne: (value, expected) => value !== expected,
      co: (value, expected) => value.includes(expected),
      sw: (value, expected) => value.startsWith(expected),
      ew: (value, expected) => value.endsWith(expected),
      gt: (value, expected) => value > expected,
      ge: (value, expected) => value >= expected,
      lt: (value, expected) => value < expected,
      le: (value, expected) => value <= expected,
    };
    // Two texts by chance are rarely the same, or one the beginning of the other.
    const pair = fc.oneof(
      fc.tuple(text, text),
      fc.tuple(text, text).map(([start, rest]) => [`${start}${rest}`, start] as const),
      text.map((one) => [one, foldCase(one)] as const),
      text.map((one) => [one, one.toUpperCase()] as const),
    );
    fc.assert(
      fc.property(pair, ([value, expected]) => {
        for (const operator of COMPARISON_OPERATORS) {
          const decision = valueTest(operator, expected, attribute("title"))(value);
          expect(decision).toBe(naive[operator](foldCase(value), foldCase(expected)));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a comparison of times", () => {
  it.each<[ComparisonOperator, readonly [boolean, boolean, boolean]]>([
    ["eq", [false, true, false]],
    ["ne", [true, false, true]],
    ["gt", [false, false, true]],
    ["ge", [false, true, true]],
    ["lt", [true, false, false]],
    ["le", [true, true, false]],
  ])("%s is the same of texts and of epoch milliseconds", (operator, decisions) => {
    const target = schema.find("lastActivity")?.attribute;
    const test = valueTest(operator, "2026-02-14T01:00:00+01:00", target);
    const texts = ["2026-02-13T23:59:59.999Z", "2026-02-14T00:00:00Z", "2026-02-15"];
    expect(texts.map(test)).toEqual(decisions);
    expect(texts.map((one) => test(Date.parse(one)))).toEqual(decisions);
    expect(test(undefined)).toBe(operator === "ne");
  });
});
