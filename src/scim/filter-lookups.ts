import type { IndexedAttribute, Lookup } from "../directory/query.js";
import type { Filter } from "./filter.js";

const INDEXED_ATTRIBUTES: ReadonlyMap<string, IndexedAttribute> = new Map([
  ["id", "id"],
  ["userName", "userName"],
  ["externalId", "externalId"],
  ["emails", "email"],
  ["emails.value", "email"],
]);

/**
 * The lookups whose results hold every user that matches `filter`, so that the index narrows the search and the filter
 * decides. Undefined: all users have to be looked at.
 */
export function equalityPlan(filter: Filter): readonly Lookup[] | undefined {
  switch (filter.kind) {
    case "compare":
      return lookup(INDEXED_ATTRIBUTES.get(filter.attribute), filter);
    case "valuePath":
      return filter.attribute === "emails" ? emailPlan(filter.filter) : undefined;
    case "and":
      // Whoever matches all operands is among the results of any of them.
      return firstPlan(filter.filters, equalityPlan);
    case "or":
      return unitedPlan(filter.filters, equalityPlan);
    case "not":
    case "present":
      return undefined;
  }
}

/** The same for the filter in `emails[…]`. */
function emailPlan(filter: Filter): readonly Lookup[] | undefined {
  switch (filter.kind) {
    case "compare":
      return filter.attribute === "value" ? lookup("email", filter) : undefined;
    case "and":
      return firstPlan(filter.filters, emailPlan);
    case "or":
      return unitedPlan(filter.filters, emailPlan);
    case "not":
    case "present":
    case "valuePath":
      return undefined;
  }
}

function lookup(
  attribute: IndexedAttribute | undefined,
  { operator, value }: Extract<Filter, { kind: "compare" }>,
): readonly Lookup[] | undefined {
  if (attribute === undefined || operator !== "eq" || typeof value !== "string") return undefined;
  return [{ attribute, value }];
}

type Plan = (filter: Filter) => readonly Lookup[] | undefined;

function firstPlan(filters: readonly Filter[], planOf: Plan): readonly Lookup[] | undefined {
  for (const filter of filters) {
    const plan = planOf(filter);
    if (plan !== undefined) return plan;
  }
  return undefined;
}

function unitedPlan(filters: readonly Filter[], planOf: Plan): readonly Lookup[] | undefined {
  const plans: Lookup[] = [];
  for (const filter of filters) {
    const plan = planOf(filter);
    if (plan === undefined) return undefined;
    plans.push(...plan);
  }
  return plans;
}
