import type { z } from "zod";
import { DirectoryError } from "../directory/errors.js";

export function storageUnavailable(message: string, cause?: unknown): DirectoryError {
  return new DirectoryError("storageUnavailable", message, { cause });
}

/**
 * That the database holds what nobody here has written.
 *
 * @param key the column that names the row, and what it holds
 * @param problems what is wrong, each with its column
 */
export function rowUnreadable(table: string, key: string, problems: readonly string[]): DirectoryError {
  return storageUnavailable(
    `A row of the bridge's database cannot be read: table ${table}, ${key} (${problems.join("; ")}).`,
  );
}

/** Each with the path to where it is, which begins with `column` where the value is that of one. */
export function problemsOf({ issues }: z.ZodError, ...column: string[]): string[] {
  return issues.map(({ path, message }) => `${[...column, ...path].join(".")}: ${message}`);
}

/**
 * What went wrong in the database, as the callers of the port are told it. The message is neutral, since it may reach
 * a client; what the driver said is the cause.
 */
export function asDirectoryError(error: unknown): DirectoryError {
  if (error instanceof DirectoryError) return error;
  return failureCode(error).startsWith("SQLITE_CORRUPT")
    ? storageUnavailable("The bridge's database is damaged. Restore it from a backup.", error)
    : storageUnavailable("The bridge's database does not work at the moment.", error);
}

/** The code of a failure of SQLite (`SQLITE_BUSY`) or of the file system (`EACCES`), or "". */
export function failureCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}

/** Says which of the ways it is in which a file cannot be opened, to the operator. `name` is what messages call it. */
export function openingFailed(name: string, error: unknown): DirectoryError {
  if (error instanceof DirectoryError) return error;
  const code = failureCode(error);
  if (code === "SQLITE_NOTADB") {
    return storageUnavailable(`${name} is not a SQLite database. Nothing was changed in it.`, error);
  }
  if (code.startsWith("SQLITE_CORRUPT")) {
    return storageUnavailable(
      `${name} is damaged. Nothing was changed in it; restore it from a backup.`,
      error,
    );
  }
  return storageUnavailable(`${name} cannot be opened (${code === "" ? error : code}).`, error);
}
