import type { Times } from "./times.js";

/** So many rounds of writes are played before one counts: V8 compiles for some thousand of them. */
export const WARM_UP_ROUNDS = 5;

/** A step takes as long as its promise. */
export type Step = () => Promise<void>;

/** Takes the steps of each lane one after the other, and all lanes at the same time. */
export async function runLanes(lanes: readonly (readonly Step[])[]): Promise<Times> {
  const timesMs: number[] = [];
  const startedAt = performance.now();
  await Promise.all(
    lanes.map(async (steps) => {
      for (const step of steps) {
        const stepStartedAt = performance.now();
        await step();
        timesMs.push(performance.now() - stepStartedAt);
      }
    }),
  );
  return { timesMs: timesMs.sort((a, b) => a - b), elapsedMs: performance.now() - startedAt };
}

/** Deals items out, so that each lane has its own. */
export function lanesOf<T>(items: readonly T[], lanes: number): readonly (readonly T[])[] {
  return Array.from({ length: lanes }, (_, lane) => items.filter((_, n) => n % lanes === lane));
}
