import { Slices } from "../../src/directory/slices.js";

/** Slices of which every one is over after one step; `meanwhile` runs before the next one. */
export function shortSlices(meanwhile: () => void = () => {}): Slices {
  let now = 0;
  return new Slices({
    now: () => {
      now += 1_000;
      return now;
    },
    nextTurn: async () => meanwhile(),
  });
}
