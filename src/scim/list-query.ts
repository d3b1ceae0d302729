import { invalidCount, invalidCursor } from "./errors.js";
import type { Filter } from "./filter.js";
import { parseFilter } from "./filter-parser.js";
import { type Projection, parseProjection } from "./projection.js";
import { integerParameter, type QueryParameters, textParameter } from "./query-parameters.js";
import type { AttributeNames } from "./resource-schema.js";
import { parseSort, type Sort } from "./sort.js";

/** `pagination.defaultPageSize` of the ServiceProviderConfig. */
export const DEFAULT_COUNT = 100;
/** `filter.maxResults` and `pagination.maxPageSize` of the ServiceProviderConfig. */
export const MAX_COUNT = 1000;

/** What is asked of a list (RFC 7644 §3.4.2). */
export interface ListQuery {
  readonly filter: Filter | undefined;
  /** Undefined: in the order of creation. */
  readonly sort: Sort | undefined;
  /** From 1. It says nothing where there is a cursor. */
  readonly startIndex: number;
  /** From 0, or from 1 where there is a cursor. */
  readonly count: number;
  /** Undefined: pages are asked for by index. "": the first page. */
  readonly cursor: string | undefined;
  readonly projection: Projection;
}

/**
 * Reads the query of a list. A startIndex below 1 means 1 and a count below 0 means 0 (RFC 7644 §3.4.2.4). Parameters
 * that are not known are ignored, such as Entra ID's `aadOptscim062020`.
 *
 * @throws ScimError invalidValue, which names the parameter, invalidFilter, or for a list by cursor invalidCursor and
 * invalidCount
 */
export function parseListQuery(query: QueryParameters, names: AttributeNames): ListQuery {
  const filter = textParameter(query, "filter");
  const cursor = readCursor(query);
  const startIndex = integerParameter(query, "startIndex") ?? 1;
  return {
    filter: filter === undefined ? undefined : parseFilter(filter, names.find),
    sort: parseSort(query, names),
    startIndex: clamp(startIndex, 1, Number.MAX_SAFE_INTEGER),
    count: cursor === undefined ? readCount(query) : readPageSize(query),
    cursor,
    projection: parseProjection(query, names),
  };
}

function readCursor({ cursor }: QueryParameters): string | undefined {
  if (cursor === undefined || typeof cursor === "string") return cursor;
  throw invalidCursor("The query parameter cursor must be given once, as text.");
}

function readCount(query: QueryParameters): number {
  return clamp(integerParameter(query, "count") ?? DEFAULT_COUNT, 0, MAX_COUNT);
}

/** RFC 9865 §2: a positive integer. One that is too large asks for as much as there may be. */
function readPageSize(query: QueryParameters): number {
  const count = integerParameter(query, "count", invalidCount) ?? DEFAULT_COUNT;
  if (count < 1) throw invalidCount("With a cursor, count must be at least 1.");
  return Math.min(count, MAX_COUNT);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
