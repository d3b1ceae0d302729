import type { Clock } from "../../src/directory/ports.js";
import { Slices } from "../../src/directory/slices.js";
import { type JsonBytes, parseJsonBytes } from "../../src/scim/json-bytes.js";
import type { ListResponse } from "../../src/scim/list-response.js";
import { isJsonObject, type Resource } from "../../src/scim/resource.js";
import type { ResourceAnswer, ResourceEndpoint } from "../../src/scim/resource-endpoint.js";
import { createSearch, type Search, type SearchQuery } from "../../src/scim/search.js";

/** An answer, with the resource that its body has. */
export interface ReadAnswer extends ResourceAnswer {
  readonly resource: Resource | undefined;
}

/** A search, at a time that stands still unless a clock is given. */
export function searchBy(clock: Pick<Clock, "now"> = { now: () => 0 }): Search {
  return createSearch({ clock, slices: new Slices() });
}

/** Reads what a search gives. */
export function readList(pieces: readonly JsonBytes[]): ListResponse {
  const list = parseJsonBytes(pieces.join("") as JsonBytes);
  if (!isListResponse(list)) throw new Error("This is no ListResponse.");
  return list;
}

/** The same endpoint, with its answers read, and with the lists that `search` makes of it. */
export function readable(endpoint: ResourceEndpoint, search: Search) {
  return {
    ...endpoint,
    get: async (...asked: Parameters<ResourceEndpoint["get"]>) => read(await endpoint.get(...asked)),
    create: async (...asked: Parameters<ResourceEndpoint["create"]>) => read(await endpoint.create(...asked)),
    replace: async (...asked: Parameters<ResourceEndpoint["replace"]>) =>
      read(await endpoint.replace(...asked)),
    patch: async (...asked: Parameters<ResourceEndpoint["patch"]>) => read(await endpoint.patch(...asked)),
    list: async (asked: SearchQuery) => readList(await search([endpoint], asked)),
  };
}

function read(answer: ResourceAnswer): ReadAnswer {
  if (answer.body === undefined) return { ...answer, resource: undefined };
  const resource = parseJsonBytes(answer.body);
  if (!isJsonObject(resource)) throw new Error("This is no resource.");
  return { ...answer, resource };
}

function isListResponse(list: unknown): list is ListResponse {
  return isJsonObject(list) && Array.isArray(list.Resources) && list.Resources.every(isJsonObject);
}
