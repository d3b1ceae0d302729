import { type AccountSid, parseAccountSid } from "../directory/account.js";
import type { AttributePath } from "./attribute-path.js";
import { isNoValue, membersByName } from "./attribute-value.js";
import { invalidPath, invalidValue, mutability, noTarget } from "./errors.js";
import { countTerms, type Filter } from "./filter.js";
import { compileFilter } from "./filter-match.js";
import { seedOf } from "./multi-valued-edit.js";
import { isJsonObject, type JsonObject } from "./resource.js";
import type { Edit } from "./resource-edit.js";
import { subAttributeScope } from "./resource-schema.js";

/** What a PATCH may look through, in some tens of milliseconds. */
const MAX_COMPARISONS = 100_000;

/** Counts how often one PATCH compares members with something other than an id. */
export class Comparisons {
  #left = MAX_COMPARISONS;

  /** @throws ScimError invalidPath where it is too often */
  spend(filter: Filter, members: number): void {
    this.#left -= countTerms(filter) * members;
    if (this.#left >= 0) return;
    throw invalidPath('The paths would look through the members too often. Name members by value eq "id".');
  }
}

/** What is needed to select members by a path's filter. */
export interface MemberSelection {
  /** A member as it is shown. */
  readonly describe: (sid: AccountSid) => JsonObject;
  readonly comparisons: Comparisons;
}

/**
 * The ids of members that a value names: an array of members, one alone, or ids without an object around them. What has
 * not the form of an account's id is nobody's, and passed over like an account that is not known.
 *
 * @throws ScimError invalidValue
 */
export function readMemberIds(value: unknown): readonly AccountSid[] {
  if (isNoValue(value)) return [];
  return (Array.isArray(value) ? value : [value]).flatMap(
    (member) => parseAccountSid(readMemberId(member)) ?? [],
  );
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
 * @throws ScimError invalidValue, invalidPath, noTarget, mutability
 */
export function editMembers(
  members: Set<AccountSid>,
  { operation, path, value }: Edit,
  selection: MemberSelection,
): void {
  assertMemberNamed(operation, path);
  const selected = () =>
    path.filter === undefined ? [...members] : select(members, path, path.filter, selection);
  switch (operation) {
    case "add":
      if (path.filter !== undefined) assertSelected(selected(), path, path.filter);
      for (const id of readMemberIds(value)) members.add(id);
      return;
    case "replace": {
      const entering = readMemberIds(value);
      const leaving = selected();
      if (path.filter !== undefined) assertSelected(leaving, path, path.filter);
      for (const id of leaving) members.delete(id);
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

/** As for other attributes: only equalities tell what to create where nothing is selected. */
function assertSelected(selected: readonly AccountSid[], { text }: AttributePath, filter: Filter): void {
  if (selected.length === 0 && seedOf(filter) === undefined) {
    throw noTarget(`No member is selected by "${text}".`);
  }
}

/** A member is its id: there is nothing else about one that a client could change (RFC 7643 §4.2). */
function assertMemberNamed(operation: Edit["operation"], { sub, text }: AttributePath): void {
  if (sub === undefined || (operation === "remove" && sub.name === "value")) return;
  throw mutability(`${text} cannot be changed; members can be added and removed.`);
}

function select(
  members: ReadonlySet<AccountSid>,
  { attribute }: AttributePath,
  filter: Filter,
  { describe, comparisons }: MemberSelection,
): readonly AccountSid[] {
  // What every provider sends: nobody else has to be looked at for it.
  if (filter.kind === "compare" && filter.attribute === "value" && filter.operator === "eq") {
    const sid = typeof filter.value === "string" ? parseAccountSid(filter.value) : undefined;
    return sid !== undefined && members.has(sid) ? [sid] : [];
  }
  if (attribute === undefined) return [];
  comparisons.spend(filter, members.size);
  const matches = compileFilter(filter, subAttributeScope(attribute));
  return [...members].filter((id) => matches(describe(id)));
}
