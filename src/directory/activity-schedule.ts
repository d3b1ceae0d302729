import { dayOf, daysBetween, MS_PER_DAY } from "./activity.js";
import type { User } from "./user.js";

/** An account that was charged this many days ago or later may be charged again at any time. */
const BUSY_DAYS = 2;

/** How soon an account is tried again whose reading has failed. */
const REACTIVATION_DELAY_MS = 60_000;
const FIRST_RETRY_MS = 5 * 60_000;

/**
 * When the activity of an account should be read next, in epoch milliseconds; undefined: never again.
 *
 * One that was charged in the last days is read at every interval, and the longer one is dormant the less often, down to
 * once a day. A closed one is read once more after it was closed.
 *
 * @param intervalMs `USAGE_SYNC_MINUTES`, in milliseconds
 */
export function nextReadingAt(
  { account, activity }: User,
  intervalMs: number,
  now: number,
): number | undefined {
  const { asOf, usage } = activity;
  if (asOf === undefined) return now;
  if (account.status === "closed") return asOf >= account.dateUpdated ? undefined : now;
  const today = dayOf(now);
  const dormantSince = usage?.lastActivity ?? dayOf(account.dateCreated);
  const dormantDays = Math.max(0, daysBetween(dormantSince, today));
  const stretch = Math.max(1, dormantDays / BUSY_DAYS);
  return asOf + Math.min(intervalMs * stretch, Math.max(MS_PER_DAY, intervalMs));
}

/** How long to wait after so many failures in a row, in milliseconds. */
export function retryDelayMs(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), MS_PER_DAY);
}

/**
 * When to read an account because it has changed, in epoch milliseconds; undefined: the change asks for no reading. A
 * suspension tells nothing new. Nor has an account used anything that was just reactivated: its reading waits, so that it
 * is not in the way of whoever reactivates many.
 */
export function readingAfterChange(
  { account }: User,
  before: User | undefined,
  now: number,
): number | undefined {
  const isNamed = before === undefined || account.friendlyName !== before.account.friendlyName;
  if (isNamed) return now;
  if (account.status === before.account.status || account.status === "suspended") return undefined;
  return account.status === "active" ? now + REACTIVATION_DELAY_MS : now;
}
