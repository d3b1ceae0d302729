import type { Account, AccountSid } from "../directory/account.js";
import type { CreationIntent } from "../directory/ports.js";
import { foldCase } from "../directory/user-attributes.js";
import { KeyedLock } from "./keyed-lock.js";

/**
 * How long after its answer was lost a request may still take effect at Twilio. By then it is twice as old as the longest
 * time that an answer is waited for.
 */
export const SETTLE_MS = 10_000;

/** A creation that is under way, or was left open: the process crashed, or Twilio's answer was lost. */
export interface Creation {
  readonly intent: CreationIntent;
  /** Gives the userName back. */
  readonly release: () => void;
  /** Epoch milliseconds from which on it is certain whether the account was made. */
  settledAt: number;
  /** The account as it was made, once it is known which one it is. */
  account: Account | undefined;
}

/** What was left open, by userName. Whoever works on a creation has taken it out, so that nobody else does. */
export class OpenCreations {
  readonly #open = new Map<string, Creation>();
  /** Held while a creation is being settled. */
  readonly #settling = new KeyedLock();

  values(): readonly Creation[] {
    return [...this.#open.values()];
  }

  /** Whether a creation that was left open has made this account. */
  hasMade(sid: AccountSid): boolean {
    return this.values().some(({ account }) => account?.sid === sid);
  }

  /** Leaves a creation to whoever settles it. */
  leave(creation: Creation, now: number): void {
    creation.settledAt = now + SETTLE_MS;
    this.#open.set(keyOf(creation), creation);
  }

  /**
   * Takes out the creation of a userName, once nobody is settling it; undefined where there is none.
   *
   * @throws the signal's reason
   */
  async takeNamed(userName: string, signal: AbortSignal): Promise<Creation | undefined> {
    const key = foldCase(userName);
    await this.#settling.run(key, signal, async () => undefined);
    const creation = this.#open.get(key);
    this.#open.delete(key);
    return creation;
  }

  /** Takes out a creation and works on it; puts it back where that does not settle it. */
  settle(creation: Creation, signal: AbortSignal, work: () => Promise<boolean>): Promise<void> {
    const key = keyOf(creation);
    return this.#settling.run(key, signal, async () => {
      if (this.#open.get(key) !== creation) return;
      this.#open.delete(key);
      const isSettled = await work();
      if (!isSettled) this.#open.set(key, creation);
    });
  }
}

function keyOf({ intent }: Creation): string {
  return foldCase(intent.attributes.userName);
}
