import type { Scope } from "./principal.js";

/** A token as it is kept, without the token itself. Times are epoch milliseconds. */
export interface StoredToken {
  /** Of one token at most that is not revoked. */
  readonly name: string;
  /** See digestOf. */
  readonly digest: string;
  readonly scope: Scope;
  readonly createdAt: number;
  /** Undefined: it is valid until it is revoked. */
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
  /** Undefined before the first time; up to a minute behind. */
  readonly lastUsedAt: number | undefined;
}

export interface TokenUse {
  readonly digest: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/**
 * Where bearer tokens are kept. Each method is one transaction. The bridge and commands beside it use it at the same time.
 * Throws DirectoryError `storageUnavailable` only.
 */
export interface TokenStore {
  /** False where another token has the name, and is not revoked; nothing is added then. */
  add(token: Pick<StoredToken, "name" | "digest" | "scope" | "createdAt" | "expiresAt">): Promise<boolean>;
  /** All that there ever were, by creation. */
  all(): Promise<readonly StoredToken[]>;
  /** False where no token has the name but revoked ones. */
  revoke(name: string, revokedAt: number): Promise<boolean>;
  recordUses(uses: readonly TokenUse[]): Promise<void>;
  /**
   * Another answer than before once a token was added or revoked, by whomever. It costs little, and may also change where
   * nothing else has.
   */
  version(): Promise<string>;
}
