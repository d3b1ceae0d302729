import type { Dice } from "./dice.js";
import type { Json, JsonMembers } from "./json.js";
import type { AttributeDefinition } from "./schema-files.js";

const WORDS = [
  "Ada",
  "Grace Hopper",
  "Team Billing",
  "Straße",
  "İstanbul",
  "Łódź",
  "日本語",
  "👩‍🚀 crew",
  "O'Neil",
  'the "best"',
  "a\\b",
  "x,y;z",
  "  padded  ",
  "true",
  "null",
  "0",
  "Müller & Söhne",
];

/** Strings at which code breaks that was written with names in mind. */
export const ODD_STRINGS = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "tail\udfff",
  "\udc00\ud800",
  "\ufeff",
  "\u202eesrever",
  "e\u0301",
  "ﬀ",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "$where",
  "../../etc/passwd",
  "%00",
  "%",
  "<script>alert(1)</script>",
  "'; DROP TABLE groups; --",
  "\r\nX-Injected: yes",
  '{"value":"nested"}',
  "bulkId:nobody",
  "👩‍👩‍👧‍👦".repeat(20),
  "a".repeat(65),
];

export function word(dice: Dice): string {
  return dice.pick(WORDS);
}

export function recased(text: string, dice: Dice): string {
  return dice.pick([text, text, text.toUpperCase(), text.toLowerCase()]);
}

/** A value that the schema allows for the attribute, or one of those that providers send in its place. */
export function anyValueOf(attribute: AttributeDefinition, dice: Dice): Json {
  if (!attribute.multiValued) return oneValueOf(attribute, dice);
  const values = Array.from({ length: dice.integer(1, 3) }, () => oneValueOf(attribute, dice));
  return dice.chance(0.1) ? (values[0] ?? []) : withOnePrimary(values);
}

export function oneValueOf(attribute: AttributeDefinition, dice: Dice): Json {
  switch (attribute.type) {
    case "complex":
      return complexValue(attribute.subAttributes ?? [], dice);
    case "boolean":
      return dice.weighted<Json>([
        [4, true],
        [4, false],
        [1, "True"],
        [1, "False"],
      ]);
    case "integer":
      return dice.integer(-5, 100_000);
    case "decimal":
      return dice.integer(0, 100_000) / 100;
    case "dateTime":
      return dice.pick(["2011-05-13T04:42:34Z", "2026-01-15", "2026-02-28T23:59:59.999+02:00"]);
    case "reference":
      return `https://example.com/${dice.integer(1, 999)}`;
    case "binary":
      return Buffer.from(word(dice)).toString("base64");
    case "string":
      return text(attribute.name, dice);
  }
}

function text(name: string, dice: Dice): string {
  if (name === "type") return dice.pick(["work", "home", "other", "custom"]);
  if (name === "value") return dice.chance(0.5) ? `${dice.integer(1, 500)}@example.com` : word(dice);
  return dice.chance(0.05) ? dice.pick(ODD_STRINGS) : `${word(dice)} ${dice.integer(1, 50)}`;
}

function complexValue(subs: readonly AttributeDefinition[], dice: Dice): JsonMembers {
  const chosen = subs.filter(({ name }) => dice.chance(name === "value" ? 0.95 : 0.5));
  return Object.fromEntries(chosen.map((sub) => [sub.name, anyValueOf(sub, dice)]));
}

/** Two primary values are refused: that is for the mutations. */
function withOnePrimary(values: readonly Json[]): Json {
  return values.map((value, index) => {
    if (index === 0 || typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).filter(([name]) => name !== "primary"));
  });
}
