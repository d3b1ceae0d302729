/**
 * Text that a spreadsheet does not run as a formula: an apostrophe goes before what would make one.
 *
 * Not only at the beginning, and also behind quotes: where a spreadsheet takes another separator than the comma, as many
 * languages have it, a cell begins in the middle of a value.
 */
export function neutral(text: string): string {
  return text.replace(/(?<=^|[;|\t\r\n])(?=[\p{Zs}"']*[=+\-@＝＋－＠])/gu, "'").replace(/^(?=[\t\r\n])/, "'");
}

/** RFC 4180 §2.5 to §2.7, and quotes also around what another separator would split. */
export function quoted(cell: string): string {
  return /[",;|\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
