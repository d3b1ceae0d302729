import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { z } from "zod";
import type { Options } from "./options.js";
import { markdown, type Table } from "./report.js";
import type { Row } from "./rows.js";
import type { Target } from "./targets.js";

const FOLDER = new URL("results/", import.meta.url);

const manifest = z.object({
  version: z.string().optional(),
  dependencies: z.record(z.string(), z.string()),
});

export interface Results {
  readonly options: Options;
  readonly startedAt: Date;
  readonly rows: readonly Row[];
  readonly targets: readonly Target[];
  /** The same for people, under headings. */
  readonly tables: Readonly<Record<string, Table>>;
}

/** Writes `latest.json`, with what was measured, with what and on what, and `latest.md`. Gives the folder. */
export function writeResults({ startedAt, tables, ...results }: Results): URL {
  const all = {
    startedAt: startedAt.toISOString(),
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    machine: machine(),
    versions: versions(),
    ...results,
  };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(new URL("latest.json", FOLDER), `${JSON.stringify(all, null, 2)}\n`);
  const sections = Object.entries(tables).map(([title, table]) => `### ${title}\n\n${markdown(table)}\n`);
  writeFileSync(new URL("latest.md", FOLDER), `${describeMachine()}\n\n${sections.join("\n")}`);
  return FOLDER;
}

/** One line for the head of the table. */
export function describeMachine(): string {
  const { cpu, cores, memoryGib, node } = machine();
  return `${cpu}, ${cores} cores, ${memoryGib} GiB, Node ${node}`;
}

function machine() {
  const [first] = cpus();
  return {
    cpu: first?.model ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
  };
}

/** Of the bridge, of what it is made of, and of what it is measured with and beside. */
function versions(): Readonly<Record<string, string>> {
  const [own, bench] = ["../package.json", "package.json"].map((path) =>
    manifest.parse(readJson(new URL(path, import.meta.url))),
  );
  return {
    "twilio-scim-bridge": own?.version ?? "",
    ...installed("../node_modules/", Object.keys(own?.dependencies ?? {})),
    ...installed("node_modules/", Object.keys(bench?.dependencies ?? {})),
  };
}

function installed(folder: string, names: readonly string[]): Readonly<Record<string, string>> {
  const version = z.object({ version: z.string() });
  return Object.fromEntries(
    names.map((name) => [
      name,
      version.parse(readJson(new URL(`${folder}${name}/package.json`, import.meta.url))).version,
    ]),
  );
}

function readJson(file: URL): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}
