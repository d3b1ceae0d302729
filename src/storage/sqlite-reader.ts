import { existsSync, realpathSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import Database from "libsql";
import type { StoredAccount, StoredDetails } from "../directory/ports.js";
import { readMeta } from "./rows.js";
import { BEHIND_ACCOUNT, inOrder, readRows } from "./sqlite-load.js";
import { checkPages, MIGRATIONS, readVersion } from "./sqlite-migrations.js";
import { parseSqliteUrl } from "./sqlite-url.js";
import { failureCode, openingFailed, storageUnavailable } from "./storage-errors.js";
import { ACCOUNT_COLUMNS, accountReader, DETAILS_COLUMNS, detailsReader } from "./user-rows.js";

/** The oldest version of the database that can be read without a migration. */
const OLDEST_READABLE_VERSION = 2;

/** How long to wait for a bridge that is merging its log, as it does when it stops. */
const BUSY_TIMEOUT_MS = 5000;

/** What a database knows of an account, groups aside. */
export type KnownUser = StoredAccount & StoredDetails;

/** What a database knows of accounts. */
export interface KnownUsers {
  /** True once a complete pass over Twilio's accounts was saved: only then is `users` the whole truth. */
  readonly complete: boolean;
  /** In the order of lists. */
  readonly users: readonly KnownUser[];
}

/**
 * What a database holds, as of one moment, for commands that run beside its bridge: the file is not locked against the
 * bridge, and nothing in it or next to it is changed.
 *
 * @throws DirectoryError `storageUnavailable`, with a message for the operator: there is no such file, it is not ours or
 *   is damaged, or was written by a newer release or one too old
 */
export async function readSqliteDirectory(url: string): Promise<KnownUsers> {
  return readSqlite(url, OLDEST_READABLE_VERSION, readUsers);
}

/**
 * What `read` makes of a database, as of one moment, for commands that run beside its bridge: the file is not locked
 * against the bridge, and nothing in it or next to it is changed.
 *
 * @param oldest the first version of the database that `read` understands
 * @throws as `readSqliteDirectory`; what `read` throws, as a DirectoryError
 */
export function readSqlite<T>(url: string, oldest: number, read: (db: Database.Database) => T): T {
  const location = parseSqliteUrl(url);
  if (location === undefined) throw storageUnavailable("The database's URL does not name a SQLite file.");
  if (location.kind === "memory") {
    throw storageUnavailable("A database in memory cannot be read from outside its bridge.");
  }
  const name = `The database file ${location.path}`;
  try {
    const path = realpathSync(location.path);
    // What SQLite says of a folder differs from one file system to the next.
    if (statSync(path).isDirectory())
      throw storageUnavailable(`${name} is a folder, and no SQLite database.`);
    return readFile(path, { name, oldest, read });
  } catch (error) {
    if (failureCode(error) === "ENOENT") {
      throw storageUnavailable(`${name} does not exist. A bridge makes it at its first start.`, error);
    }
    throw openingFailed(name, error);
  }
}

interface Reading<T> {
  /** What messages call the file. */
  readonly name: string;
  readonly oldest: number;
  readonly read: (db: Database.Database) => T;
}

function readFile<T>(path: string, reading: Reading<T>): T {
  const before = stateOf(path);
  // Without a log nobody has the file open, and all is in it. Then SQLite is told to make no log either, as it would to
  // read, and this works in a folder that may not be written.
  if (existsSync(`${path}-wal`)) return readThrough(path, "mode=ro", reading);
  try {
    const result = readThrough(path, "mode=ro&immutable=1", reading);
    if (stateOf(path) === before) return result;
  } catch (error) {
    if (stateOf(path) === before) throw error;
  }
  return readFile(path, reading); // a bridge was started meanwhile, and wrote
}

function readThrough<T>(path: string, parameters: string, { name, oldest, read }: Reading<T>): T {
  const db = new Database(`${pathToFileURL(path).href}?${parameters}`);
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    db.exec("BEGIN");
    checkPages(db, name);
    const version = readVersion(db, name);
    if (version === 0) throw storageUnavailable(`${name} is empty. A bridge fills it at its first start.`);
    if (version < oldest) {
      throw storageUnavailable(
        `${name} was written by an older release of the bridge (its version is ${version}, this release reads ` +
          `${oldest} to ${MIGRATIONS.length}). Nothing was changed in it; the bridge migrates it ` +
          "when this release is started.",
      );
    }
    return read(db);
  } finally {
    if (db.inTransaction) db.exec("ROLLBACK");
    db.close();
  }
}

function readUsers(db: Database.Database): KnownUsers {
  const users = db
    .prepare(
      `SELECT ${ACCOUNT_COLUMNS}, ${DETAILS_COLUMNS} FROM account
         LEFT JOIN identity ON identity.account_sid = sid
         LEFT JOIN activity ON activity.account_sid = sid`,
    )
    .raw();
  const readAccount = accountReader();
  const readDetails = detailsReader();
  return {
    complete: readMeta(db.prepare("SELECT owner_account_sid, complete FROM meta").get()).complete,
    users: inOrder(
      readRows(users.iterate(), (row): KnownUser => {
        const stored = readAccount(row);
        return { ...stored, ...readDetails(stored.account.sid, row.slice(BEHIND_ACCOUNT)) };
      }),
    ),
  };
}

/** Differs once the file was written to or replaced. */
function stateOf(path: string): string {
  const { ino, size, mtimeNs } = statSync(path, { bigint: true });
  return `${ino} ${size} ${mtimeNs}`;
}
