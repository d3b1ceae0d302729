import type { Figures } from "./figures.js";
import type { TwilioRequests } from "./servers.js";
import { quantile } from "./statistics.js";

/** How long things took. */
export interface Times {
  /** Of each, in ascending order. */
  readonly timesMs: readonly number[];
  /** Of all. */
  readonly elapsedMs: number;
}

/** What the table tells of them. */
export function speedOf({ timesMs, elapsedMs }: Times): Figures {
  return {
    requestsPerSecond: (timesMs.length * 1000) / elapsedMs,
    p50Ms: quantile(timesMs, 0.5),
    p99Ms: quantile(timesMs, 0.99),
  };
}

/** What so many requests to a bridge made it ask of Twilio. */
export function perRequest({ accounts, usage }: TwilioRequests, requests: number): Figures {
  return { twilioPerRequest: accounts / requests, usagePerRequest: usage / requests };
}
