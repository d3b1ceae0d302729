import { type DayRange, dayOf, monthOf, parseDay, yearOf } from "./calendar.js";
import { twilioErrors } from "./twilio-error.js";

/** The plain list (`Records`) and its eight sub-lists. */
export const USAGE_LISTS = [
  "Records",
  "AllTime",
  "Daily",
  "Monthly",
  "Yearly",
  "Today",
  "Yesterday",
  "ThisMonth",
  "LastMonth",
] as const;

export type UsageList = (typeof USAGE_LISTS)[number];

/** First and last day of an account: its last one is today, or the day it was closed. */
export type Life = DayRange;

/**
 * The periods that a list has records for, newest first.
 *
 * The plain list has one period: the whole window that was asked for, whatever happened in it, so that its `end_date`
 * says nothing about the last charge. Daily, Monthly and Yearly cut the part of the window in which the account lived
 * into periods. The others have a window of their own and take StartDate and EndDate only to check them.
 *
 * Throws 400 for a date that is none, and 404/20404 for a window that ends before it starts or lies outside the
 * account's life.
 */
export function usagePeriods(
  list: UsageList,
  query: URLSearchParams,
  life: Life,
  nowMs: number,
  path: string,
): readonly DayRange[] {
  const today = dayOf(nowMs);
  const asked = {
    from: parseDate(query, "StartDate", today) ?? life.from,
    to: parseDate(query, "EndDate", today) ?? today,
  };
  const window = ownWindow(list, today) ?? asked;
  if (window.to < window.from || window.to < life.from || window.from > life.to) {
    throw twilioErrors.notFound(path);
  }
  const lived = { from: Math.max(window.from, life.from), to: Math.min(window.to, life.to) };
  switch (list) {
    case "Daily":
      return cut(lived, (day) => ({ from: day, to: day }));
    case "Monthly":
      return cut(lived, monthOf);
    case "Yearly":
      return cut(lived, yearOf);
    case "Records":
    case "AllTime":
    case "Today":
    case "Yesterday":
    case "ThisMonth":
    case "LastMonth":
      return [window];
  }
}

function ownWindow(list: UsageList, today: number): DayRange | undefined {
  switch (list) {
    case "Today":
      return { from: today, to: today };
    case "Yesterday":
      return { from: today - 1, to: today - 1 };
    case "ThisMonth":
      return { from: monthOf(today).from, to: today };
    case "LastMonth":
      return monthOf(monthOf(today).from - 1);
    case "Records":
    case "AllTime":
    case "Daily":
    case "Monthly":
    case "Yearly":
      return undefined;
  }
}

/** `2026-11-24`, or an offset from today such as `-30days`. */
function parseDate(query: URLSearchParams, parameter: string, today: number): number | undefined {
  const text = query.get(parameter);
  if (text === null || text === "") return undefined;
  const offset = /^([+-]?\d{1,6})days?$/.exec(text)?.[1];
  const day = offset === undefined ? parseDay(text) : today + Number(offset);
  if (day === undefined) throw twilioErrors.invalidDate(parameter);
  return day;
}

function cut(range: DayRange, periodOf: (day: number) => DayRange): DayRange[] {
  const periods: DayRange[] = [];
  for (let to = range.to; to >= range.from; ) {
    const from = Math.max(periodOf(to).from, range.from);
    periods.push({ from, to });
    to = from - 1;
  }
  return periods;
}
