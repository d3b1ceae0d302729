import type { Clock, Log } from "../directory/ports.js";
import type { Tokens } from "./tokens.js";

const DAY_MS = 24 * 60 * 60_000;

/** Long enough to make another token and give it to the provider, also where that takes a change request. */
const WARNED_AHEAD_MS = 30 * DAY_MS;

/** The names of tokens that somebody should replace. */
export interface ExpiringTokens {
  /** Those that expire within 30 days. */
  readonly expiring: readonly string[];
  /** Those that have expired, and are not revoked. */
  readonly expired: readonly string[];
}

export interface ExpiryWatchOptions {
  readonly tokens: Pick<Tokens, "expiries">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Warns of tokens that are about to expire: what used them would stop working, and nobody would know why. */
export class ExpiryWatch {
  readonly #tokens: Pick<Tokens, "expiries">;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopping = new AbortController();

  constructor({ tokens, clock, log }: ExpiryWatchOptions) {
    this.#tokens = tokens;
    this.#clock = clock;
    this.#log = log;
  }

  /** Which tokens should be replaced now. */
  async current(): Promise<ExpiringTokens> {
    const now = this.#clock.now();
    const soon = (await this.#tokens.expiries()).filter(({ expiresAt }) => expiresAt < now + WARNED_AHEAD_MS);
    const names = (isWanted: (expiresAt: number) => boolean) =>
      soon.filter(({ expiresAt }) => isWanted(expiresAt)).map(({ name }) => name);
    return {
      expiring: names((expiresAt) => expiresAt > now),
      expired: names((expiresAt) => expiresAt <= now),
    };
  }

  /** Warns now and then once a day, until it is stopped. */
  async start(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.warn();
      await this.#clock.sleep(DAY_MS, signal);
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Writes a line for each token that should be replaced. */
  async warn(): Promise<void> {
    const now = this.#clock.now();
    for (const { name, expiresAt } of await this.#tokens.expiries()) {
      if (expiresAt >= now + WARNED_AHEAD_MS) continue;
      const fields = { token: name, expiresAt: new Date(expiresAt).toISOString() };
      if (expiresAt > now) this.#log.warn(fields, "a token expires within 30 days; make another one");
      else this.#log.warn(fields, "a token has expired; revoke it, and make another one if it is missed");
    }
  }
}
