import type { GroupLookup, IndexLookup, Lookup } from "../directory/query.js";
import type { Filter } from "./filter.js";

/** An attribute for which an index knows all resources with one value, by the names that a filter has for it. */
type Indexed<A> = ReadonlyMap<string, A>;

const USER_ATTRIBUTES: Indexed<Lookup["attribute"]> = new Map([
  ["id", "id"],
  ["userName", "userName"],
  ["externalId", "externalId"],
  ["emails", "email"],
  ["emails.value", "email"],
]);

const GROUP_ATTRIBUTES: Indexed<GroupLookup["attribute"]> = new Map([
  ["id", "id"],
  ["displayName", "displayName"],
  ["externalId", "externalId"],
  ["members", "member"],
  ["members.value", "member"],
]);

/**
 * The lookups whose results hold every user that matches `filter`, so that the index narrows the search and the filter
 * decides. Undefined: all users have to be looked at.
 */
export function userLookups(filter: Filter): readonly Lookup[] | undefined {
  return plan(filter, USER_ATTRIBUTES, "");
}

/** The same for groups. */
export function groupLookups(filter: Filter): readonly GroupLookup[] | undefined {
  return plan(filter, GROUP_ATTRIBUTES, "");
}

/** @param prefix what stands before the names in the filter: within `emails[…]`, `emails.` */
function plan<A>(filter: Filter, indexed: Indexed<A>, prefix: string): readonly IndexLookup<A>[] | undefined {
  switch (filter.kind) {
    case "compare": {
      const attribute = indexed.get(`${prefix}${filter.attribute}`);
      if (attribute === undefined || filter.operator !== "eq" || typeof filter.value !== "string")
        return undefined;
      return [{ attribute, value: filter.value }];
    }
    case "valuePath":
      return plan(filter.filter, indexed, `${filter.attribute}.`);
    case "and":
      // Whatever matches all operands is among the results of any of them.
      for (const operand of filter.filters) {
        const lookups = plan(operand, indexed, prefix);
        if (lookups !== undefined) return lookups;
      }
      return undefined;
    case "or": {
      const plans = filter.filters.map((operand) => plan(operand, indexed, prefix));
      return plans.every((lookups) => lookups !== undefined) ? plans.flat() : undefined;
    }
    case "not":
    case "present":
      return undefined;
  }
}
