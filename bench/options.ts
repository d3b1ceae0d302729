import { parseArgs } from "node:util";

export interface Options {
  readonly rounds: number;
  /** How long each server is asked in one round of one work. */
  readonly roundMs: number;
  readonly seed: number;
  /** How many accounts there are, ascending: one bridge each. */
  readonly sizes: readonly number[];
  /** How many users the peers have: one of the sizes. */
  readonly peerSize: number;
  readonly isQuick: boolean;
  /** The works that are done; undefined: all. */
  readonly only: readonly string[] | undefined;
}

/**
 * @param works what `--only` may name
 * @throws Error that says which option cannot be read
 */
export function readOptions(args: readonly string[], works: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      seed: { type: "string", default: "1" },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
    },
  });
  const { quick, only, seed } = values;
  return {
    rounds: positive("rounds", values.rounds ?? (quick ? "3" : "5")),
    roundMs: positive("seconds", values.seconds ?? (quick ? "0.5" : "1.5")) * 1000,
    seed: positive("seed", seed),
    sizes: quick ? [1_000, 10_000] : [1_000, 10_000, 100_000],
    peerSize: 10_000,
    isQuick: quick,
    only: only === undefined ? undefined : chosen(only, works),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} takes a number greater than 0`);
  return value;
}

function chosen(text: string, works: readonly string[]): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !works.includes(name));
  if (unknown.length > 0) throw new Error(`--only takes ${works.join(", ")}; not ${unknown.join(", ")}`);
  return names;
}
