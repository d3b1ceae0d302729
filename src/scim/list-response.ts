import SCIMMY from "scimmy";
import type { JsonObject } from "./resource.js";

/** RFC 7644 §3.4.2, RFC 9865 §2. */
export interface ListResponse {
  readonly schemas: readonly [string];
  /** How many there are on all pages. */
  readonly totalResults: number;
  /** Absent where pages are asked for by cursor. */
  readonly startIndex?: number;
  /** How many there are on this page. */
  readonly itemsPerPage: number;
  /** Present where pages are asked for by cursor, and there is another one. */
  readonly nextCursor?: string;
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

/** One page of a list that is read by cursor. */
export function cursorResponse(
  resources: readonly JsonObject[],
  totalResults: number,
  nextCursor: string | undefined,
): ListResponse {
  return {
    schemas: [SCIMMY.Messages.ListResponse.id],
    totalResults,
    itemsPerPage: resources.length,
    ...(nextCursor !== undefined && { nextCursor }),
    Resources: resources,
  };
}
