import type { Account, AccountSid } from "./account.js";
import { withDeadline } from "./deadline.js";
import { isDirectoryError } from "./errors.js";
import type { AccountGateway, Clock } from "./ports.js";

/** How long Twilio's word that there is no such account is believed. */
const MISS_LIFETIME_MS = 60_000;

/** How long a read waits for Twilio at the most. */
const LOOKUP_DEADLINE_MS = 10_000;

/** How many misses are remembered: a client that asks for random ids must not fill the memory. */
const MISSES_KEPT = 10_000;

export interface AccountLookupOptions {
  readonly gateway: AccountGateway;
  readonly clock: Clock;
}

/** Asks Twilio for accounts that the index does not know, as seldom as possible. */
export class AccountLookup {
  readonly #gateway: AccountGateway;
  readonly #clock: Clock;
  readonly #asked = new Map<AccountSid, Promise<Account | undefined>>();
  /** Account to the epoch millisecond until which it is held for missing, oldest first. */
  readonly #misses = new Map<AccountSid, number>();

  constructor({ gateway, clock }: AccountLookupOptions) {
    this.#gateway = gateway;
    this.#clock = clock;
  }

  /**
   * The account, or undefined where Twilio has none. Who asks while the question is under way shares its answer.
   *
   * @throws DirectoryError what `AccountGateway.fetch` throws, `accountNotFound` excepted
   */
  find(sid: AccountSid): Promise<Account | undefined> {
    const missingUntil = this.#misses.get(sid);
    if (missingUntil !== undefined) {
      if (this.#clock.now() < missingUntil) return Promise.resolve(undefined);
      this.#misses.delete(sid);
    }
    const asked = this.#asked.get(sid);
    if (asked !== undefined) return asked;
    const question = this.#ask(sid).finally(() => this.#asked.delete(sid));
    this.#asked.set(sid, question);
    return question;
  }

  async #ask(sid: AccountSid): Promise<Account | undefined> {
    try {
      return await withDeadline(this.#clock, LOOKUP_DEADLINE_MS, (signal) =>
        this.#gateway.fetch(sid, { priority: "lookup", signal }),
      );
    } catch (error) {
      if (!isDirectoryError(error, "accountNotFound")) throw error;
      this.#remember(sid);
      return undefined;
    }
  }

  #remember(sid: AccountSid): void {
    this.#misses.set(sid, this.#clock.now() + MISS_LIFETIME_MS);
    if (this.#misses.size <= MISSES_KEPT) return;
    const [oldest] = this.#misses.keys();
    if (oldest !== undefined) this.#misses.delete(oldest);
  }
}
