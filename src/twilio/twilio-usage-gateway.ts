import type { Account, AccountSid } from "../directory/account.js";
import { type Day, dayOf } from "../directory/activity.js";
import { DirectoryError, isDirectoryError } from "../directory/errors.js";
import type { RequestOptions, UsageGateway } from "../directory/ports.js";
import { translateUsageError } from "./error-translation.js";
import { checkedSid, PAGE_SIZE, type TwilioClient } from "./twilio-client.js";
import { TOTAL_PRICE, type UsageCatalogue } from "./usage-catalogue.js";
import { fillUsage } from "./usage-fill.js";
import { type Days, isCharge, type Life, type UsageQuestions } from "./usage-questions.js";
import { readUsagePage, type UsagePage, type UsageRecord } from "./usage-records.js";
import { refreshUsage } from "./usage-refresh.js";

/** Forbidden: the other codes for usage that is refused mean the account, this one may mean who asks. */
const FORBIDDEN = 20403;

export interface TwilioUsageGatewayOptions {
  readonly client: TwilioClient;
  readonly catalogue: UsageCatalogue;
  /** Told of each charged category that Twilio has invented since, each time one is met. */
  readonly onUnknownCategory?: (category: string) => void;
}

type UsageList = "Records" | "Records/Daily" | "Records/Monthly";

interface UsageFilter {
  readonly Category?: string;
  readonly StartDate?: Day;
  readonly EndDate?: Day;
}

/** Twilio's usage records. */
export function createTwilioUsageGateway(options: TwilioUsageGatewayOptions): UsageGateway {
  const { client, catalogue, onUnknownCategory = () => undefined } = options;

  function readPage(sid: AccountSid, uri: string, requestOptions: RequestOptions): Promise<UsagePage> {
    const request = async () => {
      const body = await client.send({ method: "get", uri });
      return readUsagePage(body, sid, client.slices.begin());
    };
    return client.read(request, requestOptions, translateUsageError);
  }

  /** A list with all its pages. The account's own usage alone: Twilio adds that of its subaccounts by default. */
  async function list(
    sid: AccountSid,
    name: UsageList,
    filter: UsageFilter,
    requestOptions: RequestOptions,
  ): Promise<readonly UsageRecord[]> {
    const query = new URLSearchParams({
      ...filter,
      IncludeSubaccounts: "false",
      PageSize: String(PAGE_SIZE),
    });
    const first = `/2010-04-01/Accounts/${checkedSid(sid)}/Usage/${name}.json?${query}`;
    const found: UsageRecord[] = [];
    const visited = new Set<string>();
    for (let uri: string | undefined = first; uri !== undefined; ) {
      if (visited.has(uri)) {
        throw new DirectoryError("twilioUnavailable", "Twilio's list of usage records runs in a circle.");
      }
      visited.add(uri);
      const page = await readPage(sid, uri, requestOptions);
      found.push(...page.records);
      uri = page.nextPageUri;
    }
    const asked = filter.Category?.toLowerCase();
    return asked === undefined ? found : found.filter(({ category }) => category.toLowerCase() === asked);
  }

  function questionsAbout(sid: AccountSid, requestOptions: RequestOptions): UsageQuestions {
    const ask = (name: UsageList, category?: string, window?: Days) => {
      const filter = {
        ...(category !== undefined && { Category: category }),
        ...(window !== undefined && { StartDate: window.from, EndDate: window.to }),
      };
      return list(sid, name, filter, requestOptions);
    };
    const askOfAll = async (name: UsageList, window?: Days) => {
      const records = await ask(name, undefined, window);
      for (const { category } of records.filter(isCharge)) {
        if (!catalogue.isKnown(category)) onUnknownCategory(category);
      }
      return records;
    };
    return {
      categories: (day) => askOfAll("Records", day && { from: day, to: day }),
      total: (window) => ask("Records", TOTAL_PRICE, window),
      daily: (category, window) => ask("Records/Daily", category, window),
      monthly: (category, window) => ask("Records/Monthly", category, window),
      days: (window) => askOfAll("Records/Daily", window),
    };
  }

  function lifeOf({ dateCreated, status }: Account): Life {
    const now = client.twilioTime();
    return { from: dayOf(Math.min(dateCreated, now)), to: dayOf(now), isClosed: status === "closed" };
  }

  return {
    async readUsage(account, known, requestOptions) {
      const ask = questionsAbout(account.sid, requestOptions);
      const life = lifeOf(account);
      const refreshed = known && (await refreshUsage(ask, known, life, catalogue));
      return refreshed ?? fillUsage(ask, life, catalogue);
    },

    async mayReadUsage(sid, requestOptions) {
      try {
        await questionsAbout(sid, requestOptions).total();
        return true;
      } catch (error) {
        if (isDirectoryError(error, "credentialsRefused")) return false;
        if (isDirectoryError(error, "usageRefused")) return error.twilioCode !== FORBIDDEN;
        throw error;
      }
    },
  };
}
