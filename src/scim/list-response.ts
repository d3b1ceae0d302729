import SCIMMY from "scimmy";
import { type JsonBytes, utf8Bytes } from "./json-bytes.js";
import type { JsonObject } from "./resource.js";

/** RFC 7644 §3.4.2, RFC 9865 §2. */
export interface ListResponse extends ListHead {
  readonly schemas: readonly [string];
  /** How many there are on this page. */
  readonly itemsPerPage: number;
  readonly Resources: readonly JsonObject[];
}

/** What a page says of the list. */
export interface ListHead {
  /** How many there are on all pages. */
  readonly totalResults: number;
  /** Absent where pages are asked for by cursor. */
  readonly startIndex?: number;
  /** Present where pages are asked for by cursor, and there is another one. */
  readonly nextCursor?: string;
}

/** A list on one page. scimmy's ListResponse would sort and cut the page once more. */
export function listResponse(resources: readonly JsonObject[]): ListResponse {
  const head = { totalResults: resources.length, startIndex: 1 };
  return { ...completeHead(head, resources.length), Resources: resources };
}

/** One page of a list, of resources that are rendered already: its JSON in pieces, one behind the other. */
export function listPieces(resources: readonly JsonBytes[], head: ListHead): readonly JsonBytes[] {
  const opening = JSON.stringify(completeHead(head, resources.length)).slice(0, -1);
  const between = utf8Bytes(",");
  const pieces = [utf8Bytes(`${opening},"Resources":[`)];
  for (const resource of resources) {
    if (pieces.length > 1) pieces.push(between);
    pieces.push(resource);
  }
  pieces.push(utf8Bytes("]}"));
  return pieces;
}

function completeHead(head: ListHead, itemsPerPage: number): Omit<ListResponse, "Resources"> {
  return { schemas: [SCIMMY.Messages.ListResponse.id], ...head, itemsPerPage };
}
