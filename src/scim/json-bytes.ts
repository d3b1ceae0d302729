/**
 * JSON as it goes over the line: a string in which each character is one byte of the UTF-8. Such strings take no more
 * memory than their bytes, are joined without being read, and are sent without being encoded again.
 */
export type JsonBytes = string & { readonly jsonBytes: unique symbol };

/** The JSON of a value. */
export function jsonBytes(value: object): JsonBytes {
  return utf8Bytes(JSON.stringify(value));
}

/** A text that is JSON, or a part of it. */
export function utf8Bytes(text: string): JsonBytes {
  const isAscii = Buffer.byteLength(text) === text.length;
  return (isAscii ? text : Buffer.from(text).toString("latin1")) as JsonBytes;
}

/** Reads what `jsonBytes` has written. */
export function parseJsonBytes(bytes: JsonBytes): unknown {
  return JSON.parse(Buffer.from(bytes, "latin1").toString());
}
