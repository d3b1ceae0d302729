import { setImmediate as nextTurnOfLoop } from "node:timers/promises";
import { Slices } from "../../src/directory/slices.js";

/** Slices that last as long as there is work, each of which waits for `next()`. */
export class HeldTurns {
  readonly slices: Slices;
  #waiting: (() => void)[] = [];

  constructor() {
    const nextTurn = () => new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.slices = new Slices({ now: () => 0, nextTurn });
  }

  /** Lets all go on that wait. Resolves when they have come to their end, or wait again. */
  async next(): Promise<void> {
    await nextTurnOfLoop();
    for (const goOn of this.#waiting.splice(0)) goOn();
    await nextTurnOfLoop();
  }
}
