import type { Scope } from "./principal.js";

/** Whose tokens stand for a client, all of them exactly. */
export interface FederatedBinding {
  /** The claim `iss`. */
  readonly issuer: string;
  /** The claim `sub`: for Entra ID the object id of the workload, not its client id. */
  readonly subject: string;
  /** The claim `aud`. */
  readonly audience: string;
  /** The claim `tid`; undefined: the token must have none. */
  readonly tenant: string | undefined;
}

/** How a client shows who it is. */
export type ClientCredential =
  | { readonly kind: "secret"; readonly secretHash: string }
  | { readonly kind: "federated"; readonly binding: FederatedBinding };

/** A client of the token endpoint (RFC 6749 §2). */
export interface OAuthClient {
  /** The `client_id`. */
  readonly id: string;
  /** What people call it; no two clients that are not revoked have the same. */
  readonly name: string;
  readonly scope: Scope;
  readonly credential: ClientCredential;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds; undefined: it is not revoked. */
  readonly revokedAt: number | undefined;
}

export interface StoredAccessToken {
  readonly hash: string;
  readonly clientId: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface UsedAssertion {
  readonly clientId: string;
  /** The digest of the claim `jti`. */
  readonly jtiHash: string;
  /** Epoch milliseconds after which the assertion is refused for its age. */
  readonly expiresAt: number;
}

/** Keeps clients, and the tokens that they got. All throw DirectoryError `storageUnavailable`. Times are epoch milliseconds. */
export interface ClientStore {
  /** False, and nothing is added, where a client that is not revoked has the name. */
  addClient(client: OAuthClient): Promise<boolean>;
  /** All of them, also those that are revoked, by creation. */
  listClients(): Promise<readonly OAuthClient[]>;
  /** By id. */
  findClient(id: string): Promise<OAuthClient | undefined>;
  /** Revokes the client of that name, and forgets its tokens. False where there is none that is not revoked. */
  revokeClient(name: string, now: number): Promise<boolean>;
  /**
   * Adds a token, and forgets those that have expired and the oldest of a client that has a hundred. False, and nothing is
   * added, where the client is not there or revoked.
   */
  addAccessToken(token: StoredAccessToken, now: number): Promise<boolean>;
  /** The client that a token was given to, and until when; undefined where there is no such token, or the client is revoked. */
  findAccessToken(hash: string): Promise<{ client: OAuthClient; expiresAt: number } | undefined>;
  /** Notes that an assertion was used. False where it was before, or a client has used so many that none more can be kept. */
  useAssertion(assertion: UsedAssertion, now: number): Promise<boolean>;
}
