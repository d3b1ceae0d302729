import { isNoValue } from "./attribute-value.js";

/**
 * Whether a message is of the kind that `urn` names, by its `schemas`. Some clients leave them out, and the address that
 * a message is sent to says what it is (RFC 7644 §3.1).
 */
export function hasMessageSchema(schemas: unknown, urn: string): boolean {
  if (isNoValue(schemas)) return true;
  const urns = Array.isArray(schemas) ? schemas : [schemas];
  return urns.some((named) => typeof named === "string" && named.toLowerCase() === urn.toLowerCase());
}
