import type Database from "libsql";
import { asDirectoryError, storageUnavailable } from "./storage-errors.js";

/**
 * Runs `work` in one write transaction. The driver's own `transaction()` is of no use here: when SQLite has rolled
 * back by itself, as it does on a full disk, its ROLLBACK fails and hides the error that matters.
 */
export function inTransaction<T>(db: Database.Database, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.inTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** The first column of the first row that `sql` gives. */
export function readValue(db: Database.Database, sql: string): unknown {
  // Neither `pluck()` nor `pragma(..., { simple: true })` does this in libsql 0.5.
  const row = db.prepare(sql).raw().get();
  return Array.isArray(row) ? row[0] : undefined;
}

/** How the methods of a store run on its database. What they throw is a DirectoryError. */
export interface StoreCalls {
  /** One statement, or several that only read. */
  answer<T>(work: () => T): Promise<T>;
  /** All of `work` or nothing of it, on the disk once this resolves. */
  change<T>(work: () => T): Promise<T>;
}

export function createStoreCalls(db: Database.Database): StoreCalls {
  async function answer<T>(work: () => T): Promise<T> {
    // libsql's statements outlive the closing of their database.
    if (!db.open) throw storageUnavailable("The bridge's database is closed.");
    try {
      return work();
    } catch (error) {
      throw asDirectoryError(error);
    }
  }

  return { answer, change: (work) => answer(() => inTransaction(db, work)) };
}
