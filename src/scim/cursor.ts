import { invalidCursor, ScimError } from "./errors.js";
import { isSortKey, type Place } from "./place.js";

/** `pagination.cursorTimeout` of the ServiceProviderConfig, in seconds. */
export const CURSOR_TIMEOUT_SECONDS = 3600;

/** The list that a cursor was given for, in a word: it is of no use for another one. */
export type ListFingerprint = string;

/**
 * A cursor (RFC 9865 §2): where the page before ended, and in which list. It is no secret and keeps nothing at the
 * server: one that somebody made up points to a place in a list that they may read anyway.
 *
 * @param now epoch milliseconds
 */
export function writeCursor({ key, created, id, rank }: Place, list: ListFingerprint, now: number): string {
  // Rounded up: a cursor is valid for so many seconds at least.
  const parts = [list, Math.ceil(now / 1000), rank, created, id, ...(key === undefined ? [] : [key])];
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/**
 * The place that a cursor points to.
 *
 * @throws ScimError invalidCursor, expiredCursor
 */
export function readCursor(cursor: string, list: ListFingerprint, now: number): Place {
  const [of, issuedAt, rank, created, id, key, ...more] = readParts(cursor);
  if (
    typeof of !== "string" ||
    typeof issuedAt !== "number" ||
    typeof rank !== "number" ||
    typeof created !== "number" ||
    typeof id !== "string" ||
    !isSortKey(key) ||
    more.length > 0
  ) {
    throw invalidCursor("The cursor is none that this service has given.");
  }
  if (of !== list) {
    throw invalidCursor("The cursor belongs to another query: only the cursor may change from page to page.");
  }
  if (now / 1000 - issuedAt > CURSOR_TIMEOUT_SECONDS) {
    const detail = `The cursor has expired: it is valid for ${CURSOR_TIMEOUT_SECONDS} seconds. Begin again without one.`;
    throw new ScimError(400, "expiredCursor", detail);
  }
  return { key, created, id, rank };
}

function readParts(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
