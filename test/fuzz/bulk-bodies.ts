import type { Memory } from "./acquaintances.js";
import type { Dice } from "./dice.js";
import { groupBody, groupName } from "./group-bodies.js";
import type { Json, JsonMembers } from "./json.js";
import { activePatch, groupPatch, userPatch } from "./patch-bodies.js";
import type { ResourceDefinitions } from "./schema-files.js";
import { idOf } from "./targets.js";
import { userBody, withoutPassword } from "./user-bodies.js";

const BULK_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/** Bulk requests of a few operations, with references between them, and some that are too long. */
export function bulkBody(definitions: ResourceDefinitions, memory: Memory, dice: Dice): JsonMembers {
  const operations = Array.from({ length: dice.integer(1, 5) }, (_, number) =>
    operation(number, definitions, memory, dice),
  );
  const isTooLong = dice.chance(0.03);
  return {
    schemas: [BULK_SCHEMA],
    ...(dice.chance(0.3) && { failOnErrors: dice.pick([1, 1, 2, 5, 0, -1, 1.5, 1e9]) }),
    Operations: isTooLong
      ? Array.from({ length: 1001 }, () => ({ method: "DELETE", path: "/Users/none" }))
      : operations,
  };
}

function operation(
  number: number,
  definitions: ResourceDefinitions,
  memory: Memory,
  dice: Dice,
): JsonMembers {
  const bulkId = `b${dice.chance(0.97) ? number : 0}`;
  const version = () => versionOf(memory, dice);
  const newUser = () => withoutPassword(userBody(definitions.user, memory, dice));
  const user = () => `/Users/${idOrReference(memory, "users", dice)}`;
  const group = () => `/Groups/${idOrReference(memory, "groups", dice)}`;
  return dice.weighted<() => JsonMembers>([
    [3, () => ({ method: "POST", bulkId, path: "/Users", data: newUser() })],
    [4, () => ({ method: "POST", bulkId, path: "/Groups", data: groupOf(definitions, memory, dice) })],
    [2, () => ({ method: "PUT", path: user(), ...version(), data: newUser() })],
    [2, () => ({ method: "PUT", path: group(), ...version(), data: groupOf(definitions, memory, dice) })],
    [
      3,
      () => ({
        method: dice.pick(["PATCH", "patch"]),
        path: user(),
        ...version(),
        data: patchOfUser(definitions, memory, dice),
      }),
    ],
    [
      3,
      () => ({ method: "PATCH", path: group(), ...version(), data: patchOfGroup(definitions, memory, dice) }),
    ],
    [1.5, () => ({ method: "DELETE", path: user(), ...version() })],
    [1.5, () => ({ method: "DELETE", path: group(), ...version() })],
    [
      0.5,
      () => ({
        method: dice.pick(["PUT", "PATCH", "DELETE"]),
        path: dice.pick(["/Users", "/Groups"]),
        data: {},
      }),
    ],
    [0.5, () => ({ method: "POST", bulkId, path: user(), data: {} })],
    [0.5, () => ({ method: "GET", path: user() })],
    [
      0.5,
      () => ({
        method: "PUT",
        path: dice.pick([
          "/Schemas/x",
          "/Me",
          "",
          "Users/none",
          "/AccountTypes/a",
          "/Users/a/b",
          "/Groups/x/members",
        ]),
        data: {},
      }),
    ],
  ])();
}

/** A group that other operations of the request may fill. */
function groupOf(definitions: ResourceDefinitions, memory: Memory, dice: Dice): JsonMembers {
  const body = groupBody(definitions.group, memory, dice);
  if (!dice.chance(0.5)) return body;
  return { ...body, members: [{ value: reference(dice) }, { value: reference(dice), type: "User" }] };
}

function patchOfUser({ user }: ResourceDefinitions, memory: Memory, dice: Dice): Json {
  return dice.chance(0.5) ? activePatch(dice).body : userPatch(user, memory, dice);
}

function patchOfGroup({ group }: ResourceDefinitions, memory: Memory, dice: Dice): Json {
  if (dice.chance(0.6)) return groupPatch(group, memory, dice);
  const value = [{ value: reference(dice) }];
  return {
    Operations: [
      { op: "add", path: "members", value },
      { op: "replace", path: "displayName", value: groupName(memory, dice) },
    ],
  };
}

function reference(dice: Dice): string {
  return `bulkId:b${dice.integer(0, 5)}`;
}

function idOrReference(memory: Memory, of: "users" | "groups", dice: Dice): string {
  return dice.chance(0.25) ? reference(dice) : idOf(memory, of, dice);
}

function versionOf(memory: Memory, dice: Dice): JsonMembers {
  if (dice.chance(0.75)) return {};
  return {
    version: dice.pick([memory.users.oldVersion(dice), memory.groups.oldVersion(dice), "*", 'W/"0"', ""]),
  };
}
