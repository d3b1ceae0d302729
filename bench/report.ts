import { FIGURE_NAMES, FIGURES } from "./figures.js";
import type { Row } from "./rows.js";
import type { Target } from "./targets.js";

/** The first line holds the heads of the columns. A line that is longer ends with a remark. */
export type Table = readonly (readonly string[])[];

/** A table of rows, with the columns that at least one of them has. */
export function tableOfRows(rows: readonly Row[]): Table {
  const names = FIGURE_NAMES.filter((name) => rows.some(({ figures }) => figures[name] !== undefined));
  const heads = ["work", "server", ...names.map((name) => FIGURES[name].title)];
  const lines = rows.map(({ work, server, figures, failure }) => {
    const cells = names.map((name) => figures[name]?.toFixed(FIGURES[name].decimals) ?? "");
    return [work, server, ...cells, ...(failure === undefined ? [] : [`FAILED: ${failure}`])];
  });
  return [heads, ...lines];
}

/** What was to be reached, what is, and how much is missing. */
export function tableOfTargets(targets: readonly Target[]): Table {
  const lines = targets.map(({ what, limit, unit, decimals, measured }) => {
    const show = (value: number) => `${value.toFixed(decimals)}${unit === "" ? "" : ` ${unit}`}`;
    const wanted = "atLeast" in limit ? `at least ${show(limit.atLeast)}` : `at most ${show(limit.atMost)}`;
    if (measured === undefined) return [what, wanted, "", "not measured"];
    const missing = "atLeast" in limit ? limit.atLeast - measured : measured - limit.atMost;
    return [what, wanted, show(measured), missing <= 0 ? "reached" : `short by ${show(missing)}`];
  });
  return [["target", "wanted", "measured", "outcome"], ...lines];
}

/** For a terminal: the first two columns begin at the left, numbers end at the right. */
export function aligned(table: Table): string {
  const [heads = []] = table;
  const widths = heads.map((_, column) => Math.max(...table.map((line) => (line[column] ?? "").length)));
  const cell = (text: string, column: number) => {
    const width = widths[column] ?? 0;
    return column < 2 ? text.padEnd(width) : text.padStart(width);
  };
  return table.map((line) => line.map(cell).join("  ").trimEnd()).join("\n");
}

/** For a README. */
export function markdown(table: Table): string {
  const [heads = []] = table;
  const lines = [heads, heads.map(() => "---"), ...table.slice(1)];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
