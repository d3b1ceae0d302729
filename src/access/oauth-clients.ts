import type { Clock } from "../directory/ports.js";
import type { ClientStore, FederatedBinding, OAuthClient } from "./client-store.js";
import { hashOAuthSecret } from "./oauth-secret.js";
import type { Scope } from "./principal.js";
import { newSecret, type RandomBytes } from "./random-secret.js";

export interface OAuthClientsOptions {
  readonly store: ClientStore;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly randomBytes: RandomBytes;
}

export interface NewClient {
  readonly name: string;
  readonly scope: Scope;
  /** Undefined: the client gets a secret. */
  readonly binding: FederatedBinding | undefined;
}

export interface CreatedClient {
  readonly client: OAuthClient;
  /** Known here only: the store has its digest. Undefined for a federated client, which needs none. */
  readonly secret: string | undefined;
}

const SECRET_PREFIX = "tsbs_";

/** The clients of the token endpoint, as whoever looks after them sees them. */
export interface OAuthClients {
  /** Undefined, and nothing is made, where the name is in use. */
  create(asked: NewClient): Promise<CreatedClient | undefined>;
  list(): Promise<readonly OAuthClient[]>;
  /** Ends a client and its tokens. False where there is none of that name. */
  revoke(name: string): Promise<boolean>;
}

export function createOAuthClients({ store, clock, newId, randomBytes }: OAuthClientsOptions): OAuthClients {
  return {
    async create({ name, scope, binding }) {
      const secret = binding === undefined ? newSecret(SECRET_PREFIX, randomBytes) : undefined;
      const client: OAuthClient = {
        id: newId(),
        name,
        scope,
        credential:
          binding === undefined
            ? { kind: "secret", secretHash: hashOAuthSecret(secret ?? "") }
            : { kind: "federated", binding },
        createdAt: clock.now(),
        revokedAt: undefined,
      };
      return (await store.addClient(client)) ? { client, secret } : undefined;
    },
    list: () => store.listClients(),
    revoke: (name) => store.revokeClient(name, clock.now()),
  };
}
