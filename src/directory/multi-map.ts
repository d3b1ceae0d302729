/**
 * A map with any number of values for a key, each once, in the order in which they came. A value is no Set: a key with
 * one value, as most have, costs no set of its own.
 */
export class MultiMap<K, V> {
  readonly #values = new Map<K, V | Set<V>>();

  get(key: K): Iterable<V> {
    const values = this.#values.get(key);
    if (values === undefined) return [];
    return values instanceof Set ? values : [values];
  }

  add(key: K, value: V): void {
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, value);
    else if (values instanceof Set) values.add(value);
    else if (values !== value) this.#values.set(key, new Set([values, value]));
  }

  delete(key: K, value: V): void {
    const values = this.#values.get(key);
    if (values instanceof Set) {
      values.delete(value);
      if (values.size === 0) this.#values.delete(key);
    } else if (values === value) {
      this.#values.delete(key);
    }
  }
}
