import { ManualClock } from "../support/manual-clock.js";

/** Longer than any pause between two attempts. Longer sleeps end only when the fuzzer lets time pass. */
const LONGEST_SKIPPED_MS = 4_500;

/** A manual clock on which short sleeps, such as those between two attempts, let the time pass themselves. */
export class FuzzClock extends ManualClock {
  #advancing: Promise<void> = Promise.resolve();

  override sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return ms > LONGEST_SKIPPED_MS ? super.sleep(ms, signal) : this.advance(Math.ceil(ms));
  }

  /** One after the other, since the time of one that ends late must not be set back to where it began. */
  override advance(ms: number): Promise<void> {
    this.#advancing = this.#advancing.then(() => super.advance(ms));
    return this.#advancing;
  }
}
