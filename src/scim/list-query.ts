import type { Filter } from "./filter.js";
import { parseFilter } from "./filter-parser.js";
import { type Projection, parseProjection } from "./projection.js";
import { integerParameter, type QueryParameters, textParameter } from "./query-parameters.js";
import type { ResourceSchema } from "./resource-schema.js";
import { parseSort, type Sort } from "./sort.js";

const DEFAULT_COUNT = 100;
/** `filter.maxResults` of the ServiceProviderConfig. */
export const MAX_COUNT = 1000;

/** What is asked of a list (RFC 7644 §3.4.2). */
export interface ListQuery {
  readonly filter: Filter | undefined;
  /** Undefined: in the order of creation. */
  readonly sort: Sort | undefined;
  /** From 1. */
  readonly startIndex: number;
  /** From 0. */
  readonly count: number;
  readonly projection: Projection;
}

/**
 * Reads the query of a list. A startIndex below 1 means 1 and a count below 0 means 0 (RFC 7644 §3.4.2.4). Parameters
 * that are not known are ignored, such as Entra ID's `aadOptscim062020`.
 *
 * @throws ScimError invalidValue, which names the parameter, or invalidFilter
 */
export function parseListQuery(query: QueryParameters, schema: ResourceSchema): ListQuery {
  const filter = textParameter(query, "filter");
  const startIndex = integerParameter(query, "startIndex") ?? 1;
  const count = integerParameter(query, "count") ?? DEFAULT_COUNT;
  return {
    filter: filter === undefined ? undefined : parseFilter(filter, schema.find),
    sort: parseSort(query, schema),
    startIndex: clamp(startIndex, 1, Number.MAX_SAFE_INTEGER),
    count: clamp(count, 0, MAX_COUNT),
    projection: parseProjection(query, schema),
  };
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
