import express, { type ErrorRequestHandler, type RequestHandler, type Response, Router } from "express";
import { ACCESS_TOKEN_SECONDS } from "../../access/access-tokens.js";
import { IssuerUnavailable } from "../../access/issuer-unavailable.js";
import { type GrantToken, TokenRequestRefused } from "../../access/token-endpoint.js";
import { isDirectoryError } from "../../directory/errors.js";
import type { Clock, Log } from "../../directory/ports.js";
import { sendJson } from "../answers.js";
import {
  addressKey,
  FAILURE_WINDOW_MS,
  type FailureLimiterOptions,
  limitFailures,
} from "../failure-limiter.js";
import { readTokenRequest, TOKEN_SCOPE } from "../token-request.js";

const BODY_LIMIT_BYTES = 16 * 1024;
const FORM_TYPE = "application/x-www-form-urlencoded";

/** How many failures there may be in a minute, of one address, and with one client. */
const MAX_FAILURES = 20;

const RETRY_AFTER_SECONDS = 5;

export interface OAuthRoutesOptions {
  readonly grantToken: GrantToken;
  readonly clock: Clock;
  readonly log: Log;
}

/** `POST /oauth/token`: the token endpoint (RFC 6749 §3.2). Its errors have the form of §5.2, not SCIM's. */
export function oauthRoutes({ grantToken, clock, log }: OAuthRoutesOptions): Router {
  const router = Router();
  router
    .route("/token")
    .post(requireForm, readBody(), async (request, response) => {
      const authentication = readTokenRequest({
        authorization: request.headersDistinct.authorization ?? [],
        body: bytesOf(request.body),
      });
      const token = await grantToken(authentication);
      response.set("Pragma", "no-cache");
      sendJson(response, 200, {
        access_token: token,
        token_type: "Bearer",
        expires_in: ACCESS_TOKEN_SECONDS,
        scope: TOKEN_SCOPE,
      });
    })
    .options((_request, response) => {
      response.set("Allow", "POST, OPTIONS").status(204).end();
    })
    .all((_request, response) => {
      response.set("Allow", "POST, OPTIONS");
      sendError(response, 405, "invalid_request", "The only method is POST.");
    });
  router.use(noteRefusals(log), ...refuseFrequentFailures(clock), answerTokenErrors(log));
  return router;
}

const requireForm: RequestHandler = (request, _response, next) => {
  const [mediaType = ""] = (request.headers["content-type"] ?? "").split(";");
  if (mediaType.trim().toLowerCase() !== FORM_TYPE) {
    throw new TokenRequestRefused("invalid_request", `The body must be ${FORM_TYPE}.`);
  }
  // What stands in the address ends up in the logs of those on the way (RFC 6749 §2.3.1).
  if (request.originalUrl.includes("?")) {
    throw new TokenRequestRefused("invalid_request", "Parameters belong in the body.");
  }
  next();
};

/** As bytes, since Express's own parser takes the last of two parameters, or makes a list of them. */
function readBody(): RequestHandler {
  return express.raw({ limit: BODY_LIMIT_BYTES, type: () => true, inflate: false });
}

/** Express leaves the body out where there is none. */
function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}

/** Says why, which the client is not told. */
function noteRefusals(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (error instanceof TokenRequestRefused) {
      const { code, reason, client } = error;
      const { requestId } = response.locals;
      log.warn({ requestId, ip: request.ip, client: client?.name, code, reason }, "a token was refused");
    }
    next(error);
  };
}

/**
 * Answers 429 instead of 401 where an address, or a client, has failed too often. Only failures come this far, so that nobody
 * can lock out a client by failing in its name, or from behind the same proxy.
 */
function refuseFrequentFailures(clock: Clock): ErrorRequestHandler[] {
  const refuse: FailureLimiterOptions["refuse"] = (_leftMs, response) => {
    response.set("Retry-After", String(FAILURE_WINDOW_MS / 1000));
    sendError(response, 429, "invalid_client", "There were too many failed attempts.");
  };
  const perAddress = limitFailures({ clock, refuse, limit: MAX_FAILURES, keyOf: addressKey });
  const countClient = limitFailures({
    clock,
    refuse,
    limit: MAX_FAILURES,
    keyOf: (_request, { locals }) => locals.failedClient ?? "",
  });
  const perClient: RequestHandler = (request, response, next) =>
    response.locals.failedClient === undefined ? next() : countClient(request, response, next);
  return [perAddress, perClient].map(
    (limit): ErrorRequestHandler =>
      (error: unknown, request, response, next) => {
        if (!(error instanceof TokenRequestRefused) || error.code !== "invalid_client") return next(error);
        // Only those that exist: made-up ones would fill the memory.
        if (error.client !== undefined) response.locals.failedClient = error.client.id;
        return limit(request, response, (failure: unknown) => next(failure ?? error));
      },
  );
}

function answerTokenErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const { requestId } = response.locals;
    if (error instanceof TokenRequestRefused) {
      const status = error.code === "invalid_client" ? 401 : 400;
      sendError(response, status, error.code, error.message);
    } else if (error instanceof IssuerUnavailable || isDirectoryError(error)) {
      log.warn({ err: error, requestId }, "a token could not be given");
      response.set("Retry-After", String(RETRY_AFTER_SECONDS));
      sendError(response, 503, "temporarily_unavailable", "No token can be given at the moment.");
    } else {
      const status = bodyFailure(error);
      if (status === undefined) log.error({ err: error, requestId }, "a request for a token failed");
      if (status === undefined) sendError(response, 500, "server_error", "There was an internal error.");
      else sendError(response, status, "invalid_request", "The body cannot be read, or is too large.");
    }
  };
}

/** The status that Express's body parser says, where it was the client's fault. */
function bodyFailure(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return undefined;
  return error.status >= 400 && error.status < 500 ? error.status : undefined;
}

function sendError(response: Response, status: number, error: string, description: string): void {
  if (status === 401) response.set("WWW-Authenticate", 'Basic realm="twilio-scim-bridge", charset="UTF-8"');
  response.set("Pragma", "no-cache");
  sendJson(response, status, { error, error_description: description });
}
