import { comparePositions, type Position } from "../directory/position.js";

/** What resources are compared by where an order is asked for. */
export type SortKey = string | number;

/** Where a resource stands in a list. */
export interface Place extends Position {
  /** Undefined where no order is asked for, or the resource has no data for it. */
  readonly key: SortKey | undefined;
  /** The number of its type among those that are searched. */
  readonly rank: number;
}

export function isSortKey(value: unknown): value is SortKey | undefined {
  return value === undefined || typeof value === "string" || typeof value === "number";
}

/**
 * The order of a list (RFC 7644 §3.4.2.3): by key, those without one last, or first where it descends. Those with the
 * same key are in the order that they have without one: by type, then by creation.
 */
export function comparePlaces(a: Place, b: Place, descending: boolean): number {
  const byKey = compareKeys(a.key, b.key);
  return (descending ? -byKey : byKey) || a.rank - b.rank || comparePositions(a, b);
}

function compareKeys(a: SortKey | undefined, b: SortKey | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}
