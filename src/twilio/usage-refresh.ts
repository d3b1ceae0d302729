import {
  addDays,
  type Day,
  daysBetween,
  type LastCharged,
  type Spend,
  type Usage,
} from "../directory/activity.js";
import { isDirectoryError } from "../directory/errors.js";
import { add, type Decimal, parseDecimal, subtract, ZERO } from "./decimal.js";
import { LastDays, lastCharged, latestOf, type Named } from "./last-days.js";
import { type ChargedService, TOTAL_PRICE, type UsageCatalogue } from "./usage-catalogue.js";
import { LATE_DAYS, recentCharges } from "./usage-fill.js";
import {
  type Days,
  type Life,
  noneBeyondLife,
  pricesByCategory,
  type UsageQuestions,
} from "./usage-questions.js";
import type { UsageRecord } from "./usage-records.js";

/** After a longer pause, all is read anew. */
const LONGEST_PAUSE_DAYS = 31;

/** What was read again of a day. */
interface Reread {
  readonly total: Decimal;
  readonly services: ReadonlyMap<string, ChargedService>;
}

/**
 * Reads what has come since an earlier reading, and what came late.
 *
 * One question tells what the last days cost together, in one record however many days they are. Where that is another sum
 * than before, one more tells what each of them was charged for. (Its answer has a record for each day and category: a
 * pause of a week or more may take further pages.)
 *
 * That a charge and a credit of the same sum came together is not seen until they are not among the last days together.
 *
 * @returns undefined where all has to be read anew: after a long pause, where the currency is another one, or where what
 * counted as last activity is gone, so that nobody knows what came before
 */
export async function refreshUsage(
  ask: UsageQuestions,
  known: Usage,
  life: Life,
  catalogue: UsageCatalogue,
): Promise<Usage | undefined> {
  const pause = daysBetween(known.readUntil, life.to);
  // A day back is what two clocks differ by around midnight. More is a clock that was wrong.
  if (pause > LONGEST_PAUSE_DAYS || pause < -1) return undefined;
  const window = {
    from: latestOf(life.from, addDays(known.readUntil, -LATE_DAYS)) ?? life.from,
    to: latestOf(life.to, known.readUntil) ?? life.to,
  };
  const [record] = await readTotal(ask, window, life);
  const currency = record?.currency ?? known.spend?.currency;
  if (known.spend !== undefined && currency !== known.spend.currency) return undefined;
  const before = sum(Object.values(known.recentCharges).map((price) => parseDecimal(price) ?? ZERO));
  if ((record?.price ?? ZERO) === before) {
    const totals = new Map(Object.entries(known.recentCharges) as [Day, string][]);
    return { ...known, recentCharges: recentCharges(totals, window.to), readUntil: window.to };
  }

  const reread = rereadDays(window, await noneBeyondLife(ask.days(window)), catalogue);
  const totals = new Map([...reread].map(([day, { total }]) => [day, total]));
  const lastDays = mergeServices(known.services, reread);
  const lastTotal = moved(known.lastActivity, reread, ({ total, services }) => {
    return total !== ZERO || services.size > 0;
  });
  if (lastDays === undefined || lastTotal === "lost") return undefined;
  return {
    ...lastDays.toUsage(lastTotal),
    ...movedSpend(known.spend, subtract(sum([...totals.values()]), before), currency),
    recentCharges: recentCharges(totals, window.to),
    readUntil: window.to,
  };
}

/** Where the account did not live in the window, it was not charged. Only a closed one can do without asking if it exists. */
async function readTotal(
  ask: UsageQuestions,
  window: Days,
  { isClosed }: Life,
): Promise<readonly UsageRecord[]> {
  if (isClosed) return noneBeyondLife(ask.total(window));
  try {
    return await ask.total(window);
  } catch (error) {
    if (!isDirectoryError(error, "accountNotFound")) throw error;
    await ask.total();
    return [];
  }
}

/** Every day of the window, whether it has records or not. */
function rereadDays(
  { from, to }: Days,
  records: readonly UsageRecord[],
  catalogue: UsageCatalogue,
): ReadonlyMap<Day, Reread> {
  const byDay = new Map<Day, UsageRecord[]>();
  for (let day = from; day <= to; day = addDays(day, 1)) byDay.set(day, []);
  for (const record of records) byDay.get(record.from)?.push(record);
  return new Map(
    [...byDay].map(([day, recordsOfDay]) => {
      const prices = pricesByCategory(recordsOfDay);
      return [day, { total: prices.get(TOTAL_PRICE) ?? ZERO, services: catalogue.charged(prices) }];
    }),
  );
}

/** Undefined where the last day of one of them is lost. */
function mergeServices(known: Usage["services"], reread: ReadonlyMap<Day, Reread>): LastDays | undefined {
  const services = new Map<string, Named & LastCharged>();
  for (const one of known) services.set(one.service, { ...one, slug: one.service });
  for (const { service } of [...reread.values()].flatMap((day) => [...day.services.values()])) {
    if (!services.has(service.slug)) services.set(service.slug, service);
  }
  const lastDays = new LastDays();
  for (const one of services.values()) {
    const charged = moved(one.lastActivity, reread, (day) => day.services.has(one.slug));
    const used = moved(
      one.lastActivityExcludingFees,
      reread,
      (day) => day.services.get(one.slug)?.isUsed === true,
    );
    if (charged === "lost" || used === "lost") return undefined;
    lastDays.add(one, lastCharged(charged, used));
  }
  return lastDays;
}

/** A last day, after some days were read again: "lost" where it is none any more and no later one is known. */
function moved(
  known: Day | undefined,
  reread: ReadonlyMap<Day, Reread>,
  isCharged: (day: Reread) => boolean,
): Day | undefined | "lost" {
  const last = latestOf(...[...reread].filter(([, day]) => isCharged(day)).map(([day]) => day));
  const again = known === undefined ? undefined : reread.get(known);
  if (again === undefined || isCharged(again)) return latestOf(known, last);
  return last !== undefined && known !== undefined && last > known ? last : "lost";
}

function movedSpend(
  known: Spend | undefined,
  change: Decimal,
  currency: string | undefined,
): { readonly spend?: Spend } {
  if (currency === undefined) return known === undefined ? {} : { spend: known };
  return { spend: { total: add(parseDecimal(known?.total ?? ZERO) ?? ZERO, change), currency } };
}

function sum(decimals: readonly Decimal[]): Decimal {
  return decimals.reduce(add, ZERO);
}
