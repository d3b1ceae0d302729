import type { NextFunction, Request, RequestHandler, Response } from "express";
import { type CredentialVerifier, mayDo, type Principal, type Scope } from "../access/principal.js";
import { ScimError } from "../scim/errors.js";
import { type NoCredential, readCredential } from "./credentials.js";
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

  function refuse(
    request: Request,
    response: Response,
    next: NextFunction,
    failure: { reason: AuthenticationFailure; detail: string; credential?: string },
  ): void {
    const { reason, detail, credential } = failure;
    const challenge = () => {
      response.set("WWW-Authenticate", CHALLENGES);
      next(new ScimError(401, undefined, detail));
    };
    if (reason === "missing") {
      // Nobody has tried anything: some clients wait for the challenge before they send their token, each time.
      onFailure(reason);
      challenge();
      return;
    }
    countFailure(request, response, credential, (limited?: unknown) => {
      onFailure(limited === undefined ? reason : "limited");
      if (limited === undefined) challenge();
      else next(limited);
    });
  }

  return (needed) => (request, response, next) => {
    const credential = readCredential(request);
    if (typeof credential !== "string") return refuse(request, response, next, credential);

    function admit(principal: Principal | undefined): void {
      if (principal === undefined) {
        const detail = "The request carries no valid token.";
        refuse(request, response, next, { reason: "unknown", detail, credential: String(credential) });
        return;
      }
      response.locals.principal = principal;
      if (mayDo(principal, needed)) next();
      else next(lacksScope(principal, needed));
    }

    const found = identify(credential, 0);
    return found instanceof Promise ? found.then(admit) : admit(found);
  };
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
