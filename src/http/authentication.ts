import { hash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import { ScimError } from "../scim/errors.js";

/** Who a request comes from. */
export interface Principal {
  /** The name of the token or client; never a secret. */
  readonly name: string;
  /** How somebody has shown who they are. */
  readonly scheme?: string;
}

/** Tells who holds a token; undefined where nobody does. */
export type TokenVerifier = (token: string) => Principal | undefined;

/** Accepts the one token of `SCIM_TOKEN`. */
export function createStaticTokenVerifier(token: string, name: string): TokenVerifier {
  const expected = digest(token);
  // Digests have one length, so that the comparison tells nothing of the token's.
  return (candidate) =>
    timingSafeEqual(digest(candidate), expected) ? { name, scheme: "static" } : undefined;
}

/**
 * Lets a request through that carries a token: as `Bearer`, as the password of `Basic`, or bare, as Okta's header
 * authentication sends it. Others are answered 401 with a challenge (RFC 7644 §2).
 */
export function authenticate(verify: TokenVerifier): RequestHandler {
  return (request, response, next) => {
    const token = readToken(request.headers.authorization);
    const principal = token === undefined ? undefined : verify(token);
    if (principal === undefined) {
      response.set("WWW-Authenticate", [
        `Bearer realm="${REALM}"`,
        `Basic realm="${REALM}", charset="UTF-8"`,
      ]);
      throw new ScimError(401, undefined, "The request carries no valid token.");
    }
    response.locals.principal = principal;
    next();
  };
}

const REALM = "twilio-scim-bridge";

function readToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const [, scheme, credentials] = /^(bearer|basic) +(.+)$/i.exec(authorization) ?? [];
  if (scheme === undefined || credentials === undefined) return authorization;
  if (scheme.toLowerCase() === "bearer") return credentials;
  const userAndPassword = Buffer.from(credentials, "base64").toString("utf8");
  const colon = userAndPassword.indexOf(":");
  return colon < 0 ? undefined : userAndPassword.slice(colon + 1);
}

function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
