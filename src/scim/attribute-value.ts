import { type Attribute, isComplex, isMultiValued, subAttribute, subAttributes } from "./attribute.js";
import { parseDateTime } from "./date-time.js";
import { invalidValue } from "./errors.js";
import { isJsonObject, type JsonObject } from "./resource.js";

/** Where a name stands in full, for error messages. */
type FullName = string;

/**
 * Limits in UTF-16 code units. The longest e-mail address has 254 and what people are called is shorter, but every
 * userName is a key in memory and in the database; pictures and certificates are sent within the attribute.
 */
const MAX_USER_NAME_LENGTH = 1024;
const MAX_TEXT_LENGTH = 8192;
const MAX_BINARY_LENGTH = 65_536;

/** How many values an attribute may have: a comparison of each with each stays quick. */
const MAX_VALUES = 200;

/** Whether a value says that there is none: null, `""` as Entra ID sends it, or an empty array (RFC 7643 §2.5). */
export function isNoValue(value: unknown): boolean {
  return (
    value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)
  );
}

/**
 * Reads the value of an attribute from a request: names as the schema spells them, in its order, without what the
 * schema does not know. Done here and not by scimmy's `coerce`, which refuses non-canonical types, addresses that are
 * no URLs, "True" for a boolean and a lone value of a multi-valued attribute, all of which providers send.
 *
 * @returns undefined where there is no value
 * @throws ScimError invalidValue
 */
export function readValue(attribute: Attribute, value: unknown, name: FullName): unknown {
  return isMultiValued(attribute) ? readValues(attribute, value, name) : readOne(attribute, value, name);
}

/** The same for a multi-valued attribute. A lone value stands for an array of it. */
export function readValues(
  attribute: Attribute,
  value: unknown,
  name: FullName,
): readonly unknown[] | undefined {
  if (isNoValue(value)) return undefined;
  const given = Array.isArray(value) ? value : [value];
  assertFewValues(given.length, name);
  const values = given
    .map((element) => readOne(attribute, element, name))
    .filter((element) => element !== undefined);
  return values.length > 0 ? values : undefined;
}

export function assertFewValues(count: number, name: FullName): void {
  if (count > MAX_VALUES) throw invalidValue(`${name} has more than ${MAX_VALUES} values.`);
}

/** Reads one value of an attribute, multi-valued or not. */
export function readOne(attribute: Attribute, value: unknown, name: FullName): unknown {
  if (isComplex(attribute)) return readComplex(attribute, value, name);
  if (attribute.type === "boolean") return value === null ? undefined : readBoolean(value, name);
  return isNoValue(value) && !Array.isArray(value) ? undefined : readSimple(attribute, value, name);
}

function readComplex(attribute: Attribute, value: unknown, name: FullName): JsonObject | undefined {
  if (isNoValue(value)) return undefined;
  return mergeComplex(attribute, {}, value, name);
}

/**
 * A complex value with the sub-attributes that `value` names set, or removed where it has none for them; the others
 * are left as they are (RFC 7644 §3.5.2.3).
 *
 * @returns undefined where nothing is left
 */
export function mergeComplex(
  attribute: Attribute,
  current: JsonObject,
  value: unknown,
  name: FullName,
): JsonObject | undefined {
  const given = membersByName(asObject(attribute, value, name));
  const merged: [string, unknown][] = [];
  for (const sub of subAttributes(attribute)) {
    const key = sub.name.toLowerCase();
    const member = given.has(key) ? readValue(sub, given.get(key), `${name}.${sub.name}`) : current[sub.name];
    if (member !== undefined) merged.push([sub.name, member]);
  }
  return merged.length > 0 ? Object.fromEntries(merged) : undefined;
}

/** The members of an object by their names in lower case, since names have no case (RFC 7643 §2.1). */
export function membersByName(object: JsonObject): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(object).map(([name, value]) => [name.toLowerCase(), value]));
}

function asObject(attribute: Attribute, value: unknown, name: FullName): JsonObject {
  // An old form of Entra ID's wraps a manager in an array.
  const [only, ...more] = Array.isArray(value) ? value : [value];
  if (more.length === 0 && isJsonObject(only)) return attribute.name === "roles" ? unfoldRole(only) : only;
  // A scalar is the `value`: so the SCIM Validator writes a manager.
  if (more.length === 0 && typeof only === "string" && subAttribute(attribute, "value") !== undefined) {
    return attribute.name === "roles" ? unfoldRole({ value: only }) : { value: only };
  }
  throw invalidValue(`${name} must be an object with sub-attributes.`);
}

/** Entra ID can send a whole app role as a string of JSON within `value`; its `displayName` is our `display`. */
function unfoldRole(role: JsonObject): JsonObject {
  const text = membersByName(role).get("value");
  if (typeof text !== "string" || !text.trimStart().startsWith("{")) return role;
  let unfolded: unknown;
  try {
    unfolded = JSON.parse(text);
  } catch {
    return role;
  }
  if (!isJsonObject(unfolded) || typeof unfolded.value !== "string") return role;
  const { displayName, ...others } = unfolded;
  return { ...(displayName !== undefined && { display: displayName }), ...role, ...others };
}

/** The type decides: true and false, and the same words in quotation marks in any case, as Entra ID sends them. */
function readBoolean(value: unknown, name: FullName): boolean {
  switch (typeof value === "string" ? value.toLowerCase() : value) {
    case true:
    case "true":
      return true;
    case false:
    case "false":
      return false;
    default:
      throw invalidValue(`${name} must be true or false.`);
  }
}

function readSimple(attribute: Attribute, value: unknown, name: FullName): unknown {
  switch (attribute.type) {
    case "integer":
    case "decimal": {
      const fits = attribute.type === "integer" ? Number.isSafeInteger(value) : Number.isFinite(value);
      if (!fits) throw invalidValue(`${name} must be a number of type ${attribute.type}.`);
      return value;
    }
    case "dateTime":
      if (typeof value === "string" && parseDateTime(value) !== undefined) return value;
      throw invalidValue(`${name} must be a dateTime such as "2011-05-13T04:42:34Z".`);
    default:
      return readText(attribute, value, name);
  }
}

function readText(attribute: Attribute, value: unknown, name: FullName): string {
  if (typeof value !== "string") throw invalidValue(`${name} must be a string.`);
  const limit = maxLength(attribute);
  if (value.length > limit) throw invalidValue(`${name} is longer than ${limit} characters.`);
  return value;
}

function maxLength(attribute: Attribute): number {
  if (attribute.name === "userName") return MAX_USER_NAME_LENGTH;
  return attribute.type === "string" ? MAX_TEXT_LENGTH : MAX_BINARY_LENGTH;
}
