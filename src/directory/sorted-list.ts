import { comparePositions, type Position } from "./position.js";
import type { ListQuery } from "./query.js";

/**
 * Items in the order of lists. Adding in ascending order costs nothing but the search; anything else moves what is
 * behind.
 */
export class SortedList<T> {
  readonly #items: T[] = [];
  readonly #positionOf: (item: T) => Position;

  constructor(positionOf: (item: T) => Position) {
    this.#positionOf = positionOf;
  }

  get items(): readonly T[] {
    return this.#items;
  }

  add(item: T): void {
    const at = this.#indexOf(item);
    if (at === this.#items.length) this.#items.push(item);
    else this.#items.splice(at, 0, item);
  }

  /** Puts an item in the place of the one with the same position. */
  replace(item: T): void {
    const at = this.#indexOf(item);
    if (this.#holds(at, item)) this.#items[at] = item;
  }

  /** Removes the item with this one's position, if it is there. */
  remove(item: T): void {
    const at = this.#indexOf(item);
    if (this.#holds(at, item)) this.#items.splice(at, 1);
  }

  /** Where the item is, or belongs. */
  #indexOf(item: T): number {
    const position = this.#positionOf(item);
    return countWhile(this.#items, (other) => comparePositions(this.#positionOf(other), position) < 0);
  }

  #holds(at: number, item: T): boolean {
    const there = this.#items[at];
    return there !== undefined && this.#positionOf(there).id === this.#positionOf(item).id;
  }
}

/**
 * The page that is asked for.
 *
 * @param sorted all items, in the order of lists
 */
export function pageOf<T>(
  sorted: readonly T[],
  { matches, after, offset, limit }: ListQuery<T>,
  positionOf: (item: T) => Position,
): { readonly items: readonly T[]; readonly total: number } {
  const start =
    after === undefined ? 0 : countWhile(sorted, (item) => comparePositions(positionOf(item), after) <= 0);
  const from = start + offset;
  if (matches === undefined) return { items: sorted.slice(from, from + limit), total: sorted.length };
  const items: T[] = [];
  let [at, total, passed] = [0, 0, 0];
  for (const item of sorted) {
    const isBehind = at >= start;
    at += 1;
    if (!matches(item)) continue;
    total += 1;
    if (!isBehind) continue;
    if (passed >= offset && items.length < limit) items.push(item);
    passed += 1;
  }
  return { items, total };
}

/** How many items there are before the first that does not answer to `isBefore`; behind it none may. */
function countWhile<T>(sorted: readonly T[], isBefore: (item: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = sorted[middle];
    if (item !== undefined && isBefore(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
