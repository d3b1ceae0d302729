import { comparePositions, type Position } from "./position.js";

/**
 * Items in the order of lists. Adding in ascending order costs one comparison; anything else moves what is behind. An
 * item that stands in a list keeps its position.
 */
export class SortedList<T extends Position> {
  readonly #items: T[] = [];

  get items(): readonly T[] {
    return this.#items;
  }

  add(item: T): void {
    const last = this.#items.at(-1);
    if (last === undefined || comparePositions(last, item) < 0) this.#items.push(item);
    else this.#items.splice(countBefore(this.#items, item), 0, item);
  }

  /** Puts an item in the place of the one with the same position. */
  replace(item: T): void {
    const at = countBefore(this.#items, item);
    if (this.#holds(at, item)) this.#items[at] = item;
  }

  /** Removes the item with this one's position, if it is there. */
  remove(item: T): void {
    const at = countBefore(this.#items, item);
    if (this.#holds(at, item)) this.#items.splice(at, 1);
  }

  #holds(at: number, { id }: T): boolean {
    return this.#items[at]?.id === id;
  }
}

/** How many items of a list in order stand before a position. */
export function countBefore(sorted: readonly Position[], position: Position): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = sorted[middle];
    if (item !== undefined && comparePositions(item, position) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
