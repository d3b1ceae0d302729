import { type Attribute, isComplex, isMultiValued } from "./attribute.js";
import { comparesText, type ValueTest, valueTest } from "./comparison.js";
import type { ComparisonOperator, Filter } from "./filter.js";
import { someHolder } from "./member-path.js";
import { JSON_MEMBERS, type Member, type Members } from "./members.js";
import type { JsonObject } from "./resource.js";
import { type AttributeTarget, comparedAttribute, type Scope, subAttributeScope } from "./resource-schema.js";

type Comparison = Extract<Filter, { readonly kind: "compare" }>;

/** Whether an item matches. */
export type Predicate<T> = (item: T) => boolean;

/** What decides whether a resource, or a value of a complex attribute, matches a filter: see `compileFilterOn`. */
export function compileFilter(filter: Filter, scope: Scope): Predicate<JsonObject> {
  return compileFilterOn(JSON_MEMBERS, filter, scope);
}

/**
 * What decides whether an item with these members matches a filter. The schema's type and `caseExact` decide each
 * comparison; of a multi-valued attribute one value is enough (RFC 7644 §3.4.2.2).
 *
 * An absent attribute equals null and nothing else, so `ne "x"` is true of it. An attribute that `scope` does not know is
 * absent (RFC 7644 §3.4.2.1).
 */
export function compileFilterOn<T>(members: Members<T>, filter: Filter, scope: Scope): Predicate<T> {
  switch (filter.kind) {
    case "and":
      return filter.filters.map((operand) => compileFilterOn(members, operand, scope)).reduceRight(both);
    case "or":
      return filter.filters.map((operand) => compileFilterOn(members, operand, scope)).reduceRight(either);
    case "not": {
      const operand = compileFilterOn(members, filter.filter, scope);
      return (item) => !operand(item);
    }
    case "present":
      return compilePresent(members, scope(filter.attribute));
    case "compare":
      return compileCompare(members, filter, scope(filter.attribute));
    case "valuePath":
      return compileValuePath(members, filter.filter, scope(filter.attribute));
  }
}

function both<T>(rest: Predicate<T>, operand: Predicate<T>): Predicate<T> {
  return (item) => operand(item) && rest(item);
}

function either<T>(rest: Predicate<T>, operand: Predicate<T>): Predicate<T> {
  return (item) => operand(item) || rest(item);
}

function compilePresent<T>(members: Members<T>, target: AttributeTarget | undefined): Predicate<T> {
  if (target === undefined) return () => false;
  const named = target.sub ?? target.attribute;
  // Of what is complex it is enough to be there.
  if (named === undefined || isComplex(named)) return someHolder(members, target, () => () => true, false);
  return someHolder(members, target, (inner) => isPresent(inner.get(named.name)), false);
}

function isPresent<V>(member: Member<V> | undefined): Predicate<V> {
  return member === undefined ? () => false : (value) => member.show(value) !== undefined;
}

function compileCompare<T>(
  members: Members<T>,
  { operator, value }: Comparison,
  target: AttributeTarget | undefined,
): Predicate<T> {
  const compared = target && comparedAttribute(target);
  const test = valueTest(operator, value, compared);
  const absent = test(undefined);
  if (target === undefined) return () => absent;
  if (compared === undefined) {
    // What is there without a value of its own equals nothing, and null neither.
    const present = test({});
    return someHolder(members, target, () => () => present, absent);
  }
  return someHolder(members, target, (inner) => compileTest(inner, compared, operator, test), absent);
}

function compileTest<V>(
  members: Members<V>,
  attribute: Attribute,
  operator: ComparisonOperator,
  test: ValueTest,
): Predicate<V> {
  const member = members.get(attribute.name);
  if (member === undefined) {
    const absent = test(undefined);
    return () => absent;
  }
  // The text of a time is the one that is shown.
  const read = (comparesText(operator) ? undefined : member.instants?.()) ?? member.show;
  if (!isMultiValued(attribute)) return (value) => test(read(value));
  return (value) => {
    const values = read(value);
    return Array.isArray(values) ? values.some((one) => test(one)) : test(values);
  };
}

function compileValuePath<T>(
  members: Members<T>,
  filter: Filter,
  target: AttributeTarget | undefined,
): Predicate<T> {
  if (target?.attribute === undefined) return () => false;
  const scope = subAttributeScope(target.attribute);
  return someHolder(members, target, (inner) => compileFilterOn(inner, filter, scope), false);
}
