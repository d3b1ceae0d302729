import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Clock } from "../directory/ports.js";
import { IssuerUnavailable } from "./issuer-unavailable.js";

/** Signatures that only the holder of a private key can make. HMAC is not among them: its key would be the public one. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** How far the issuer's clock may be from ours. */
const SKEW_SECONDS = 60;

/** Longer than any token of a provider, which are 2 KiB or so. */
const LONGEST_TOKEN = 12 * 1024;

/** That a token is not good, with the reason for the operator's log. It holds no value of the token. */
export class IssuedTokenRefused extends Error {
  override readonly name = "IssuedTokenRefused";
}

export interface IssuedTokenRules {
  readonly issuer: string;
  readonly audience: string;
  /** Values of the header `typ` that are accepted besides `JWT` and none, in lower case. */
  readonly types: readonly string[];
  readonly keys: JWTVerifyGetKey;
  readonly clock: Clock;
}

/** What a good token says. */
export interface IssuedTokenClaims extends JWTPayload {
  /** Epoch seconds. */
  readonly exp: number;
}

/** Whether a text has the form of a JWT: three parts in base64url. */
export function looksLikeJwt(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

/**
 * Checks a signed token: signature, issuer, audience and times (RFC 7519 §7.2, with the advice of RFC 8725). It must say
 * when it expires.
 *
 * @throws IssuedTokenRefused where it is not good
 * @throws IssuerUnavailable where nobody can say
 */
export async function verifyIssuedToken(token: string, rules: IssuedTokenRules): Promise<IssuedTokenClaims> {
  const { issuer, audience, types, keys, clock } = rules;
  if (token.length > LONGEST_TOKEN) throw new IssuedTokenRefused("it is too long");
  // Before keys are looked for, so that tokens of others do not make us ask the issuer.
  if (readIssuer(token) !== issuer) throw new IssuedTokenRefused("iss is another one");
  const now = clock.now();
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    algorithms: ALGORITHMS,
    issuer,
    audience,
    requiredClaims: ["exp"],
    clockTolerance: SKEW_SECONDS,
    currentDate: new Date(now),
  }).catch((error: unknown) => {
    if (error instanceof IssuerUnavailable) throw error;
    throw new IssuedTokenRefused(reasonOf(error));
  });
  const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, "");
  // A token made for another purpose, such as a logout, says so there (RFC 8725 §3.11).
  if (type !== undefined && type !== "jwt" && !types.includes(type)) {
    throw new IssuedTokenRefused("typ is that of another kind of token");
  }
  if (payload.iat !== undefined && payload.iat > now / 1000 + SKEW_SECONDS) {
    throw new IssuedTokenRefused("iat is in the future");
  }
  const { exp } = payload;
  if (exp === undefined) throw new IssuedTokenRefused("exp is missing");
  return { ...payload, exp };
}

function readIssuer(token: string): unknown {
  try {
    return decodeJwt(token).iss;
  } catch {
    throw new IssuedTokenRefused("it is no JWT");
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `${error.claim} does not fit (${error.reason})`;
  // Not only jose's own errors: a key that the platform cannot use ends in one of its errors.
  return error instanceof errors.JOSEError ? error.code : "the signature cannot be checked";
}
