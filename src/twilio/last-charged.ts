import { addDays, type Day, type LastCharged } from "../directory/activity.js";
import { add, type Decimal, ZERO } from "./decimal.js";
import type { CategoryToRead } from "./usage-catalogue.js";
import { type Days, isCharge, pricesByDay, type UsageQuestions } from "./usage-questions.js";
import type { UsageRecord } from "./usage-records.js";

/** The most daily records that one answer holds. */
const PAGE_DAYS = 1000;

/** How many pages of days are looked through before months are. */
const DAILY_PAGES = 3;

type Sought = Pick<CategoryToRead, "category" | "fees" | "isUsed">;

/** The last days of a life, as many as one answer covers. */
export function lastPageOf({ from, to }: Days): Days {
  return { from: latest(from, addDays(to, 1 - PAGE_DAYS)), to };
}

/**
 * The last day on which a category was charged, and where `isUsed` says that there is one, the last on which it was charged
 * for more than the fees in it.
 *
 * One question as long as the answer lies in the last 1000 days, and at most two more, for the category and for each of
 * its fees: the older pages of an account younger than 3000 days, or else its months and the days of the month that is
 * found. (Days that are further than 1000 apart take further pages.)
 */
export async function findLastCharged(ask: UsageQuestions, sought: Sought, life: Days): Promise<LastCharged> {
  let found: LastCharged = {};
  const isFound = () =>
    found.lastActivity !== undefined && (!sought.isUsed || found.lastActivityExcludingFees !== undefined);
  const lookInto = async (window: Days) => {
    const { charged, used } = await lastRecords(ask.daily, sought, window);
    found = {
      ...(charged && { lastActivity: charged.from }),
      ...(used && { lastActivityExcludingFees: used.from }),
      // What a later window told.
      ...found,
    };
  };

  const pages = pagesOf(life);
  const reachesBack = pages.length <= DAILY_PAGES;
  for (const page of reachesBack ? pages : pages.slice(0, 1)) {
    await lookInto(page);
    if (isFound()) return found;
  }
  if (reachesBack) return found;

  const older = { from: life.from, to: addDays(lastPageOf(life).from, -1) };
  const { charged, used } = await lastRecords(ask.monthly, sought, older);
  // What was used was charged: the month of use is not the later one.
  const months = [
    ...(charged && found.lastActivity === undefined ? [charged] : []),
    ...(used && found.lastActivityExcludingFees === undefined ? [used] : []),
  ];
  for (const window of spanOf(months, older)) await lookInto(window);
  return found;
}

/** The last record with a charge, and the last with a charge for more than fees. */
async function lastRecords(
  ask: (category: string, window: Days) => Promise<readonly UsageRecord[]>,
  { category, fees, isUsed }: Sought,
  window: Days,
): Promise<{ readonly charged: UsageRecord | undefined; readonly used: UsageRecord | undefined }> {
  const newestFirst = (await ask(category, window))
    .filter(isCharge)
    .sort((a, b) => (a.from < b.from ? 1 : -1));
  const [charged] = newestFirst;
  if (charged === undefined || !isUsed) return { charged, used: undefined };
  const feesOn = new Map<Day, Decimal>();
  for (const fee of fees) {
    for (const [day, price] of pricesByDay(await ask(fee, window))) {
      feesOn.set(day, add(feesOn.get(day) ?? ZERO, price));
    }
  }
  return { charged, used: newestFirst.find(({ from, price }) => price !== (feesOn.get(from) ?? ZERO)) };
}

/** A life in parts that one answer each covers, newest first. */
function pagesOf({ from, to }: Days): Days[] {
  const pages: Days[] = [];
  for (let end = to; end >= from; end = addDays(end, -PAGE_DAYS)) pages.push(lastPageOf({ from, to: end }));
  return pages;
}

/**
 * The days of the records and between them, as far as they lie in `within`; none where there are no records.
 *
 * @param newestFirst records of a month each
 */
function spanOf(newestFirst: readonly UsageRecord[], within: Days): Days[] {
  const [newest, oldest = newest] = newestFirst;
  if (newest === undefined || oldest === undefined) return [];
  return [{ from: latest(oldest.from, within.from), to: earliest(newest.to, within.to) }];
}

function latest(a: Day, b: Day): Day {
  return a > b ? a : b;
}

function earliest(a: Day, b: Day): Day {
  return a < b ? a : b;
}
