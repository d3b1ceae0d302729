import type { Account, AccountSid } from "../directory/account.js";
import { DirectoryError } from "../directory/errors.js";
import type { AccountChange, AccountGateway, RequestOptions } from "../directory/ports.js";
import { readAccount } from "./account-record.js";
import { isNeverProcessed, isTransient, mayHaveHappened } from "./answer-error.js";
import { outcomeUnknown, translateCollectionError, translateTwilioError } from "./error-translation.js";
import { checkedSid, PAGE_SIZE, type TwilioClient } from "./twilio-client.js";

/** Twilio's accounts. */
export function createTwilioAccountGateway(client: TwilioClient): AccountGateway {
  const accounts = client.sdk.api.v2010.accounts;
  const { attempt, read, retry } = client;

  async function fetchAccount(sid: AccountSid, requestOptions: RequestOptions): Promise<Account> {
    return read(async () => readAccount(await accounts(checkedSid(sid)).fetch(), sid), requestOptions);
  }

  async function* list(
    filter: { readonly friendlyName?: string },
    requestOptions: RequestOptions,
  ): AsyncGenerator<readonly Account[], void, undefined> {
    const visited = new Set<string>();
    const first = () => accounts.page({ ...filter, pageSize: PAGE_SIZE });
    for (let ask = first; ; ) {
      const { found, nextPageUrl } = await read(
        async () => {
          const page = await ask();
          return {
            found: page.instances.map((record) => readAccount(record)),
            nextPageUrl: page.nextPageUrl,
          };
        },
        requestOptions,
        translateCollectionError,
      );
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
        throw mayHaveHappened(error) ? outcomeUnknown(error) : translateCollectionError(error);
      }
    },

    async update(sid, change, requestOptions) {
      const send = async () => readAccount(await accounts(checkedSid(sid)).update(change), sid);
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

function hasHappened(change: AccountChange, account: Account): boolean {
  const { status = account.status, friendlyName = account.friendlyName } = change;
  return account.status === status && account.friendlyName === friendlyName;
}
