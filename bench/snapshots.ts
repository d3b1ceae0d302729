import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { dayOf } from "../src/directory/activity.js";
import type { Processes } from "./processes.js";
import type { SnapshotOptions } from "./snapshot.js";

/** What decides what is in a database, besides its name. */
const GENERATORS = ["snapshot.ts", "../src/storage/sqlite-migrations.ts"];

export interface SnapshotsOptions {
  readonly processes: Processes;
  readonly seed: number;
  /** Where copies go. */
  readonly folder: string;
  readonly note: (text: string) => void;
}

/** Databases full of users. Each is made once and kept in the system's temporary folder; bridges get copies. */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  readonly #cache = join(tmpdir(), "twilio-scim-bridge-bench");
  /** Accounts are as old as the day says on which the simulator starts: another day, another world. */
  readonly #edition = `${dayOf(Date.now())}-${hashOf(GENERATORS)}`;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    mkdirSync(this.#cache, { recursive: true });
    const outdated = readdirSync(this.#cache).filter((name) => !name.includes(this.#edition));
    for (const name of outdated) rmSync(join(this.#cache, name));
  }

  /** The path of a new copy. */
  async copy(accounts: number, size: SnapshotOptions["size"]): Promise<string> {
    const { folder, seed, processes, note } = this.#options;
    const name = `${accounts}-${size}-seed${seed}-${this.#edition}.db`;
    const kept = join(this.#cache, name);
    if (!existsSync(kept)) {
      note(`makes a database of ${accounts} accounts (${size})`);
      rmSync(`${kept}.part`, { force: true });
      const args = [kept, String(accounts), String(seed), size];
      await processes.startScript("snapshot", "make-snapshot.ts", args).ended();
    }
    const copy = join(folder, `${process.hrtime.bigint()}-${name}`);
    copyFileSync(kept, copy);
    markAsJustRead(copy);
    return copy;
  }
}

/** Else a bridge would begin to read activity, which is due an hour after it was read. */
function markAsJustRead(path: string): void {
  const db = new Database(path);
  db.prepare("UPDATE activity SET as_of = ? WHERE as_of IS NOT NULL").run(Date.now());
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

function hashOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(new URL(file, import.meta.url)));
  return hash.digest("hex").slice(0, 12);
}
