import { hash } from "node:crypto";

/**
 * The form in which secrets are kept. A plain digest is enough: a slow one makes passwords that people think up costly to
 * guess, and a random text of 256 bits cannot be guessed at any price.
 */
export function hashOAuthSecret(secret: string): string {
  return hash("sha256", secret, "hex");
}
