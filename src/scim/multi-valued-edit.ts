import { isDeepStrictEqual } from "node:util";
import { foldCase } from "../directory/user-attributes.js";
import type { Attribute } from "./attribute.js";
import type { AttributePath } from "./attribute-path.js";
import { assertFewValues, isNoValue, mergeComplex, readValues } from "./attribute-value.js";
import { invalidValue, noTarget } from "./errors.js";
import type { Filter } from "./filter.js";
import { compileFilter } from "./filter-match.js";
import { isJsonObject, type JsonObject } from "./resource.js";
import { subAttributeScope } from "./resource-schema.js";

export type EditOperation = "add" | "replace" | "remove";

/** A path to values of a complex multi-valued attribute. */
export interface MultiValuedTarget extends AttributePath {
  readonly attribute: Attribute;
}

type Values = readonly JsonObject[];

/**
 * The values of a multi-valued attribute after one operation (RFC 7644 §3.5.2.1 to §3.5.2.3).
 *
 * @throws ScimError noTarget where the path's filter selects nothing, invalidValue
 */
export function editMultiValued(
  current: unknown,
  operation: EditOperation,
  target: MultiValuedTarget,
  value: unknown,
): Values | undefined {
  const before = Array.isArray(current) ? current.filter(isJsonObject) : [];
  const after = withOnePrimary(before, edit(before, operation, target, value), target.text);
  assertFewValues(after.length, target.text);
  return after.length > 0 ? after : undefined;
}

function edit(before: Values, operation: EditOperation, target: MultiValuedTarget, value: unknown): Values {
  switch (operation) {
    case "remove":
      return remove(before, target, value);
    case "add":
    case "replace":
      if (isNoValue(value)) return clear(before, operation, target);
      if (target.filter !== undefined || target.sub !== undefined) {
        return writeSelected(before, operation, target, value);
      }
      return operation === "add" ? append(before, target, value) : readElements(target, value);
  }
}

/** RFC 7644 §3.5.2.2. A value names what to remove, as Entra ID does. */
function remove(before: Values, target: MultiValuedTarget, value: unknown): Values {
  const isSelected = selector(target);
  if (target.filter !== undefined && !before.some(isSelected)) throw nothingSelected(target);
  if (target.sub !== undefined)
    return before.flatMap((element) => (isSelected(element) ? without(element, target) : element));
  if (value === undefined || value === null || target.filter !== undefined) {
    return before.filter((element) => !isSelected(element));
  }
  const named = Array.isArray(value) && value.length === 0 ? [] : readElements(target, value);
  return before.filter((element) => !named.some((wanted) => includes(element, wanted)));
}

/** An add or replace of nothing: a replacement by nothing is a removal, and of what is not there already done. */
function clear(before: Values, operation: "add" | "replace", target: MultiValuedTarget): Values {
  if (target.filter === undefined && target.sub === undefined) return operation === "add" ? before : [];
  const isSelected = selector(target);
  return before.flatMap((element) => {
    if (!isSelected(element)) return element;
    return target.sub === undefined ? [] : without(element, target);
  });
}

function writeSelected(
  before: Values,
  operation: "add" | "replace",
  target: MultiValuedTarget,
  value: unknown,
): Values {
  const { attribute, filter, sub, text } = target;
  const written = sub === undefined ? value : { [sub.name]: value };
  const isSelected = selector(target);
  if (!before.some(isSelected)) {
    const seed = filter === undefined ? {} : seedOf(filter);
    if (seed === undefined) throw nothingSelected(target);
    return [...before, ...present(mergeComplex(attribute, seed, written, text))];
  }
  // A selected value is replaced whole (RFC 7644 §3.5.2.3), but an add, or one to a sub-attribute, keeps the rest of it.
  const keepsRest = operation === "add" || sub !== undefined;
  return before.flatMap((element) =>
    isSelected(element) ? present(mergeComplex(attribute, keepsRest ? element : {}, written, text)) : element,
  );
}

/** Values that are there already, by `value` and `type`, are not doubled: what is new about them is added to them. */
function append(before: Values, target: MultiValuedTarget, value: unknown): Values {
  const after = [...before];
  // From the last to the first: of two values that are the same, the first is kept up.
  const indexByKey = new Map(before.map((element, index) => [keyOf(element), index] as const).reverse());
  for (const added of readElements(target, value)) {
    const key = keyOf(added);
    const index = indexByKey.get(key) ?? after.length;
    const existing = after[index] ?? {};
    indexByKey.set(key, index);
    if (includes(existing, added)) continue;
    after[index] = mergeComplex(target.attribute, existing, added, target.text) ?? existing;
  }
  return after;
}

/** What two values have in common that are the same to a client. */
function keyOf(element: JsonObject): string {
  const { value, type } = element;
  if (typeof value !== "string") return JSON.stringify(Object.entries(element).sort());
  return JSON.stringify([foldCase(value), typeof type === "string" ? foldCase(type) : null]);
}

/** Whether `element` has everything that `wanted` names. */
function includes(element: JsonObject, wanted: JsonObject): boolean {
  return Object.entries(wanted).every(([name, value]) => isDeepStrictEqual(element[name], value));
}

/** Takes the sub-attribute away, and the value with it where nothing is left but what kind of value it was. */
function without(element: JsonObject, { attribute, sub, text }: MultiValuedTarget): Values {
  if (sub === undefined) return [element];
  const rest = mergeComplex(attribute, element, { [sub.name]: null }, text) ?? {};
  const isEmptied =
    sub.name === "value" && Object.keys(rest).every((name) => name === "type" || name === "primary");
  return isEmptied || Object.keys(rest).length === 0 ? [] : [rest];
}

/**
 * What a value must have so that the path selects it: Entra ID writes `emails[type eq "work"].value` whether there is
 * such an e-mail or not. Undefined where the filter is more than equalities that hold at once.
 */
export function seedOf(filter: Filter): JsonObject | undefined {
  if (filter.kind === "compare" && filter.operator === "eq") {
    return filter.value === null ? {} : { [filter.attribute]: filter.value };
  }
  if (filter.kind !== "and") return undefined;
  let seed: JsonObject = {};
  for (const operand of filter.filters) {
    const part = seedOf(operand);
    if (part === undefined) return undefined;
    seed = { ...seed, ...part };
  }
  return seed;
}

/** Where an operation makes a value primary, the others stop being so (RFC 7644 §3.5.2). */
function withOnePrimary(before: Values, after: Values, name: string): Values {
  const written = after.filter((element) => element.primary === true && !before.includes(element));
  if (written.length > 1) throw invalidValue(`${name}: only one value can be primary.`);
  const [primary] = written;
  if (primary === undefined) return after;
  return after.map((element) =>
    element !== primary && element.primary === true ? { ...element, primary: false } : element,
  );
}

function readElements({ attribute, text }: MultiValuedTarget, value: unknown): Values {
  return (readValues(attribute, value, text) ?? []).filter(isJsonObject);
}

function selector({ attribute, filter }: MultiValuedTarget): (element: JsonObject) => boolean {
  return filter === undefined ? () => true : compileFilter(filter, subAttributeScope(attribute));
}

function present(value: JsonObject | undefined): Values {
  return value === undefined ? [] : [value];
}

function nothingSelected({ text }: MultiValuedTarget) {
  return noTarget(`No value is selected by "${text}".`);
}
