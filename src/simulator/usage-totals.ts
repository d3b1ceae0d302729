import type { DayRange } from "./calendar.js";
import type { Categories } from "./categories.js";
import type { Charge } from "./charge.js";

/** What all charges of one category in some period come to. */
export interface Totals {
  micros: number;
  usage: number;
  count: number;
  /** False while every charge had no price at all: the sum has none either. */
  priced: boolean;
}

export type TotalsByCategory = Map<string, Totals>;

/** Charges added up by day and category, roll-ups included. */
export interface DailyTotals {
  readonly days: Map<number, TotalsByCategory>;
  /** Every category with a charge on any day. */
  readonly categories: Set<string>;
}

export function emptyTotals(): DailyTotals {
  return { days: new Map(), categories: new Set() };
}

export function addCharges(into: DailyTotals, charges: readonly Charge[], categories: Categories): void {
  for (const charge of charges) {
    const day = into.days.get(charge.day) ?? new Map<string, Totals>();
    into.days.set(charge.day, day);
    const one: Totals = {
      micros: charge.priceMicros ?? 0,
      usage: charge.usage,
      count: charge.count,
      priced: charge.priceMicros !== null,
    };
    for (const category of categories.containing([charge.category, ...charge.alsoIn])) {
      into.categories.add(category);
      addTotals(day, category, one);
    }
  }
}

/** The totals of a period. */
export function totalsIn({ days }: DailyTotals, period: DayRange): TotalsByCategory {
  const sum: TotalsByCategory = new Map();
  const add = (day: TotalsByCategory | undefined) => {
    for (const [category, totals] of day ?? []) addTotals(sum, category, totals);
  };
  if (period.to - period.from < days.size) {
    for (let day = period.from; day <= period.to; day += 1) add(days.get(day));
  } else {
    for (const [day, totals] of days) if (day >= period.from && day <= period.to) add(totals);
  }
  return sum;
}

function addTotals(into: TotalsByCategory, category: string, totals: Totals): void {
  const sum = into.get(category);
  if (sum === undefined) {
    into.set(category, { ...totals });
    return;
  }
  sum.micros += totals.micros;
  sum.usage += totals.usage;
  sum.count += totals.count;
  sum.priced ||= totals.priced;
}
