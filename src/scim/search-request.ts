import { isNoValue } from "./attribute-value.js";
import { invalidCount, invalidCursor, invalidFilter, invalidValue, type ScimError } from "./errors.js";
import { type MessageKind, readMessage } from "./message.js";
import type { QueryParameters } from "./query-parameters.js";

const SEARCH: MessageKind = {
  urn: "urn:ietf:params:scim:api:messages:2.0:SearchRequest",
  name: "a search",
  expected: "A search must be a JSON object.",
};

/** What a search may say, by the names that the query of a list has for it. */
const PARAMETERS = [
  "attributes",
  "excludedAttributes",
  "filter",
  "sortBy",
  "sortOrder",
  "startIndex",
  "count",
  "cursor",
];

/**
 * Reads a SearchRequest message (RFC 7644 §3.4.3, RFC 9865 §3) as the query that a GET would have: a text for each
 * parameter, and several for lists of names. Names have no case, and what is not known is ignored.
 *
 * @throws ScimError invalidSyntax for what is no search at all; for a parameter that cannot be read, what a GET throws
 */
export function readSearchRequest(body: unknown): QueryParameters {
  const members = readMessage(body, SEARCH);
  const isByCursor = typeof members.get("cursor") === "string";
  const query: [string, unknown][] = [];
  for (const name of PARAMETERS) {
    const value = members.get(name.toLowerCase());
    // An empty cursor asks for the first page.
    if (isNoValue(value) && !(name === "cursor" && value === "")) continue;
    query.push([name, readParameter(name, value, isByCursor)]);
  }
  return Object.fromEntries(query);
}

function readParameter(name: string, value: unknown, isByCursor: boolean): unknown {
  if (typeof value === "string") return value;
  const isNumber = name === "count" || name === "startIndex";
  if (isNumber && typeof value === "number") return String(value);
  const isList = name === "attributes" || name === "excludedAttributes";
  if (isList && Array.isArray(value)) return value;
  throw refusalOf(name, isByCursor)(`${name} of a search must be ${expected(isNumber, isList)}.`);
}

function refusalOf(name: string, isByCursor: boolean): (detail: string) => ScimError {
  if (name === "filter") return invalidFilter;
  if (name === "cursor") return invalidCursor;
  return name === "count" && isByCursor ? invalidCount : invalidValue;
}

function expected(isNumber: boolean, isList: boolean): string {
  if (isNumber) return "a whole number";
  return isList ? "an array of names" : "a string";
}
