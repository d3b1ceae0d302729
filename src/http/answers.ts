import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import { IssuerUnavailable } from "../access/issuer-unavailable.js";
import type { Log } from "../directory/ports.js";
import { invalidSyntax, ScimError, toScimError } from "../scim/errors.js";

const SCIM_TYPE = "application/scim+json; charset=utf-8";

/** Whatever is sent tells of people or of the service, so nobody on the way may keep it. */
const NOT_FOR_CACHES = "no-store";

/** Sends a SCIM body (RFC 7644 §3.1). */
export function sendScim(response: Response, status: number, body: object): void {
  sendText(response, status, SCIM_TYPE, JSON.stringify(body));
}

/**
 * Sends a SCIM body that is ready.
 *
 * @param bytes JSON in UTF-8: a string with one character for each byte, or a buffer, which must stay as it is until the
 *   response is closed
 */
export function sendScimBytes(response: Response, status: number, bytes: string | Buffer): void {
  prepare(response, status, SCIM_TYPE, bytes.length);
  end(response, bytes, "latin1");
}

/** Sends the body of what is not SCIM. */
export function sendJson(response: Response, status: number, body: object): void {
  sendText(response, status, "application/json; charset=utf-8", JSON.stringify(body));
}

/** Says that the client has this version already (RFC 9110 §15.4.5). */
export function sendNotModified(response: Response, version: string): void {
  response.status(304).set("ETag", version).set("Cache-Control", NOT_FOR_CACHES).end();
}

function sendText(response: Response, status: number, mediaType: string, text: string): void {
  prepare(response, status, mediaType, Buffer.byteLength(text));
  end(response, text, "utf8");
}

// Express's own `send` and `set` look for much that is settled here, which a read of one user would notice.
function prepare(response: Response, status: number, mediaType: string, lengthBytes: number): void {
  response.statusCode = status;
  response.setHeader("Content-Type", mediaType);
  response.setHeader("Cache-Control", NOT_FOR_CACHES);
  response.setHeader("Content-Length", lengthBytes);
}

/** A HEAD is answered with the headers of a GET (RFC 9110 §9.3.2), and nothing is compressed for it in vain. */
function end(response: Response, text: string | Buffer, encoding: "latin1" | "utf8"): void {
  if (response.req.method === "HEAD") response.end();
  else response.end(text, encoding);
}

/** Answers the methods that a route has not: OPTIONS with what it has, all others 405. */
export function onlyMethods(...methods: string[]): RequestHandler {
  const allow = [...methods, "OPTIONS"].join(", ");
  return (request, response) => {
    response.set("Allow", allow);
    if (request.method === "OPTIONS") {
      response.status(204).end();
      return;
    }
    throw new ScimError(405, undefined, `${request.method} is not possible here. Possible are: ${allow}.`);
  };
}

/** Answers a path with a fragment, which HTTP has none of (RFC 9112 §3.2): Express would cut it off and serve the rest. */
export const refuseFragments: RequestHandler = (request, response, next) =>
  request.originalUrl.includes("#") ? notFound(request, response, next) : next();

/** Answers what no route answers. */
export const notFound: RequestHandler = ({ baseUrl, path }) => {
  throw new ScimError(404, undefined, `There is nothing at ${baseUrl}${path}.`);
};

/** Answers every error with a SCIM body (RFC 7644 §3.12), and logs those that are our own. */
export function answerErrors(log: Log): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const { status, retryAfterSeconds, body } = toScimError(toHttpError(error));
    const { requestId } = response.locals;
    if (status === 500) log.error({ err: error, requestId }, "a request failed");
    else if (status > 501) log.warn({ err: error, requestId }, "a request could not be served");
    if (retryAfterSeconds !== undefined) response.set("Retry-After", String(retryAfterSeconds));
    sendScim(response, status, body);
  };
}

/** Express and its body parser mark what the client did wrong with a `type` or a `status`. */
function toHttpError(error: unknown): unknown {
  if (error instanceof IssuerUnavailable) return new ScimError(503, undefined, error.message);
  if (error instanceof ScimError || !(error instanceof Error)) return error;
  if (error instanceof URIError) return new ScimError(404, undefined, "The path is not a valid one.");
  switch ("type" in error ? error.type : undefined) {
    case "entity.too.large":
      return new ScimError(
        413,
        undefined,
        `The body is too large${"limit" in error ? `: the limit is ${error.limit} bytes` : ""}.`,
      );
    case "entity.parse.failed":
      return invalidSyntax("The body is not valid JSON.");
    case "request.aborted":
    case "request.size.invalid":
      return invalidSyntax("The body was cut off.");
    case "encoding.unsupported":
    case "charset.unsupported":
      return new ScimError(415, undefined, "The body's encoding is not supported.");
    default:
      return isClientError(error) ? invalidSyntax("The body cannot be read.") : error;
  }
}

/** Such as a body that is not compressed the way its headers say. */
function isClientError(error: Error): boolean {
  return "status" in error && typeof error.status === "number" && error.status >= 400 && error.status < 500;
}
