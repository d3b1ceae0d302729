import { foldCase } from "../directory/user-attributes.js";
import { type Attribute, isCaseExact } from "./attribute.js";
import { parseDateTime } from "./date-time.js";
import { invalidValue } from "./errors.js";
import type { SortKey } from "./place.js";
import { type QueryParameters, textParameter } from "./query-parameters.js";
import { isJsonObject, type JsonObject } from "./resource.js";
import { type AttributeNames, type AttributeTarget, comparedAttribute } from "./resource-schema.js";

/** In which order a list is asked for (RFC 7644 §3.4.2.3). */
export interface Sort {
  /** The attribute as the request names it. */
  readonly target: AttributeTarget;
  readonly descending: boolean;
  /** What resources are compared by; undefined where a resource has no data for it. It reads the target's member only. */
  readonly keyOf: (resource: JsonObject) => SortKey | undefined;
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
  return { target, descending, keyOf: keyReader(target, attribute) };
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

function keyReader(
  { extension, attribute }: AttributeTarget,
  compared: Attribute,
): (resource: JsonObject) => SortKey | undefined {
  return (resource) => {
    const container = extension === undefined ? resource : resource[extension];
    if (attribute === undefined || !isJsonObject(container)) return undefined;
    const value = leadingValue(container[attribute.name]);
    return keyOf(isJsonObject(value) ? value[compared.name] : value, compared);
  };
}

/** Of a multi-valued attribute the primary value counts, or else the first. */
function leadingValue(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.find((element) => isJsonObject(element) && element.primary === true) ?? value[0];
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
