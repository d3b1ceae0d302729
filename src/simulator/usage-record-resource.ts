import type { Account } from "./account.js";
import { type DayRange, formatAsOf, formatDay } from "./calendar.js";
import { type Category, TOTAL_PRICE } from "./categories.js";
import { formatPrice } from "./money.js";
import type { Totals } from "./usage-totals.js";
import type { UsageList } from "./usage-window.js";

/** A usage record as Twilio's API shows it (schema `api.v2010.account.usage.usage_record`), with prices as strings. */
export type UsageRecordResource = (
  period: DayRange,
  category: Category,
  totals: Totals | undefined,
) => object;

/** For one answer: what all its records share is written once, since an answer can hold a thousand. */
export function createUsageRecordResource(
  account: Account,
  list: UsageList,
  nowMs: number,
): UsageRecordResource {
  const base = `/2010-04-01/Accounts/${account.sid}/Usage/Records`;
  const own = `${list === "Records" ? base : `${base}/${list}`}.json`;
  const asOf = formatAsOf(nowMs);
  let dates = datesOf({ from: 0, to: 0 });

  return (period, category, totals) => {
    if (dates.period !== period) dates = datesOf(period);
    const { name } = category;
    const query = `?Category=${encodeURIComponent(name)}`;
    const price = formatPrice(totals?.micros ?? 0);
    const isTotal = name === TOTAL_PRICE;
    const hasNoPrice = totals !== undefined && !totals.priced && !isTotal;
    return {
      category: name,
      description: category.description,
      account_sid: account.sid,
      start_date: dates.from,
      end_date: dates.to,
      as_of: asOf,
      count: isTotal ? null : String(totals?.count ?? 0),
      count_unit: category.countUnit,
      usage: isTotal ? price : String(totals?.usage ?? 0),
      usage_unit: isTotal ? account.currency : category.usageUnit,
      price: hasNoPrice ? null : price,
      price_unit: account.currency,
      api_version: "2010-04-01",
      uri: `${own}${query}&StartDate=${dates.from}&EndDate=${dates.to}`,
      subresource_uris: {
        all_time: `${base}/AllTime.json${query}`,
        daily: `${base}/Daily.json${query}`,
        last_month: `${base}/LastMonth.json${query}`,
        monthly: `${base}/Monthly.json${query}`,
        this_month: `${base}/ThisMonth.json${query}`,
        today: `${base}/Today.json${query}`,
        yearly: `${base}/Yearly.json${query}`,
        yesterday: `${base}/Yesterday.json${query}`,
      },
    };
  };
}

function datesOf(period: DayRange): { period: DayRange; from: string; to: string } {
  return { period, from: formatDay(period.from), to: formatDay(period.to) };
}
