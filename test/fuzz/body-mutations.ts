import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import type { Dice } from "./dice.js";

/** What goes over the wire as a body, and the headers that tell how to read it. */
export interface EncodedBody {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const QUICKLY = { level: 1 };
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

/** Small on the way, and more than any body may have: unpacked it is white space. */
export interface Bombs {
  readonly ofOneMiB: Buffer;
  readonly ofEightMiB: Buffer;
}

export function createBombs(): Bombs {
  const blanks = (mebibytes: number) => gzipSync(Buffer.alloc(mebibytes * 1024 * 1024 + 64, " "), QUICKLY);
  return { ofOneMiB: blanks(1), ofEightMiB: blanks(8) };
}

/** A body as a client would send it. */
export function encodeWell(text: string, dice: Dice): EncodedBody {
  const bytes = Buffer.from(text);
  const headers = { "content-type": goodType(dice) };
  return dice.weighted<() => EncodedBody>([
    [30, () => ({ bytes, headers })],
    [1, () => ({ bytes: gzipSync(bytes, QUICKLY), headers: { ...headers, "content-encoding": "gzip" } })],
    [
      0.5,
      () => ({ bytes: deflateSync(bytes, QUICKLY), headers: { ...headers, "content-encoding": "deflate" } }),
    ],
    [
      0.5,
      () => ({ bytes: brotliCompressSync(bytes, BROTLI), headers: { ...headers, "content-encoding": "br" } }),
    ],
    [1, () => ({ bytes, headers: {} })],
    [1, () => ({ bytes, headers: { ...headers, "transfer-encoding": "chunked" } })],
  ])();
}

function goodType(dice: Dice): string {
  return dice.weighted([
    [6, "application/scim+json"],
    [3, "application/json"],
    [2, "application/scim+json; charset=utf-8"],
    [1, "Application/JSON;Charset=UTF-8"],
  ]);
}

/** A body with something wrong about its bytes, its type or its encoding. */
export function encodeBadly(text: string, bombs: Bombs, isLarge: boolean, dice: Dice): EncodedBody {
  const bytes = Buffer.from(text);
  const at = dice.integer(0, Math.max(0, bytes.length - 1));
  const headers = { "content-type": goodType(dice) };
  const gzip = { ...headers, "content-encoding": "gzip" };
  const bomb = isLarge ? bombs.ofEightMiB : bombs.ofOneMiB;
  return dice.weighted<() => EncodedBody>([
    [3, () => ({ bytes: bytes.subarray(0, at), headers })],
    [2, () => ({ bytes: withByte(bytes, at, dice.integer(0, 255)), headers })],
    [2, () => ({ bytes: withByte(bytes, at, 0xff), headers })],
    [
      1,
      () => ({
        bytes: Buffer.concat([bytes, Buffer.from(dice.pick(["}", "x", "\u0000", " {}", ",", "/**/"]))]),
        headers,
      }),
    ],
    [1, () => ({ bytes: Buffer.concat([Buffer.from("\ufeff"), bytes]), headers })],
    [
      1,
      () => ({
        bytes: Buffer.from(dice.pick(["", " ", "null", "[]", "7", '"text"', "true", "{}", "[{}]"])),
        headers,
      }),
    ],
    [4, () => ({ bytes, headers: { "content-type": badType(dice) } })],
    [
      1,
      () => ({
        bytes: Buffer.from(text, "utf16le"),
        headers: { "content-type": "application/json; charset=utf-16" },
      }),
    ],
    [
      1,
      () => ({
        bytes,
        headers: {
          "content-type": `application/json; charset=${dice.pick(["utf-16", "utf-99", "latin1", "", "ü"])}`,
        },
      }),
    ],
    [
      1,
      () => ({
        bytes,
        headers: { ...headers, "content-encoding": dice.pick(["compress", "zstd", "x", "gzip, gzip"]) },
      }),
    ],
    [1, () => ({ bytes, headers: gzip })],
    [1, () => ({ bytes: gzipSync(bytes, QUICKLY).subarray(0, -dice.integer(1, 12)), headers: gzip })],
    [isLarge ? 0.5 : 2, () => ({ bytes: bomb, headers: gzip })],
    [0.1, () => ({ bytes: Buffer.alloc(1_100_000, " "), headers })],
  ])();
}

function badType(dice: Dice): string {
  return dice.pick([
    "text/plain",
    "text/json",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json-patch+json",
    "application/jsonx",
    ";",
    "application",
  ]);
}

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  if (at < changed.length) changed[at] = value;
  return changed;
}
