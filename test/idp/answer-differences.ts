import { z } from "zod";
import { SCIM_JSON } from "../support/bridge-on-simulator.js";
import type { Captures } from "./captures.js";
import type { Exchange } from "./conversation.js";
import { difference, differences } from "./differences.js";
import { inLowerCase } from "./header-names.js";

/** An answer as it came. */
export interface Answered {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, unread. Empty or absent where there is none. */
  readonly text?: string | undefined;
}

/** One line for everything about an answer that is not as expected; of another status, nothing else is looked at. */
export function answerDifferences(
  { status, headers, text = "" }: Answered,
  expected: Exchange["answer"],
  captures: Captures,
): string[] {
  if (status !== expected.status) {
    return [difference("status", expected.status, status), `answered: ${text}`];
  }
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  const wanted = { ...impliedHeaders(body), ...inLowerCase(expected.headers ?? {}) };
  return [
    ...bodyDifferences(body, expected, captures),
    ...differences(headers, wanted, { place: "headers", extent: "part", captures }),
  ];
}

function bodyDifferences(
  actual: unknown,
  { body, contains }: Exchange["answer"],
  captures: Captures,
): string[] {
  if (body !== undefined) return differences(actual, body, { place: "body", captures });
  if (contains !== undefined) {
    return differences(actual, contains, { place: "body", extent: "part", captures });
  }
  return actual === undefined ? [] : [difference("body", undefined, actual)];
}

/** A body has a type (RFC 7644 §3.1), and a resource the version that it shows (RFC 7644 §3.14). */
function impliedHeaders(body: unknown): Record<string, string> {
  if (body === undefined) return {};
  const version = z.object({ meta: z.object({ version: z.string() }) }).safeParse(body).data?.meta.version;
  return {
    "content-type": `${SCIM_JSON}; charset=utf-8`,
    ...(version !== undefined && { etag: version }),
  };
}
