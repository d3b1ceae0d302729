import { hash } from "node:crypto";

/** Random bytes, as those of `node:crypto`. */
export type RandomBytes = (size: number) => Buffer;

/** 256 bits: nobody guesses that. */
const SECRET_BYTES = 32;

/** @param prefix says what it is, to people and to programs that look for secrets where none should be */
export function newOAuthSecret(prefix: string, randomBytes: RandomBytes): string {
  return `${prefix}${randomBytes(SECRET_BYTES).toString("base64url")}`;
}

/**
 * The form in which secrets are kept. A plain digest is enough: a slow one makes passwords that people think up costly to
 * guess, and a random text of 256 bits cannot be guessed at any price.
 */
export function hashOAuthSecret(secret: string): string {
  return hash("sha256", secret, "hex");
}
