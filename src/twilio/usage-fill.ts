import { addDays, type Day, type Spend, type Usage } from "../directory/activity.js";
import { ZERO } from "./decimal.js";
import { findLastCharged, lastPageOf } from "./last-charged.js";
import { LastDays } from "./last-days.js";
import { type CategoryToRead, TOTAL_PRICE, type UsageCatalogue } from "./usage-catalogue.js";
import {
  type Life,
  noneBeyondLife,
  pricesByCategory,
  pricesByDay,
  type UsageQuestions,
} from "./usage-questions.js";
import type { UsageRecord } from "./usage-records.js";

/** Charges arrive late: so many days before the last one that was read are read again. */
export const LATE_DAYS = 2;

/** What the total is charged for is not told, so it cannot be told either whether that is more than fees. */
const TOTAL = { category: TOTAL_PRICE, fees: [], isUsed: false } as const;

/**
 * Reads all that an account was ever charged for.
 *
 * Of c categories that have to be read (`UsageCatalogue.toRead`), all with a charge in the last 1000 days: c + 2 questions
 * at most, or c + 3 where one about today does not pay. One question where the account is of today or was never charged.
 *
 * What adds up to nothing is not seen: a category whose charges and credits are equal over the whole life, and a day on
 * which those in a roll-up are.
 *
 * @throws what a question throws; `accountNotFound` means that there is no such account
 */
export async function fillUsage(
  questions: UsageQuestions,
  life: Life,
  catalogue: UsageCatalogue,
): Promise<Usage> {
  const overall = await questions.categories();
  const prices = pricesByCategory(overall);
  const today = life.to;
  const lastDays = new LastDays();
  const usage = (totals: ReadonlyMap<Day, string>, lastTotal: Day | undefined): Usage => ({
    ...lastDays.toUsage(lastTotal),
    ...spendOf(overall),
    recentCharges: recentCharges(totals, today),
    readUntil: today,
  });

  if (prices.size === 0) return usage(new Map(), undefined);
  if (life.from === today) {
    lastDays.addDay(today, catalogue.charged(prices).values());
    return usage(new Map([[today, prices.get(TOTAL_PRICE) ?? ZERO]]), today);
  }

  const ask = remembering(questions, overall);
  const { lastActivity: lastTotal } = await findLastCharged(ask, TOTAL, life);
  const toRead = catalogue.toRead(prices);
  if (lastTotal === today && toRead.length > 1) {
    const ever = catalogue.charged(prices);
    const charged = [...catalogue.charged(pricesByCategory(await ask.categories(today))).values()];
    lastDays.addDay(
      today,
      charged.filter(({ service }) => ever.has(service.slug)),
    );
  }
  for (const category of toRead) {
    if (isSettled(category, lastDays, today)) continue;
    lastDays.add(category.service, await findLastCharged(ask, category, life));
  }
  return usage(pricesByDay(await ask.daily(TOTAL_PRICE, lastPageOf(life))), lastTotal);
}

/** What the days cost that will be read again. */
export function recentCharges(totals: ReadonlyMap<Day, string>, lastDay: Day): Record<Day, string> {
  const first = addDays(lastDay, -LATE_DAYS);
  return Object.fromEntries([...totals].filter(([day, price]) => day >= first && price !== ZERO));
}

/** Whether nothing could be found that is later than what is known: nothing is later than today. */
function isSettled({ service, isUsed }: CategoryToRead, lastDays: LastDays, today: Day): boolean {
  const known = lastDays.of(service);
  return known.lastActivity === today && (!isUsed || known.lastActivityExcludingFees === today);
}

function spendOf(overall: readonly UsageRecord[]): { readonly spend?: Spend } {
  const total = overall.find(({ category }) => category.toLowerCase() === TOTAL_PRICE);
  if (total === undefined || total.price === null || total.currency === undefined) return {};
  return { spend: { total: total.price, currency: total.currency } };
}

/**
 * The same questions, each about a category and a window asked once: a fee is both read and taken out of the roll-up that
 * contains it. Categories are asked for as Twilio writes them.
 */
function remembering(questions: UsageQuestions, overall: readonly UsageRecord[]): UsageQuestions {
  const spelling = new Map(overall.map(({ category }) => [category.toLowerCase(), category]));
  const answers = new Map<string, Promise<readonly UsageRecord[]>>();
  const once = (ask: UsageQuestions["daily"], list: string): UsageQuestions["daily"] => {
    return (category, window) => {
      const question = `${list} ${category} ${window.from}`;
      const known = answers.get(question);
      if (known !== undefined) return known;
      const answer = noneBeyondLife(ask(spelling.get(category) ?? category, window));
      answers.set(question, answer);
      return answer;
    };
  };
  return {
    ...questions,
    categories: (day) => noneBeyondLife(questions.categories(day)),
    daily: once(questions.daily, "daily"),
    monthly: once(questions.monthly, "monthly"),
  };
}
