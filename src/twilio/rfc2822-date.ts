const FORM =
  /^(?:[A-Z][a-z]{2}, )?((\d{1,2}) [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})?) (?:GMT|UT|[+-]\d{4})$/;

/** Every month has them. */
const SHORTEST_MONTH_DAYS = 28;

/**
 * Reads a date as Twilio writes it: `Tue, 24 Nov 2026 10:20:30 +0000` (RFC 2822 §3.3). `Date.parse` alone would make
 * something of nearly any text.
 *
 * @returns epoch milliseconds; undefined where the text is no date, or names a day that does not exist
 */
export function parseRfc2822Date(text: string): number | undefined {
  const [, local, day] = FORM.exec(text) ?? [];
  if (local === undefined || day === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  if (Number(day) <= SHORTEST_MONTH_DAYS) return ms;
  // The 31st of February is taken for the 3rd of March.
  return new Date(`${local} GMT`).getUTCDate() === Number(day) ? ms : undefined;
}
