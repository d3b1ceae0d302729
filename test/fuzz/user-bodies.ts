import type { Memory } from "./acquaintances.js";
import type { Dice } from "./dice.js";
import type { Json, JsonMembers } from "./json.js";
import type { ResourceDefinition } from "./schema-files.js";
import { anyValueOf, ODD_STRINGS, recased, word } from "./values.js";

/** What is sent as a password, so that it can be told whether it ever comes out again. */
export const PASSWORD = "Tr0ub4dor-and-3-never-to-be-seen";

/** Attributes of which the generators have an idea of their own. */
const SPECIAL = ["id", "meta", "userName", "active", "groups", "entitlements"];

/** Paths, right and wrong, that stand where only names should. */
const PATHS_AS_NAMES = [
  'emails[type eq "work"].value',
  'emails[type ne "work"].value',
  "emails[type",
  'displayName[value eq "x"]',
  "name.givenName",
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];

/** A user that can be created, or that an existing one can be replaced by. */
export function userBody(definition: ResourceDefinition, memory: Memory, dice: Dice): JsonMembers {
  const { core, extensions } = definition;
  const attributes = dice.some(
    core.attributes.filter(({ name }) => !SPECIAL.includes(name)),
    0.25,
  );
  const held = dice.some(extensions, 0.3);
  const parts: [string, Json][] = [
    ["schemas", [core.id, ...held.map(({ id }) => id)]],
    ["userName", userName(memory, dice)],
    ...attributes.map((attribute): [string, Json] => [attribute.name, anyValueOf(attribute, dice)]),
    ...held.map(({ id, attributes: own }): [string, Json] => [
      id,
      Object.fromEntries(dice.some(own, 0.4).map((one) => [one.name, anyValueOf(one, dice)])),
    ]),
    ...optional(dice, 0.5, "active", () => activeValue(dice)),
    ...optional(dice, 0.2, "password", () => PASSWORD),
    ...optional(dice, 0.1, "groups", () => []),
    ...optional(dice, 0.1, "id", () => dice.pickOr(memory.users.ids, "none")),
    ...optional(dice, 0.1, "meta", () => ({ resourceType: "User", version: 'W/"1"' })),
    ...optional(dice, 0.03, dice.pick(PATHS_AS_NAMES), () => word(dice)),
    ...optional(dice, 0.1, "entitlements", () => [{ value: "service-sms" }]),
  ];
  return Object.fromEntries(parts);
}

/** So that a mutation does not move it to where it may be seen. */
export function withoutPassword({ password: _, ...others }: JsonMembers): JsonMembers {
  return others;
}

/** One that nobody has, mostly. */
export function userName(memory: Memory, dice: Dice): string {
  return dice.weighted<() => string>([
    [12, () => `user-${dice.integer(1, 100_000)}@example.com`],
    [2, () => recased(dice.pickOr(memory.users.names, "nobody"), dice)],
    [1, () => `${word(dice)} ${dice.integer(1, 100_000)}`],
    [0.3, () => dice.pick(ODD_STRINGS)],
  ])();
}

export function activeValue(dice: Dice): Json {
  return dice.pick<Json>([true, true, true, false, "True", "False", "true", "false"]);
}

function optional(dice: Dice, probability: number, name: string, value: () => Json): [string, Json][] {
  return dice.chance(probability) ? [[name, value()]] : [];
}
