import type { Clock } from "../directory/ports.js";
import { TwilioAnswerError } from "./answer-error.js";

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4_000;
const ATTEMPTS = 6;

/** A longer `Retry-After` is passed on to the caller, who would otherwise wait without knowing for what. */
const LONGEST_RETRY_AFTER_MS = 8_000;

export interface RetryOptions {
  /** Whether another attempt may succeed and can do no harm. */
  readonly isRetryable: (error: unknown) => boolean;
  readonly signal: AbortSignal | undefined;
}

/** Runs something again until it succeeds, with exponential delays and full jitter in between. */
export type Retry = <T>(attempt: () => Promise<T>, options: RetryOptions) => Promise<T>;

/**
 * @param random a number from 0 to 1, 1 excluded
 */
export function createRetry(clock: Clock, random: () => number): Retry {
  return async function retry<T>(
    attempt: () => Promise<T>,
    { isRetryable, signal }: RetryOptions,
  ): Promise<T> {
    for (let number = 1; ; number++) {
      try {
        return await attempt();
      } catch (error) {
        const delayMs = delayAfter(error, number, random);
        if (number === ATTEMPTS || delayMs === undefined || !isRetryable(error)) throw error;
        await clock.sleep(delayMs, signal);
        if (signal?.aborted) throw error;
      }
    }
  };
}

/** How long to wait after the attempt with this number; undefined: Twilio asks for more patience than there is. */
function delayAfter(error: unknown, number: number, random: () => number): number | undefined {
  const backOffMs = random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** number);
  const retryAfterMs = error instanceof TwilioAnswerError ? error.retryAfterMs : undefined;
  if (retryAfterMs === undefined) return backOffMs;
  return retryAfterMs > LONGEST_RETRY_AFTER_MS ? undefined : retryAfterMs + backOffMs;
}
