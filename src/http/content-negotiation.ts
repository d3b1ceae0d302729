import compression from "compression";
import type { Request, RequestHandler } from "express";
import { ScimError } from "../scim/errors.js";
import { JSON_TYPES } from "./json-body.js";

/** Each chunk waits for a turn of the event loop: with the default of 16 KiB, large answers crawl while it is busy. */
const COMPRESSION_CHUNK_BYTES = 256 * 1024;

/** Shorter answers would hardly become smaller. */
const COMPRESSION_THRESHOLD_BYTES = 1024;

/**
 * Answers 406 to a client that cannot read JSON (RFC 7644 §3.8). An `Accept` header that is absent, empty or unreadable
 * asks for nothing. `Accept-Charset` is ignored: JSON is UTF-8 (RFC 9110 §12.5.2 deprecates it).
 */
export const requireAcceptable: RequestHandler = ({ headers: { accept } }, _response, next) => {
  // What nearly every client sends needs no reading.
  if (accept === undefined || JSON_TYPES.includes(accept) || accept === "*/*") return next();
  const qualities = readAccept(accept);
  if (qualities !== undefined && !JSON_TYPES.some((type) => isAccepted(type, qualities))) {
    throw new ScimError(
      406,
      undefined,
      `Answers here are ${JSON_TYPES.join(" or ")}, and the Accept header allows neither.`,
    );
  }
  next();
};

/** Media ranges in lower case, with their qualities from 0, which is "not this one", to 1. */
type Qualities = ReadonlyMap<string, number>;

/** The range that says most about a type decides (RFC 9110 §12.5.1). */
function isAccepted(type: string, qualities: Qualities): boolean {
  const range = [type, "application/*", "*/*"].find((candidate) => qualities.has(candidate));
  return range !== undefined && qualities.get(range) !== 0;
}

/** Leaves parameters aside, such as a charset. Undefined where there is no range, or one that cannot be read. */
function readAccept(header: string): Qualities | undefined {
  const bare = withoutStrings(header.toLowerCase());
  if (bare.includes('"')) return undefined;
  const qualities = new Map<string, number>();
  for (const element of bare.split(",").filter((text) => text.trim() !== "")) {
    const [range = "", ...parameters] = element.split(";").map((part) => part.trim());
    const quality = readQuality(parameters);
    if (!/^[^\s/]+\/[^\s/]+$/.test(range) || Number.isNaN(quality)) return undefined;
    qualities.set(range, Math.max(quality, qualities.get(range) ?? 0));
  }
  return qualities.size > 0 ? qualities : undefined;
}

/**
 * Leaves one quote where a string is not closed. Such a string goes on to the end, as trying again from every quote in
 * it would take square time.
 */
function withoutStrings(header: string): string {
  return header.replace(/"(?:\\.?|[^"\\])*("|$)/g, (_string, end) => (end === "" ? '"' : ""));
}

/** NaN where it is no number. */
function readQuality(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => /^q\s*=/.test(parameter));
  if (weight === undefined) return 1;
  return Number(/=\s*([\d.]+)$/.exec(weight)?.[1] ?? Number.NaN);
}

/** What the package knows to make, or `*` for any: where none is named, nothing is compressed. */
const MADE_CODINGS = /br|gzip|deflate|\*/i;

/** Compresses answers for clients that can unpack them, and says in `Vary` that it does (RFC 9110 §12.5.3). */
export function compressAnswers(): RequestHandler {
  const compress = compression({
    threshold: COMPRESSION_THRESHOLD_BYTES,
    chunkSize: COMPRESSION_CHUNK_BYTES,
  });
  return (request, response, next) => {
    // The package says so of answers with a body only, and a 304 has to say it too (RFC 9110 §15.4.5).
    response.setHeader("Vary", "Accept-Encoding");
    // The package wraps the answer, whatever the client can unpack.
    if (!MADE_CODINGS.test(request.headers["accept-encoding"] ?? "")) return next();
    compress(request.method === "HEAD" ? asGet(request) : request, response, next);
  };
}

/**
 * The package leaves HEAD alone, which would then tell another Content-Length than GET has (RFC 9110 §8.6). The body
 * that it makes is dropped by Node.
 */
function asGet(request: Request): Request {
  return Object.create(request, { method: { value: "GET" } });
}
