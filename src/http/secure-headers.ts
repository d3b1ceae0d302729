import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { RequestHandler } from "express";
import helmet from "helmet";

/**
 * Sends helmet's headers. They depend on no request, so helmet is asked for them once.
 *
 * @param servesTls whether this is HTTPS: only there may a client be told to use nothing else (RFC 6797 §7.2)
 */
export function secureAnswers(servesTls: boolean): RequestHandler {
  const headers = headersOf(helmet({ strictTransportSecurity: servesTls }));
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

type Header = readonly [name: string, value: string];

function headersOf(middleware: ReturnType<typeof helmet>): readonly Header[] {
  const headers: Header[] = [];
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  response.setHeader = (name, value) => {
    headers.push([name, String(value)]);
    return response;
  };
  middleware(request, response, () => undefined);
  return headers;
}
