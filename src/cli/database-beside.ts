import type Database from "libsql";
import type { Log } from "../directory/ports.js";
import { openSqliteBeside } from "../storage/sqlite-beside.js";
import type { Terminal } from "./command.js";
import { databaseUrl } from "./database-url.js";
import { createTerminalLog } from "./terminal-log.js";

export interface DatabaseBesideOptions {
  /** The value of `--database`. */
  readonly option: string | undefined;
  readonly terminal: Terminal;
  /** Where what goes wrong beside the command is told; the terminal, where it is left out. */
  readonly log?: Log;
}

/**
 * Lets a command work on the database beside a running bridge, and closes it then.
 *
 * @throws UsageError, ConfigError; DirectoryError `storageUnavailable`; what `work` throws
 */
export async function withDatabaseBeside<T>(
  { option, terminal, log = createTerminalLog(terminal) }: DatabaseBesideOptions,
  work: (db: Database.Database) => Promise<T>,
): Promise<T> {
  const { db, close } = openSqliteBeside(databaseUrl(option, terminal), log);
  try {
    return await work(db);
  } finally {
    close();
  }
}
