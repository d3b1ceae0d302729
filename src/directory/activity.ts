/** A day in UTC, `YYYY-MM-DD`: the grain of Twilio's usage records. Days compare as strings. */
export type Day = string & { readonly day: unique symbol };

const DAY_FORM = /^\d{4}-\d{2}-\d{2}$/;
export const MS_PER_DAY = 86_400_000;

/** `text` as a day, or undefined where it is none. */
export function parseDay(text: string): Day | undefined {
  if (!DAY_FORM.test(text)) return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  // V8 reads 31 June as 1 July.
  return new Date(ms).getUTCDate() === Number(text.slice(8)) ? (text as Day) : undefined;
}

/** The day of an instant, in epoch milliseconds. */
export function dayOf(ms: number): Day {
  return new Date(ms).toISOString().slice(0, 10) as Day;
}

/** The first instant of a day, in epoch milliseconds. */
export function startOfDay(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** The day so many days later, or earlier where `days` is negative. */
export function addDays(day: Day, days: number): Day {
  return dayOf(startOfDay(day) + days * MS_PER_DAY);
}

/** How many days `later` is after `earlier`. */
export function daysBetween(earlier: Day, later: Day): number {
  return Math.round((startOfDay(later) - startOfDay(earlier)) / MS_PER_DAY);
}

/** When something was last charged. */
export interface LastCharged {
  /** The last day with a charge of any kind. */
  readonly lastActivity?: Day;
  /** The last day with a charge that somebody caused: rent, storage and licence fees left out. */
  readonly lastActivityExcludingFees?: Day;
}

/** One Twilio product that an account has ever been charged for. */
export interface ServiceActivity extends LastCharged {
  /** Its slug, such as `verify`. */
  readonly service: string;
  /** Its name, such as "Verify". */
  readonly display: string;
}

/** What an account has cost in all its time. */
export interface Spend {
  /** A decimal, exactly as Twilio's records add up. */
  readonly total: string;
  /** ISO 4217, in upper case. */
  readonly currency: string;
}

/** What usage records tell about one account. A charge is a `Daily` record with a price that is neither null nor zero. */
export interface Usage extends LastCharged {
  /** In the order of their slugs. */
  readonly services: readonly ServiceActivity[];
  readonly spend?: Spend;
  /**
   * What each of the last days cost that will be read again, since charges arrive late: decimals by day, those without a
   * charge left out.
   */
  readonly recentCharges: Readonly<Record<Day, string>>;
  /** The last day that was read. */
  readonly readUntil: Day;
}

/**
 * - `pending`: not read yet;
 * - `current`: as fresh as its schedule wants;
 * - `stale`: the last reading failed, and what was known before is shown;
 * - `unavailable`: Twilio does not show usage to these credentials.
 */
export type ActivityState = "current" | "stale" | "unavailable" | "pending";

/** The activity of one account, as the directory keeps it. Instants are epoch milliseconds. */
export interface Activity {
  readonly state: ActivityState;
  /** Undefined before the first reading. */
  readonly usage: Usage | undefined;
  /** When `usage` was read; undefined before the first reading. */
  readonly asOf: number | undefined;
  /** When what is shown last changed; a reading that finds nothing new does not move it. */
  readonly changedAt: number | undefined;
}

/** Of an account that nothing has been read of yet. */
export const PENDING_ACTIVITY: Activity = {
  state: "pending",
  usage: undefined,
  asOf: undefined,
  changedAt: undefined,
};
