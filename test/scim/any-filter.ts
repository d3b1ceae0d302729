import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { COMPARISON_OPERATORS, type Filter } from "../../src/scim/filter.js";
import { TWILIO_USER_SCHEMA } from "../../src/scim/twilio-extension.js";
import { sid, word } from "./sample-users.js";

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

const coreComparison: fc.Arbitrary<Filter> = fc.oneof(
  comparison([
    ...COMPARABLE,
    `${ENTERPRISE_USER_SCHEMA}:department`,
    `${ENTERPRISE_USER_SCHEMA}:manager.value`,
  ]),
  booleanComparison("active"),
  instantComparison("meta.created", ["2011-05-14T04:42:34Z", "2011-05-14T06:42:34.000+02:00", "2011-05-15"]),
  fc.record({
    kind: fc.constant("valuePath" as const),
    attribute: fc.constantFrom("emails", "phoneNumbers"),
    filter: tree(comparison(["value", "type", "display"])),
  }),
);

/** Any filter of the grammar over some attributes of each type. */
export const anyFilter: fc.Arbitrary<Filter> = tree(coreComparison);

const DAYS = ["2026-02-14T00:00:00Z", "2026-02-14T01:00:00+01:00", "2026-02-14T00:00:00.001Z", "2026-02-20"];
const inTwilio = (name: string) => `${TWILIO_USER_SCHEMA}:${name}`;

/** The same, over attributes too that are kept in another form than they are shown in, or that only an answer has. */
export const anyUserFilter: fc.Arbitrary<Filter> = tree(
  fc.oneof(
    coreComparison,
    comparison([
      ...["schemas", "name", "addresses.country", "roles.value", "x509Certificates.value", "groups.display"],
      ...["groups.$ref", "entitlements.value", "entitlements.type", "meta.location", "meta.version"],
      ...["accountSid", "status", "accountType", "services", "services.display", "activityState"].map(
        inTwilio,
      ),
      ...["spend", "spend.currency"].map(inTwilio),
      ...[TWILIO_USER_SCHEMA, ENTERPRISE_USER_SCHEMA],
    ]),
    booleanComparison(inTwilio("ownerAccount")),
    instantComparison(inTwilio("lastActivity"), DAYS),
    instantComparison(inTwilio("services.lastActivity"), DAYS),
    instantComparison(inTwilio("activityAsOf"), ["2001-09-09T01:46:40Z"]),
    fc.record({
      kind: fc.constant("compare" as const),
      attribute: fc.constant(inTwilio("spend.total")),
      operator: fc.constantFrom(...COMPARISON_OPERATORS),
      value: fc.constantFrom(0, -1.5, 1000),
    }),
    fc.record({
      kind: fc.constant("valuePath" as const),
      attribute: fc.constant(inTwilio("services")),
      filter: tree(fc.oneof(comparison(["value", "display"]), instantComparison("lastActivity", DAYS))),
    }),
  ),
);

/** Any filter over the attributes that an index knows, mostly by equality. */
export const anyIndexedFilter: fc.Arbitrary<Filter> = tree(
  fc.oneof(
    equality(["userName", "externalId", "emails", "emails.value", "title"]),
    equality(["id"], fc.integer({ min: 1, max: 9 }).map(sid)),
    equality([inTwilio("status")], fc.constantFrom("active", "Suspended", "closed", "none")),
    equality(["services", "services.value"].map(inTwilio)),
    booleanComparison("active"),
    fc.record({
      kind: fc.constant("valuePath" as const),
      attribute: fc.constantFrom("emails", inTwilio("services")),
      filter: tree(equality(["value", "type"])),
    }),
  ),
);

function booleanComparison(attribute: string): fc.Arbitrary<Filter> {
  return fc.record({
    kind: fc.constant("compare" as const),
    attribute: fc.constant(attribute),
    operator: fc.constantFrom("eq" as const, "ne" as const),
    value: fc.boolean(),
  });
}

function instantComparison(attribute: string, values: string[]): fc.Arbitrary<Filter> {
  return fc.record({
    kind: fc.constant("compare" as const),
    attribute: fc.constant(attribute),
    operator: fc.constantFrom(...COMPARISON_OPERATORS),
    value: fc.constantFrom(...values),
  });
}

function equality(attributes: string[], values: fc.Arbitrary<string> = word): fc.Arbitrary<Filter> {
  return fc.record({
    kind: fc.constant("compare" as const),
    attribute: fc.constantFrom(...attributes),
    operator: fc.constantFrom("eq" as const, "eq" as const, "eq" as const, "ne" as const),
    value: fc.oneof({ weight: 9, arbitrary: values }, { weight: 1, arbitrary: fc.constant(null) }),
  });
}
