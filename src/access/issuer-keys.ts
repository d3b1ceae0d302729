import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
  type RemoteJWKSet,
} from "jose";
import type { Clock } from "../directory/ports.js";
import { IssuerUnavailable } from "./issuer-unavailable.js";
import { isIssuerUrl } from "./issuer-url.js";

export interface IssuerKeysOptions {
  /** The claim `iss`, exactly. */
  readonly issuer: string;
  /** Where its keys are; undefined: where its OpenID configuration says. */
  readonly jwksUrl?: string | undefined;
  readonly clock: Clock;
  /** As the platform's. */
  readonly fetch: FetchImplementation;
}

/** A key that an issuer has withdrawn is good for so long at most. */
const KEPT_MS = 10 * 60_000;
/** Tokens with unknown keys make the keys be fetched again no more often than this. */
const REREAD_AFTER_MS = 30_000;
/** How long an issuer that did not answer is left alone. */
const REST_MS = 5_000;
const TIMEOUT_MS = 5_000;

/**
 * The keys of an issuer, fetched when they are needed first and kept for ten minutes; a key that is not among them makes
 * them be fetched again, so that an issuer can change its keys. Keys or addresses that a token brings along are not used.
 *
 * @returns what jose asks for a key, which throws `IssuerUnavailable`, or jose's errors where the token has no key of them
 */
export function createIssuerKeys({ issuer, jwksUrl, clock, fetch }: IssuerKeysOptions): JWTVerifyGetKey {
  let keys: RemoteJWKSet | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<RemoteJWKSet> | undefined;

  async function read(): Promise<RemoteJWKSet> {
    if (clock.now() - failedAt < REST_MS) throw new IssuerUnavailable();
    try {
      // The set's own times are switched off: they are the machine's, and these are the clock's.
      keys ??= createRemoteJWKSet(new URL(jwksUrl ?? (await discover(issuer, fetch))), {
        timeoutDuration: TIMEOUT_MS,
        cacheMaxAge: Number.POSITIVE_INFINITY,
        cooldownDuration: Number.POSITIVE_INFINITY,
        [customFetch]: fetch,
      });
      await keys.reload();
      readAt = clock.now();
      return keys;
    } catch (error) {
      failedAt = clock.now();
      throw new IssuerUnavailable(error);
    }
  }

  function readOnce(): Promise<RemoteJWKSet> {
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  return async (header, token) => {
    const current = keys !== undefined && clock.now() - readAt < KEPT_MS ? keys : await readOnce();
    try {
      return await current(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || clock.now() - readAt < REREAD_AFTER_MS) throw error;
      return (await readOnce())(header, token);
    }
  };
}

/** The `jwks_uri` of an issuer (OpenID Connect Discovery 1.0 §4). */
async function discover(issuer: string, fetch: FetchImplementation): Promise<string> {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    method: "GET",
    headers: new Headers({ accept: "application/json" }),
    // Whoever can redirect us could choose the keys.
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) throw new Error(`The OpenID configuration was answered ${response.status}.`);
  const configuration = new Map<string, unknown>(Object.entries((await response.json()) ?? {}));
  const jwksUri = configuration.get("jwks_uri");
  if (configuration.get("issuer") !== issuer)
    throw new Error("The OpenID configuration is another issuer's.");
  if (typeof jwksUri !== "string" || !isIssuerUrl(jwksUri.replace(/\?.*$/, ""))) {
    throw new Error("The OpenID configuration has no jwks_uri by https.");
  }
  return jwksUri;
}
