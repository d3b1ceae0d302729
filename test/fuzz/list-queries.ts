import type { KnownCursor, Memory } from "./acquaintances.js";
import type { Dice } from "./dice.js";
import { brokenFilterText, filterText, valueFilterText } from "./filters.js";
import type { Json, JsonMembers } from "./json.js";
import type { NamedAttribute, ResourceDefinitions } from "./schema-files.js";
import { ODD_STRINGS, recased, word } from "./values.js";

const SEARCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/** The parameters of a query, in their order; a name may be there twice. */
export type Parameters = KnownCursor["parameters"];

/** Names that a list at this path knows; at the root those of one type, which is enough for one query. */
export function namesAt(
  path: string,
  definitions: ResourceDefinitions,
  dice: Dice,
): readonly NamedAttribute[] {
  const { user, group, entitlement } = definitions;
  if (path.startsWith("/Users")) return user.names;
  if (path.startsWith("/Groups")) return group.names;
  if (path.startsWith("/Account")) return entitlement.names;
  return dice.pick([user, user, group, entitlement]).names;
}

/** What a list is asked, well or badly. */
export function listParameters(
  path: string,
  names: readonly NamedAttribute[],
  memory: Memory,
  dice: Dice,
): Parameters {
  const known = memory.cursorsOf(path);
  if (known.length > 0 && dice.chance(0.3)) return nextPage(dice.pick(known), dice);
  const filter = () =>
    dice.chance(0.75)
      ? filterText(names, memory, dice)
      : brokenFilterText(filterText(names, memory, dice), dice);
  const parameters: (readonly [string, string])[] = [
    ...maybe(dice, 0.4, "filter", filter),
    ...maybe(dice, 0.25, "sortBy", () => attributeName(names, dice)),
    ...maybe(dice, 0.12, "sortOrder", () => dice.pick(["ascending", "descending", "DESCENDING", "sideways"])),
    ...maybe(dice, 0.95, "count", () => count(dice)),
    ...maybe(dice, 0.3, "startIndex", () =>
      dice.pick(["1", "2", "5", "50", "0", "-1", "1e3", "x", "99999999999999999999"]),
    ),
    ...projectionParameters(names, dice),
    ...maybe(dice, 0.25, "cursor", () => dice.pick(["", "", "", "", "bogus", word(dice)])),
    ...maybe(
      dice,
      0.05,
      dice.pick(["aadOptscim062020", "__proto__", "constructor", "unknown", "filter[x]"]),
      () => "1",
    ),
  ];
  return dice.chance(0.03) && parameters.length > 0 ? [...parameters, dice.pick(parameters)] : parameters;
}

function count(dice: Dice): string {
  return dice.weighted([
    [8, "1"],
    [12, String(dice.integer(2, 4))],
    [1, "0"],
    [1, "-3"],
    [0.3, "100"],
    [0.1, "1000000"],
    [1, dice.pick(["1.5", "all", " 2 ", "+2", "٣", "0x2", "NaN"])],
  ]);
}

/** `attributes` or `excludedAttributes`, and now and then both. */
export function projectionParameters(names: readonly NamedAttribute[], dice: Dice): Parameters {
  return [
    ...maybe(dice, 0.15, "attributes", () => attributeList(names, dice)),
    ...maybe(dice, 0.12, "excludedAttributes", () => attributeList(names, dice)),
  ];
}

function attributeList(names: readonly NamedAttribute[], dice: Dice): string {
  if (dice.chance(0.03)) return Array.from({ length: 201 }, (_, number) => `a${number}`).join(",");
  return Array.from({ length: dice.integer(1, 4) }, () => attributeName(names, dice)).join(",");
}

function attributeName(names: readonly NamedAttribute[], dice: Dice): string {
  const { name } = dice.pick(names);
  const withValues = names.filter(({ attribute }) => attribute.multiValued && attribute.subAttributes);
  const list = dice.pickOr(withValues, undefined);
  return dice.weighted<() => string>([
    [10, () => recased(name, dice)],
    [1, () => (list === undefined ? name : `${list.name}[${valueFilterText(list.attribute, dice)}]`)],
    [
      0.8,
      () => (list === undefined ? name : `${list.name}[${dice.pick(["type", "value eq", 'x eq "y"', ""])}`),
    ],
    [1, () => `displayName[value eq "x"]`],
    [0.5, () => `${name}.${word(dice)}`],
    [0.3, () => dice.pick(ODD_STRINGS)],
    [0.3, () => dice.pick(["unknown", "__proto__", "constructor", "toString"])],
  ])();
}

/** The page behind one that was seen, or what comes of a cursor that was meddled with. */
function nextPage({ parameters, cursor }: KnownCursor, dice: Dice): Parameters {
  const others = dice.chance(0.9) ? parameters : [["filter", 'id eq "x"'] as const];
  return [...others, ["cursor", dice.chance(0.5) ? cursor : tampered(cursor, dice)]];
}

function tampered(cursor: string, dice: Dice): string {
  const at = dice.integer(0, cursor.length);
  const odd = dice.pick([-1, 0, 1e308, "", null, []]);
  const place = dice.integer(0, 5);
  return dice.weighted<() => string>([
    [1, () => cursor.slice(0, at)],
    [1, () => cursor.slice(0, at) + dice.pick(["A", "_", "=", "\u0000", "é"]) + cursor.slice(at + 1)],
    // The second part is when it was given.
    [3, () => rewritten(cursor, (parts) => parts.map((part, index) => (index === 1 ? 0 : part)))],
    [2, () => rewritten(cursor, (parts) => parts.map((part, index) => (index === place ? odd : part)))],
    [1, () => rewritten(cursor, (parts) => [...parts, dice.pick(["more", {}, 7])])],
    [0.5, () => rewritten(cursor, () => ({}))],
  ])();
}

/** Cursors are no secret, so a client may look into one and change it. */
function rewritten(cursor: string, change: (parts: unknown[]) => unknown): string {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Buffer.from(JSON.stringify(change(Array.isArray(parts) ? parts : []))).toString("base64url");
  } catch {
    return cursor;
  }
}

/** Node reads no more than 16 KiB of a request's head, and answers 431 itself. */
const LONGEST_QUERY = 12_000;

/** The query of a GET; "" where there is none. */
export function encodeQuery(parameters: Parameters, dice: Dice): string {
  if (parameters.length === 0) return "";
  const pairs = parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const odd = dice.chance(0.01) ? [dice.pick(["%", "%zz", "&&", "=", "a", "filter=%ff"])] : [];
  const query = `?${[...pairs, ...odd].join("&")}`;
  return query.length > LONGEST_QUERY ? `?${pairs[0]}` : query;
}

/** Half a surrogate pair is no character, and has no encoding. */
export function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** The same parameters as a SearchRequest. */
export function searchBody(parameters: Parameters, dice: Dice): JsonMembers {
  const members = parameters.map(([name, value]): [string, Json] => [name, searchValue(name, value, dice)]);
  return { ...(dice.chance(0.95) && { schemas: [SEARCH_SCHEMA] }), ...Object.fromEntries(members) };
}

function searchValue(name: string, value: string, dice: Dice): Json {
  if (/^(count|startIndex)$/.test(name) && /^-?\d{1,6}$/.test(value) && dice.chance(0.9))
    return Number(value);
  if (/attributes$/i.test(name) && dice.chance(0.8)) return value.split(",");
  return value;
}

function maybe(dice: Dice, probability: number, name: string, value: () => string): Parameters {
  return dice.chance(probability) ? [[name, value()]] : [];
}
