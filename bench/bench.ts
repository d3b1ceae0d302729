/** How fast the bridge is, beside the floor and its peers: `npm run bench`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchContext, type Part } from "./context.js";
import { readOptions } from "./options.js";
import { Processes } from "./processes.js";
import { aligned, type Table, tableOfRows, tableOfTargets } from "./report.js";
import { describeMachine, writeResults } from "./results.js";
import type { Row } from "./rows.js";
import { Snapshots } from "./snapshots.js";
import { targets } from "./targets.js";
import { entraDay } from "./work/entra-day.js";
import { imports } from "./work/import.js";
import { reads } from "./work/reads.js";
import { start } from "./work/start.js";
import { statusChanges } from "./work/status-changes.js";
import { writes } from "./work/writes.js";

const PARTS: readonly Part[] = [reads, writes, statusChanges, imports, entraDay, start];

const startedAt = new Date();
const options = readOptions(
  process.argv.slice(2),
  PARTS.flatMap(({ works }) => works),
);
const folder = mkdtempSync(join(tmpdir(), "bench-"));
const processes = new Processes(folder);
const note = (text: string) => process.stderr.write(`… ${text}\n`);

async function clean(): Promise<void> {
  await processes.stopAll();
  rmSync(folder, { recursive: true, force: true });
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => clean().finally(() => process.exit(1)));
}

/** One part that does not work keeps no other from being measured. */
async function run(part: Part, context: BenchContext): Promise<readonly Row[]> {
  try {
    return await part.run(context);
  } catch (error) {
    note(`${part.title}: ${error instanceof Error ? error.stack : error}`);
    return [{ work: part.works.join(","), server: "", figures: {}, rounds: [], failure: String(error) }];
  }
}

const rows: Row[] = [];
const tables: Record<string, Table> = {};

function show(title: string, table: Table): void {
  tables[title] = table;
  process.stdout.write(`\n${title}\n\n${aligned(table)}\n`);
}

try {
  const snapshots = new Snapshots({ processes, seed: options.seed, folder, note });
  const context = new BenchContext({ options, processes, snapshots, folder, note });
  for (const part of PARTS.filter(({ works }) => works.some((work) => context.asksFor(work)))) {
    const done = await run(part, context);
    show(part.title, tableOfRows(done));
    rows.push(...done);
  }
} finally {
  await clean();
}
const reached = targets(rows, options);
show("Targets", tableOfTargets(reached));
const results = writeResults({ options, startedAt, rows, targets: reached, tables });
process.stdout.write(`\n${describeMachine()}\nAll of it: ${fileURLToPath(results)}\n`);
if (rows.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
