import type { NextFunction, Request, RequestHandler, Response } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import type { Clock } from "../directory/ports.js";
import { createFailureCounts } from "./failure-counts.js";

/** Failures are counted for so long. */
export const FAILURE_WINDOW_MS = 60_000;

/** About 100 bytes each. */
const MAX_KEYS = 10_000;

export interface FailureLimiterOptions {
  readonly clock: Clock;
  /** How many failures there may be in a window. */
  readonly limit: number;
  readonly keyOf: (request: Request, response: Response) => string;
  /**
   * Answers where there were more.
   *
   * @param leftMs how long the window still lasts
   */
  readonly refuse: (leftMs: number, response: Response, next: NextFunction) => void;
}

/**
 * Counts the request as a failure, and lets it pass until there were too many. It is asked after an attempt has failed, so
 * that it never stands in the way of who comes with the right credential.
 */
export function limitFailures({ clock, limit, keyOf, refuse }: FailureLimiterOptions): RequestHandler {
  const store = createFailureCounts({ clock, windowMs: FAILURE_WINDOW_MS, maxKeys: MAX_KEYS });
  return rateLimit({
    windowMs: FAILURE_WINDOW_MS,
    limit,
    keyGenerator: keyOf,
    store,
    // They would tell whoever guesses how to go about it.
    standardHeaders: false,
    legacyHeaders: false,
    // It looks for mistakes in how it is used at the first request, with its own opinion of proxies.
    validate: false,
    async handler(request, response, next) {
      const { resetTime } = (await store.get?.(keyOf(request, response))) ?? {};
      refuse((resetTime?.getTime() ?? clock.now() + FAILURE_WINDOW_MS) - clock.now(), response, next);
    },
  });
}

/** The address that a request came from, as a key: one network of IPv6 counts as one address. */
export function addressKey({ ip }: Request): string {
  return ip === undefined ? "" : ipKeyGenerator(ip);
}
