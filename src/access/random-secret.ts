/** Random bytes, as those of `node:crypto`. */
export type RandomBytes = (size: number) => Buffer;

/** 256 bits: nobody guesses that. */
const SECRET_BYTES = 32;

/**
 * A new secret, which nobody has had before.
 *
 * @param prefix says what it is, to people and to programs that look for secrets where none should be
 */
export function newSecret(prefix: string, randomBytes: RandomBytes): string {
  return `${prefix}${randomBytes(SECRET_BYTES).toString("base64url")}`;
}
