import { isMembers, membersNamed } from "./json.js";
import { type FuzzAnswer, type FuzzRequest, readNaively } from "./request.js";
import { labelOf } from "./routes.js";

/**
 * `METHOD template status scimType`, with `-` where there is no scimType; of an operation of a bulk request
 * `BULK METHOD template status`.
 */
export type Cell = string;

/** How often each cell was reached. */
export class Coverage {
  readonly #counts = new Map<Cell, number>();

  count(cells: Iterable<Cell>): void {
    for (const cell of cells) this.add(cell, 1);
  }

  add(cell: Cell, times: number): void {
    this.#counts.set(cell, (this.#counts.get(cell) ?? 0) + times);
  }

  /** Cells in their order, with their counts. */
  get counts(): readonly (readonly [Cell, number])[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Those that should have been reached, and were not. */
  missedOf(reachable: ReadonlySet<Cell>): readonly Cell[] {
    return [...reachable].filter((cell) => !this.#counts.has(cell)).sort();
  }
}

export function cellOf(label: string, status: number | string, scimType: unknown): Cell {
  return `${label} ${status} ${typeof scimType === "string" ? scimType : "-"}`;
}

/** The cell of an exchange, and those of the operations of a bulk request. */
export function cellsOf(request: FuzzRequest, answer: FuzzAnswer): readonly Cell[] {
  const label = labelOf(request);
  const scimType = isMembers(answer.body) && answer.status >= 400 ? answer.body.scimType : undefined;
  return [
    cellOf(label, answer.status, scimType),
    ...(label === "POST /Bulk" ? operationCells(request, answer) : []),
  ];
}

/** None where some operations were not begun: then a result does not tell whose it is. */
function operationCells(request: FuzzRequest, { body }: FuzzAnswer): readonly Cell[] {
  const results = isMembers(body) && Array.isArray(body.Operations) ? body.Operations : [];
  const operations = membersNamed(readNaively(request), "operations").at(-1);
  if (!Array.isArray(operations) || operations.length !== results.length) return [];
  return results.flatMap((result: unknown, index) =>
    isMembers(result) ? [`BULK ${labelOfOperation(operations[index])} ${result.status}`] : [],
  );
}

/** All that does not change something, at a place where it can be changed in that way, is alike. */
function labelOfOperation(operation: unknown): string {
  const [method, path] = ["method", "path"].map((name) => membersNamed(operation, name).at(-1));
  if (typeof method !== "string" || typeof path !== "string") return "(other)";
  const [, type, id] = /^\/?(users|groups)(\/[^/]+)?\/?$/.exec(path.toLowerCase()) ?? [];
  const possible = id === undefined ? ["POST"] : ["PUT", "PATCH", "DELETE"];
  const isPossible = type !== undefined && possible.includes(method.toUpperCase());
  return isPossible
    ? `${method.toUpperCase()} /${type === "users" ? "Users" : "Groups"}${id === undefined ? "" : "/{id}"}`
    : "(other)";
}
