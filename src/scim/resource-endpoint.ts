import type { Actor } from "../lifecycle/audit.js";
import type { JsonBytes } from "./json-bytes.js";
import type { Preconditions } from "./preconditions.js";
import type { QueryParameters } from "./query-parameters.js";
import type { Searchable } from "./search.js";

/** What a request says apart from its body. */
export interface ResourceRequest {
  /** The address of the SCIM service as the client knows it, without a slash at the end. */
  readonly baseUrl: string;
  readonly query: QueryParameters;
}

export interface WriteRequest extends ResourceRequest {
  readonly actor: Actor;
  /** Which version the resource must have for the change to be made. */
  readonly preconditions: Preconditions;
}

export interface ResourceAnswer {
  readonly id: string;
  /** The resource in JSON. Undefined where there is nothing to show but that it was done. */
  readonly body: JsonBytes | undefined;
  /** The absolute URL of the resource. */
  readonly location: string;
  /** `meta.version`: an entity tag (RFC 7644 §3.14). */
  readonly version: string;
}

/** The operations on one type of resource (RFC 7644 §3.3 to §3.6), without HTTP. All throw ScimError or DirectoryError. */
export interface ResourceEndpoint extends Searchable {
  get(id: string, request: ResourceRequest): Promise<ResourceAnswer>;
  create(body: unknown, request: Omit<WriteRequest, "preconditions">): Promise<ResourceAnswer>;
  replace(id: string, body: unknown, request: WriteRequest): Promise<ResourceAnswer>;
  patch(id: string, body: unknown, request: WriteRequest): Promise<ResourceAnswer>;
  remove(id: string, request: Pick<WriteRequest, "actor" | "preconditions">): Promise<void>;
}
