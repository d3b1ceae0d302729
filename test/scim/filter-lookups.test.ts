import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Lookup } from "../../src/directory/query.js";
import type { User } from "../../src/directory/user.js";
import { foldCase } from "../../src/directory/user-attributes.js";
import { planGroupSearch, planUserSearch } from "../../src/scim/filter-lookups.js";
import { compileFilter } from "../../src/scim/filter-match.js";
import { parseFilter } from "../../src/scim/filter-parser.js";
import { renderUser } from "../../src/scim/user-resource.js";
import { anyIndexedFilter } from "./any-filter.js";
import { groupSchema } from "./sample-groups.js";
import { account, anyUser, schema } from "./sample-users.js";

const { sid } = account();
const plan = (text: string) => planUserSearch(parseFilter(text, schema.find));
const planOfGroups = (text: string) => planGroupSearch(parseFilter(text, groupSchema.find));

describe("the index of users", () => {
  it.each([
    [`id eq "${sid}"`, [{ attribute: "id", value: sid }]],
    ['userName eq "X"', [{ attribute: "userName", value: "X" }]],
    ["externalId eq jyoung", [{ attribute: "externalId", value: "jyoung" }]],
    ['emails.value eq "a@b"', [{ attribute: "email", value: "a@b" }]],
    ['emails eq "a@b"', [{ attribute: "email", value: "a@b" }]],
    ['emails[value eq "a@b"]', [{ attribute: "email", value: "a@b" }]],
    [
      'emails[value eq "a" or value eq "b"]',
      [
        { attribute: "email", value: "a" },
        { attribute: "email", value: "b" },
      ],
    ],
    [
      'userName eq "x" or externalId eq "y"',
      [
        { attribute: "userName", value: "x" },
        { attribute: "externalId", value: "y" },
      ],
    ],
    ["active eq true", [{ attribute: "status", value: "active" }]],
    ["active ne false", [{ attribute: "status", value: "active" }]],
    [
      "active eq false",
      [
        { attribute: "status", value: "suspended" },
        { attribute: "status", value: "closed" },
      ],
    ],
    ['status eq "Suspended"', [{ attribute: "status", value: "suspended" }]],
    ['services eq "Verify"', [{ attribute: "service", value: "verify" }]],
    ['services.value eq "verify"', [{ attribute: "service", value: "verify" }]],
    ['services[value eq "verify"]', [{ attribute: "service", value: "verify" }]],
  ])("answers %s without the filter", (text, lookups) => {
    expect(plan(text)).toEqual({ narrowings: [lookups], isExact: true });
  });

  it.each([
    ['emails[type eq "work"].value eq "a@b"', [[{ attribute: "email", value: "a@b" }]]],
    ['emails[type eq "work" and value eq "a@b"]', [[{ attribute: "email", value: "a@b" }]]],
    ['title pr and userName eq "x"', [[{ attribute: "userName", value: "x" }]]],
    [
      'active eq true and userName eq "x"',
      [[{ attribute: "status", value: "active" }], [{ attribute: "userName", value: "x" }]],
    ],
    [
      'services[value eq "verify" and lastActivity lt "2026-01-01"]',
      [[{ attribute: "service", value: "verify" }]],
    ],
  ])("narrows %s, for the filter to decide", (text, narrowings) => {
    expect(plan(text)).toEqual({ narrowings, isExact: false });
  });

  it("takes of each operand of an or what leaves few users", () => {
    expect(plan('userName eq "x" or (active eq true and externalId eq "y")')).toEqual({
      narrowings: [
        [
          { attribute: "userName", value: "x" },
          { attribute: "externalId", value: "y" },
        ],
      ],
      isExact: false,
    });
  });

  it.each([
    'userName eq "x" or title pr',
    'not (userName eq "x")',
    'userName ne "x"',
    'userName sw "x"',
    "userName pr",
    "externalId eq null",
    "active eq null",
    "status eq null",
    'emails[not (value eq "x")]',
    'emails[value eq "x" or type eq "work"]',
    'phoneNumbers[value eq "x"]',
    'displayName eq "x"',
    'services.display eq "Verify"',
  ])("cannot narrow %s", (text) => {
    expect(plan(text)).toEqual({ narrowings: [], isExact: false });
  });

  it("has all users where there is no filter", () => {
    expect(planUserSearch(undefined).narrowings).toEqual([]);
  });

  it("leaves out nobody who matches, and has no others where it says so", () => {
    const seen = { matched: 0, exact: 0 };
    fc.assert(
      fc.property(anyIndexedFilter, fc.array(anyUser, { minLength: 20 }), (filter, subjects) => {
        const { narrowings, isExact } = planUserSearch(filter);
        const matches = compileFilter(filter, schema.find);
        if (isExact) expect(narrowings).toHaveLength(1);
        for (const subject of subjects) {
          const isMatch = matches(renderUser(subject));
          for (const narrowing of narrowings) {
            const isFound = narrowing.some((lookup) => finds(lookup, subject));
            if (isMatch || isExact) expect(isFound).toBe(isMatch);
            seen.matched += Number(isMatch);
            seen.exact += Number(isExact);
          }
        }
      }),
      { numRuns: 1000 },
    );
    expect(seen.matched).toBeGreaterThan(100);
    expect(seen.exact).toBeGreaterThan(100);
  });
});

/** What an index does. */
function finds(
  { attribute, value }: Lookup,
  { account: { sid, status }, attributes, activity }: User,
): boolean {
  const isSame = (text: string | undefined) => text !== undefined && foldCase(text) === foldCase(value);
  switch (attribute) {
    case "id":
      return sid === value;
    case "externalId":
      return attributes.externalId === value;
    case "userName":
      return isSame(attributes.userName);
    case "email":
      return (attributes.emails ?? []).some((email) => isSame(email.value));
    case "status":
      return status === value;
    case "service":
      return (activity.usage?.services ?? []).some(({ service }) => service === value);
  }
}

describe("the index of groups", () => {
  it.each([
    ['id eq "g"', { attribute: "id", value: "g" }],
    ['displayName eq "Guides"', { attribute: "displayName", value: "Guides" }],
    ['externalId eq "x"', { attribute: "externalId", value: "x" }],
    [`members eq "${sid}"`, { attribute: "member", value: sid }],
    [`members.value eq "${sid}"`, { attribute: "member", value: sid }],
    [`members[value eq "${sid}"]`, { attribute: "member", value: sid }],
  ])("answers %s without the filter", (text, lookup) => {
    expect(planOfGroups(text)).toEqual({ narrowings: [[lookup]], isExact: true });
  });

  it("narrows what must be so besides", () => {
    expect(planOfGroups(`displayName sw "G" and members[value eq "${sid}" and type eq "User"]`)).toEqual({
      narrowings: [[{ attribute: "member", value: sid }]],
      isExact: false,
    });
  });

  it.each(['displayName sw "G"', 'members.display eq "Babs"', 'not (externalId eq "x")'])(
    "cannot narrow %s",
    (text) => {
      expect(planOfGroups(text).narrowings).toEqual([]);
    },
  );
});
