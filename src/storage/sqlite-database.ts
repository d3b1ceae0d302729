import Database from "libsql";
import type { Log } from "../directory/ports.js";
import { hasLog, lockForOneBridge, makeFile, tightenMode } from "./sqlite-file.js";
import { checkPages, MIGRATIONS, migrate, readVersion } from "./sqlite-migrations.js";
import { parseSqliteUrl } from "./sqlite-url.js";
import { openingFailed, storageUnavailable } from "./storage-errors.js";

export interface SqliteDatabase {
  readonly db: Database.Database;
  /** Lets go of the file. Called once. */
  close(): void;
}

/** How long a statement waits for another process, such as a command that writes beside the bridge. */
const BUSY_TIMEOUT_MS = 2000;

/**
 * Opens a database for the one bridge that may have it, makes it where there is none, and brings it to the newest
 * version. Throws `storageUnavailable` with a message for the operator, and leaves the file as it was, where it is
 * found to be damaged, not ours, of a newer release, or in use by another bridge.
 */
export function openSqliteDatabase(url: string, log: Log): SqliteDatabase {
  const location = parseSqliteUrl(url);
  if (location === undefined) throw storageUnavailable("The database's URL does not name a SQLite file.");
  if (location.kind === "memory") {
    const db = new Database(":memory:");
    prepare(db, 0, log);
    return { db, close: () => db.close() };
  }
  try {
    return openFile(makeFile(location.path), log);
  } catch (error) {
    throw openingFailed(`The database file ${location.path}`, error);
  }
}

function openFile(path: string, log: Log): SqliteDatabase {
  const unlock = lockForOneBridge(path);
  const name = `The database file ${path}`;
  let db: Database.Database | undefined;
  try {
    const isClosed = !hasLog(path);
    db = new Database(path);
    const version = readVersion(db, name);
    // To look at every page takes half a second where there are a hundred thousand users. A file that its last bridge has
    // closed is whole, unless somebody has damaged it since. Of such a file the start, or what comes right behind it, reads
    // all tables but one, and says so when it meets the damage; that one is looked at here.
    checkPages(db, name, isClosed && version === MIGRATIONS.length ? "user_name" : undefined);
    tightenMode(path, log);
    prepare(db, version, log);
  } catch (error) {
    db?.close();
    unlock();
    throw error;
  }
  const opened = db;
  const close = () => {
    try {
      // libsql closes the file for good only when the statements are garbage; this leaves it whole without its log.
      opened.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (error) {
      log.warn({ err: error }, "The database's log could not be merged; the next start does it");
    }
    opened.close();
    unlock();
  };
  return { db, close };
}

function prepare(db: Database.Database, version: number, log: Log): void {
  configureConnection(db);
  migrate(db, MIGRATIONS, version, log);
}

/** What holds for each connection that writes. */
export function configureConnection(db: Database.Database): void {
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  db.exec("PRAGMA journal_mode = WAL");
  // A commit is on the disk before a method resolves: NORMAL would lose the last ones with the machine's power.
  db.exec("PRAGMA synchronous = FULL");
  db.exec("PRAGMA foreign_keys = ON");
  // What is erased must not be found in the pages that it leaves.
  db.exec("PRAGMA secure_delete = ON");
}
