import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../src/directory/ports.js";

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  /** @param now epoch milliseconds */
  constructor(now = Date.UTC(2026, 0, 15, 12)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** How many are asleep. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { wakeAt: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", wake);
    });
  }

  /** Lets `ms` milliseconds pass. Sleepers wake in order, each with the time for which it asked. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await this.rest();
    for (let next = this.#next(); next !== undefined && next.wakeAt <= until; next = this.#next()) {
      await this.#wake(next);
    }
    this.#now = until;
  }

  /** Lets as much time pass as `work` needs. */
  async runOut<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    work.then(end, end);
    await this.rest();
    while (!ended) {
      const next = this.#next();
      if (next === undefined) throw new Error("The work waits, but not for time to pass.");
      await this.#wake(next);
    }
    return work;
  }

  /** Lets everything run that needs no time. */
  async rest(): Promise<void> {
    for (let round = 0; round < 3; round++) await setImmediate();
  }

  async #wake(sleeper: Sleeper): Promise<void> {
    this.#now = Math.max(this.#now, sleeper.wakeAt);
    sleeper.wake();
    await this.rest();
  }

  #next(): Sleeper | undefined {
    const sleepers = [...this.#sleepers];
    return sleepers.sort((a, b) => a.wakeAt - b.wakeAt)[0];
  }
}
