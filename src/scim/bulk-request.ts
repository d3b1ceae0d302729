import { isNoValue, membersByName } from "./attribute-value.js";
import { invalidPath, invalidSyntax, invalidValue, ScimError } from "./errors.js";
import { type MessageKind, readMessage } from "./message.js";
import { type EntityTags, parseEntityTags } from "./preconditions.js";
import { isJsonObject, type JsonObject } from "./resource.js";
import type { ResourceEndpoint } from "./resource-endpoint.js";

const BULK_REQUEST: MessageKind = {
  urn: "urn:ietf:params:scim:api:messages:2.0:BulkRequest",
  name: "a bulk request",
  expected: "A bulk request must be a JSON object with Operations.",
};

/** `bulk.maxOperations` of the ServiceProviderConfig. */
export const MAX_BULK_OPERATIONS = 1000;
/** `bulk.maxPayloadSize` of the ServiceProviderConfig, in bytes. */
export const MAX_BULK_PAYLOAD_BYTES = 1024 * 1024;

const METHODS = ["POST", "PUT", "PATCH", "DELETE"] as const;

/** `/Users`, `/Users/AC…` or `/Users/bulkId:qwerty`: a type of resource, and what is behind it. */
const PATH = /^\/?([^/?#]+)(?:\/(bulkId:.+|[^/?#]+)?)?\/?$/s;

/** A BulkRequest message (RFC 7644 §3.7), whose operations have not been read yet. */
export interface BulkRequest {
  /** After how many errors to stop; undefined: never. */
  readonly failOnErrors: number | undefined;
  readonly operations: readonly unknown[];
}

/** What an operation is about: a type of resource, or one resource. */
export interface BulkTarget {
  readonly endpoint: ResourceEndpoint;
  /** May be that of a resource that another operation creates, such as `bulkId:qwerty`. */
  readonly id: string | undefined;
}

/** What an operation is recognized by in the answer, as far as it can be read. */
export interface BulkLabel {
  readonly method: string | undefined;
  readonly bulkId: string | undefined;
  readonly target: BulkTarget | undefined;
}

/** An operation that makes a resource. */
export interface BulkCreation {
  readonly method: "POST";
  readonly endpoint: ResourceEndpoint;
  readonly data: unknown;
}

/** An operation on a resource that is there. */
export interface BulkChange {
  readonly method: "PUT" | "PATCH" | "DELETE";
  readonly endpoint: ResourceEndpoint;
  readonly id: string;
  /** Which version the resource must have. */
  readonly ifMatch: EntityTags | undefined;
  readonly data: unknown;
}

export type BulkOperation = BulkCreation | BulkChange;

/** @throws ScimError invalidSyntax, invalidValue, or 413 where there are too many operations */
export function readBulkRequest(body: unknown): BulkRequest {
  const members = readMessage(body, BULK_REQUEST);
  const operations: unknown = members.get("operations");
  if (!Array.isArray(operations) || operations.length === 0) {
    throw invalidSyntax("Operations must be an array with at least one operation.");
  }
  if (operations.length > MAX_BULK_OPERATIONS) {
    const detail = `The bulk request has ${operations.length} operations: the limit is ${MAX_BULK_OPERATIONS}.`;
    throw new ScimError(413, undefined, detail);
  }
  return { failOnErrors: readFailOnErrors(members.get("failonerrors")), operations };
}

function readFailOnErrors(value: unknown): number | undefined {
  // Some clients write the default of a number for "never".
  if (isNoValue(value) || value === 0) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
  throw invalidValue("failOnErrors must be a whole number from 1 on.");
}

export function labelOf(operation: unknown, endpoints: readonly ResourceEndpoint[]): BulkLabel {
  const { method, bulkId, path } = isJsonObject(operation) ? readMembers(operation) : {};
  return {
    method: typeof method === "string" ? method.toUpperCase() : undefined,
    bulkId: typeof bulkId === "string" ? bulkId : undefined,
    target: typeof path === "string" ? readTarget(path, endpoints) : undefined,
  };
}

/** @throws ScimError invalidSyntax, invalidPath, invalidValue, or 405 for a method that its path has not */
export function readBulkOperation(operation: unknown, endpoints: readonly ResourceEndpoint[]): BulkOperation {
  if (!isJsonObject(operation)) throw invalidSyntax("Each operation must be a JSON object.");
  const { method: named, bulkId, path, version, data } = readMembers(operation);
  const method = METHODS.find((known) => typeof named === "string" && named.toUpperCase() === known);
  if (method === undefined) {
    throw invalidSyntax(`The method of an operation must be one of ${METHODS.join(", ")}.`);
  }
  if (typeof path !== "string") throw invalidSyntax("The path of an operation must be a string.");
  const target = readTarget(path, endpoints);
  if (target === undefined)
    throw invalidPath(`The path "${path}" is none of a resource that can be changed.`);
  if (method !== "DELETE" && data === undefined) throw invalidSyntax(`The operation ${method} needs data.`);
  const { endpoint, id } = target;
  if (method === "POST") {
    if (typeof bulkId !== "string" || bulkId === "")
      throw invalidSyntax("The operation POST needs a bulkId.");
    if (id !== undefined) throw notPossible("POST needs the path of a type of resource");
    return { method, endpoint, data };
  }
  if (id === undefined) throw notPossible(`${method} needs the path of a resource`);
  return {
    method,
    endpoint,
    id,
    ifMatch: readVersion(version),
    data: method === "DELETE" ? undefined : data,
  };
}

/** Types of resource are found without case, as routes are. */
function readTarget(path: string, endpoints: readonly ResourceEndpoint[]): BulkTarget | undefined {
  const [, type = "", id] = PATH.exec(path) ?? [];
  const endpoint = endpoints.find((known) => known.path.toLowerCase() === `/${type}`.toLowerCase());
  return endpoint && { endpoint, id };
}

function notPossible(what: string): ScimError {
  return new ScimError(405, undefined, `${what}, such as "/Users" or "/Users/AC…".`);
}

/** A version that cannot be read is no permission to change whatever is there. */
function readVersion(version: unknown): EntityTags | undefined {
  if (isNoValue(version)) return undefined;
  if (typeof version === "string") return parseEntityTags(version);
  throw invalidValue("The version of an operation must be a string.");
}

function readMembers(operation: JsonObject) {
  const members = membersByName(operation);
  return {
    method: members.get("method"),
    bulkId: members.get("bulkid"),
    path: members.get("path"),
    version: members.get("version"),
    data: members.get("data"),
  };
}
