import { IncomingMessage, type RequestListener, type ServerOptions, ServerResponse } from "node:http";
import type { Express } from "express";

/** What answers requests: Express, or another listener. */
export type App = RequestListener & Partial<Pick<Express, "request" | "response">>;

/**
 * Classes of requests and answers that are Express's from the start, for `createServer`.
 *
 * Express changes the prototype of each request and each answer that is not. V8 then gives up what it knows of their
 * shape, and what one request leaves behind stays within reach of the next until all of the heap is collected: a third
 * of the time of a GET, and collections of 10 ms where they take 0.2 ms (bench/README.md).
 */
export function messagesOf(app: App): ServerOptions {
  if (app.request === undefined || app.response === undefined) return {};
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse<R extends IncomingMessage> extends ServerResponse<R> {}
  app.request = standOn(ExpressRequest.prototype, app.request);
  app.response = standOn(ExpressResponse.prototype, app.response);
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}

function standOn<T extends object>(prototype: object, base: T): T {
  return Object.setPrototypeOf(prototype, base) as T;
}
