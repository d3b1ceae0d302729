import RequestClient from "twilio/lib/base/RequestClient.js";
import { TwilioAnswerError, TwilioTransportError } from "./answer-error.js";

type Answer<TData> = ReturnType<typeof RequestClient.prototype.request<TData>>;

/** How long one request may take. Twilio answers in well under a second; more than this is an outage. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Failures that come before a request has left: nobody can have acted on it. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT_.*|ERR_TLS_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/;

export interface BridgeRequestClientOptions {
  /** `TWILIO_API_URL`: every request goes there, whatever host the SDK or an answer names. */
  readonly apiUrl: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How many connections are kept open. */
  readonly maxSockets: number;
  /** Whether the JSON of an answer that is no error, from such a path, holds what is going to be read. */
  readonly isReadable: (body: Readonly<Record<string, unknown>>, path: string) => boolean;
}

/**
 * The SDK's HTTP client, with errors that are safe to log: the SDK lets Axios errors through, which carry the credentials
 * in `config.headers`.
 *
 * `request` throws TwilioAnswerError and TwilioTransportError only.
 */
export class BridgeRequestClient extends RequestClient {
  readonly #origin: URL;
  readonly #now: () => number;
  readonly #isReadable: BridgeRequestClientOptions["isReadable"];
  #clockOffsetMs: number | undefined;

  constructor({ apiUrl, now, maxSockets, isReadable }: BridgeRequestClientOptions) {
    super({ timeout: REQUEST_TIMEOUT_MS, keepAlive: true, maxSockets, maxTotalSockets: maxSockets });
    this.#origin = new URL(apiUrl);
    this.#now = now;
    this.#isReadable = isReadable;
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
    const { statusCode, body, headers } = response;
    this.#learnTime(headers);
    if (statusCode >= 400) throw answerError(statusCode, body, this.#retryAfterMs(headers));
    // Axios leaves as text what is not JSON: a proxy's page, or a body that was cut.
    if (statusCode >= 300 || !isObject(body) || !this.#isReadable(body, new URL(options.uri).pathname)) {
      throw new TwilioTransportError("MALFORMED", true);
    }
    return response;
  }

  async #send<TData>(options: RequestClient.RequestOptions<TData>): Promise<Awaited<Answer<TData>>> {
    try {
      return await super.request({ ...options, uri: this.#addressOf(options.uri) });
    } catch (error) {
      const reason = isObject(error) && typeof error.code === "string" ? error.code : "UNKNOWN";
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

/** Twilio's error body is `{code, message, more_info, status}`; a proxy's may be anything. */
function answerError(status: number, body: unknown, retryAfterMs: number | undefined): TwilioAnswerError {
  const code = isObject(body) && typeof body.code === "number" ? body.code : undefined;
  const message = isObject(body) && typeof body.message === "string" ? body.message : `HTTP ${status}`;
  return new TwilioAnswerError(status, code, message, retryAfterMs);
}

function header(headers: unknown, name: string): string | undefined {
  const value = isObject(headers) ? headers[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
