import type { Dice } from "./dice.js";
import type { Json, JsonMembers } from "./json.js";
import { ODD_STRINGS } from "./values.js";

/**
 * Strings with this mark stand for text that is no JSON.stringify's to write: `raw:` and then what shall be in their
 * place, quotation marks included.
 */
const RAW = "raw:";
/** In front of a member's name: it shall be there a second time. */
const DOUBLE = "double:";

/** A value with one or more things wrong with it. */
export function mutated(value: Json, dice: Dice): Json {
  let result = value;
  const times = dice.weighted([
    [6, 1],
    [2, 2],
    [1, 4],
  ]);
  for (let done = 0; done < times; done++) result = mutateOnce(result, dice);
  return result;
}

/** The text of a value that may have marks in it. */
export function writeJson(value: Json): string {
  return JSON.stringify(value)
    .replaceAll(`"${DOUBLE}`, '"')
    .replace(/"raw:((?:[^"\\]|\\.)*)"/g, (_, text: string) => expand(JSON.parse(`"${text}"`)));
}

/** `nest:[:5000` is a deep nest, everything else what it says. */
function expand(raw: string): string {
  const [, open, depth] = /^nest:(.+):(\d+)$/.exec(raw) ?? [];
  if (open === undefined || depth === undefined) return raw;
  const close = Array.from(open.replace(/[^[{]/g, ""), (mark) => (mark === "[" ? "]" : "}")).reverse();
  return `${open.repeat(Number(depth))}null${close.join("").repeat(Number(depth))}`;
}

type Path = readonly (string | number)[];

function mutateOnce(value: Json, dice: Dice): Json {
  const path = dice.pick(pathsIn(value));
  return at(value, path, (found) => mutateHere(found, value, dice));
}

function mutateHere(value: Json, whole: Json, dice: Dice): Json {
  if (Array.isArray(value) && dice.chance(0.6)) return mutateArray(value, dice);
  if (isMembers(value) && dice.chance(0.75)) return mutateMembers(value, dice);
  return dice.weighted<() => Json>([
    [4, () => anotherValue(dice)],
    [1, () => [value]],
    [1, () => ({ value })],
    [1, () => valueAt(whole, dice.pick(pathsIn(whole)))],
    [1, () => (typeof value === "string" ? mutateText(value, dice) : JSON.stringify(value))],
  ])();
}

/** Anything but what belongs there. */
function anotherValue(dice: Dice): Json {
  return dice.weighted<() => Json>([
    [3, () => null],
    [2, () => ""],
    [2, () => dice.pick(ODD_STRINGS)],
    [2, () => dice.pick<Json>([true, false, "True", "FALSE", "yes", "banana"])],
    [2, () => dice.pick([0, -1, 1.5, 1e308, -0, 2 ** 53, 2 ** 31, 5e-324])],
    [0.5, () => `${RAW}${dice.pick(["1e999", "-1e999", "00", "NaN", "123456789012345678901234567890"])}`],
    [1, () => []],
    [1, () => ({})],
    [0.5, () => [[], [null], [[]]]],
    [
      0.6,
      () => `${RAW}nest:${dice.pick(["[", '{"value":', '[{"x":'])}:${dice.pick([10, 25, 500, 9000, 60_000])}`,
    ],
    [0.3, () => "a".repeat(dice.pick([1100, 9000, 70_000, 140_000]))],
    [0.3, () => "\u{1f600}".repeat(dice.pick([40, 600, 5000]))],
  ])();
}

function mutateText(text: string, dice: Dice): string {
  const at = dice.integer(0, text.length);
  return dice.pick<() => string>([
    () => text.slice(0, at),
    () => text.slice(0, at) + dice.pick(ODD_STRINGS) + text.slice(at),
    () => text.toUpperCase(),
    () => ` ${text} `,
    () => text + text,
    () => text.replace(/[.:[\]"]/, ""),
  ])();
}

function mutateArray(array: readonly Json[], dice: Dice): readonly Json[] {
  const at = dice.integer(0, Math.max(0, array.length - 1));
  return dice.weighted<() => readonly Json[]>([
    [3, () => array.toSpliced(at, 1)],
    [2, () => [...array, ...array]],
    [2, () => array.toSpliced(at, 0, anotherValue(dice))],
    [1, () => array.toReversed()],
    [1, () => []],
    [0.5, () => repeated(array, dice.pick([201, 1001]))],
  ])();
}

function repeated(array: readonly Json[], length: number): readonly Json[] {
  return Array.from({ length }, (_, index) => array[index % Math.max(1, array.length)] ?? null);
}

function mutateMembers(members: JsonMembers, dice: Dice): JsonMembers {
  const entries = Object.entries(members);
  if (entries.length === 0) return newMember(members, dice);
  const [name, value] = dice.pick(entries);
  const others = Object.fromEntries(entries.filter(([other]) => other !== name));
  const renamed = (to: string) =>
    Object.fromEntries(entries.map(([key, held]) => [key === name ? to : key, held]));
  return dice.weighted<() => JsonMembers>([
    [4, () => others],
    [2, () => renamed(dice.pick([name.toUpperCase(), name.toLowerCase()]))],
    [1, () => renamed(dice.pick(["__proto__", "constructor", "prototype", "toString", "", " ", "a.b"]))],
    [
      1,
      () =>
        renamed(
          `${name}${dice.pick(["x", ".", " ", "[", '[type eq "work"]', '[type ne "x"]', "[type", ":"])}`,
        ),
    ],
    [1, () => ({ ...members, [`${DOUBLE}${name}`]: anotherValue(dice) })],
    [1, () => ({ ...members, [dice.pick([name.toUpperCase(), name.toLowerCase()])]: anotherValue(dice) })],
    [3, () => ({ ...members, [name]: anotherValue(dice) })],
    [1, () => ({ [name]: value })],
    [1, () => newMember(members, dice)],
  ])();
}

function newMember(members: JsonMembers, dice: Dice): JsonMembers {
  const name = dice.pick([
    "__proto__",
    "constructor",
    "unknown",
    "active",
    "value",
    "schemas",
    "hasOwnProperty",
    "path",
  ]);
  const value = dice.pick<Json>([{ active: false }, anotherValue(dice), false, { isAdmin: true }]);
  return Object.fromEntries([...Object.entries(members), [name, value]]);
}

/** The place of everything in a value, itself included; not of more than a few hundred. */
function pathsIn(value: Json): readonly Path[] {
  const paths: Path[] = [[]];
  for (let next = 0; next < paths.length && paths.length < 300; next++) {
    const path = paths[next] ?? [];
    const found = valueAt(value, path);
    if (Array.isArray(found)) paths.push(...found.slice(0, 20).map((_, index) => [...path, index]));
    else if (isMembers(found)) paths.push(...Object.keys(found).map((name) => [...path, name]));
  }
  return paths;
}

function valueAt(value: Json, path: Path): Json {
  let found: Json | undefined = value;
  for (const step of path) {
    if (Array.isArray(found) && typeof step === "number") found = found[step];
    else if (isMembers(found) && typeof step === "string") found = found[step];
  }
  return found ?? null;
}

function at(value: Json, [step, ...rest]: Path, change: (found: Json) => Json): Json {
  if (step === undefined) return change(value);
  if (Array.isArray(value) && typeof step === "number") {
    return value.map((element: Json, index) => (index === step ? at(element, rest, change) : element));
  }
  if (!isMembers(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [name, name === step ? at(held, rest, change) : held]),
  );
}

function isMembers(value: Json | undefined): value is JsonMembers {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
