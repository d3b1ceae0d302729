import type { Account, AccountSid } from "../directory/account.js";
import { DirectoryError } from "../directory/errors.js";
import type { AccountChange, AccountGateway, RequestOptions } from "../directory/ports.js";
import { readAccount, readAccountPage } from "./account-record.js";
import { isNeverProcessed, isTransient, mayHaveHappened } from "./answer-error.js";
import { outcomeUnknown, translateCollectionError, translateTwilioError } from "./error-translation.js";
import { checkedSid, PAGE_SIZE, type TwilioClient, type TwilioRequest } from "./twilio-client.js";

const ACCOUNTS = "/2010-04-01/Accounts.json";

/** Twilio's accounts. */
export function createTwilioAccountGateway(client: TwilioClient): AccountGateway {
  const { attempt, read, retry, send, slices } = client;

  async function fetchAccount(sid: AccountSid, requestOptions: RequestOptions): Promise<Account> {
    const request = async () => readAccount(await send({ method: "get", uri: uriOf(sid) }), sid);
    return read(request, requestOptions);
  }

  async function* list(
    filter: { readonly FriendlyName?: string },
    requestOptions: RequestOptions,
  ): AsyncGenerator<readonly Account[], void, undefined> {
    const visited = new Set<string>();
    const first: TwilioRequest = {
      method: "get",
      uri: ACCOUNTS,
      params: { ...filter, PageSize: PAGE_SIZE },
    };
    for (let request = first; ; ) {
      const { accounts, nextPageUri } = await read(
        async () => readAccountPage(await send(request), slices.begin()),
        requestOptions,
        translateCollectionError,
      );
      yield accounts;
      if (nextPageUri === undefined) return;
      if (visited.has(nextPageUri)) {
        throw new DirectoryError("twilioUnavailable", "Twilio's list of accounts runs in a circle.");
      }
      visited.add(nextPageUri);
      request = { method: "get", uri: nextPageUri };
    }
  }

  return {
    pages: (requestOptions) => list({}, requestOptions),

    fetch: fetchAccount,

    async findByFriendlyName(friendlyName, requestOptions) {
      const matches: Account[] = [];
      for await (const page of list({ FriendlyName: friendlyName }, requestOptions)) {
        // Twilio does not say what its filter makes of case and blanks.
        matches.push(...page.filter((account) => account.friendlyName === friendlyName));
      }
      return matches;
    },

    async create(friendlyName, requestOptions) {
      const data = { FriendlyName: friendlyName };
      const request = async () => readAccount(await send({ method: "post", uri: ACCOUNTS, data }));
      const isRetryable = (error: unknown) => isTransient(error) && !mayHaveHappened(error);
      try {
        return await retry(() => attempt(request, requestOptions), {
          isRetryable,
          signal: requestOptions.signal,
        });
      } catch (error) {
        throw mayHaveHappened(error) ? outcomeUnknown(error) : translateCollectionError(error);
      }
    },

    async update(sid, change, requestOptions) {
      const request = async () => {
        return readAccount(await send({ method: "post", uri: uriOf(sid), data: formOf(change) }), sid);
      };
      let anyLost = false;
      const sendAndResolve = async (): Promise<Account> => {
        try {
          return await attempt(request, requestOptions);
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

    clockOffsetMs: client.clockOffsetMs,
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

function uriOf(sid: AccountSid): string {
  return `/2010-04-01/Accounts/${checkedSid(sid)}.json`;
}

function formOf({ status, friendlyName }: AccountChange): Readonly<Record<string, string>> {
  return {
    ...(status !== undefined && { Status: status }),
    ...(friendlyName !== undefined && { FriendlyName: friendlyName }),
  };
}

function hasHappened(change: AccountChange, account: Account): boolean {
  const { status = account.status, friendlyName = account.friendlyName } = change;
  return account.status === status && account.friendlyName === friendlyName;
}
