import twilio from "twilio";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import { accountNotFound } from "../directory/errors.js";
import type { Clock, RequestOptions } from "../directory/ports.js";
import { isAccountAnswer } from "./account-record.js";
import { isTransient, TwilioTransportError } from "./answer-error.js";
import { BridgeRequestClient } from "./bridge-request-client.js";
import { translateTwilioError } from "./error-translation.js";
import { RequestSlots } from "./request-slots.js";
import { createRetry, type Retry } from "./retry.js";

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
  readonly clock: Clock;
  /** A number from 0 to 1, 1 excluded: the jitter of the back-off. */
  readonly random: () => number;
}

/** The one way to Twilio, which all gateways share: its connections, its places, its retries and its sense of time. */
export interface TwilioClient {
  readonly sdk: ReturnType<typeof twilio>;
  /** Twilio's time minus ours in milliseconds, as its last answer told; undefined before the first. */
  clockOffsetMs(): number | undefined;
  /** Epoch milliseconds by Twilio's clock. */
  twilioTime(): number;
  readonly retry: Retry;
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
  const { credentials, apiUrl, maxConcurrency, clock, random } = options;
  const httpClient = new BridgeRequestClient({
    apiUrl,
    now: () => clock.now(),
    maxSockets: maxConcurrency,
    // The SDK reads accounts itself; usage is read from the JSON as it came.
    isReadable: (body, path) => path.includes("/Usage/") || isAccountAnswer(body),
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
    sdk,
    clockOffsetMs: () => httpClient.clockOffsetMs,
    twilioTime: () => clock.now() + (httpClient.clockOffsetMs ?? 0),
    retry,
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
