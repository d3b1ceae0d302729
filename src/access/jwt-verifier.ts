import type { JWTPayload, JWTVerifyGetKey } from "jose";
import type { Clock, Log } from "../directory/ports.js";
import { IssuedTokenRefused, looksLikeJwt, verifyIssuedToken } from "./issued-token.js";
import type { CredentialVerifier, Scope } from "./principal.js";

export interface JwtVerifierOptions {
  /** `JWT_ISSUER`: the claim `iss`, exactly. */
  readonly issuer: string;
  /** `JWT_AUDIENCE`: one of the claim `aud`, exactly. */
  readonly audience: string;
  /** `JWT_ALLOWED`: who may come, by `appid`, `azp` or `sub`. */
  readonly allowed: ReadonlySet<string>;
  /** `JWT_SCOPE`: what they may do. */
  readonly scope: Scope;
  readonly keys: JWTVerifyGetKey;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Accepts tokens that an identity provider signs. Issuer and audience are not enough: Entra's default audience is shared by
 * every application of every tenant, so that who may come is listed by name.
 *
 * Leaves alone what has not the form of a JWT. Throws `IssuerUnavailable` where the keys cannot be read.
 */
export function createJwtVerifier({ allowed, scope, log, ...rules }: JwtVerifierOptions): CredentialVerifier {
  return async (credential) => {
    if (!looksLikeJwt(credential)) return undefined;
    try {
      const claims = await verifyIssuedToken(credential, { ...rules, types: ["at+jwt"] });
      const name = [clientOf(claims), claims.sub].find((who) => who !== undefined && allowed.has(who));
      if (name === undefined) throw new IssuedTokenRefused("JWT_ALLOWED has neither its client nor its sub");
      return { name, scheme: "jwt", scope };
    } catch (error) {
      if (!(error instanceof IssuedTokenRefused)) throw error;
      log.warn({ reason: error.message }, "a JWT was refused");
      return undefined;
    }
  };
}

/** The application that a token was made for: `azp`, or `appid` in Entra's first version. */
function clientOf({ azp, appid }: JWTPayload): string | undefined {
  const clients = [azp, appid].filter((client) => client !== undefined);
  const [client] = clients;
  if (client === undefined) return undefined;
  // Two answers to one question are none.
  if (typeof client !== "string" || clients.some((other) => other !== client)) {
    throw new IssuedTokenRefused("azp and appid name no client, or two");
  }
  return client;
}
