/** A decimal in plain notation, without exponent or needless zeros: `-0.0075`, `12`, `0`. Two equal ones are the same text. */
export type Decimal = string & { readonly decimal: unique symbol };

// Prices are short. What is longer is no price, and an exponent without a limit would be a number that fills the memory.
const FORM = /^([+-]?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

export const ZERO = "0" as Decimal;

/** `text` as a decimal, or undefined where it is none. */
export function parseDecimal(text: string): Decimal | undefined {
  const parts = FORM.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
  const digits = BigInt(`${whole}${fraction}`);
  return format(sign === "-" ? -digits : digits, fraction.length - Number(exponent));
}

// By hand and not with a library: sums of money of some ten digits are all there is to it.
export function add(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(placesOf(a), placesOf(b));
  return format(scaled(a, places) + scaled(b, places), places);
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, (b.startsWith("-") ? b.slice(1) : `-${b}`) as Decimal);
}

function placesOf(decimal: Decimal): number {
  const point = decimal.indexOf(".");
  return point < 0 ? 0 : decimal.length - point - 1;
}

function scaled(decimal: Decimal, places: number): bigint {
  return BigInt(decimal.replace(".", "")) * 10n ** BigInt(places - placesOf(decimal));
}

/** `digits` divided by ten to the power of `places`. */
function format(digits: bigint, places: number): Decimal {
  if (places <= 0) return String(digits * 10n ** BigInt(-places)) as Decimal;
  const magnitude = String(digits < 0n ? -digits : digits).padStart(places + 1, "0");
  const fraction = magnitude.slice(-places).replace(/0+$/, "");
  const whole = magnitude.slice(0, -places);
  return `${digits < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}` as Decimal;
}
