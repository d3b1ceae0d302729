import { foldCase } from "../directory/user-attributes.js";

/** What needs no escape within a JSON string: all but the quote, the backslash and control characters. */
const PLAIN = /^[ !#-[\]-\uffff]*$/;

/**
 * A name as a text column holds it: escaped as within a JSON string. Without that a NUL would cut it short when it is
 * read, and a lone surrogate would be replaced; with it every string comes back as it was, and equal stays equal.
 */
export function writeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The form in which a name is claimed: equal where the names are but for case. */
export function foldedText(name: string): string {
  return writeText(foldCase(name));
}

/** What `writeText` made; undefined where it cannot have made it. */
export function readText(stored: unknown): string | undefined {
  if (typeof stored !== "string") return undefined;
  // JSON.parse takes ten times as long, and hardly a name needs it.
  if (PLAIN.test(stored)) return stored;
  const read = readJson(`"${stored}"`);
  return typeof read === "string" ? read : undefined;
}

/** Undefined where it is not JSON. */
export function readJson(stored: string): unknown {
  try {
    return JSON.parse(stored);
  } catch {
    return undefined;
  }
}
