import type { JWTVerifyGetKey } from "jose";
import type { Clock } from "../directory/ports.js";
import type { ClientStore, FederatedBinding } from "./client-store.js";
import { IssuedTokenRefused, verifyIssuedToken } from "./issued-token.js";
import { hashOAuthSecret } from "./oauth-secret.js";

export interface ClientAssertionsOptions {
  readonly store: ClientStore;
  readonly clock: Clock;
  /** The keys of an issuer. */
  readonly keysOf: (issuer: string) => JWTVerifyGetKey;
}

/**
 * Checks what stands for a client (RFC 7523 §3), except that subject and issuer are those that the client is bound to
 * instead of its `client_id`: Entra ID's subject is the object id of the workload that calls.
 *
 * Throws IssuedTokenRefused where it does not stand for the client, and IssuerUnavailable where nobody can say.
 */
export type CheckAssertion = (
  assertion: string,
  clientId: string,
  binding: FederatedBinding,
) => Promise<void>;

/** How long after `exp` an assertion may still come, by the skew that is allowed. */
const GRACE_MS = 60_000;

export function createClientAssertions({ store, clock, keysOf }: ClientAssertionsOptions): CheckAssertion {
  return async (assertion, clientId, { issuer, subject, audience, tenant }) => {
    const claims = await verifyIssuedToken(assertion, {
      issuer,
      audience,
      types: ["client-authentication+jwt"],
      keys: keysOf(issuer),
      clock,
    });
    if (claims.sub !== subject) throw new IssuedTokenRefused("sub is another one");
    if (claims.tid !== tenant) throw new IssuedTokenRefused("tid is another one");
    // Whoever else it is for could use it here.
    if (Array.isArray(claims.aud) && claims.aud.length > 1) {
      throw new IssuedTokenRefused("aud names others too");
    }
    const { jti, exp } = claims;
    if (jti === undefined) return;
    // Its type is jose's promise, which it does not check.
    if (typeof jti !== "string") throw new IssuedTokenRefused("jti is no text");
    const used = { clientId, jtiHash: hashOAuthSecret(jti), expiresAt: exp * 1000 + GRACE_MS };
    if (!(await store.useAssertion(used, clock.now()))) {
      throw new IssuedTokenRefused("it was used before, or the client has too many that are still valid");
    }
  };
}
