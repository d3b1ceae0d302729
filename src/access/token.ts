import { hash } from "node:crypto";
import { newSecret, type RandomBytes } from "./random-secret.js";

/** By it people, and programs that search for leaked secrets, recognise one: "Twilio SCIM bridge". */
const PREFIX = "tsb_";

const FORM = /^tsb_[A-Za-z0-9_-]{43}$/;

/** A new bearer token. */
export function makeToken(randomBytes: RandomBytes): string {
  return newSecret(PREFIX, randomBytes);
}

/** Tokens of ours wherever they stand in a text, and the tokens and secrets of OAuth clients, so that they can be masked. */
export const TOKENS_IN_TEXT = /tsb[as]?_[A-Za-z0-9_-]{43}/g;

/** Whether a credential has the form of a token of ours. Upper and lower case are told apart. */
export function isToken(credential: string): boolean {
  return FORM.test(credential);
}

/**
 * What is kept of a credential: its SHA-256, in base64url.
 *
 * A plain hash is enough, as what is hashed is random and as long as the hash: there is no dictionary to try. Credentials are
 * looked up by it in a map, which needs no comparison in constant time: how long that takes may tell of the digests, but
 * nobody can choose a credential by what its digest begins with and so come nearer to the right one.
 */
export function digestOf(credential: string): string {
  return hash("sha256", credential, "base64url");
}
