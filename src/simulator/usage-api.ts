import type { Account } from "./account.js";
import type { AccountBook } from "./account-book.js";
import { dayOf } from "./calendar.js";
import type { Categories } from "./categories.js";
import type { Clock } from "./clock.js";
import { type Authenticate, authorize } from "./credentials.js";
import type { Exchange, Handler } from "./exchange.js";
import { envelope, parsePageRequest } from "./paging.js";
import type { Settings } from "./settings.js";
import { twilioErrors } from "./twilio-error.js";
import type { UsageBook } from "./usage-book.js";
import { usageRecords } from "./usage-records.js";
import { type Life, type UsageList, usagePeriods } from "./usage-window.js";

/** `/2010-04-01/Accounts/{Sid}/Usage/Records.json` and its sub-lists. */
export type UsageApi = (list: UsageList) => Handler;

const FILTERS = ["Category", "StartDate", "EndDate", "IncludeSubaccounts"];

export function createUsageApi(parts: {
  accounts: AccountBook;
  authenticate: Authenticate;
  categories: Categories;
  clock: Clock;
  settings: Settings;
  usage: UsageBook;
}): UsageApi {
  const { accounts, categories, clock, settings, usage } = parts;

  const readable = (exchange: Exchange): Account => {
    const caller = parts.authenticate(exchange.authorization);
    const { accountSid, path } = exchange;
    authorize(caller, "usage", { accountSid, path, ownerSid: accounts.owner.sid });
    const account = accounts.get(accountSid);
    if (account === undefined) throw twilioErrors.notFound(path);
    const isSuspended = accounts.statusOf(account) === "suspended";
    if (isSuspended && settings.get().suspendedUsage === "refused") throw twilioErrors.notActive();
    return account;
  };

  return (list) => async (exchange) => {
    const account = readable(exchange);
    const { query, path } = exchange;
    const nowMs = clock.now();
    const periods = usagePeriods(list, query, lifeOf(account, nowMs), nowMs, path);
    const request = parsePageRequest(query, twilioErrors.invalidPageToken);
    const aggregates = account === accounts.owner && includesSubaccounts(query);
    const totals = aggregates ? await usage.ofAll() : usage.of(account);
    const question = {
      account,
      list,
      periods,
      category: query.get("Category") || undefined,
      emptyPeriods: settings.get().emptyPeriods,
      nowMs,
    };
    const found = usageRecords(question, totals, categories, request);
    const filters = new URLSearchParams([...query].filter(([name]) => FILTERS.includes(name)));
    return { status: 200, body: envelope(path, filters, "usage_records", request, found) };
  };
}

export function lifeOf(account: Account, nowMs: number): Life {
  return { from: dayOf(account.createdAtMs), to: dayOf(account.closedAtMs ?? nowMs) };
}

/** True unless `false` was asked for: Twilio's default. */
function includesSubaccounts(query: URLSearchParams): boolean {
  return query.get("IncludeSubaccounts")?.toLowerCase() !== "false";
}
