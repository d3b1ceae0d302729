import { type Figures, medians } from "./figures.js";

/** One line of the table: what was done, with which server, and what was measured. */
export interface Row {
  /** What was done, in a word that `--only` takes. */
  readonly work: string;
  /** Such as `floor` or `bridge 100000`. */
  readonly server: string;
  /** Medians over the rounds. */
  readonly figures: Figures;
  readonly rounds: readonly Figures[];
  /** Why there are no figures, or not all. */
  readonly failure?: string;
}

/** The row of something that was measured once. */
export function singleRow(work: string, server: string, figures: Figures): Row {
  return { work, server, figures, rounds: [figures] };
}

/** Collects the figures of rounds, and makes one row of all rounds of the same work and server. */
export class RowsOfRounds {
  readonly #rounds = new Map<string, { work: string; server: string; figures: Figures[] }>();

  add(work: string, server: string, figures: Figures): void {
    const key = `${work}\n${server}`;
    const row = this.#rounds.get(key) ?? { work, server, figures: [] };
    row.figures.push(figures);
    this.#rounds.set(key, row);
  }

  /** In the order in which they were first added. */
  rows(): readonly Row[] {
    return [...this.#rounds.values()].map(({ work, server, figures }) => ({
      work,
      server,
      figures: medians(figures),
      rounds: figures,
    }));
  }
}
