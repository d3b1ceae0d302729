const MS_PER_UNIT: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

/** What `readSince` understands, to follow "takes". */
export const SINCE_FORM =
  "hours or days back such as 12h or 7d, or a date such as 2026-11-24 or 2026-11-24T08:00:00Z";

/**
 * The instant that a text names, in epoch milliseconds; a date alone is its beginning in UTC. Undefined where it names
 * none.
 *
 * @param now epoch milliseconds
 */
export function readSince(text: string, now: number): number | undefined {
  const [, count, unit = ""] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (MS_PER_UNIT[unit] ?? 0);
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text))
    return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}
