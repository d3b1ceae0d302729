import type { Memory } from "./acquaintances.js";
import type { Dice } from "./dice.js";
import type { AttributeDefinition, NamedAttribute } from "./schema-files.js";
import { ODD_STRINGS, recased, word } from "./values.js";

const TEXT_OPERATORS = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
const NUMBER_OPERATORS = ["eq", "ne", "gt", "ge", "lt", "le"];

/** A filter of the grammar of RFC 7644 §3.4.2.2 over these attributes. */
export function filterText(names: readonly NamedAttribute[], memory: Memory, dice: Dice, depth = 2): string {
  const inner = () => filterText(names, memory, dice, depth - 1);
  const term = () => termText(names, memory, dice);
  if (depth === 0) return term();
  return dice.weighted<() => string>([
    [8, term],
    [1, () => `${inner()} ${dice.pick(["and", "or", "AND"])} ${inner()}`],
    [0.5, () => `(${inner()})`],
    [0.5, () => `not (${inner()})`],
  ])();
}

function termText(names: readonly NamedAttribute[], memory: Memory, dice: Dice): string {
  if (names.length === 0 || dice.chance(0.25)) return lookupText(memory, dice);
  const named = dice.pick(names);
  const { name, attribute } = named;
  const hasValues = attribute.multiValued && (attribute.subAttributes ?? []).length > 0;
  if (hasValues && dice.chance(0.5)) {
    const filter = valueFilterText(attribute, dice);
    return `${name}[${filter}]${dice.chance(0.1) ? '.value eq "x"' : ""}`;
  }
  return comparisonText(named, memory, dice);
}

/** What providers look for before they write. */
function lookupText(memory: Memory, dice: Dice): string {
  const value = dice.pickOr(dice.chance(0.5) ? memory.users.names : memory.groups.names, "nobody");
  const id = dice.pickOr(memory.users.ids, "none");
  return dice.pick([
    `userName eq ${quoted(recased(value, dice))}`,
    `displayName eq ${quoted(value)}`,
    `externalId eq "g-${dice.integer(1, 300)}"`,
    `id eq ${quoted(id)}`,
    `members.value eq ${quoted(id)}`,
    `emails[type eq "work"].value eq "${dice.integer(1, 99)}@example.com"`,
    `emails.value eq "${dice.integer(1, 99)}@example.com"`,
  ]);
}

/** What stands in the brackets behind a multi-valued attribute. */
export function valueFilterText({ subAttributes = [] }: AttributeDefinition, dice: Dice): string {
  const term = () => {
    const sub = dice.pick(subAttributes);
    return comparisonText({ name: sub.name, attribute: sub }, undefined, dice);
  };
  return dice.chance(0.8) ? term() : `${term()} ${dice.pick(["and", "or"])} ${term()}`;
}

function comparisonText({ name, attribute }: NamedAttribute, memory: Memory | undefined, dice: Dice): string {
  const called = recased(name, dice);
  if (dice.chance(0.15)) return `${called} pr`;
  if (dice.chance(0.05)) return `${called} ${dice.pick(["eq", "ne"])} null`;
  switch (attribute.type) {
    case "boolean":
      return `${called} eq ${dice.pick(["true", "false", "True", '"true"'])}`;
    case "integer":
    case "decimal":
      return `${called} ${dice.pick(NUMBER_OPERATORS)} ${dice.pick(["0", "1.5", "-2", "1e3"])}`;
    case "dateTime":
      return `${called} ${dice.pick(NUMBER_OPERATORS)} "${dice.pick(["2026-01-15T12:00:00Z", "2011-05-13"])}"`;
    case "binary":
      return `${called} ${dice.pick(["eq", "ne", "co"])} "aGVsbG8="`;
    case "string":
    case "reference":
    case "complex":
      return `${called} ${dice.pick(TEXT_OPERATORS)} ${quoted(comparedText(memory, dice))}`;
  }
}

function comparedText(memory: Memory | undefined, dice: Dice): string {
  const names = memory?.users.names ?? [];
  if (names.length > 0 && dice.chance(0.2)) return dice.pick(names);
  return dice.chance(0.1) ? dice.pick(ODD_STRINGS) : word(dice);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A filter that somebody got wrong, or means no good with. */
export function brokenFilterText(filter: string, dice: Dice): string {
  const at = dice.integer(0, filter.length);
  return dice.pick<() => string>([
    () => filter.slice(0, at),
    () => filter.slice(at),
    () =>
      filter.slice(0, at) +
      dice.pick(['"', "(", ")", "[", "]", ".", "\\", "\u0000", "é", " and "]) +
      filter.slice(at),
    () => `${"(".repeat(dice.integer(2, 60))}${filter}`,
    () => `${"not (".repeat(50)}${filter}${")".repeat(50)}`,
    () => `${filter} and`,
    () => `no-such-attribute eq "x"`,
    () => filter.replace(/ (eq|ne|co|sw|ew|gt|ge|lt|le|pr)/, " like"),
    () => filter.replaceAll(" ", "+"),
    () => Array.from({ length: 101 }, () => "id pr").join(" or "),
    () => `userName eq "${"a".repeat(8200)}"`,
    () => `__proto__ pr or constructor.name eq "Object"`,
    () => `meta.created gt "yesterday"`,
    () => `active gt true`,
  ])();
}
