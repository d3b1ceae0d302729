import type { Clock } from "../../src/directory/ports.js";

/** Tue, 24 Nov 2026 07:15:00 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 24, 7, 15);

/** A clock that stands still and whose sleeps end at once. */
export class RecordingClock implements Clock {
  /** How long was slept, in milliseconds, in order. */
  readonly delaysMs: number[] = [];
  /** What happens while somebody sleeps. */
  duringSleep: () => unknown = () => undefined;
  readonly #nowMs = NOW_MS;

  now(): number {
    return this.#nowMs;
  }

  async sleep(ms: number): Promise<void> {
    this.delaysMs.push(ms);
    await this.duringSleep();
  }
}
