import type { Slice } from "../directory/slices.js";
import { malformedAnswer } from "./answer-error.js";
import { isObject, readJson } from "./json-body.js";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

export interface RecordListOptions<T> {
  /** The member of the answer that holds the records. */
  readonly name: string;
  readonly read: (record: unknown) => T;
  readonly slice: Slice;
}

export interface RecordList<T> {
  readonly records: readonly T[];
  /** The answer without its records. */
  readonly rest: Readonly<Record<string, unknown>>;
}

/**
 * Reads an answer that is a list of records, one record at a time and in slices. Node takes fifty times as long to make one
 * string of two megabytes as to make a thousand of two kilobytes, and nothing else runs meanwhile.
 *
 * Each record, and what is around them, is parsed by `JSON.parse`. Objects and lists within a record are found empty: the
 * addresses of what belongs to an account are three quarters of what Twilio sends, and nobody reads them.
 *
 * @param body JSON as Twilio sent it
 * @throws TwilioTransportError `MALFORMED` where it is no such answer, and what `read` throws
 */
export async function readRecordList<T>(
  body: Buffer,
  { name, read, slice }: RecordListOptions<T>,
): Promise<RecordList<T>> {
  const start = startOfList(body, name);
  if (start === undefined) throw malformedAnswer();
  const records: T[] = [];
  const elements = elementsFrom(body, start);
  let element = elements.next();
  for (; !element.done; element = elements.next()) {
    records.push(read(readJson(element.value)));
    if (slice.isOver()) await slice.next();
  }
  const rest = readJson(body.toString("utf8", 0, start) + body.toString("utf8", element.value));
  if (!isObject(rest)) throw malformedAnswer();
  return { records, rest };
}

/** Where the first element of a list would stand that is a member of this name; undefined where there is no such list. */
function startOfList(json: Buffer, name: string): number | undefined {
  let at = afterBlanks(json, 0);
  if (json[at] !== OPEN_OBJECT) return undefined;
  do {
    const key = afterBlanks(json, at + 1);
    const keyEnd = endOfString(json, key);
    const colon = afterBlanks(json, keyEnd + 1);
    if (json[key] !== QUOTE || json[colon] !== COLON) return undefined;
    const value = afterBlanks(json, colon + 1);
    const isNamed = json.toString("utf8", key + 1, keyEnd) === name;
    if (isNamed) return json[value] === OPEN_LIST ? value + 1 : undefined;
    at = extentOf(json, value).end;
  } while (json[at] === COMMA);
  return undefined;
}

/** The JSON of each element of a list, the first of which begins at `start`. Returns where the list ends. */
function* elementsFrom(json: Buffer, start: number): Generator<string, number> {
  let end = afterBlanks(json, start);
  if (json[end] === CLOSE_LIST) return end;
  for (let from = start; ; from = end + 1) {
    const extent = extentOf(json, from);
    end = extent.end;
    yield outlineOf(json, from, extent);
    if (json[end] !== COMMA) return end;
  }
}

/** A value, with nothing between the brackets within it. */
function outlineOf(json: Buffer, from: number, { end, inner }: Extent): string {
  let outline = "";
  let at = from;
  for (const [innerStart, innerEnd] of inner) {
    outline += json.toString("utf8", at, innerStart);
    at = innerEnd;
  }
  return outline + json.toString("utf8", at, end);
}

interface Extent {
  /** Where the comma or bracket stands that follows the value. */
  readonly end: number;
  /** From where to where the brackets within it go, without the brackets. */
  readonly inner: readonly (readonly [number, number])[];
}

/** What is wrong with the value is found when it is parsed. */
function extentOf(json: Buffer, from: number): Extent {
  const inner: [number, number][] = [];
  let innerStart = from;
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    switch (json[at]) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case OPEN_OBJECT:
      case OPEN_LIST:
        depth += 1;
        if (depth === 2) innerStart = at + 1;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        if (depth === 0) return { end: at, inner };
        if (depth === 2) inner.push([innerStart, at]);
        depth -= 1;
        break;
      case COMMA:
        if (depth === 0) return { end: at, inner };
    }
  }
  return { end: json.length, inner };
}

/** Where the quote stands that ends a string. */
function endOfString(json: Buffer, from: number): number {
  for (let at = json.indexOf(QUOTE, from + 1); at !== -1; at = json.indexOf(QUOTE, at + 1)) {
    if (!isEscaped(json, at)) return at;
  }
  return json.length;
}

function isEscaped(json: Buffer, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

/** RFC 8259 §2 */
function afterBlanks(json: Buffer, from: number): number {
  let at = from;
  while (json[at] === 0x20 || json[at] === 0x0a || json[at] === 0x0d || json[at] === 0x09) at += 1;
  return at;
}
