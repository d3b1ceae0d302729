/** Prices are whole numbers of micro-units (a millionth of the currency), so that sums never drift. */

const MICROS = 1_000_000;

/** Reads a decimal such as `-0.0075`; undefined when it is none or has more than six decimals. */
export function parsePrice(text: string): number | undefined {
  const parts = /^(-?)(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole, fraction = ""] = parts;
  const micros = Number(whole) * MICROS + Number(fraction.padEnd(6, "0"));
  return sign === "-" && micros !== 0 ? -micros : micros;
}

/** `0.0075`, `-12`, `0`: no exponent, no trailing zeros. */
export function formatPrice(micros: number): string {
  const magnitude = Math.abs(micros);
  const whole = Math.floor(magnitude / MICROS);
  const fraction = String(magnitude % MICROS)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${micros < 0 ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
