import { timingSafeEqual } from "node:crypto";
import type { AccessTokens } from "./access-tokens.js";
import type { CheckAssertion } from "./client-assertion.js";
import type { ClientStore, OAuthClient } from "./client-store.js";
import { IssuedTokenRefused } from "./issued-token.js";
import { hashOAuthSecret } from "./oauth-secret.js";

/** The error codes of RFC 6749 §5.2 that this endpoint gives. */
export type TokenErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "unsupported_grant_type"
  | "invalid_scope";

/** That no token is given. The message is the `error_description`, which tells an attacker nothing. */
export class TokenRequestRefused extends Error {
  override readonly name = "TokenRequestRefused";
  readonly code: TokenErrorCode;
  /** Why, for the operator's log; without values. */
  readonly reason: string;
  /** The client that it was tried with, where there is such a client. */
  readonly client: OAuthClient | undefined;

  constructor(code: TokenErrorCode, description: string, reason = description, client?: OAuthClient) {
    super(description);
    this.code = code;
    this.reason = reason;
    this.client = client;
  }
}

/** How a client says who it is: by secret, or by what an issuer has signed. */
export type ClientAuthentication =
  | { readonly kind: "secret"; readonly clientId: string; readonly secret: string }
  | { readonly kind: "assertion"; readonly clientId: string; readonly assertion: string };

export interface TokenEndpointOptions {
  readonly store: ClientStore;
  readonly tokens: Pick<AccessTokens, "issue">;
  readonly checkAssertion: CheckAssertion;
}

/**
 * Gives a client an access token.
 *
 * Throws TokenRequestRefused `invalid_client` where it is not who it says, IssuerUnavailable where its issuer's keys cannot
 * be read, and DirectoryError `storageUnavailable`.
 */
export type GrantToken = (authentication: ClientAuthentication) => Promise<string>;

export function createTokenEndpoint({ store, tokens, checkAssertion }: TokenEndpointOptions): GrantToken {
  async function authenticated(asked: ClientAuthentication): Promise<OAuthClient> {
    const client = await store.findClient(asked.clientId);
    if (client === undefined) throw refused("there is no such client");
    if (client.revokedAt !== undefined) throw refused("the client is revoked", client);
    const { credential } = client;
    if (asked.kind === "secret") {
      if (credential.kind !== "secret") throw refused("the client is federated and has no secret", client);
      if (!sameHash(hashOAuthSecret(asked.secret), credential.secretHash)) {
        throw refused("the secret is another one", client);
      }
      return client;
    }
    if (credential.kind !== "federated") throw refused("the client is not federated", client);
    try {
      await checkAssertion(asked.assertion, client.id, credential.binding);
    } catch (error) {
      throw error instanceof IssuedTokenRefused ? refused(`assertion: ${error.message}`, client) : error;
    }
    return client;
  }

  return async (asked) => {
    const client = await authenticated(asked);
    const token = await tokens.issue(client);
    if (token === undefined) throw refused("the client was revoked meanwhile", client);
    return token;
  };
}

/** One answer for all reasons: which client ids there are is nobody's business. */
function refused(reason: string, client?: OAuthClient): TokenRequestRefused {
  return new TokenRequestRefused(
    "invalid_client",
    "The client is not known, or not authenticated.",
    reason,
    client,
  );
}

function sameHash(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
