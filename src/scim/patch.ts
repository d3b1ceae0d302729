import { isDeepStrictEqual } from "node:util";
import { type AttributePath, parsePath } from "./attribute-path.js";
import { isNoValue, membersByName } from "./attribute-value.js";
import { invalidPath, invalidSyntax, invalidValue, mutability, noTarget } from "./errors.js";
import { countTerms } from "./filter.js";
import { type MessageKind, readMessage } from "./message.js";
import type { EditOperation } from "./multi-valued-edit.js";
import { isJsonObject, type Resource } from "./resource.js";
import { type Edit, editResource, isFixed, namedAttributes } from "./resource-edit.js";
import type { ResourceSchema } from "./resource-schema.js";

const PATCH: MessageKind = {
  urn: "urn:ietf:params:scim:api:messages:2.0:PatchOp",
  name: "a PATCH",
  expected: "A PATCH needs a JSON object with Operations.",
};
const OPERATIONS: readonly EditOperation[] = ["add", "replace", "remove"];
/** More than any provider sends; each is applied one by one. */
const MAX_OPERATIONS = 1000;
/** How many comparisons the filters of all paths may ask for: each is made for every value of the attribute. */
const MAX_TERMS = 1000;

/** One change of one attribute; an operation without a path makes one for each attribute in its value. */
export interface PatchOperation extends Edit {
  /** Named by its key in a value, as part of a resource that a client may have read before. */
  readonly isPartOfResource: boolean;
}

/**
 * Reads a PatchOp message (RFC 7644 §3.5.2), with or without `schemas`.
 *
 * @throws ScimError invalidSyntax, invalidPath, invalidFilter, invalidValue or noTarget
 */
export function parsePatch(body: unknown, schema: ResourceSchema): readonly PatchOperation[] {
  const operations = readMessage(body, PATCH).get("operations");
  // RFC 7644 §3.5.2 wants one or more, but Microsoft's validator sends none, and asks for nothing by it.
  if (!Array.isArray(operations)) throw invalidSyntax("Operations must be an array of operations.");
  if (operations.length > MAX_OPERATIONS) {
    throw invalidSyntax(`Operations has more than ${MAX_OPERATIONS} operations.`);
  }
  const parsed = operations.flatMap((operation) => parseOperation(operation, schema));
  const terms = parsed.reduce((sum, { path: { filter } }) => sum + (filter ? countTerms(filter) : 0), 0);
  if (terms > MAX_TERMS) throw invalidPath(`The paths make more than ${MAX_TERMS} comparisons.`);
  return parsed;
}

function parseOperation(operation: unknown, schema: ResourceSchema): readonly PatchOperation[] {
  if (!isJsonObject(operation)) throw invalidSyntax("Each operation must be a JSON object.");
  const members = membersByName(operation);
  const op = members.get("op");
  const kind = OPERATIONS.find((known) => typeof op === "string" && op.toLowerCase() === known);
  if (kind === undefined) throw invalidSyntax('The op of an operation must be "add", "replace" or "remove".');
  const value = members.get("value");
  if (kind !== "remove" && value === undefined) throw invalidValue(`The operation "${kind}" needs a value.`);
  const path = members.get("path") ?? undefined;
  if (path === undefined) return expand(kind, value, schema);
  if (typeof path !== "string" || path.trim() === "")
    throw invalidPath("A path must be a string, and not empty.");
  return operationsAt(kind, path, value, schema);
}

function operationsAt(
  operation: EditOperation,
  text: string,
  value: unknown,
  schema: ResourceSchema,
): readonly PatchOperation[] {
  if (isDropped(text, schema)) return [];
  const path = parsePath(text, schema);
  if (path === undefined) throw invalidPath(`The path "${text}" names no attribute that the schemas define.`);
  const isWhole = path.attribute === undefined;
  if (isWhole && path.extension === undefined) return expand(operation, value, schema);
  if (isWhole && operation !== "remove" && !isNoValue(value)) {
    return expand(operation, value, schema, path.text);
  }
  return [{ operation, path, value, isPartOfResource: false }];
}

/** An operation on the resource, or on an extension, is one on each attribute that its value names. */
function expand(
  operation: EditOperation,
  value: unknown,
  schema: ResourceSchema,
  schemaUrn?: string,
): readonly PatchOperation[] {
  if (operation === "remove") throw noTarget('The operation "remove" needs a path to an attribute.');
  if (!isJsonObject(value))
    throw invalidValue("Without a path to an attribute, value must be an object with attributes.");
  return namedAttributes(value, schema, schemaUrn).map((named) => ({
    operation,
    ...named,
    isPartOfResource: true,
  }));
}

/** A password is accepted, since providers send one whether it is wanted or not, and kept nowhere. */
function isDropped(path: string, schema: ResourceSchema): boolean {
  const name = path.trim().toLowerCase();
  return name === "password" || name === `${schema.core.id.toLowerCase()}:password`;
}

/**
 * The resource after all operations, in their order; the one given is left as it is.
 *
 * @throws ScimError mutability, noTarget or invalidValue; then none has been applied
 */
export function applyPatch(
  resource: Resource,
  operations: readonly PatchOperation[],
  schema: ResourceSchema,
): Resource {
  let patched = resource;
  for (const operation of operations) {
    if (!isFixed(operation.path, schema)) patched = editResource(patched, operation);
    else assertUnchanged(resource, operation);
  }
  return patched;
}

/** What does what a client is after that writes a read-only attribute. */
const WAYS_INSTEAD: ReadonlyMap<string, string> = new Map([
  [
    "entitlements",
    "They tell what Twilio charged the account for. To take a service away, suspend the account or close it.",
  ],
  ["groups", "To put a user into a group, or take it out, change the members of the group."],
]);

/** Clients send back what they have read: read-only attributes may be in a value as long as they say nothing new. */
function assertUnchanged(resource: Resource, { path, value, isPartOfResource }: PatchOperation): void {
  const { extension, attribute, text } = path;
  if (isPartOfResource && attribute !== undefined) {
    if (attribute.name === "schemas") return;
    const container = extension === undefined ? resource : resource[extension];
    if (isJsonObject(container) && saysNothingNew(container[attribute.name], value, path)) return;
  }
  const instead = attribute && WAYS_INSTEAD.get(attribute.name);
  throw mutability([`${text} is read-only.`, ...(instead === undefined ? [] : [instead])].join(" "));
}

function saysNothingNew(own: unknown, value: unknown, { sub }: AttributePath): boolean {
  const given: unknown = sub === undefined ? value : { [sub.name]: value };
  // An empty array asks for all values to be taken away.
  if (Array.isArray(own) && Array.isArray(given)) return isDeepStrictEqual(own, given);
  if (!isJsonObject(own) || !isJsonObject(given)) return isNoValue(given) || isDeepStrictEqual(own, given);
  const ownMembers = membersByName(own);
  return Object.entries(given).every(
    ([name, member]) => isNoValue(member) || isDeepStrictEqual(ownMembers.get(name.toLowerCase()), member),
  );
}

/** Whether any of the operations says what `active` should be, be it what it is already. */
export function mentionsActive(operations: readonly PatchOperation[]): boolean {
  return operations.some(({ path }) => path.extension === undefined && path.attribute?.name === "active");
}
