/** Days are whole numbers: days since 1970-01-01, UTC. All of Twilio's usage dates are UTC. */

export const DAY_MS = 86_400_000;

export interface DayRange {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

export function dayOf(instantMs: number): number {
  return Math.floor(instantMs / DAY_MS);
}

/** `YYYY-MM-DD` */
export function formatDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Reads `YYYY-MM-DD`; undefined for anything else, dates that do not exist (2025-02-29) included. */
export function parseDay(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const instant = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(instant)) return undefined;
  const day = dayOf(instant);
  return formatDay(day) === text ? day : undefined;
}

export function monthOf(day: number): DayRange {
  const date = new Date(day * DAY_MS);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return { from: dayOf(Date.UTC(year, month, 1)), to: dayOf(Date.UTC(year, month + 1, 0)) };
}

export function yearOf(day: number): DayRange {
  const year = new Date(day * DAY_MS).getUTCFullYear();
  return { from: dayOf(Date.UTC(year, 0, 1)), to: dayOf(Date.UTC(year, 11, 31)) };
}

/** `Tue, 24 Nov 2026 07:15:00 +0000`, as Twilio writes dates of accounts. */
export function formatRfc2822(instantMs: number): string {
  return new Date(instantMs).toUTCString().replace("GMT", "+0000");
}

/** `2026-11-24T07:15:00+00:00`, as Twilio writes `as_of`. */
export function formatAsOf(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 19)}+00:00`;
}
