import type { Clock } from "../directory/ports.js";
import type { ClientStore, OAuthClient } from "./client-store.js";
import { hashOAuthSecret } from "./oauth-secret.js";
import type { CredentialVerifier } from "./principal.js";
import { newSecret, type RandomBytes } from "./random-secret.js";

/** How long an access token is good. */
export const ACCESS_TOKEN_SECONDS = 3600;

const PREFIX = "tsba_";

export interface AccessTokensOptions {
  readonly store: ClientStore;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

/** The tokens that the token endpoint gives. */
export interface AccessTokens {
  /** A new token for a client; undefined where it has been revoked meanwhile. */
  issue(client: OAuthClient): Promise<string | undefined>;
  /** Accepts them. It asks the store each time, so that a revoked client is out at once. */
  readonly verify: CredentialVerifier;
}

export function createAccessTokens({ store, clock, randomBytes }: AccessTokensOptions): AccessTokens {
  return {
    async issue({ id }) {
      const token = newSecret(PREFIX, randomBytes);
      const now = clock.now();
      const expiresAt = now + ACCESS_TOKEN_SECONDS * 1000;
      const isAdded = await store.addAccessToken(
        { hash: hashOAuthSecret(token), clientId: id, expiresAt },
        now,
      );
      return isAdded ? token : undefined;
    },

    async verify(credential) {
      if (!credential.startsWith(PREFIX)) return undefined;
      // Found by its digest: how long that takes tells nothing of the tokens that there are.
      const found = await store.findAccessToken(hashOAuthSecret(credential));
      if (found === undefined || found.expiresAt <= clock.now()) return undefined;
      // Rights are the client's as they are now.
      return { name: found.client.name, scheme: "oauth", scope: found.client.scope };
    },
  };
}
