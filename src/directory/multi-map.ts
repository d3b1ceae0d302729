/** A map with any number of values for a key, each once, in the order in which they came. */
export class MultiMap<K, V> {
  readonly #values = new Map<K, Set<V>>();

  get(key: K): Iterable<V> {
    return this.#values.get(key) ?? [];
  }

  add(key: K, value: V): void {
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, new Set([value]));
    else values.add(value);
  }

  delete(key: K, value: V): void {
    const values = this.#values.get(key);
    if (values?.delete(value) && values.size === 0) this.#values.delete(key);
  }
}
