import { chmodSync, closeSync, existsSync, mkdirSync, openSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "libsql";
import type { Log } from "../directory/ports.js";
import { failureCode, storageUnavailable } from "./storage-errors.js";

const OWNER_ONLY = 0o600;

/**
 * Makes sure that the file exists, and answers its real path, so that a symbolic link names the same database. A file
 * that is made gets mode 0600 whatever the umask, and so do the `-wal` and `-shm` files, to which SQLite gives the
 * mode of their database. A directory that is made gets 0700.
 */
export function makeFile(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    // Never opened here once it exists: closing it would drop the POSIX locks that SQLite holds on it in this process.
    closeSync(openSync(path, "wx", OWNER_ONLY));
  } catch (error) {
    if (failureCode(error) !== "EEXIST") throw error;
  }
  return realpathSync(path);
}

/** Takes from group and others what they may do with an existing database, its log and its index. */
export function tightenMode(path: string, log: Log): void {
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    if (existsSync(file) && (statSync(file).mode & 0o077) !== 0) {
      chmodSync(file, OWNER_ONLY);
      log.warn({ file }, "The database file was open to other users of this machine; its mode is 0600 now");
    }
  }
}

/** Whether something is in the log of the database: whoever had it open last was killed before it could be merged. */
export function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/**
 * Lets one bridge at a time have the database, and answers how to let go of it.
 *
 * Two bridges on one file would each serve an index in memory that knows nothing of the other's writes. An exclusive
 * lock on the database itself would also keep out the commands that read beside a running bridge, so the lock is on an
 * empty file next to it, and only a bridge takes it. SQLite takes it for us, as a transaction that never ends: the
 * system frees it with the process, however that ends, so none is ever left behind, which a file with a process id
 * would be.
 */
export function lockForOneBridge(path: string): () => void {
  const lock = new Database(makeFile(`${path}-lock`));
  try {
    lock.exec("PRAGMA journal_mode = MEMORY"); // else a journal lies beside the empty file
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (failureCode(error) === "SQLITE_BUSY") {
      throw storageUnavailable(
        `The database file ${path} is in use by another bridge. A SQLite file serves one bridge at a time.`,
        error,
      );
    }
    throw error;
  }
  return () => {
    lock.exec("ROLLBACK");
    lock.close();
  };
}
