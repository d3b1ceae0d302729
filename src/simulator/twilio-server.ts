import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import type { Answer } from "./exchange.js";
import type { Breakage, FaultPlan, PlannedWait } from "./faults.js";
import { readBody, TooLargeError } from "./request-body.js";
import type { Routed, Router } from "./routes.js";
import { TwilioError, twilioErrors } from "./twilio-error.js";
import type { World } from "./world.js";

/** Serves one request to the simulated Twilio, faults included. Never rejects. */
export type TwilioServer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createTwilioServer(world: World, router: Router): TwilioServer {
  const { clock, faults, settings, traffic } = world;

  return async (request, response) => {
    const { method = "GET", url = "/" } = request;
    const [path = "", search = ""] = split(url);
    const routed = router(method, path);
    const { route, accountSid } = routed;
    const at = new Date(clock.now()).toISOString();
    const progress = traffic.begin({ method, url, route, at });
    response.once("close", () => progress.end(undefined, 0));
    response.setHeader("Twilio-Concurrent-Requests", progress.inFlight);

    const send = (answer: Answer, maxBytes?: number) => {
      const { body } = answer;
      const type = answer.contentType ?? "application/json;charset=utf-8";
      const whole = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
      const sent = whole.subarray(0, maxBytes);
      progress.end(response.destroyed ? undefined : answer.status, sent.length);
      response.sendDate = false;
      response.writeHead(answer.status, {
        Date: new Date(clock.now()).toUTCString(),
        "Content-Type": type,
        "Content-Length": sent.length,
        "Twilio-Request-Duration": (settings.get().latencyMs / 1000).toFixed(3),
        ...answer.headers,
      });
      response.end(sent);
    };

    const { latencyMs, maxConcurrency } = settings.get();
    if (maxConcurrency !== null && progress.inFlight > maxConcurrency) {
      request.resume();
      send(errorAnswer(twilioErrors.tooManyConcurrentRequests()));
      return;
    }
    const plan = faults.plan({ method, path, route, accountSid });
    const process = () => answerTo(routed, request, path, search);
    await waitFor([latencyMs / 2, ...plan.before]);
    const outcome = await outcomeOf(plan, process);
    await waitFor([latencyMs / 2, ...plan.after]);
    switch (outcome.kind) {
      case "answer":
        send(outcome.answer);
        return;
      case "truncated":
        send(outcome.answer, Math.floor(Buffer.byteLength(JSON.stringify(outcome.answer.body)) / 2));
        return;
      case "dropped":
        request.socket.resetAndDestroy();
        return;
      case "nothing":
        return;
    }
  };
}

type Outcome =
  | { kind: "answer" | "truncated"; answer: Answer }
  /** The connection is reset. */
  | { kind: "dropped" }
  /** Silence. */
  | { kind: "nothing" };

async function outcomeOf({ breakage }: FaultPlan, process: () => Promise<Answer>): Promise<Outcome> {
  if (breakage === undefined) return { kind: "answer", answer: await process() };
  if (takesEffect(breakage)) {
    const answer = await process();
    if (breakage.kind === "truncated-json") return { kind: "truncated", answer };
  }
  switch (breakage.kind) {
    case "429":
      return { kind: "answer", answer: tooManyRequests(breakage.retryAfterSeconds) };
    case "status":
      return { kind: "answer", answer: serverError(breakage.status, breakage.body ?? "json") };
    case "html-200":
      return { kind: "answer", answer: htmlAnswer(200, "Welcome") };
    case "drop-before":
    case "drop-after":
      return { kind: "dropped" };
    case "hang":
    case "truncated-json":
      return { kind: "nothing" };
  }
}

function takesEffect(breakage: Breakage): boolean {
  switch (breakage.kind) {
    case "truncated-json":
    case "drop-after":
      return true;
    case "429":
    case "drop-before":
      return false;
    case "status":
    case "html-200":
    case "hang":
      return breakage.effect ?? false;
  }
}

async function answerTo(
  routed: Routed,
  request: IncomingMessage,
  path: string,
  search: string,
): Promise<Answer> {
  try {
    const body = await readBody(request);
    if (!("handler" in routed)) throw refusal(routed, request.method ?? "GET", path);
    return await routed.handler({
      method: request.method ?? "GET",
      path,
      query: new URLSearchParams(search),
      authorization: request.headers.authorization,
      form: new URLSearchParams(isForm(request) ? body : ""),
      accountSid: routed.accountSid,
    });
  } catch (error) {
    if (error instanceof TooLargeError) return errorAnswer(twilioErrors.tooLarge());
    if (!(error instanceof TwilioError)) throw error;
    const answer = errorAnswer(error);
    return "allow" in routed ? { ...answer, headers: { Allow: routed.allow } } : answer;
  }
}

function refusal(routed: Exclude<Routed, { handler: unknown }>, method: string, path: string): TwilioError {
  return "allow" in routed ? twilioErrors.methodNotAllowed(method) : twilioErrors.notFound(path);
}

function errorAnswer(error: TwilioError): Answer {
  const headers = error.status === 401 ? { "WWW-Authenticate": 'Basic realm="Twilio API"' } : {};
  return { status: error.status, body: error.body(), headers };
}

function tooManyRequests(retryAfterSeconds: number | undefined): Answer {
  const answer = errorAnswer(twilioErrors.tooManyConcurrentRequests());
  return retryAfterSeconds === undefined
    ? answer
    : { ...answer, headers: { "Retry-After": String(retryAfterSeconds) } };
}

function serverError(status: number, body: "json" | "html"): Answer {
  return body === "html" ? htmlAnswer(status, "Bad Gateway") : errorAnswer(twilioErrors.internal(status));
}

function htmlAnswer(status: number, title: string): Answer {
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
  return { status, body, contentType: "text/html" };
}

function isForm(request: IncomingMessage): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(request.headers["content-type"] ?? "");
}

function split(url: string): [string, string] {
  const mark = url.indexOf("?");
  return mark < 0 ? [url, ""] : [url.slice(0, mark), url.slice(mark + 1)];
}

async function waitFor(waits: readonly PlannedWait[]): Promise<void> {
  for (const wait of waits) {
    if (typeof wait !== "number") await wait;
    else if (wait > 0) await setTimeout(wait, undefined, { ref: false });
  }
}
