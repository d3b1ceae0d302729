import type { NextFunction, Request, RequestHandler, Response } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import { digestOf } from "../access/token.js";
import type { Clock } from "../directory/ports.js";
import { ScimError } from "../scim/errors.js";
import { createFailureCounts } from "./failure-counts.js";

const WINDOW_MS = 60_000;

/** Many clients can have one address, behind a proxy that is not trusted or at one provider. */
const MAX_FAILURES_BY_ADDRESS = 100;

/** A provider with a token that was revoked tries more rarely; who has stolen one tries it from many addresses. */
const MAX_FAILURES_BY_CREDENTIAL = 20;

/** About 100 bytes each. */
const MAX_KEYS = 10_000;

/** Counts an attempt that has failed. Calls `next` with a ScimError 429 where there were too many, or else without. */
export type CountFailure = (
  request: Request,
  response: Response,
  credential: string | undefined,
  next: NextFunction,
) => void;

/**
 * Limits failed attempts to sign in, by address and by what was tried. It is asked after an attempt has failed, and so never
 * stands in the way of a good token, whatever else comes from the same address.
 */
export function limitFailedAttempts(clock: Clock): CountFailure {
  function limitBy(limit: number, keyOf: (request: Request, response: Response) => string): RequestHandler {
    const store = createFailureCounts({ clock, windowMs: WINDOW_MS, maxKeys: MAX_KEYS });
    return rateLimit({
      windowMs: WINDOW_MS,
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
        const leftMs = (resetTime?.getTime() ?? clock.now() + WINDOW_MS) - clock.now();
        response.set("Retry-After", String(Math.max(1, Math.ceil(leftMs / 1000))));
        next(new ScimError(429, undefined, "Too many attempts to sign in have failed. Come back later."));
      },
    });
  }

  const byAddress = limitBy(MAX_FAILURES_BY_ADDRESS, ({ ip }) =>
    ip === undefined ? "" : ipKeyGenerator(ip),
  );
  const byCredential = limitBy(
    MAX_FAILURES_BY_CREDENTIAL,
    (_request, { locals }) => locals.failedDigest ?? "",
  );

  return (request, response, credential, next) => {
    byAddress(request, response, (error?: unknown) => {
      if (error !== undefined || credential === undefined) return next(error);
      response.locals.failedDigest = digestOf(credential);
      byCredential(request, response, next);
    });
  };
}
