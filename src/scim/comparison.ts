import { foldCase } from "../directory/user-attributes.js";
import { type Attribute, isCaseExact } from "./attribute.js";
import { parseDateTime } from "./date-time.js";
import type { ComparisonOperator, FilterValue } from "./filter.js";

/** Whether one value, or its absence, fulfils a comparison. */
export type ValueTest = (value: unknown) => boolean;

const MAX_ASCII = 0x7f;

/**
 * What decides whether a value fulfils a comparison (RFC 7644 §3.4.2.2, Table 3). The attribute's type and `caseExact`
 * decide how; undefined: no schema has it.
 *
 * The test takes values as resources have them; a dateTime may also come in epoch milliseconds, unless `comparesText`.
 */
export function valueTest(
  operator: ComparisonOperator,
  expected: FilterValue,
  attribute: Attribute | undefined,
): ValueTest {
  if (operator === "ne") {
    const equals = valueTest("eq", expected, attribute);
    return (value) => !equals(value);
  }
  if (expected === null) return (value) => value === undefined;
  if (typeof expected === "boolean") return (value) => value === expected;
  if (typeof expected === "number") {
    const isInOrder = orderOf(operator, expected);
    return (value) => typeof value === "number" && isInOrder(value);
  }
  if (attribute?.type === "dateTime" && !comparesText(operator)) return instantTest(operator, expected);
  return attribute !== undefined && isCaseExact(attribute)
    ? exactTest(operator, expected)
    : foldedTest(operator, foldCase(expected));
}

/** Whether a comparison is one of texts, whatever the attribute's type. */
export function comparesText(operator: ComparisonOperator): boolean {
  return operator === "co" || operator === "sw" || operator === "ew";
}

function instantTest(operator: ComparisonOperator, expected: string): ValueTest {
  const wanted = parseDateTime(expected);
  if (wanted === undefined) return () => false;
  const isInOrder = orderOf<number>(operator, wanted);
  return (value) => {
    const instant = typeof value === "string" ? parseDateTime(value) : value;
    return typeof instant === "number" && isInOrder(instant);
  };
}

function exactTest(operator: ComparisonOperator, expected: string): ValueTest {
  switch (operator) {
    case "co":
      return (value) => typeof value === "string" && value.includes(expected);
    case "sw":
      return (value) => typeof value === "string" && value.startsWith(expected);
    case "ew":
      return (value) => typeof value === "string" && value.endsWith(expected);
    default: {
      const isInOrder = orderOf(operator, expected);
      return (value) => typeof value === "string" && isInOrder(value);
    }
  }
}

/** @param expected folded */
function foldedTest(operator: ComparisonOperator, expected: string): ValueTest {
  switch (operator) {
    case "eq":
      return (value) => typeof value === "string" && foldsTo(value, expected);
    case "co":
      return (value) => typeof value === "string" && foldCase(value).includes(expected);
    case "sw":
      return (value) => typeof value === "string" && foldsToStart(value, expected);
    case "ew":
      return (value) => typeof value === "string" && foldCase(value).endsWith(expected);
    default: {
      const isInOrder = orderOf(operator, expected);
      return (value) => typeof value === "string" && isInOrder(foldCase(value));
    }
  }
}

function foldsTo(text: string, expected: string): boolean {
  const starts = asciiStart(text, expected);
  return starts === undefined ? foldCase(text) === expected : starts && text.length === expected.length;
}

function foldsToStart(text: string, expected: string): boolean {
  return asciiStart(text, expected) ?? foldCase(text).startsWith(expected);
}

/**
 * Whether a text, folded, begins with `expected`. What is ASCII is folded letter by letter, whatever stands around it, so
 * nearly all texts are told apart at their first letters, and none of these is copied.
 *
 * @returns undefined where it depends on a character that is not ASCII
 */
function asciiStart(text: string, expected: string): boolean | undefined {
  for (let at = 0; at < expected.length; at++) {
    const code = text.charCodeAt(at);
    if (code > MAX_ASCII) return undefined;
    const isUpperCase = code >= 0x41 && code <= 0x5a;
    // Behind the end of the text, the code is NaN, and equals none.
    if ((isUpperCase ? code + 0x20 : code) !== expected.charCodeAt(at)) return false;
  }
  return true;
}

/** What decides whether a value stands to the expected one as `eq`, `gt`, `ge`, `lt` or `le` has it; others are never true. */
function orderOf<T extends string | number>(
  operator: ComparisonOperator,
  expected: T,
): (value: T) => boolean {
  const hasLess = operator === "lt" || operator === "le";
  const hasGreater = operator === "gt" || operator === "ge";
  const hasEqual = operator === "eq" || operator === "le" || operator === "ge";
  return (value) => {
    if (value === expected) return hasEqual;
    return value < expected ? hasLess : value > expected && hasGreater;
  };
}
