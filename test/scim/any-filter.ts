import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { COMPARISON_OPERATORS, type Filter } from "../../src/scim/filter.js";
import { word } from "./sample-users.js";

const COMPARABLE = ["id", "externalId", "userName", "name.givenName", "emails", "emails.value", "ims.type"];

const comparison = (attributes: string[]): fc.Arbitrary<Filter> =>
  fc.oneof(
    fc.record({ kind: fc.constant("present" as const), attribute: fc.constantFrom(...attributes) }),
    fc.record({
      kind: fc.constant("compare" as const),
      attribute: fc.constantFrom(...attributes),
      operator: fc.constantFrom(...COMPARISON_OPERATORS),
      value: word,
    }),
    fc.record({
      kind: fc.constant("compare" as const),
      attribute: fc.constantFrom(...attributes),
      operator: fc.constantFrom("eq" as const, "ne" as const),
      value: fc.constant(null),
    }),
  );

function tree(leaf: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.record({ kind: fc.constant("not" as const), filter: tie("filter") }),
      fc.record({
        kind: fc.constantFrom("and" as const, "or" as const),
        filters: fc.array(tie("filter"), { minLength: 2, maxLength: 3 }),
      }),
    ),
  })).filter;
}

/** Any filter of the grammar over some attributes of each type. */
export const anyFilter: fc.Arbitrary<Filter> = tree(
  fc.oneof(
    comparison([
      ...COMPARABLE,
      `${ENTERPRISE_USER_SCHEMA}:department`,
      `${ENTERPRISE_USER_SCHEMA}:manager.value`,
    ]),
    fc.record({
      kind: fc.constant("compare" as const),
      attribute: fc.constant("active"),
      operator: fc.constantFrom("eq" as const, "ne" as const),
      value: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant("compare" as const),
      attribute: fc.constant("meta.created"),
      operator: fc.constantFrom(...COMPARISON_OPERATORS),
      value: fc.constantFrom("2011-05-14T04:42:34Z", "2011-05-14T06:42:34.000+02:00", "2011-05-15"),
    }),
    fc.record({
      kind: fc.constant("valuePath" as const),
      attribute: fc.constantFrom("emails", "phoneNumbers"),
      filter: tree(comparison(["value", "type", "display"])),
    }),
  ),
);

/** Any filter over the attributes that an index knows, mostly by equality. */
export const anyIndexedFilter: fc.Arbitrary<Filter> = tree(
  fc.oneof(
    equality(["userName", "externalId", "emails", "emails.value", "title"]),
    fc.record({
      kind: fc.constant("valuePath" as const),
      attribute: fc.constant("emails"),
      filter: tree(equality(["value", "type"])),
    }),
  ),
);

function equality(attributes: string[]): fc.Arbitrary<Filter> {
  return fc.record({
    kind: fc.constant("compare" as const),
    attribute: fc.constantFrom(...attributes),
    operator: fc.constantFrom("eq" as const, "eq" as const, "eq" as const, "ne" as const),
    value: fc.oneof({ weight: 9, arbitrary: word }, { weight: 1, arbitrary: fc.constant(null) }),
  });
}
