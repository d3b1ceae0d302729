import { foldCase } from "../directory/user-attributes.js";
import { type Attribute, isCaseExact, isComplex } from "./attribute.js";
import { parseDateTime } from "./date-time.js";
import type { ComparisonOperator, Filter, FilterValue } from "./filter.js";
import { isJsonObject, type JsonObject } from "./resource.js";
import { type AttributeTarget, comparedAttribute, type Scope, subAttributeScope } from "./resource-schema.js";

/** Whether a resource, or a value of a complex attribute, matches. */
export type Predicate = (object: JsonObject) => boolean;

/** Whether one value, or its absence, fulfils a comparison. */
type ValueTest = (value: unknown) => boolean;

/**
 * What decides whether a resource matches a filter. The schema's type and `caseExact` decide each comparison; of a
 * multi-valued attribute one value is enough (RFC 7644 §3.4.2.2).
 *
 * An absent attribute equals null and nothing else, so `ne "x"` is true of it. An attribute that `scope` does not know is
 * absent (RFC 7644 §3.4.2.1).
 */
export function compileFilter(filter: Filter, scope: Scope): Predicate {
  switch (filter.kind) {
    case "and": {
      const operands = filter.filters.map((operand) => compileFilter(operand, scope));
      return (object) => operands.every((operand) => operand(object));
    }
    case "or": {
      const operands = filter.filters.map((operand) => compileFilter(operand, scope));
      return (object) => operands.some((operand) => operand(object));
    }
    case "not": {
      const operand = compileFilter(filter.filter, scope);
      return (object) => !operand(object);
    }
    case "present":
      return compilePresent(scope(filter.attribute));
    case "compare":
      return compileCompare(filter.operator, filter.value, scope(filter.attribute));
    case "valuePath":
      return compileValuePath(filter.filter, scope(filter.attribute));
  }
}

function compilePresent(target: AttributeTarget | undefined): Predicate {
  if (target === undefined) return () => false;
  const values = valuesOf(target, target.sub);
  return (object) => values(object).some((value) => value !== undefined);
}

function compileCompare(
  operator: ComparisonOperator,
  value: FilterValue,
  target: AttributeTarget | undefined,
): Predicate {
  const compared = target && comparedAttribute(target);
  const test = valueTest(operator, value, compared);
  if (target === undefined) {
    const matchesAbsence = test(undefined);
    return () => matchesAbsence;
  }
  const values = valuesOf(target, compared === target.attribute ? undefined : compared);
  return (object) => values(object).some(test);
}

function compileValuePath(filter: Filter, target: AttributeTarget | undefined): Predicate {
  if (target?.attribute === undefined) return () => false;
  const matches = compileFilter(filter, subAttributeScope(target.attribute));
  const values = valuesOf(target, undefined);
  return (object) => values(object).some((value) => isJsonObject(value) && matches(value));
}

/**
 * Gives the values of an attribute, or of its sub-attribute in each value: undefined stands for an absent one, so that
 * there is always at least one.
 */
function valuesOf(
  { extension, attribute }: AttributeTarget,
  sub: Attribute | undefined,
): (object: JsonObject) => readonly unknown[] {
  return (object) => {
    const container = extension === undefined ? object : object[extension];
    if (attribute === undefined) return [container];
    const value = isJsonObject(container) ? container[attribute.name] : undefined;
    const values = Array.isArray(value) ? value : [value];
    if (sub === undefined || !isComplex(attribute)) return values;
    return values.map((element) => (isJsonObject(element) ? element[sub.name] : undefined));
  };
}

function valueTest(
  operator: ComparisonOperator,
  expected: FilterValue,
  attribute: Attribute | undefined,
): ValueTest {
  if (operator === "ne") {
    const equals = valueTest("eq", expected, attribute);
    return (value) => !equals(value);
  }
  if (expected === null) return (value) => value === undefined;
  const isInstant = attribute?.type === "dateTime" && !isTextOperator(operator);
  if (isInstant && typeof expected === "string") return orderTest(operator, expected, parseDateTime);
  if (typeof expected === "string") return textTest(operator, expected, attribute);
  if (typeof expected === "boolean") return (value) => value === expected;
  return (value) => typeof value === "number" && inOrder(operator, value, expected);
}

function textTest(
  operator: ComparisonOperator,
  expected: string,
  attribute: Attribute | undefined,
): ValueTest {
  const form = attribute !== undefined && isCaseExact(attribute) ? (text: string) => text : foldCase;
  const wanted = form(expected);
  switch (operator) {
    case "co":
      return (value) => typeof value === "string" && form(value).includes(wanted);
    case "sw":
      return (value) => typeof value === "string" && form(value).startsWith(wanted);
    case "ew":
      return (value) => typeof value === "string" && form(value).endsWith(wanted);
    default:
      return orderTest(operator, expected, form);
  }
}

/** A comparison of what `form` makes of both texts. */
function orderTest<T extends string | number>(
  operator: ComparisonOperator,
  expected: string,
  form: (text: string) => T | undefined,
): ValueTest {
  const wanted = form(expected);
  return (value) => {
    const compared = typeof value === "string" ? form(value) : undefined;
    return compared !== undefined && wanted !== undefined && inOrder(operator, compared, wanted);
  };
}

function inOrder<T extends string | number>(operator: ComparisonOperator, value: T, expected: T): boolean {
  switch (operator) {
    case "eq":
      return value === expected;
    case "ne":
      return value !== expected;
    case "gt":
      return value > expected;
    case "ge":
      return value >= expected;
    case "lt":
      return value < expected;
    case "le":
      return value <= expected;
    case "co":
    case "sw":
    case "ew":
      return false;
  }
}

function isTextOperator(operator: ComparisonOperator): boolean {
  return operator === "co" || operator === "sw" || operator === "ew";
}
