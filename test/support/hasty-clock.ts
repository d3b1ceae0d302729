import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../src/directory/ports.js";
import { systemClock } from "../../src/system-clock.js";

/** Longer sleeps are deadlines and intervals, which must not pass by themselves. */
const LONGEST_SKIPPED_MS = 8_000;

export interface HastyClock extends Clock {
  /** Lets time pass at once. It does not end sleeps under way. */
  skip(ms: number): void;
}

/** The machine's time, except that short sleeps, such as those between two attempts, are skipped instead of slept. */
export function createHastyClock(): HastyClock {
  let skippedMs = 0;
  return {
    now: () => systemClock.now() + skippedMs,
    async sleep(ms, signal) {
      if (ms > LONGEST_SKIPPED_MS) return systemClock.sleep(ms, signal);
      skippedMs += Math.ceil(ms);
      await turn();
    },
    skip(ms) {
      skippedMs += Math.ceil(ms);
    },
  };
}
