import type { NextFunction, Request, RequestHandler, Response } from "express";
import { type CredentialVerifier, mayDo, type Principal, type Scope } from "../access/principal.js";
import { ScimError } from "../scim/errors.js";
import { NO_VALID_TOKEN, type NoCredential, readCredential } from "./credentials.js";
import type { CountFailure } from "./failed-attempts.js";

/** Why somebody was not let in: no credential, one that cannot be read, one that nobody has, or too many tries. */
export type AuthenticationFailure = NoCredential["reason"] | "unknown" | "limited";

export interface AuthenticationOptions {
  /** Asked one after the other, until one knows the credential. */
  readonly verifiers: readonly CredentialVerifier[];
  readonly countFailure: CountFailure;
  readonly onFailure: (reason: AuthenticationFailure) => void;
}

/** Makes what lets a request through that may do what needs a scope. */
export type Authenticate = (needed: Scope) => RequestHandler;

/**
 * Finds out who a request comes from. Without a credential that a verifier knows, the answer is 401 with a challenge (RFC
 * 7644 §2), and 429 after too many of them. Who is known and lacks the scope gets 403.
 */
export function createAuthentication({
  verifiers,
  countFailure,
  onFailure,
}: AuthenticationOptions): Authenticate {
  function identify(credential: string, from: number): ReturnType<CredentialVerifier> {
    for (let i = from; i < verifiers.length; i++) {
      const found = verifiers[i]?.(credential);
      if (found instanceof Promise) {
        return found.then((principal) => principal ?? identify(credential, i + 1));
      }
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function challenge(response: Response, next: NextFunction, detail: string): void {
    response.set("WWW-Authenticate", CHALLENGES);
    next(new ScimError(401, undefined, detail));
  }

  /** Refuses what somebody has tried, unless they have tried too often. */
  function refuse(request: Request, response: Response, next: NextFunction, attempt: FailedAttempt): void {
    countFailure(request, response, attempt.credential, (limited?: unknown) => {
      onFailure(limited === undefined ? attempt.reason : "limited");
      if (limited === undefined) challenge(response, next, attempt.detail);
      else next(limited);
    });
  }

  return (needed) => (request, response, next) => {
    const credential = readCredential(request);
    if (typeof credential !== "string") {
      if (credential.reason === "unreadable") return refuse(request, response, next, credential);
      // Nobody has tried anything: some clients wait for the challenge before they send their token, each time.
      onFailure("missing");
      return challenge(response, next, credential.detail);
    }

    const admit = (principal: Principal | undefined): void => {
      if (principal === undefined) {
        refuse(request, response, next, { reason: "unknown", detail: NO_VALID_TOKEN, credential });
        return;
      }
      response.locals.principal = principal;
      if (mayDo(principal, needed)) next();
      else next(lacksScope(principal, needed));
    };
    const found = identify(credential, 0);
    return found instanceof Promise ? found.then(admit) : admit(found);
  };
}

interface FailedAttempt {
  readonly reason: AuthenticationFailure;
  /** For the sender, without what was sent. */
  readonly detail: string;
  /** Undefined where it could not be read. */
  readonly credential?: string;
}

/** Lets requests pass that only read, and of the others those of a principal that may provision. */
export const requireProvisionToWrite: RequestHandler = ({ method }, { locals: { principal } }, next) => {
  const reads = method === "GET" || method === "HEAD" || method === "OPTIONS";
  if (reads) return next();
  if (principal === undefined) throw new Error("a route that changes something stands behind no login");
  if (!mayDo(principal, "provision")) throw lacksScope(principal, "provision");
  next();
};

const REALM = "twilio-scim-bridge";

const CHALLENGES = [`Bearer realm="${REALM}"`, `Basic realm="${REALM}", charset="UTF-8"`];

function lacksScope({ name, scope }: Principal, needed: Scope): ScimError {
  return new ScimError(
    403,
    undefined,
    `This needs the scope ${needed}, and the token "${name}" has the scope ${scope}.`,
  );
}
