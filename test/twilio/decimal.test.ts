import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { add, type Decimal, parseDecimal, subtract, ZERO } from "../../src/twilio/decimal.js";

function decimal(text: string): Decimal {
  const parsed = parseDecimal(text);
  if (parsed === undefined) throw new RangeError(`${text} is no decimal.`);
  return parsed;
}

/** Millionths of a unit, as a price. */
const anyPrice = fc
  .record({ digits: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), places: fc.nat(6) })
  .map(({ digits, places }) => ({
    digits: digits * 10n ** BigInt(6 - places),
    text: `${digits}e-${places}`,
  }));

describe("a decimal", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["0.000", "0"],
    ["-0.0e5", "0"],
    ["0012.500", "12.5"],
    ["+1", "1"],
    ["-0.0075", "-0.0075"],
    ["1e-7", "0.0000001"],
    ["1.5e+3", "1500"],
    ["120e-1", "12"],
    ["100", "100"],
    ["12345678901234567890.123456789", "12345678901234567890.123456789"],
  ])("%s is %s", (text, expected) => expect(parseDecimal(text)).toBe(expected));

  it.each([
    "",
    " ",
    ".",
    "1.",
    ".5",
    "1,5",
    "1 ",
    "0x10",
    "NaN",
    "Infinity",
    "1e999",
    "--1",
    "1".repeat(41),
    "null",
  ])("is not %j", (text) => expect(parseDecimal(text)).toBeUndefined());

  it("is added and subtracted exactly", () => {
    fc.assert(
      fc.property(anyPrice, anyPrice, (a, b) => {
        const sum = add(decimal(a.text), decimal(b.text));
        expect(sum).toBe(decimal(`${a.digits + b.digits}e-6`));
        expect(subtract(sum, decimal(b.text))).toBe(decimal(a.text));
        expect(subtract(sum, sum)).toBe(ZERO);
      }),
    );
    expect(add(decimal("0.1"), decimal("0.2"))).toBe("0.3");
  });
});
