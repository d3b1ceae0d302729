import { resolve } from "node:path";

/** Where a SQLite database lives. */
export type SqliteLocation =
  | { readonly kind: "memory" }
  /** An absolute path. */
  | { readonly kind: "file"; readonly path: string };

/**
 * Reads `:memory:`, `file::memory:`, `file:./relative/path.db`, `file:/absolute/path.db` and `file:///absolute/path.db`.
 * A path is taken as it is written: no percent-encoding, no parameters. Undefined for every other text.
 */
export function parseSqliteUrl(url: string): SqliteLocation | undefined {
  if (url === ":memory:" || url === "file::memory:") return { kind: "memory" };
  const path = /^file:(?:\/\/(?=\/))?(?!\/\/)([^?#\0]*[^?#\0/])$/.exec(url)?.[1];
  return path === undefined ? undefined : { kind: "file", path: resolve(path) };
}
