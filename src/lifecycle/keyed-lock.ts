/** Runs what has the same key one after the other. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<unknown>>();

  /**
   * Runs `work` once everything before it under this key has ended. Where `signal` aborts first, `work` never runs, and
   * the caller waits no longer.
   *
   * @throws the signal's reason, or what `work` throws
   */
  run<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(signal.reason);
      signal.addEventListener("abort", giveUp);
      const mine = before.then(() => {
        signal.removeEventListener("abort", giveUp);
        signal.throwIfAborted();
        return work();
      });
      mine.then(resolve, reject);
      const settled = mine.catch(() => undefined);
      this.#last.set(key, settled);
      settled.then(() => {
        if (this.#last.get(key) === settled) this.#last.delete(key);
      });
    });
  }
}
