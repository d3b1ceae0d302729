/** The simulator's time: the given clock, plus what tests have moved it by. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Jump to an instant (milliseconds since 1970). Time runs on from there if the underlying clock runs. */
  set(instantMs: number): void;
  advance(byMs: number): void;
}

export function createClock(baseNow: () => number): Clock {
  let offsetMs = 0;
  return {
    now: () => baseNow() + offsetMs,
    set: (instantMs) => {
      offsetMs = instantMs - baseNow();
    },
    advance: (byMs) => {
      offsetMs += byMs;
    },
  };
}
