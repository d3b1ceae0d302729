import type { AccountSid } from "./account.js";

const GRAIN_MS = 1_000;

/**
 * Accounts by the time at which something is due for them, to the second. An account stands in it once.
 */
export class DueQueue {
  /** Second to the accounts that are due in it. */
  readonly #buckets = new Map<number, Set<AccountSid>>();
  readonly #secondOf = new Map<AccountSid, number>();
  /** The seconds of `#buckets`, as a binary heap; a second may be in it that has no bucket any more. */
  readonly #seconds: number[] = [];

  get size(): number {
    return this.#secondOf.size;
  }

  /** Puts an account where it belongs, away from where it was. */
  set(sid: AccountSid, dueAtMs: number): void {
    this.delete(sid);
    const second = Math.ceil(dueAtMs / GRAIN_MS);
    const bucket = this.#buckets.get(second);
    if (bucket !== undefined) bucket.add(sid);
    else {
      this.#buckets.set(second, new Set([sid]));
      this.#push(second);
    }
    this.#secondOf.set(sid, second);
  }

  delete(sid: AccountSid): void {
    const second = this.#secondOf.get(sid);
    if (second === undefined) return;
    this.#secondOf.delete(sid);
    const bucket = this.#buckets.get(second);
    bucket?.delete(sid);
    if (bucket?.size === 0) this.#buckets.delete(second);
  }

  /** When the next account is due, in epoch milliseconds; undefined where none is. */
  nextDueAtMs(): number | undefined {
    for (;;) {
      const [second] = this.#seconds;
      if (second === undefined) return undefined;
      if (this.#buckets.has(second)) return second * GRAIN_MS;
      this.#pop();
    }
  }

  /** Takes out the account that has been due for longest; undefined where none is due yet. */
  takeDue(nowMs: number): AccountSid | undefined {
    const next = this.nextDueAtMs();
    if (next === undefined || next > Math.ceil(nowMs / GRAIN_MS) * GRAIN_MS) return undefined;
    const [sid] = this.#buckets.get(next / GRAIN_MS) ?? [];
    if (sid !== undefined) this.delete(sid);
    return sid;
  }

  #push(second: number): void {
    const heap = this.#seconds;
    let at = heap.push(second) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] ?? 0) <= second) break;
      heap[at] = heap[parent] ?? 0;
      at = parent;
    }
    heap[at] = second;
  }

  #pop(): void {
    const heap = this.#seconds;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      if (left >= heap.length) break;
      const least = right < heap.length && (heap[right] ?? 0) < (heap[left] ?? 0) ? right : left;
      if ((heap[least] ?? 0) >= last) break;
      heap[at] = heap[least] ?? 0;
      at = least;
    }
    heap[at] = last;
  }
}
