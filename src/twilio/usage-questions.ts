import type { Day } from "../directory/activity.js";
import { isDirectoryError } from "../directory/errors.js";
import { add, type Decimal, ZERO } from "./decimal.js";
import type { Prices } from "./usage-catalogue.js";
import type { UsageRecord } from "./usage-records.js";

/** Days, first and last included. */
export interface Days {
  readonly from: Day;
  readonly to: Day;
}

/** An account's life: from the day of its creation until today, by Twilio's clock. */
export interface Life extends Days {
  /** It is closed: on which day is not known. */
  readonly isClosed: boolean;
}

/**
 * The questions that Twilio answers about the usage of one account, each with one request as long as its answer fits on a
 * page. All throw DirectoryError `accountNotFound` where there is no such account, and also where it did not live in the
 * window that was asked for.
 */
export interface UsageQuestions {
  /** A record a category: over one day, or over the account's whole life. */
  categories(day?: Day): Promise<readonly UsageRecord[]>;
  /** One record, of the total: over these days together, or over the account's whole life. */
  total(window?: Days): Promise<readonly UsageRecord[]>;
  /** A record a day of one category. */
  daily(category: string, window: Days): Promise<readonly UsageRecord[]>;
  /** A record a month of one category. */
  monthly(category: string, window: Days): Promise<readonly UsageRecord[]>;
  /** A record a day and category. */
  days(window: Days): Promise<readonly UsageRecord[]>;
}

/** A charge is a record with a price that is neither null nor zero: credits are charges. */
export function isCharge(record: UsageRecord): record is UsageRecord & { readonly price: Decimal } {
  return record.price !== null && record.price !== ZERO;
}

/** What each category was charged, by category in lower case. */
export function pricesByCategory(records: readonly UsageRecord[]): Prices {
  return sumBy(records, (record) => record.category.toLowerCase());
}

/** What each day was charged, of records of one day each. Or of months, by their first day. */
export function pricesByDay(records: readonly UsageRecord[]): ReadonlyMap<Day, Decimal> {
  return sumBy(records, (record) => record.from);
}

/** The records that an account's existing has vouched for: where it did not live, it has none. */
export async function noneBeyondLife(
  records: Promise<readonly UsageRecord[]>,
): Promise<readonly UsageRecord[]> {
  try {
    return await records;
  } catch (error) {
    if (isDirectoryError(error, "accountNotFound")) return [];
    throw error;
  }
}

function sumBy<K>(records: readonly UsageRecord[], keyOf: (record: UsageRecord) => K): Map<K, Decimal> {
  const sums = new Map<K, Decimal>();
  for (const record of records.filter(isCharge)) {
    const key = keyOf(record);
    sums.set(key, add(sums.get(key) ?? ZERO, record.price));
  }
  return sums;
}
