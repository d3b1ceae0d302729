import { comparePositions, type Position } from "./position.js";
import type { PageBounds } from "./query.js";
import type { Slice } from "./slices.js";
import { countBefore } from "./sorted-list.js";
import { mergeRuns } from "./sorted-runs.js";

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** How many there are on all pages. */
  readonly total: number;
}

/**
 * The page that is asked for, of all items: what it costs does not depend on how many there are.
 *
 * @param sorted in the order of lists
 */
export function cutPage<T extends Position>(
  sorted: readonly T[],
  { after, offset, limit }: PageBounds,
): Page<T> {
  const from = countUpTo(sorted, after) + offset;
  return { items: sorted.slice(from, from + limit), total: sorted.length };
}

/**
 * The page that is asked for, of what is selected. Every item is looked at, in slices. The list may change meanwhile:
 * the page is of the list as it was at first.
 *
 * @param sorted in the order of lists
 * @param select gives what is to be on the page for an item; undefined: the item is not selected
 */
export async function searchPage<T extends Position, R>(
  sorted: readonly T[],
  select: (item: T) => R | undefined,
  { after, offset, limit }: PageBounds,
  slice: Slice,
): Promise<Page<R>> {
  const first = countUpTo(sorted, after);
  const items: R[] = [];
  let all = sorted;
  let total = 0;
  let behind = 0;
  for (let at = 0; at < all.length; at++) {
    if (slice.isOver()) {
      if (all === sorted) all = sorted.slice();
      await slice.next();
    }
    const item = all[at];
    const selected = item === undefined ? undefined : select(item);
    if (selected === undefined) continue;
    total += 1;
    if (at < first) continue;
    behind += 1;
    if (behind > offset && items.length < limit) items.push(selected);
  }
  return { items, total };
}

/** The items of lists that are in order, in order and each once. */
export function* united<T extends Position>(lists: readonly (readonly T[])[]): Generator<T, void> {
  let last: T | undefined;
  for (const item of mergeRuns(lists, comparePositions)) {
    if (item !== last) yield item;
    last = item;
  }
}

/** The same, in slices. */
export async function unite<T extends Position>(
  lists: readonly (readonly T[])[],
  slice: Slice,
): Promise<readonly T[]> {
  const [first = []] = lists;
  if (lists.length <= 1) return first;
  const items: T[] = [];
  for (const item of united(lists.map((list) => [...list]))) {
    items.push(item);
    if (slice.isOver()) await slice.next();
  }
  return items;
}

/** How many items there are up to a position, and at it. */
function countUpTo(sorted: readonly Position[], position: Position | undefined): number {
  if (position === undefined) return 0;
  const before = countBefore(sorted, position);
  return sorted[before]?.id === position.id && sorted[before]?.created === position.created
    ? before + 1
    : before;
}
