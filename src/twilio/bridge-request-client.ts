import { Agent } from "node:https";
import RequestClient from "twilio/lib/base/RequestClient.js";
import { malformedAnswer, TwilioAnswerError, TwilioTransportError } from "./answer-error.js";
import { isObject, readJson } from "./json-body.js";

type Answer<TData> = ReturnType<typeof RequestClient.prototype.request<TData>>;

/** How long one request may take. Twilio answers in well under a second; more than this is an outage. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** Failures that come before a request has left: nobody can have acted on it. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|PROXY_.*|CERT_.*|ERR_TLS_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/;

export interface BridgeRequestClientOptions {
  /** `TWILIO_API_URL`: every request goes there, whatever host the SDK or an answer names. */
  readonly apiUrl: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How many connections are kept open. */
  readonly maxSockets: number;
  /** What connects by HTTPS. Without it, directly, and only to whom public authorities vouch for. */
  readonly agent?: Agent | undefined;
}

/**
 * The SDK's HTTP client, with errors that are safe to log: the SDK lets Axios errors through, which carry the credentials
 * in `config.headers`.
 *
 * `request` gives the body as the bytes that came, and throws TwilioAnswerError and TwilioTransportError only.
 */
export class BridgeRequestClient extends RequestClient {
  readonly #origin: URL;
  readonly #now: () => number;
  #clockOffsetMs: number | undefined;

  constructor({ apiUrl, now, maxSockets, agent }: BridgeRequestClientOptions) {
    super({ timeout: REQUEST_TIMEOUT_MS, keepAlive: true, maxSockets, maxTotalSockets: maxSockets });
    // The SDK's own would take HTTP_PROXY for the proxy of HTTPS.
    this.axios.defaults.httpsAgent = agent ?? new Agent({ keepAlive: true, maxSockets });
    this.#origin = new URL(apiUrl);
    this.#now = now;
    this.axios.defaults.responseType = "stream";
    this.axios.interceptors.response.use(async (response) => ({
      ...response,
      data: await bytesOf(response.data),
    }));
    // The SDK's own limit counts silence only: an answer that trickles in would hold its place for ever.
    this.axios.interceptors.request.use((request) => ({
      ...request,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    }));
  }

  /** Twilio's time minus ours, as the last answer told. */
  get clockOffsetMs(): number | undefined {
    return this.#clockOffsetMs;
  }

  override async request<TData>(
    options: RequestClient.RequestOptions<TData>,
  ): Promise<Awaited<Answer<TData>>> {
    const response = await this.#send(options);
    const { statusCode, headers } = response;
    const body: unknown = response.body;
    this.#learnTime(headers);
    if (!Buffer.isBuffer(body)) throw malformedAnswer();
    if (statusCode >= 400) {
      const requestId = header(headers, "twilio-request-id");
      throw answerError(statusCode, body, { retryAfterMs: this.#retryAfterMs(headers), requestId });
    }
    if (statusCode >= 300) throw malformedAnswer();
    return response;
  }

  async #send<TData>(options: RequestClient.RequestOptions<TData>): Promise<Awaited<Answer<TData>>> {
    try {
      return await super.request({ ...options, uri: this.#addressOf(options.uri) });
    } catch (error) {
      if (error instanceof TwilioTransportError) throw error;
      const reason = reasonOf(error);
      throw new TwilioTransportError(reason, !NEVER_SENT.test(reason));
    } finally {
      // The SDK keeps the last request for debugging, credentials included.
      delete this.lastRequest;
      delete this.lastResponse;
    }
  }

  #addressOf(uri: string): string {
    const { pathname, search } = new URL(uri);
    const base = this.#origin.pathname === "/" ? "" : this.#origin.pathname.replace(/\/$/, "");
    return `${this.#origin.origin}${base}${pathname}${search}`;
  }

  #learnTime(headers: unknown): void {
    const date = Date.parse(header(headers, "date") ?? "");
    if (!Number.isNaN(date)) this.#clockOffsetMs = date - this.#now();
  }

  /** RFC 9110 §10.2.3: seconds, or a date by Twilio's clock. */
  #retryAfterMs(headers: unknown): number | undefined {
    const value = header(headers, "retry-after");
    if (value === undefined) return undefined;
    if (/^\d+$/.test(value)) return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - this.#now() - (this.#clockOffsetMs ?? 0));
  }
}

/**
 * The whole body of an answer. Axios would collect it by listeners that keep each answer within reach of the next, until
 * the garbage collector walks through the whole heap for the sake of a few of them.
 */
async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (error) {
    throw new TwilioTransportError(reasonOf(error), true);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  return isObject(error) && typeof error.code === "string" ? error.code : "UNKNOWN";
}

/** Twilio's error body is `{code, message, more_info, status}`; a proxy's may be anything. */
function answerError(
  status: number,
  body: Buffer,
  said: Pick<TwilioAnswerError, "retryAfterMs" | "requestId">,
): TwilioAnswerError {
  const error = readErrorBody(body);
  const code = typeof error.code === "number" ? error.code : undefined;
  const message = typeof error.message === "string" ? error.message : `HTTP ${status}`;
  return new TwilioAnswerError(status, code, message, said);
}

function readErrorBody(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const json = readJson(body.toString());
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
}

function header(headers: unknown, name: string): string | undefined {
  const value = isObject(headers) ? headers[name] : undefined;
  return typeof value === "string" ? value : undefined;
}
