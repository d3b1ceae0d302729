import type { AttributePath } from "./attribute-path.js";
import { isNoValue, membersByName } from "./attribute-value.js";
import { invalidValue, mutability } from "./errors.js";
import type { Filter } from "./filter.js";
import { compileFilter } from "./filter-match.js";
import { isJsonObject, type JsonObject } from "./resource.js";
import type { Edit } from "./resource-edit.js";
import { subAttributeScope } from "./resource-schema.js";

/** A member as it is shown, for a path's filter. */
export type DescribeMember = (id: string) => JsonObject;

/**
 * The ids of members that a value names: an array of members, one alone, or ids without an object around them.
 *
 * @throws ScimError invalidValue
 */
export function readMemberIds(value: unknown): readonly string[] {
  if (isNoValue(value)) return [];
  return (Array.isArray(value) ? value : [value]).map(readMemberId);
}

function readMemberId(member: unknown): string {
  const id = isJsonObject(member) ? membersByName(member).get("value") : member;
  if (typeof id === "string" && id !== "") return id;
  throw invalidValue("Each of the members must have a value, the id of a user.");
}

/**
 * Makes one change to the members of a group (RFC 7644 §3.5.2), in place: a group of ten thousand is not copied for each
 * of a hundred operations. The general edit of multi-valued attributes would read and write all members as objects.
 *
 * To remove who is no member is no error, other than elsewhere: members leave by themselves when their account is closed,
 * and Okta takes a 400 for final.
 *
 * @param describe tells what a path's filter sees
 * @throws ScimError invalidValue, mutability
 */
export function editMembers(
  members: Set<string>,
  { operation, path, value }: Edit,
  describe: DescribeMember,
): void {
  assertMemberNamed(operation, path);
  const selected = () =>
    path.filter === undefined ? [...members] : select(members, path, path.filter, describe);
  switch (operation) {
    case "add":
      for (const id of readMemberIds(value)) members.add(id);
      return;
    case "replace": {
      const entering = readMemberIds(value);
      for (const id of selected()) members.delete(id);
      for (const id of entering) members.add(id);
      return;
    }
    case "remove": {
      // A value names who leaves, as Entra ID has it: whatever form it has, it never means everyone.
      const isNamed = path.filter === undefined && value !== undefined && value !== null;
      for (const id of isNamed ? readMemberIds(value) : selected()) members.delete(id);
    }
  }
}

/** A member is its id: there is nothing else about one that a client could change (RFC 7643 §4.2). */
function assertMemberNamed(operation: Edit["operation"], { sub, text }: AttributePath): void {
  if (sub === undefined || (operation === "remove" && sub.name === "value")) return;
  throw mutability(`${text} cannot be changed; members can be added and removed.`);
}

function select(
  members: ReadonlySet<string>,
  { attribute }: AttributePath,
  filter: Filter,
  describe: DescribeMember,
): readonly string[] {
  const id = selectedId(filter);
  if (id !== undefined) return members.has(id) ? [id] : [];
  if (attribute === undefined) return [];
  const matches = compileFilter(filter, subAttributeScope(attribute));
  return [...members].filter((id) => matches(describe(id)));
}

/** The one member that a path's filter selects, as every provider sends it: nobody else has to be looked at for it. */
export function selectedId(filter: Filter): string | undefined {
  const isById = filter.kind === "compare" && filter.attribute === "value" && filter.operator === "eq";
  return isById && typeof filter.value === "string" ? filter.value : undefined;
}
