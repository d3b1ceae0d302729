import SCIMMY from "scimmy";
import type { JsonObject } from "./resource.js";

/** RFC 7644 §3.4.2. */
export interface ListResponse {
  readonly schemas: readonly [string];
  /** How many there are on all pages. */
  readonly totalResults: number;
  readonly startIndex: number;
  /** How many there are on this page. */
  readonly itemsPerPage: number;
  readonly Resources: readonly JsonObject[];
}

/** One page of a list. scimmy's ListResponse would sort and cut the page once more. */
export function listResponse(
  resources: readonly JsonObject[],
  totalResults = resources.length,
  startIndex = 1,
): ListResponse {
  return {
    schemas: [SCIMMY.Messages.ListResponse.id],
    totalResults,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}
