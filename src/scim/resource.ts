/** A JSON object whose contents have not been read yet: a body, a complex value, or a resource. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A SCIM resource as it is served (RFC 7643 §3): every name as its schema spells it, no null, no empty array, no empty
 * complex value. It is never changed; an edit makes another one that shares the rest.
 */
export type Resource = JsonObject;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `record` without the members that are undefined. */
export function defined<T extends object>(record: { [K in keyof T]-?: T[K] | undefined }): T {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  // Every member of T is in `record` with its own type, and the ones left out are those that T allows to be absent.
  return Object.fromEntries(entries) as T;
}
