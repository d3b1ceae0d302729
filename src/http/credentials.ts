import type { Request } from "express";

/** Longer than any token, also one that tells of many groups. */
const MAX_CREDENTIALS_LENGTH = 8 * 1024;

/** That a request brings nothing by which its sender could be told. */
export interface NoCredential {
  readonly reason: "missing" | "unreadable";
  /** For the sender, without what was sent. */
  readonly detail: string;
}

/**
 * The credential of a request: as `Bearer`, as the password of `Basic`, or bare, as Okta's header authentication sends it.
 * What could be read in two ways is read in none: a proxy in front may have looked at the other one.
 */
export function readCredential({ headers: { authorization }, rawHeaders }: Request): string | NoCredential {
  if (authorization === undefined || authorization === "") return MISSING;
  if (authorization.length > MAX_CREDENTIALS_LENGTH) return unreadable("The credentials are too long.");
  // Node keeps the first one only.
  if (countAuthorizations(rawHeaders) > 1) {
    return unreadable("The request carries more than one Authorization header.");
  }
  const [, scheme, credentials = ""] = /^(bearer|basic)(?: +(.*))?$/i.exec(authorization) ?? [];
  const credential =
    scheme === undefined
      ? authorization
      : scheme.toLowerCase() === "bearer"
        ? credentials
        : passwordOf(credentials);
  // No token has anything else in it. This also refuses lists, control characters and other schemes.
  if (credential === undefined || !/^[\x21-\x7e]+$/.test(credential)) {
    return unreadable("The Authorization header cannot be read.");
  }
  return credential;
}

/** What all are told whose credential nobody has: what is wrong with it would help whoever guesses. */
export const NO_VALID_TOKEN = "The request carries no valid token.";

const MISSING: NoCredential = { reason: "missing", detail: NO_VALID_TOKEN };

function unreadable(detail: string): NoCredential {
  return { reason: "unreadable", detail };
}

/** RFC 7617 §2. */
function passwordOf(credentials: string): string | undefined {
  // Node would skip what is not base64.
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(credentials)) return undefined;
  const userAndPassword = Buffer.from(credentials, "base64").toString("utf8");
  const colon = userAndPassword.indexOf(":");
  return colon < 0 ? undefined : userAndPassword.slice(colon + 1);
}

/** Names and values take turns in `rawHeaders`. */
function countAuthorizations(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === "authorization".length && name.toLowerCase() === "authorization") count++;
  }
  return count;
}
