import type { FetchImplementation, JWTVerifyGetKey } from "jose";
import { createAccessTokens } from "./access/access-tokens.js";
import { createClientAssertions } from "./access/client-assertion.js";
import type { ClientStore } from "./access/client-store.js";
import { createIssuerKeys } from "./access/issuer-keys.js";
import { createJwtVerifier } from "./access/jwt-verifier.js";
import type { CredentialVerifier } from "./access/principal.js";
import type { RandomBytes } from "./access/random-secret.js";
import { createTokenEndpoint, type GrantToken } from "./access/token-endpoint.js";
import type { JwtConfig } from "./config.js";
import type { Clock, Log } from "./directory/ports.js";

export interface AuthorizationParts {
  readonly config: { readonly jwt: JwtConfig | undefined };
  readonly store: ClientStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: RandomBytes;
  /** Fetches the keys of issuers. */
  readonly fetch: FetchImplementation;
}

/** What the identity provider's own tokens, and those of the token endpoint, need. */
export interface Authorization {
  /** In the order in which they are asked. */
  readonly verifiers: readonly CredentialVerifier[];
  readonly grantToken: GrantToken;
}

/** Joins the parts of OAuth for bridge.ts. */
export function createAuthorization(parts: AuthorizationParts): Authorization {
  const { config, store, clock, log, randomBytes, fetch } = parts;
  const tokens = createAccessTokens({ store, clock, randomBytes });
  const verifiers = [tokens.verify];
  if (config.jwt !== undefined) {
    const { issuer, audience, allowed, jwksUrl, scope } = config.jwt;
    const keys = createIssuerKeys({ issuer, jwksUrl, clock, fetch });
    verifiers.push(
      createJwtVerifier({ issuer, audience, allowed: new Set(allowed), scope, keys, clock, log }),
    );
  }
  const keysByIssuer = new Map<string, JWTVerifyGetKey>();
  function keysOf(issuer: string): JWTVerifyGetKey {
    const keys = keysByIssuer.get(issuer) ?? createIssuerKeys({ issuer, clock, fetch });
    keysByIssuer.set(issuer, keys);
    return keys;
  }
  const checkAssertion = createClientAssertions({ store, clock, keysOf });
  return { verifiers, grantToken: createTokenEndpoint({ store, tokens, checkAssertion }) };
}
