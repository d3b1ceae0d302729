import { performance } from "node:perf_hooks";
import { setImmediate as nextTurnOfLoop } from "node:timers/promises";

/** How long work goes on before it lets others have the event loop. */
const SLICE_MS = 4;

/** The time is looked at after so many steps at most. */
const MAX_STEPS_BETWEEN_LOOKS = 64;

export interface SlicesOptions {
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Resolves when all that waits for the event loop has had its turn. */
  readonly nextTurn: () => Promise<unknown>;
}

/**
 * Cuts long work into slices of a few milliseconds, so that it holds up nobody. In one turn of the event loop one slice
 * runs, however much work there is: many searches at once wait for each other, and all others for none of them.
 */
export class Slices {
  readonly #options: SlicesOptions;
  #lastTurn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: SlicesOptions = { now: () => performance.now(), nextTurn: () => nextTurnOfLoop() }) {
    this.#options = options;
  }

  /** Begins a piece of work. While others wait for their turn, it may take a few steps before it has to wait too. */
  begin(): Slice {
    return new Slice({ now: this.#options.now, wait: () => this.#wait(), isCrowded: this.#waiting > 0 });
  }

  async #wait(): Promise<void> {
    this.#waiting += 1;
    const turn = this.#lastTurn.then(this.#options.nextTurn);
    this.#lastTurn = turn;
    await turn;
    this.#waiting -= 1;
  }
}

interface SliceOptions {
  readonly now: () => number;
  readonly wait: () => Promise<void>;
  /** Whether this slice is to be short, since it is not the only one in its turn. */
  readonly isCrowded: boolean;
}

/** The slice of a piece of work that is running now. */
export class Slice {
  readonly #now: () => number;
  readonly #wait: () => Promise<void>;
  #stepsLeft: number;
  #beganAt: number;
  #lookedAt: number;
  #stepsBetweenLooks = 1;
  #steps = 0;

  constructor({ now, wait, isCrowded }: SliceOptions) {
    this.#now = now;
    this.#wait = wait;
    this.#stepsLeft = isCrowded ? MAX_STEPS_BETWEEN_LOOKS : Number.POSITIVE_INFINITY;
    this.#beganAt = now();
    this.#lookedAt = this.#beganAt;
  }

  /** Whether it is time to await `next()`. Called once for each step. */
  isOver(): boolean {
    this.#steps += 1;
    return this.#steps >= this.#stepsBetweenLooks && this.#look();
  }

  /** Resolves when it is this work's turn again. */
  async next(): Promise<void> {
    await this.#wait();
    this.#stepsLeft = Number.POSITIVE_INFINITY;
    this.#stepsBetweenLooks = 1;
    this.#beganAt = this.#now();
    this.#lookedAt = this.#beganAt;
  }

  /** A look takes as long as a cheap step, so there are few where steps are cheap, and one after each costly step. */
  #look(): boolean {
    const now = this.#now();
    const isCheap = now - this.#lookedAt < SLICE_MS / 8;
    this.#stepsLeft -= this.#steps;
    this.#stepsBetweenLooks = isCheap ? Math.min(this.#stepsBetweenLooks * 2, MAX_STEPS_BETWEEN_LOOKS) : 1;
    this.#lookedAt = now;
    this.#steps = 0;
    return this.#stepsLeft <= 0 || now - this.#beganAt >= SLICE_MS;
  }
}
