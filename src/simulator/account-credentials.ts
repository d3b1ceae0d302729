import type { ApiKey } from "./credentials.js";
import { hex64 } from "./randomness.js";

/** SID and Auth Token of an account: the same seed, purpose and number give the same ones. */
export function accountCredentials(
  seed: number,
  purpose: "owner" | "seeded" | "later",
  number: number,
): { sid: string; authToken: string } {
  const digits = hex64(seed, purpose, number);
  return { sid: `AC${digits.slice(0, 32)}`, authToken: digits.slice(32) };
}

/** The owner account's API keys, made from the seed. */
export function apiKey(seed: number, kind: "main" | "standard"): ApiKey {
  const digits = hex64(seed, "key", kind);
  return { sid: `SK${digits.slice(0, 32)}`, secret: digits.slice(32) };
}
