import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

/** One request, as it goes out. */
export interface FuzzRequest {
  readonly method: string;
  /** With the query, as it stands on the request line. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  /** What a user that is answered must say of `active`, where the request leaves no doubt. */
  readonly expectsActive?: boolean;
}

/** What came back. */
export interface FuzzAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Unpacked. */
  readonly text: string;
  /** The text, parsed; undefined where it is empty or no JSON. */
  readonly body: unknown;
}

/** The part of a request's path below `/scim/v2`, without its query. */
export function scimPath({ path }: Pick<FuzzRequest, "path">): string {
  return (path.split("?", 1)[0] ?? "").slice("/scim/v2".length);
}

/** The body as a naive server would read it; undefined where that is not possible. */
export function readNaively({ headers, body }: FuzzRequest): unknown {
  if (body === undefined) return undefined;
  try {
    const unpacked = unpack(body, headers["content-encoding"]);
    const encoding = /utf-16/i.test(headers["content-type"] ?? "") ? "utf16le" : "utf8";
    return JSON.parse(unpacked.toString(encoding).replace(/^\ufeff/, ""));
  } catch {
    return undefined;
  }
}

/** @throws what zlib throws */
export function unpack(bytes: Buffer, encoding: string | undefined): Buffer {
  switch (encoding?.toLowerCase()) {
    case "gzip":
      return gunzipSync(bytes);
    case "deflate":
      return inflateSync(bytes);
    case "br":
      return brotliDecompressSync(bytes);
    default:
      return bytes;
  }
}

const LONGEST_SHOWN = 4000;

/** A request in full, to repeat it by hand, but without the token. */
export function describeRequest({ method, path, headers, body }: FuzzRequest): string {
  const shown = Object.entries(headers).filter(([name]) => name !== "authorization");
  const text = body?.toString("utf8") ?? "";
  const isText = body === undefined || Buffer.from(text).equals(body);
  const content = isText ? JSON.stringify(text) : `base64 ${JSON.stringify(body?.toString("base64"))}`;
  const cut =
    content.length > LONGEST_SHOWN ? `${content.slice(0, LONGEST_SHOWN)}… (${body?.length} bytes)` : content;
  return [
    `${method} ${path}`,
    ...shown.map(([name, value]) => `  ${name}: ${value}`),
    `  authorization: ${describeAuthorization(headers.authorization)}`,
    `  body: ${body === undefined ? "none" : cut}`,
  ].join("\n");
}

function describeAuthorization(header: string | undefined): string {
  return header === undefined ? "none" : `${header.split(" ", 1)[0]?.slice(0, 6)}…`;
}
