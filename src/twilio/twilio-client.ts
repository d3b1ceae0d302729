import type { Agent } from "node:https";
import twilio from "twilio";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import { accountNotFound } from "../directory/errors.js";
import type { Clock, RequestOptions } from "../directory/ports.js";
import { Slices } from "../directory/slices.js";
import { isTransient, TwilioTransportError } from "./answer-error.js";
import { BridgeRequestClient } from "./bridge-request-client.js";
import { translateTwilioError } from "./error-translation.js";
import { RequestSlots } from "./request-slots.js";
import { createRetry, type Retry } from "./retry.js";

/** Where the SDK sends requests to, until its client sends them to `TWILIO_API_URL`. */
const TWILIO = "https://api.twilio.com";

/** The most records on a page that Twilio gives. */
export const PAGE_SIZE = 1000;

export interface TwilioCredentials {
  /** The owner account. */
  readonly accountSid: AccountSid;
  /** The account's SID, or an API key's. */
  readonly username: string;
  /** The account's token, or the API key's secret. */
  readonly password: string;
}

export interface TwilioClientOptions {
  readonly credentials: TwilioCredentials;
  /** `TWILIO_API_URL` */
  readonly apiUrl: string;
  /** `TWILIO_MAX_CONCURRENCY` */
  readonly maxConcurrency: number;
  /** What connects to Twilio by HTTPS, such as through a proxy. */
  readonly agent?: Agent | undefined;
  readonly clock: Clock;
  /** A number from 0 to 1, 1 excluded: the jitter of the back-off. */
  readonly random: () => number;
  /** What long answers are read in; of its own where there is nothing to share it with. */
  readonly slices?: Slices;
}

export interface TwilioRequest {
  readonly method: "get" | "post";
  /** From the host on, such as `/2010-04-01/Accounts.json`. */
  readonly uri: string;
  /** The query. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** The form. */
  readonly data?: Readonly<Record<string, string>>;
}

/** The one way to Twilio, which all gateways share: its connections, its places, its retries and its sense of time. */
export interface TwilioClient {
  /**
   * Sends one request. It is made by the SDK; the answer is not read by it, since it makes up what is missing there.
   *
   * @returns the body of the answer, which is no error
   * @throws TwilioAnswerError, TwilioTransportError
   */
  send(request: TwilioRequest): Promise<Buffer>;
  /** Twilio's time minus ours in milliseconds, as its last answer told; undefined before the first. */
  clockOffsetMs(): number | undefined;
  /** Epoch milliseconds by Twilio's clock. */
  twilioTime(): number;
  readonly retry: Retry;
  readonly slices: Slices;
  /** One request in its slot. Where the signal aborts meanwhile, the caller is not kept waiting for the answer. */
  attempt<T>(request: () => Promise<T>, options: RequestOptions): Promise<T>;
  /**
   * One request that changes nothing, repeated while that may help.
   *
   * @param translate what the last failure means
   */
  read<T>(
    request: () => Promise<T>,
    options: RequestOptions,
    translate?: (error: unknown) => Error,
  ): Promise<T>;
}

/** Twilio through the `twilio` package, with retries and errors of our own. */
export function createTwilioClient(options: TwilioClientOptions): TwilioClient {
  const { credentials, apiUrl, maxConcurrency, agent, clock, random, slices = new Slices() } = options;
  const httpClient = new BridgeRequestClient({
    apiUrl,
    now: () => clock.now(),
    maxSockets: maxConcurrency,
    agent,
  });
  const sdk = twilio(credentials.username, credentials.password, {
    accountSid: credentials.accountSid,
    httpClient,
  });
  const slots = new RequestSlots(maxConcurrency);
  const retry = createRetry(clock, random);

  async function attempt<T>(request: () => Promise<T>, requestOptions: RequestOptions): Promise<T> {
    const { signal } = requestOptions;
    let sent = false;
    const running = slots.run(() => {
      sent = true;
      return request();
    }, requestOptions);
    if (signal === undefined) return running;
    const aborted = once(signal);
    try {
      return await Promise.race([running, aborted.promise]);
    } catch (error) {
      if (!signal.aborted) throw error;
      running.catch(() => undefined);
      throw new TwilioTransportError("DEADLINE", sent);
    } finally {
      aborted.dispose();
    }
  }

  return {
    async send(request) {
      const { body } = await sdk.request({ ...request, uri: new URL(request.uri, TWILIO).href });
      return body;
    },
    clockOffsetMs: () => httpClient.clockOffsetMs,
    twilioTime: () => clock.now() + (httpClient.clockOffsetMs ?? 0),
    retry,
    slices,
    attempt,
    async read(request, requestOptions, translate = translateTwilioError) {
      const { signal } = requestOptions;
      try {
        return await retry(() => attempt(request, requestOptions), { isRetryable: isTransient, signal });
      } catch (error) {
        throw translate(error);
      }
    },
  };
}

/** Typed SIDs have their form; what a cast let through must not become a path at Twilio. */
export function checkedSid(sid: AccountSid): AccountSid {
  const parsed = parseAccountSid(sid);
  if (parsed === undefined) throw accountNotFound(sid);
  return parsed;
}

/** A promise that rejects when `signal` aborts, until it is disposed of. */
function once(signal: AbortSignal): { readonly promise: Promise<never>; dispose(): void } {
  let abort: () => void = () => undefined;
  const promise = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
  promise.catch(() => undefined);
  return { promise, dispose: () => signal.removeEventListener("abort", abort) };
}
