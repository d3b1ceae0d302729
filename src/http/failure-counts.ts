import type { ClientRateLimitInfo, Store } from "express-rate-limit";
import type { Clock } from "../directory/ports.js";

interface Window {
  hits: number;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

export interface FailureCountsOptions {
  readonly clock: Clock;
  readonly windowMs: number;
  /** How many keys are kept at most: whoever has many addresses must not fill the memory. */
  readonly maxKeys: number;
}

/**
 * Counts in memory for express-rate-limit, each key in a window that begins with its first failure. With too many keys the
 * one that failed first is forgotten, so that its window begins anew.
 */
export function createFailureCounts({ clock, windowMs, maxKeys }: FailureCountsOptions): Store {
  /** By the beginning of their windows. */
  const windows = new Map<string, Window>();

  function current(key: string): Window | undefined {
    const window = windows.get(key);
    if (window === undefined) return undefined;
    const left = window.endsAt - clock.now();
    // More than a whole one is left where the clock was set back.
    if (left > 0 && left <= windowMs) return window;
    windows.delete(key);
    return undefined;
  }

  function begin(key: string): Window {
    const [oldest] = windows.keys();
    if (windows.size >= maxKeys && oldest !== undefined) windows.delete(oldest);
    const window = { hits: 0, endsAt: clock.now() + windowMs };
    windows.set(key, window);
    return window;
  }

  const told = ({ hits, endsAt }: Window): ClientRateLimitInfo => ({
    totalHits: hits,
    resetTime: new Date(endsAt),
  });

  return {
    localKeys: true,
    get(key) {
      const window = current(key);
      return window && told(window);
    },
    increment(key) {
      const window = current(key) ?? begin(key);
      window.hits += 1;
      return told(window);
    },
    decrement(key) {
      const window = current(key);
      if (window !== undefined) window.hits -= 1;
    },
    resetKey(key) {
      windows.delete(key);
    },
  };
}
