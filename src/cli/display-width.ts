// By hand and not with a library: it is a column of a report that gets crooked where this is wrong.

/** What begins with an emoji, or with a character that Unicode's annex 11 calls wide. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|\p{Regional_Indicator}|.+\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}])/u;
const NOTHING = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
const NARROW = /^[\x20-\x7e]*$/;

/** How many columns of a terminal a text takes. It has no control characters. */
export function displayWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemesOf(text)) width += widthOf(grapheme);
  return width;
}

/** The text in exactly so many columns: filled up with spaces, or cut with an ellipsis. */
export function fitted(text: string, columns: number): string {
  const width = displayWidth(text);
  if (width <= columns) return text + " ".repeat(columns - width);
  let kept = "";
  let taken = 0;
  for (const grapheme of graphemesOf(text)) {
    taken += widthOf(grapheme);
    if (taken > columns - 1) break;
    kept += grapheme;
  }
  return `${kept}…${" ".repeat(Math.max(0, columns - 1 - displayWidth(kept)))}`;
}

/**
 * What a terminal would obey and not show is replaced: a name must not move the cursor, change colours or turn the
 * direction of writing.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, "\ufffd");
}

function graphemesOf(text: string): string[] {
  return [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)].map(
    ({ segment }) => segment,
  );
}

function widthOf(grapheme: string): number {
  if (NOTHING.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
