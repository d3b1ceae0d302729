/** What stands for any value of one kind. Ids, versions and cursors may be captured under a name: `<id as user>`. */
export const WILDCARDS = {
  /** An account's SID, or the UUID of a group. */
  id: /^(?:AC[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
  /** RFC 3339. */
  time: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
  /** RFC 9110 §8.8.3, weak. */
  version: /^W\/"[\x21\x23-\x7e]+"$/,
  /** RFC 9865 §2.1: unreserved characters only. */
  cursor: /^[A-Za-z0-9\-._~]+$/,
  /** For a human. */
  text: /\S/,
} as const;

export type WildcardName = keyof typeof WILDCARDS;

export interface Wildcard {
  readonly kind: WildcardName;
  /** The name to capture the value under. */
  readonly as: string | undefined;
}

/** Stands for a user's whole extension of Twilio's. */
export const TWILIO = "<twilio>";
/** Stands for a user's entitlements. */
export const ENTITLEMENTS = "<entitlements>";

const CAPTURED: readonly WildcardName[] = ["id", "version", "cursor"];

/** Undefined where `text` is no wildcard. */
export function readWildcard(text: string): Wildcard | undefined {
  const [, kind, as] = /^<([a-z]+)(?: as ([a-zA-Z]\w*))?>$/.exec(text) ?? [];
  if (!isWildcardName(kind)) return undefined;
  return as === undefined || CAPTURED.includes(kind) ? { kind, as } : undefined;
}

/** Every text in `value` that looks like a wildcard and is none, such as one with a slip of the pen. */
export function unknownWildcards(value: unknown): string[] {
  if (typeof value === "string") {
    const isKnown = value === TWILIO || value === ENTITLEMENTS || readWildcard(value) !== undefined;
    return /^<.*>$/.test(value) && !isKnown ? [value] : [];
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(unknownWildcards) : [];
}

function isWildcardName(name: string | undefined): name is WildcardName {
  return name !== undefined && Object.hasOwn(WILDCARDS, name);
}
