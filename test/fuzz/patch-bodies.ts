import type { Memory } from "./acquaintances.js";
import type { Dice } from "./dice.js";
import { filterText, valueFilterText } from "./filters.js";
import { groupName, memberId, members } from "./group-bodies.js";
import type { Json, JsonMembers } from "./json.js";
import type { NamedAttribute, ResourceDefinition } from "./schema-files.js";
import { activeValue, userName } from "./user-bodies.js";
import { anyValueOf, oneValueOf, word } from "./values.js";

const PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/** A PatchOp, and what the user must then say of `active` where it asks for nothing else. */
export interface PatchBody {
  readonly body: JsonMembers;
  readonly expectsActive?: boolean;
}

/** What is asked of `active`, in the ways in which Okta and Entra ID ask for it. */
export function activePatch(dice: Dice): PatchBody {
  const active = dice.chance(0.5);
  const said = dice.pick<Json>([active, active, active ? "True" : "False"]);
  const operation = dice.pick<JsonMembers>([
    { op: "replace", value: { active: said } },
    { op: "replace", path: "active", value: said },
    { op: "Replace", path: "active", value: said },
    { op: "Add", path: "active", value: said },
    { op: "replace", path: "urn:ietf:params:scim:schemas:core:2.0:User:active", value: said },
  ]);
  return { body: patchOp([operation], dice), expectsActive: active };
}

/** One to three operations on a user, by schema or as a provider words them. */
export function userPatch(definition: ResourceDefinition, memory: Memory, dice: Dice): JsonMembers {
  const operation = () =>
    dice.weighted<() => JsonMembers>([
      [4, () => providersUserOperation(memory, dice)],
      [4, () => operationBySchema(definition, memory, dice)],
    ])();
  return patchOp(Array.from({ length: dice.integer(1, 3) }, operation), dice);
}

export function groupPatch(definition: ResourceDefinition, memory: Memory, dice: Dice): JsonMembers {
  const operation = () =>
    dice.weighted<() => JsonMembers>([
      [6, () => providersGroupOperation(memory, dice)],
      [2, () => operationBySchema(definition, memory, dice)],
    ])();
  return patchOp(Array.from({ length: dice.integer(1, 3) }, operation), dice);
}

/** Some clients leave the schemas out. */
function patchOp(operations: readonly JsonMembers[], dice: Dice): JsonMembers {
  return { ...(dice.chance(0.9) && { schemas: [PATCH_SCHEMA] }), Operations: operations };
}

function providersUserOperation(memory: Memory, dice: Dice): JsonMembers {
  const value = word(dice);
  return dice.pick<() => JsonMembers>([
    () => ({ op: "replace", value: { active: activeValue(dice) } }),
    () => ({ op: "replace", value: { userName: userName(memory, dice), displayName: value } }),
    () => ({ op: "Replace", path: "displayName", value: `${value} ${dice.integer(1, 99)}` }),
    () => ({ op: "Add", path: 'emails[type eq "work"].value', value: `${dice.integer(1, 99)}@example.com` }),
    () => ({ op: "Replace", path: 'phoneNumbers[type eq "mobile"].value', value }),
    () => ({ op: "Replace", path: 'addresses[type eq "work"].locality', value }),
    () => ({ op: "Add", path: `${ENTERPRISE}:manager`, value: memberId(memory, dice) }),
    () => ({ op: "Add", path: "manager", value: [{ value: memberId(memory, dice) }] }),
    () => ({ op: "Replace", path: `${ENTERPRISE}:department`, value }),
    () => ({ op: "Replace", value: { "name.givenName": value, [`${ENTERPRISE}:costCenter`]: value } }),
    () => ({ op: "Add", value: { [ENTERPRISE]: { employeeNumber: value } } }),
    () => ({ op: "Remove", path: "title" }),
    () => ({ op: "Replace", path: "title", value: "" }),
    () => ({ op: "Remove", path: 'emails[type eq "work"]' }),
    () => ({ op: "remove", path: "emails", value: [{ value: `${dice.integer(1, 99)}@example.com` }] }),
    () => ({ op: "Add", path: 'roles[primary eq "True"].value', value: '{"id":"1","value":"x"}' }),
    () => ({ op: "remove", path: dice.pick(["userName", "active", "meta", "id", "entitlements"]) }),
    () => ({ op: "remove", path: `emails[value eq "${dice.integer(1, 9)}"].display` }),
    () => ({ op: "replace", path: "userName", value: userName(memory, dice) }),
    () => ({ op: "replace", path: "userName", value: dice.pickOr(memory.users.names, "nobody") }),
    () => ({ op: "replace", path: "entitlements", value: [] }),
    () => ({ op: "remove", path: "entitlements", value: [{ value: "service-sms" }] }),
    () => ({ op: "add", path: "password", value: "dropped" }),
  ])();
}

function providersGroupOperation(memory: Memory, dice: Dice): JsonMembers {
  const id = memberId(memory, dice);
  return dice.pick<() => JsonMembers>([
    () => ({ op: "add", path: "members", value: members(memory, dice) }),
    () => ({ op: "Add", path: "members", value: [{ value: id }] }),
    () => ({ op: "remove", path: `members[value eq "${id}"]` }),
    () => ({ op: "Remove", path: "members", value: [{ value: id }] }),
    () => ({ op: "replace", path: "members", value: members(memory, dice) }),
    () => ({ op: "replace", path: "members", value: [] }),
    () => ({ op: "remove", path: "members" }),
    () => ({
      op: "remove",
      path: `members[display ${dice.pick(["eq", "sw", "co"])} ${JSON.stringify(word(dice))}]`,
    }),
    () => ({ op: "replace", value: { displayName: groupName(memory, dice) } }),
    () => ({ op: "Replace", path: "displayName", value: groupName(memory, dice) }),
    () => ({ op: "replace", path: "displayName", value: dice.pickOr(memory.groups.names, "nothing") }),
    () => ({ op: "Add", path: "externalId", value: `g-${dice.integer(1, 300)}` }),
    () => ({ op: "replace", value: { id, displayName: groupName(memory, dice), members: [] } }),
    () => ({ op: "remove", path: dice.pick(["members[value", 'members[value like "x"]', 'members["x"]']) }),
    () => ({ op: "add", path: "members.value", value: id }),
    () => ({ op: "remove", path: dice.pick(["displayName", "id", "meta"]) }),
  ])();
}

/** Any operation on anything that the schemas know. */
function operationBySchema(definition: ResourceDefinition, memory: Memory, dice: Dice): JsonMembers {
  const named = dice.pick(definition.names);
  const op = dice.pick(["add", "replace", "remove", "Add", "Replace", "Remove", "REPLACE"]);
  const path = pathTo(named, memory, dice);
  const hasValue = !/remove/i.test(op) || dice.chance(0.2);
  return { op, path, ...(hasValue && { value: newValue(named, dice) }) };
}

function newValue({ attribute }: NamedAttribute, dice: Dice): Json {
  return dice.chance(0.8) ? anyValueOf(attribute, dice) : oneValueOf(attribute, dice);
}

function pathTo({ name, attribute }: NamedAttribute, memory: Memory, dice: Dice): string {
  const subs = attribute.subAttributes ?? [];
  if (!attribute.multiValued || subs.length === 0 || dice.chance(0.3)) return name;
  const filter = dice.chance(0.95) ? valueFilterText(attribute, dice) : filterText([], memory, dice);
  return `${name}[${filter}]${dice.chance(0.5) ? `.${dice.pick(subs).name}` : ""}`;
}
