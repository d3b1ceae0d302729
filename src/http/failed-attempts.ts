import type { NextFunction, Request, Response } from "express";
import { digestOf } from "../access/token.js";
import type { Clock } from "../directory/ports.js";
import { ScimError } from "../scim/errors.js";
import { addressKey, type FailureLimiterOptions, limitFailures } from "./failure-limiter.js";

/** Many clients can have one address, behind a proxy that is not trusted or at one provider. */
const MAX_FAILURES_BY_ADDRESS = 100;

/** A provider with a token that was revoked tries more rarely; who has stolen one tries it from many addresses. */
const MAX_FAILURES_BY_CREDENTIAL = 20;

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
  const refuse: FailureLimiterOptions["refuse"] = (leftMs, response, next) => {
    response.set("Retry-After", String(Math.max(1, Math.ceil(leftMs / 1000))));
    next(new ScimError(429, undefined, "Too many attempts to sign in have failed. Come back later."));
  };
  const byAddress = limitFailures({ clock, refuse, limit: MAX_FAILURES_BY_ADDRESS, keyOf: addressKey });
  const byCredential = limitFailures({
    clock,
    refuse,
    limit: MAX_FAILURES_BY_CREDENTIAL,
    keyOf: (_request, { locals }) => locals.failedDigest ?? "",
  });

  return (request, response, credential, next) => {
    byAddress(request, response, (error?: unknown) => {
      if (error !== undefined || credential === undefined) return next(error);
      response.locals.failedDigest = digestOf(credential);
      byCredential(request, response, next);
    });
  };
}
