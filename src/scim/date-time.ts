const DATE_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * The instant that a dateTime means (RFC 7643 §2.3.5), in epoch milliseconds; undefined where the text is none. A time
 * without a zone is UTC, wherever this runs, and a date alone is its beginning.
 */
export function parseDateTime(text: string): number | undefined {
  const form = DATE_TIME.exec(text);
  if (form === null) return undefined;
  const hasTime = text.length > "2011-05-13".length;
  const instant = Date.parse(hasTime && form[1] === undefined ? `${text}Z` : text);
  return Number.isNaN(instant) ? undefined : instant;
}
