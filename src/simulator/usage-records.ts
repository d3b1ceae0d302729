import type { Account } from "./account.js";
import type { DayRange } from "./calendar.js";
import type { Categories } from "./categories.js";
import type { PageOf, PageRequest } from "./paging.js";
import { twilioErrors } from "./twilio-error.js";
import { createUsageRecordResource } from "./usage-record-resource.js";
import { type DailyTotals, type TotalsByCategory, totalsIn } from "./usage-totals.js";
import type { UsageList } from "./usage-window.js";

/** What a list of usage records is made from. */
export interface UsageQuestion {
  readonly account: Account;
  readonly list: UsageList;
  /** Newest first. */
  readonly periods: readonly DayRange[];
  /** Undefined asks for all of them. */
  readonly category: string | undefined;
  readonly emptyPeriods: "listed" | "omitted";
  readonly nowMs: number;
}

/**
 * One page of usage records: by period, newest first, then by category. In each period every category of Twilio's has a
 * record, and every other one that the account was ever charged for, with price "0" where there was no charge. That is
 * how Twilio's OpenAPI examples look (69 records in the plain list, 50 times as many in Monthly); with
 * `emptyPeriods: "omitted"` Daily, Monthly and Yearly hold only what was used.
 */
export function usageRecords(
  question: UsageQuestion,
  usage: DailyTotals,
  categories: Categories,
  request: PageRequest,
): PageOf<object> {
  const names = categoriesAsked(question, usage, categories);
  const places = placesOf(question, usage, names);
  const start = startOf(places, question, names, request);
  const end = Math.min(start + request.size, places.length);
  const { account, list, nowMs } = question;
  const resource = createUsageRecordResource(account, list, nowMs);
  const records: object[] = [];
  let current: { period: DayRange; totals: TotalsByCategory } | undefined;
  for (let index = start; index < end; index += 1) {
    const { period, category } = places.at(index);
    if (current?.period !== period) current = { period, totals: totalsIn(usage, period) };
    records.push(resource(period, categories.describe(category), current.totals.get(category)));
  }
  const placeName = (index: number) => {
    const { period, category } = places.at(index);
    return `${period.from} ${category}`;
  };
  return {
    records,
    before: start > 0 && records.length > 0 ? placeName(start) : undefined,
    after: end < places.length ? placeName(end - 1) : undefined,
  };
}

/** Records by number, without making them all. */
interface Places {
  readonly length: number;
  at(index: number): { period: DayRange; category: string };
}

function placesOf(question: UsageQuestion, usage: DailyTotals, names: readonly string[]): Places {
  const { periods, list } = question;
  const isSeries = list === "Daily" || list === "Monthly" || list === "Yearly";
  if (isSeries && question.emptyPeriods === "omitted") {
    const used = periods.flatMap((period) => {
      const totals = totalsIn(usage, period);
      return names.filter((category) => totals.has(category)).map((category) => ({ period, category }));
    });
    return { length: used.length, at: (index) => existing(used[index]) };
  }
  return {
    length: periods.length * names.length,
    at: (index) => ({
      period: existing(periods[Math.floor(index / names.length)]),
      category: existing(names[index % names.length]),
    }),
  };
}

function categoriesAsked(question: UsageQuestion, usage: DailyTotals, categories: Categories): string[] {
  const others = [...usage.categories].filter((name) => !categories.listed.includes(name)).sort();
  const all = [...categories.listed, ...others];
  const asked = question.category?.toLowerCase();
  return asked === undefined ? all : all.filter((name) => name.toLowerCase() === asked);
}

/** Where the page begins: after the place that the token names, or a page before it. Throws 21481 if it names none. */
function startOf(
  places: Places,
  question: UsageQuestion,
  names: readonly string[],
  { token, size }: PageRequest,
): number {
  if (token === undefined) return 0;
  const [from, ...words] = token.place.split(" ");
  const category = names.indexOf(words.join(" "));
  if (category < 0 || !/^-?\d+$/.test(from ?? "")) throw twilioErrors.invalidPageToken();
  const periodStart = Number(from);
  const isBeyond = (index: number) => {
    const place = places.at(index);
    const order = periodStart - place.period.from || names.indexOf(place.category) - category;
    return token.direction === "after" ? order > 0 : order >= 0;
  };
  if (question.periods.length === 0) return 0;
  const boundary = firstIndex(places.length, isBeyond);
  return token.direction === "after" ? boundary : Math.max(boundary - size, 0);
}

/** The first index for which the condition holds, which holds for all after it; `length` if for none. */
function firstIndex(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function existing<T>(item: T | undefined): T {
  if (item === undefined) throw new RangeError("A place of a usage list was asked for that does not exist.");
  return item;
}
