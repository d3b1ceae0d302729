import { between, createRandom, type Random } from "../../src/simulator/randomness.js";

/** How likely something is beside the others, and the thing. */
export type Weighted<T> = readonly [weight: number, choice: T];

/** Decisions by chance: the same words give the same ones. */
export class Dice {
  readonly #random: Random;

  constructor(...words: (string | number)[]) {
    this.#random = createRandom(...words);
  }

  /** From 0 to 1, 1 excluded. */
  readonly next = (): number => this.#random();

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  /** A whole number, both ends included. */
  integer(low: number, high: number): number {
    return between(this.#random, low, high);
  }

  /** @throws RangeError where there is nothing to choose from */
  pick<T>(from: readonly T[]): T {
    const index = Math.floor(this.#random() * from.length);
    for (const choice of from.slice(index, index + 1)) return choice;
    throw new RangeError("There is nothing to choose from.");
  }

  pickOr<T>(from: readonly T[], otherwise: T): T {
    return from.length === 0 ? otherwise : this.pick(from);
  }

  /** Each of them with the same probability. */
  some<T>(from: readonly T[], probability: number): T[] {
    return from.filter(() => this.chance(probability));
  }

  /** @throws RangeError where there is nothing to choose from */
  weighted<T>(choices: readonly Weighted<T>[]): T {
    const total = choices.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.#random() * total;
    for (const [weight, choice] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    throw new RangeError("There is nothing to choose from.");
  }

  /** A UUID of version 4. */
  readonly uuid = (): string => {
    const digits = Array.from({ length: 32 }, () => this.integer(0, 15).toString(16)).join("");
    const variant = this.pick(["8", "9", "a", "b"]);
    const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`];
    return [...parts, `${variant}${digits.slice(17, 20)}`, digits.slice(20)].join("-");
  };
}
