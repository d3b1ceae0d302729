import twilio from "twilio";
import type { Account, AccountSid } from "../directory/account.js";
import { parseAccountSid } from "../directory/account.js";
import { accountNotFound, DirectoryError } from "../directory/errors.js";
import type { AccountChange, AccountGateway, Clock, RequestOptions } from "../directory/ports.js";
import { isAccountAnswer, readAccount } from "./account-record.js";
import { isNeverProcessed, isTransient, mayHaveHappened, TwilioTransportError } from "./answer-error.js";
import { BridgeRequestClient } from "./bridge-request-client.js";
import { outcomeUnknown, translateTwilioError } from "./error-translation.js";
import { RequestSlots } from "./request-slots.js";
import { createRetry } from "./retry.js";

/** The most that Twilio gives. */
const PAGE_SIZE = 1000;

export interface TwilioCredentials {
  /** The owner account. */
  readonly accountSid: AccountSid;
  /** The account's SID, or an API key's. */
  readonly username: string;
  /** The account's token, or the API key's secret. */
  readonly password: string;
}

export interface TwilioAccountGatewayOptions {
  readonly credentials: TwilioCredentials;
  /** `TWILIO_API_URL` */
  readonly apiUrl: string;
  /** `TWILIO_MAX_CONCURRENCY` */
  readonly maxConcurrency: number;
  readonly clock: Clock;
  /** A number from 0 to 1, 1 excluded: the jitter of the back-off. */
  readonly random: () => number;
}

/** Twilio's accounts through the `twilio` package, with retries and errors of our own. */
export function createTwilioAccountGateway(options: TwilioAccountGatewayOptions): AccountGateway {
  const { credentials, apiUrl, maxConcurrency, clock, random } = options;
  const httpClient = new BridgeRequestClient({
    apiUrl,
    now: () => clock.now(),
    maxSockets: maxConcurrency,
    isReadable: isAccountAnswer,
  });
  const client = twilio(credentials.username, credentials.password, {
    accountSid: credentials.accountSid,
    httpClient,
  });
  const accounts = client.api.v2010.accounts;
  const slots = new RequestSlots(maxConcurrency);
  const retry = createRetry(clock, random);

  /** One request that changes nothing, repeated while that may help. */
  async function read<T>(request: () => Promise<T>, requestOptions: RequestOptions): Promise<T> {
    const { signal } = requestOptions;
    try {
      return await retry(() => attempt(request, requestOptions), { isRetryable: isTransient, signal });
    } catch (error) {
      throw translateTwilioError(error);
    }
  }

  /** One request in its slot. Where the signal aborts meanwhile, the caller is not kept waiting for the answer. */
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

  async function fetchAccount(sid: AccountSid, requestOptions: RequestOptions): Promise<Account> {
    return read(async () => readAccount(await accounts(checked(sid)).fetch(), sid), requestOptions);
  }

  async function* list(
    filter: { readonly friendlyName?: string },
    requestOptions: RequestOptions,
  ): AsyncGenerator<readonly Account[], void, undefined> {
    const visited = new Set<string>();
    const first = () => accounts.page({ ...filter, pageSize: PAGE_SIZE });
    for (let ask = first; ; ) {
      const { found, nextPageUrl } = await read(async () => {
        const page = await ask();
        return { found: page.instances.map((record) => readAccount(record)), nextPageUrl: page.nextPageUrl };
      }, requestOptions);
      yield found;
      if (!nextPageUrl) return;
      if (visited.has(nextPageUrl)) {
        throw new DirectoryError("twilioUnavailable", "Twilio's list of accounts runs in a circle.");
      }
      visited.add(nextPageUrl);
      ask = () => accounts.getPage(nextPageUrl);
    }
  }

  return {
    pages: (requestOptions) => list({}, requestOptions),

    fetch: fetchAccount,

    async findByFriendlyName(friendlyName, requestOptions) {
      const matches: Account[] = [];
      for await (const page of list({ friendlyName }, requestOptions)) {
        // Twilio does not say what its filter makes of case and blanks.
        matches.push(...page.filter((account) => account.friendlyName === friendlyName));
      }
      return matches;
    },

    async create(friendlyName, requestOptions) {
      const send = async () => readAccount(await accounts.create({ friendlyName }));
      const isRetryable = (error: unknown) => isTransient(error) && !mayHaveHappened(error);
      try {
        return await retry(() => attempt(send, requestOptions), {
          isRetryable,
          signal: requestOptions.signal,
        });
      } catch (error) {
        throw mayHaveHappened(error) ? outcomeUnknown(error) : translateTwilioError(error);
      }
    },

    async update(sid, change, requestOptions) {
      const send = async () => readAccount(await accounts(checked(sid)).update(change), sid);
      let anyLost = false;
      const sendAndResolve = async (): Promise<Account> => {
        try {
          return await attempt(send, requestOptions);
        } catch (error) {
          anyLost ||= mayHaveHappened(error);
          // After a lost answer, a refusal may only mean that the first request took effect after all.
          if (!anyLost || isNeverProcessed(error)) throw error;
          const account = await resolve(sid, requestOptions);
          if (hasHappened(change, account)) return account;
          throw error;
        }
      };
      try {
        return await retry(sendAndResolve, { isRetryable: isTransient, signal: requestOptions.signal });
      } catch (error) {
        throw translateTwilioError(error);
      }
    },

    clockOffsetMs: () => httpClient.clockOffsetMs,
  };

  /** Finds out what a write did whose answer was lost. */
  async function resolve(sid: AccountSid, requestOptions: RequestOptions): Promise<Account> {
    try {
      return await fetchAccount(sid, requestOptions);
    } catch (error) {
      throw error instanceof DirectoryError && error.code === "accountNotFound"
        ? error
        : outcomeUnknown(error);
    }
  }
}

/** Typed SIDs have their form; what a cast let through must not become a path at Twilio. */
function checked(sid: AccountSid): AccountSid {
  const parsed = parseAccountSid(sid);
  if (parsed === undefined) throw accountNotFound(sid);
  return parsed;
}

function hasHappened(change: AccountChange, account: Account): boolean {
  const { status = account.status, friendlyName = account.friendlyName } = change;
  return account.status === status && account.friendlyName === friendlyName;
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
