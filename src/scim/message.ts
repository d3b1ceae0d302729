import { isNoValue, membersByName } from "./attribute-value.js";
import { invalidSyntax } from "./errors.js";
import { isJsonObject } from "./resource.js";

/** A kind of message that clients send (RFC 7644 §3.1). */
export interface MessageKind {
  readonly urn: string;
  /** What it is called in error messages, such as "a search". */
  readonly name: string;
  /** What to say of a body that is no JSON object. */
  readonly expected: string;
}

/**
 * The members of a message by their names in lower case. Some clients leave out its `schemas`, and the address that a
 * message is sent to says what it is.
 *
 * @throws ScimError invalidSyntax for what is no object, or a message of another kind
 */
export function readMessage(
  body: unknown,
  { urn, name, expected }: MessageKind,
): ReadonlyMap<string, unknown> {
  if (!isJsonObject(body)) throw invalidSyntax(expected);
  const members = membersByName(body);
  const schemas = members.get("schemas");
  if (!isNoValue(schemas) && !names(schemas, urn)) {
    throw invalidSyntax(`The schemas of ${name} must contain ${urn}.`);
  }
  return members;
}

function names(schemas: unknown, urn: string): boolean {
  const urns = Array.isArray(schemas) ? schemas : [schemas];
  return urns.some((named) => typeof named === "string" && named.toLowerCase() === urn.toLowerCase());
}
