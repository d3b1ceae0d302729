import { DirectoryError } from "../directory/errors.js";

export function storageUnavailable(message: string, cause?: unknown): DirectoryError {
  return new DirectoryError("storageUnavailable", message, { cause });
}

/**
 * What went wrong in the database, as the callers of the port are told it. The message is neutral, since it may reach
 * a client; what the driver said is the cause.
 */
export function asDirectoryError(error: unknown): DirectoryError {
  return error instanceof DirectoryError
    ? error
    : storageUnavailable("The bridge's database does not work at the moment.", error);
}

/** The code of a failure of SQLite (`SQLITE_BUSY`) or of the file system (`EACCES`), or "". */
export function failureCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
