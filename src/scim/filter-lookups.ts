import type { AccountStatus } from "../directory/account.js";
import type { GroupLookup, IndexLookup, Lookup, Narrowing } from "../directory/query.js";
import { foldCase } from "../directory/user-attributes.js";
import type { Filter } from "./filter.js";
import { TWILIO_USER_SCHEMA } from "./twilio-extension.js";

/** How an index serves a filter. */
export interface SearchPlan<L> {
  /** Each holds every item that matches; none: all items have to be looked at. */
  readonly narrowings: readonly Narrowing<L>[];
  /** Whether there is one narrowing, and it holds nothing that does not match: the filter need not be asked. */
  readonly isExact: boolean;
}

type Comparison = Extract<Filter, { readonly kind: "compare" }>;

/** The lookups that give exactly what a comparison matches; undefined where no index gives that. */
type Index<L> = (comparison: Comparison) => Narrowing<L> | undefined;

/** By the names that a filter has for an attribute, what an index has for it. */
type Indexes<L> = ReadonlyMap<string, Index<L>>;

/** An index compares as the attribute's schema says, so it gives what the filter matches. */
const USER_INDEXES: Indexes<Lookup> = new Map<string, Index<Lookup>>([
  ["id", equality("id")],
  ["userName", equality("userName")],
  ["externalId", equality("externalId")],
  ["emails", equality("email")],
  ["emails.value", equality("email")],
  ["active", activeLookups],
  [`${TWILIO_USER_SCHEMA}:status`, foldedEquality("status")],
  [`${TWILIO_USER_SCHEMA}:services`, foldedEquality("service")],
  [`${TWILIO_USER_SCHEMA}:services.value`, foldedEquality("service")],
]);

const GROUP_INDEXES: Indexes<GroupLookup> = new Map<string, Index<GroupLookup>>([
  ["id", equality("id")],
  ["displayName", equality("displayName")],
  ["externalId", equality("externalId")],
  ["members", equality("member")],
  ["members.value", equality("member")],
]);

const EVERYTHING = { narrowings: [], isExact: false };

/** How the index of users serves a search. Undefined: a search for all of them. */
export function planUserSearch(filter: Filter | undefined): SearchPlan<Lookup> {
  return planSearch(filter, USER_INDEXES);
}

/** The same for groups. */
export function planGroupSearch(filter: Filter | undefined): SearchPlan<GroupLookup> {
  return planSearch(filter, GROUP_INDEXES);
}

function planSearch<L extends IndexLookup<string>>(
  filter: Filter | undefined,
  indexes: Indexes<L>,
): SearchPlan<L> {
  return filter === undefined ? EVERYTHING : plan(filter, indexes, "");
}

/** @param prefix what stands before the names in the filter: within `emails[…]`, `emails.` */
function plan<L extends IndexLookup<string>>(
  filter: Filter,
  indexes: Indexes<L>,
  prefix: string,
): SearchPlan<L> {
  switch (filter.kind) {
    case "compare": {
      const lookups = indexes.get(`${prefix}${filter.attribute}`)?.(filter);
      return lookups === undefined ? EVERYTHING : { narrowings: [lookups], isExact: true };
    }
    case "valuePath":
      return plan(filter.filter, indexes, `${filter.attribute}.`);
    case "and": {
      // Whatever matches all operands is among the results of any of them.
      const plans = filter.filters.map((operand) => plan(operand, indexes, prefix));
      return { narrowings: plans.flatMap(({ narrowings }) => narrowings), isExact: false };
    }
    case "or":
      return planUnion(filter.filters.map((operand) => plan(operand, indexes, prefix)));
    case "not":
    case "present":
      return EVERYTHING;
  }
}

function planUnion<L extends IndexLookup<string>>(plans: readonly SearchPlan<L>[]): SearchPlan<L> {
  const parts = plans.map(({ narrowings }) => narrowings.find(isNarrow) ?? narrowings[0]);
  if (!parts.every((part) => part !== undefined)) return EVERYTHING;
  return { narrowings: [parts.flat()], isExact: plans.every(({ isExact }) => isExact) };
}

/** Whether few users have the value: most have one of the statuses, and many the same services. */
function isNarrow(narrowing: Narrowing<IndexLookup<string>>): boolean {
  return narrowing.every(({ attribute }) => attribute !== "status" && attribute !== "service");
}

function equality<A extends string>(attribute: A): Index<IndexLookup<A>> {
  return ({ operator, value }) =>
    operator === "eq" && typeof value === "string" ? [{ attribute, value }] : undefined;
}

/** Statuses and services are compared without case, and are all in lower case. */
function foldedEquality<A extends string>(attribute: A): Index<IndexLookup<A>> {
  return ({ operator, value }) =>
    operator === "eq" && typeof value === "string" ? [{ attribute, value: foldCase(value) }] : undefined;
}

function activeLookups({ operator, value }: Comparison): Narrowing<Lookup> | undefined {
  if (typeof value !== "boolean" || (operator !== "eq" && operator !== "ne")) return undefined;
  const isActive = value === (operator === "eq");
  const statuses: readonly AccountStatus[] = isActive ? ["active"] : ["suspended", "closed"];
  return statuses.map((status) => ({ attribute: "status", value: status }));
}
