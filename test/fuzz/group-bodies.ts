import type { Memory } from "./acquaintances.js";
import type { Dice } from "./dice.js";
import type { Json, JsonMembers } from "./json.js";
import type { ResourceDefinition } from "./schema-files.js";
import { ODD_STRINGS, recased, word } from "./values.js";

/** Paths, right and wrong, that stand where only names should. */
const PATHS_AS_NAMES = ['members[value eq "x"]', "members[type", 'displayName[value eq "x"]', "meta.version"];

/** A group that can be created, or that an existing one can be replaced by. */
export function groupBody({ core }: ResourceDefinition, memory: Memory, dice: Dice): JsonMembers {
  return {
    schemas: dice.chance(0.9)
      ? [core.id]
      : [core.id, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
    displayName: groupName(memory, dice),
    ...(dice.chance(0.5) && { externalId: `g-${dice.integer(1, 300)}` }),
    ...(dice.chance(0.7) && { members: members(memory, dice) }),
    ...(dice.chance(0.04) && { [dice.pick(PATHS_AS_NAMES)]: word(dice) }),
    ...(dice.chance(0.1) && { id: dice.pickOr(memory.groups.ids, "none") }),
    ...(dice.chance(0.1) && { meta: { resourceType: "Group", location: "https://example.com/" } }),
  };
}

/** One that no group has, mostly. */
export function groupName(memory: Memory, dice: Dice): string {
  return dice.weighted<() => string>([
    [9, () => `Group ${dice.integer(1, 100_000)}`],
    [2, () => recased(dice.pickOr(memory.groups.names, "nothing"), dice)],
    [1, () => `${word(dice)} ${dice.integer(1, 100_000)}`],
    [0.3, () => dice.pick(ODD_STRINGS)],
  ])();
}

/** Members as providers write them, some of them unknown or there twice. */
export function members(memory: Memory, dice: Dice): readonly Json[] {
  return Array.from({ length: dice.integer(0, 5) }, () => {
    const value = memberId(memory, dice);
    return dice.weighted<Json>([
      [4, { value }],
      [2, { value, display: word(dice) }],
      [1, { value, $ref: `https://example.com/scim/v2/Users/${value}`, type: "User" }],
      [1, value],
    ]);
  });
}

export function memberId(memory: Memory, dice: Dice): string {
  return dice.weighted<() => string>([
    [12, () => dice.pickOr(memory.users.ids, "nobody")],
    [1, () => dice.pickOr(memory.users.gone, "nobody")],
    [1, () => dice.pickOr(memory.groups.ids, "nobody")],
    [0.5, () => memory.ownerSid],
    [0.5, () => `AC${dice.integer(0, 9)}`.padEnd(34, "0")],
  ])();
}
