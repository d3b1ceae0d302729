import { foldCase } from "../directory/user-attributes.js";
import { type Attribute, isCaseExact, isMultiValued } from "./attribute.js";
import { parseDateTime } from "./date-time.js";
import { invalidValue } from "./errors.js";
import { leadingHolder } from "./member-path.js";
import type { Members } from "./members.js";
import type { SortKey } from "./place.js";
import { type QueryParameters, textParameter } from "./query-parameters.js";
import { type AttributeNames, type AttributeTarget, comparedAttribute } from "./resource-schema.js";

/** In which order a list is asked for (RFC 7644 §3.4.2.3). */
export interface Sort {
  /** The attribute as the request names it. */
  readonly target: AttributeTarget;
  readonly descending: boolean;
  /** Makes what reads the key of an item with these members; undefined where it has no data for it. */
  readonly keyReader: <T>(members: Members<T>) => (item: T) => SortKey | undefined;
}

/**
 * Reads `sortBy` and `sortOrder`. An attribute that the schema does not know is refused, as in a filter: a list in
 * another order than was asked for would pass for the right one.
 *
 * @returns undefined where no order is asked for
 * @throws ScimError invalidValue
 */
export function parseSort(query: QueryParameters, names: AttributeNames): Sort | undefined {
  const descending = readSortOrder(query);
  const name = textParameter(query, "sortBy")?.trim();
  if (name === undefined) return undefined;
  const target = names.find(name);
  const attribute = target && comparedAttribute(target);
  if (target === undefined || attribute === undefined) {
    const why = target === undefined ? "names no attribute that the schemas define" : "needs a sub-attribute";
    throw invalidValue(`The query parameter sortBy ${why}: "${name}".`);
  }
  return { target, descending, keyReader: (members) => leadingHolder(members, target, keysOf(attribute)) };
}

function readSortOrder(query: QueryParameters): boolean {
  const order = textParameter(query, "sortOrder");
  switch (order?.trim().toLowerCase()) {
    case undefined:
    case "ascending":
      return false;
    case "descending":
      return true;
    default:
      throw invalidValue('The query parameter sortOrder must be "ascending" or "descending".');
  }
}

/** Of a multi-valued attribute the primary value counts, or else the first. */
function keysOf(attribute: Attribute): <V>(members: Members<V>) => (value: V) => SortKey | undefined {
  return (members) => {
    const member = members.get(attribute.name);
    if (member === undefined) return () => undefined;
    const read = member.instants?.() ?? member.show;
    if (!isMultiValued(attribute)) return (value) => keyOf(read(value), attribute);
    return (value) => {
      const values = read(value);
      return keyOf(Array.isArray(values) ? values[0] : values, attribute);
    };
  };
}

/** Texts are compared as filters compare them: by code, without case unless the attribute has it. */
function keyOf(value: unknown, attribute: Attribute): SortKey | undefined {
  switch (typeof value) {
    case "string":
      if (attribute.type === "dateTime") return parseDateTime(value);
      return isCaseExact(attribute) ? value : foldCase(value);
    case "number":
      return value;
    case "boolean":
      return Number(value);
    default:
      return undefined;
  }
}
