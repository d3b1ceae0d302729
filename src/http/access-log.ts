import { performance } from "node:perf_hooks";
import type { RequestHandler } from "express";
import type { Log } from "../directory/ports.js";

/** What may be taken over from a client or proxy as a request's id. */
const REQUEST_ID_FORM = /^[\w.:+/=-]{1,128}$/;

/** Gives each request an id, the caller's where it brings one (`X-Request-Id`), and sends it back. */
export function identifyRequests(newId: () => string): RequestHandler {
  return (request, response, next) => {
    const given = request.headers["x-request-id"];
    const requestId = typeof given === "string" && REQUEST_ID_FORM.test(given) ? given : newId();
    response.locals.requestId = requestId;
    response.setHeader("X-Request-Id", requestId);
    next();
  };
}

/**
 * Writes a line for each request. Neither headers nor the query get into it: the one holds tokens, the other the names
 * that were searched for.
 */
export function logAccess(log: Log): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    const { method } = request;
    const path = request.baseUrl + request.path;
    response.on("close", () => {
      const { requestId, principal } = response.locals;
      const fields = {
        requestId,
        method,
        path,
        status: response.statusCode,
        durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
        ip: request.ip,
        client: principal?.name,
      };
      if (response.writableFinished) log.info(fields, "request");
      else log.warn(fields, "request aborted by the client");
    });
    next();
  };
}
