import { setImmediate as turn } from "node:timers/promises";
import type { Clock, Log } from "../directory/ports.js";
import type { CredentialVerifier, Principal } from "./principal.js";
import { digestOf, isToken } from "./token.js";
import type { StoredToken, TokenStore, TokenUse } from "./token-store.js";

/** A token that is revoked is refused this long afterwards, at the latest. */
const LOOK_INTERVAL_MS = 1000;

/** How exactly it is known when a token was used last: a write for each request would cost more than the request. */
const USE_INTERVAL_MS = 60_000;

interface KnownToken {
  readonly digest: string;
  readonly principal: Principal;
  /** Epoch milliseconds; infinite for one that does not expire. */
  readonly expiresAt: number;
  /** The last use that is, or is about to be, in the database. */
  usedAt: number;
}

export interface TokenExpiry {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface TokensOptions {
  readonly store: TokenStore;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The bearer tokens that are not revoked, in memory, as each request is checked against them. The database is looked at again
 * after a second, and at once for a token that is not known: it may have been made a moment ago.
 */
export class Tokens {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #log: Log;
  #known: ReadonlyMap<string, KnownToken> = new Map();
  #version: string | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | undefined;
  #uses: TokenUse[] = [];
  #writing: Promise<void> | undefined;

  constructor({ store, clock, log }: TokensOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** At once for a token that is known. Throws DirectoryError `storageUnavailable`. */
  readonly verify: CredentialVerifier = (credential) => {
    if (!isToken(credential)) return undefined;
    const digest = digestOf(credential);
    const known = this.#isOutdated() ? undefined : this.#known.get(digest);
    return known === undefined ? this.#lookUp(digest) : this.#admit(known);
  };

  /** When those expire that do. What was known last, where the database does not answer. */
  async expiries(): Promise<readonly TokenExpiry[]> {
    await this.#look().catch(() => undefined);
    return [...this.#known.values()]
      .filter(({ expiresAt }) => Number.isFinite(expiresAt))
      .map(({ principal: { name }, expiresAt }) => ({ name, expiresAt }));
  }

  /** Whether anybody could sign in with one now. Throws DirectoryError `storageUnavailable`. */
  async hasValid(): Promise<boolean> {
    await this.#look();
    const now = this.#clock.now();
    return [...this.#known.values()].some(({ expiresAt }) => now < expiresAt);
  }

  /** Resolves once nothing is to be written any more. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Also where the clock was set back. */
  #isOutdated(): boolean {
    const age = this.#clock.now() - this.#lookedAt;
    return age < 0 || age >= LOOK_INTERVAL_MS;
  }

  async #lookUp(digest: string): Promise<Principal | undefined> {
    await this.#look();
    const known = this.#known.get(digest);
    return known && this.#admit(known);
  }

  #look(): Promise<void> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #read(): Promise<void> {
    const now = this.#clock.now();
    // Before the tokens, so that what changes in between is seen the next time.
    const version = await this.#store.version();
    if (version !== this.#version) {
      const tokens = await this.#store.all();
      this.#known = new Map(
        tokens
          .filter(({ revokedAt }) => revokedAt === undefined)
          .map((token) => [token.digest, knownToken(token)]),
      );
      this.#version = version;
    }
    this.#lookedAt = now;
  }

  #admit(known: KnownToken): Principal | undefined {
    const now = this.#clock.now();
    if (now >= known.expiresAt) return undefined;
    if (Math.abs(now - known.usedAt) >= USE_INTERVAL_MS) {
      known.usedAt = now;
      this.#uses.push({ digest: known.digest, at: now });
      this.#writing ??= this.#writeUses();
    }
    return known.principal;
  }

  /** Behind the answer that is being prepared: a write waits for the disk. */
  async #writeUses(): Promise<void> {
    await turn();
    while (this.#uses.length > 0) {
      const uses = this.#uses;
      this.#uses = [];
      await this.#store.recordUses(uses).catch((error: unknown) => {
        this.#log.warn({ err: error }, "when tokens were used last could not be saved");
      });
    }
    this.#writing = undefined;
  }
}

function knownToken({ digest, name, scope, expiresAt, lastUsedAt }: StoredToken): KnownToken {
  return {
    digest,
    principal: { name, scheme: "token", scope },
    expiresAt: expiresAt ?? Number.POSITIVE_INFINITY,
    usedAt: lastUsedAt ?? Number.NEGATIVE_INFINITY,
  };
}
