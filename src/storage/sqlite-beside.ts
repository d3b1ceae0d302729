import { existsSync, realpathSync } from "node:fs";
import Database from "libsql";
import type { Log } from "../directory/ports.js";
import { configureConnection, openSqliteDatabase, type SqliteDatabase } from "./sqlite-database.js";
import { MIGRATIONS, readVersion } from "./sqlite-migrations.js";
import { parseSqliteUrl } from "./sqlite-url.js";
import { openingFailed, storageUnavailable } from "./storage-errors.js";

/**
 * Opens a database for a command that writes beside a running bridge, such as one that makes a token. Without a bridge the
 * file is made where there is none, and brought to the newest version.
 *
 * Only for tables that the bridge looks at again and again. It keeps the directory in memory, and would not notice what
 * somebody else writes into it.
 *
 * @throws DirectoryError `storageUnavailable`, with a message for the operator
 */
export function openSqliteBeside(url: string, log: Log): SqliteDatabase {
  const location = parseSqliteUrl(url);
  if (location === undefined) throw storageUnavailable("The database's URL does not name a SQLite file.");
  if (location.kind === "memory") {
    throw storageUnavailable("A database in memory cannot be written from outside its bridge.");
  }
  const opened = openCurrent(location.path);
  if (opened !== undefined) return opened;
  // Takes the bridge's lock, so that nothing is migrated under a bridge of an older release.
  openSqliteDatabase(url, log).close();
  const made = openCurrent(location.path);
  if (made === undefined)
    throw storageUnavailable(`The database file ${location.path} was replaced meanwhile.`);
  return made;
}

/** Undefined where there is no such file, or an older version. */
function openCurrent(path: string): SqliteDatabase | undefined {
  if (!existsSync(path)) return undefined;
  const name = `The database file ${path}`;
  let db: Database.Database | undefined;
  try {
    db = new Database(realpathSync(path));
    if (readVersion(db, name) < MIGRATIONS.length) {
      db.close();
      return undefined;
    }
    configureConnection(db);
    const opened = db;
    return { db, close: () => opened.close() };
  } catch (error) {
    db?.close();
    throw openingFailed(name, error);
  }
}
