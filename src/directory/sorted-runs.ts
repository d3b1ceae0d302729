/** Items that come in parts and are given in order. Only the parts are sorted, so nothing takes long at once. */
export class SortedRuns<T> implements Iterable<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #runs: T[][] = [];

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  add(items: readonly T[]): void {
    if (items.length > 0) this.#runs.push(items.toSorted(this.#compare));
  }

  [Symbol.iterator](): Iterator<T> {
    return mergeRuns(this.#runs, this.#compare);
  }
}

/** The items of runs in order, in order, and those that are equal in the order of the runs. */
export function* mergeRuns<T>(
  runs: readonly (readonly T[])[],
  compare: (a: T, b: T) => number,
): Generator<T, void> {
  if (runs.length <= 1) {
    yield* runs[0] ?? [];
    return;
  }
  const middle = runs.length >> 1;
  const left = mergeRuns(runs.slice(0, middle), compare);
  const right = mergeRuns(runs.slice(middle), compare);
  let a = left.next();
  let b = right.next();
  while (!a.done && !b.done) {
    if (compare(a.value, b.value) <= 0) {
      yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
  for (; !a.done; a = left.next()) yield a.value;
  for (; !b.done; b = right.next()) yield b.value;
}
