import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Lookup } from "../../src/directory/query.js";
import type { User } from "../../src/directory/user.js";
import { ENTERPRISE_USER_SCHEMA, foldCase } from "../../src/directory/user-attributes.js";
import type { Filter } from "../../src/scim/filter.js";
import { userLookups } from "../../src/scim/filter-lookups.js";
import { compileFilter } from "../../src/scim/filter-match.js";
import { parseFilter } from "../../src/scim/filter-parser.js";
import { renderUser } from "../../src/scim/user-resource.js";
import { anyFilter, anyIndexedFilter } from "./any-filter.js";
import { account, anyUser, BABS, schema, user } from "./sample-users.js";

function matches(text: string, subject = user(BABS)): boolean {
  return compileFilter(parseFilter(text, schema.find), schema.find)(renderUser(subject));
}

describe("a filter of RFC 7644 §3.4.2.2, Figure 2, on the user of RFC 7643 §8.3", () => {
  it.each([
    ['userName eq "bjensen"', false],
    ['userName sw "J"', false],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"', false],
    [
      'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
      true,
    ],
    ['userName eq "BJENSEN@example.com"', true],
    ['name.familyName co "ens"', true],
    [`name.familyName co "O'Malley"`, false],
    ['userName sw "B"', true],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "b"', true],
    ['userName ew "example.COM"', true],
    ["title pr", true],
    ['meta.lastModified gt "2011-05-13T04:42:33Z"', true],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', false],
    ['meta.lastModified ge "2011-05-13T04:42:34Z"', true],
    ['meta.lastModified lt "2011-05-13T04:42:34Z"', false],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', true],
    ['title pr and userType eq "Employee"', true],
    ['title pr and userType eq "Intern"', false],
    ['title pr or userType eq "Intern"', true],
    ['schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"', true],
    ['userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")', true],
    ['userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")', false],
    ['userType eq "Employee" and (emails.type eq "work")', true],
    ['userType eq "Employee" and emails[type eq "work" and value co "@example.com"]', true],
    ['emails[type eq "work" and value co "@jensen.org"]', false],
    ['emails[type eq "work" and value co "@jensen.org"] or ims[type eq "aim" and value co "handle"]', true],
  ])("%s is %s", (text, expected) => {
    expect(matches(text)).toBe(expected);
  });
});

describe("a comparison", () => {
  it.each([
    // caseExact decides
    ['id eq "ac00000000000000000000000000000001"', false],
    ['id eq "AC00000000000000000000000000000001"', true],
    ['displayName eq "BABS jensen"', true],
    ['urn:ietf:params:scim:schemas:extension:twilio:2.0:User:friendlyName eq "BABS jensen"', false],
    ['urn:ietf:params:scim:schemas:extension:twilio:2.0:User:status eq "Active"', true],
    ['x509Certificates eq "miidqzccaqygawibagiceaawdqyjkozihvcnaqefbqawtjelmakga1uebhmcvvmx"', false],
    ['schemas eq "URN:ietf:params:scim:schemas:core:2.0:USER"', true],
    // the instant, not the text
    ['meta.created eq "2010-01-23T05:56:22+01:00"', true],
    ['meta.created eq "2010-01-23T04:56:22"', true],
    ['meta.created gt "2010-01-23"', true],
    ['meta.created sw "2010-01"', true],
    // booleans
    ["active eq true", true],
    ["active ne true", false],
    ['active eq "False"', false],
    ["urn:ietf:params:scim:schemas:extension:twilio:2.0:User:ownerAccount eq false", true],
    ['emails[primary eq true].value eq "bjensen@example.com"', true],
    // one value is enough
    ['emails eq "babs@jensen.org"', true],
    ['emails.value eq "BABS@jensen.org"', true],
    ['emails.value ne "babs@jensen.org"', true],
    ['not (emails.value eq "babs@jensen.org")', false],
    ["emails.primary pr", true],
    ['emails[type eq "home"].primary pr', false],
    // order of texts without case
    ['userName gt "BJENSEN@example.coL"', true],
    ['userName lt "c"', true],
    ['userName ge "bjensen@EXAMPLE.com"', true],
    ['userName gt "bjensen@EXAMPLE.com"', false],
    // extensions
    [`${ENTERPRISE_USER_SCHEMA}:department eq "tour operations"`, true],
    [`${ENTERPRISE_USER_SCHEMA}:manager eq "26118915-6090-4610-87e4-49d8ca9f808d"`, true],
    [`${ENTERPRISE_USER_SCHEMA}:manager.displayName co "smith"`, true],
    [`${ENTERPRISE_USER_SCHEMA} pr`, true],
    ["name pr", true],
    ["name eq null", false],
    ["title eq null", false],
    ["title ne null", true],
  ])("%s is %s", (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  it("unites what case alone keeps apart", () => {
    expect(matches('userName eq "STRASSE"', user({ userName: "straße" }))).toBe(true);
  });
});

describe("an absent attribute", () => {
  it.each([
    ["title pr", false],
    ["emails pr", false],
    ["name pr", false],
    [`${ENTERPRISE_USER_SCHEMA} pr`, false],
    [`${ENTERPRISE_USER_SCHEMA}:manager.value pr`, false],
    ['title eq "x"', false],
    ['title ne "x"', true],
    ['title co ""', false],
    ['title gt ""', false],
    ["title eq null", true],
    ["title ne null", false],
    ["emails eq null", true],
    ["name eq null", true],
    [`${ENTERPRISE_USER_SCHEMA} eq null`, true],
    ['emails ne "x"', true],
    ['emails[type ne "x"]', false],
    ['emails[not (type eq "x")]', false],
    ['name.givenName ne "x"', true],
  ])("makes %s %s", (text, expected) => {
    expect(matches(text, user({ userName: "u" }))).toBe(expected);
  });

  it("is what an attribute is that the scope does not know (RFC 7644 §3.4.2.1)", () => {
    const resource = renderUser(user(BABS));
    const filter = (operator: "eq" | "ne"): Filter => ({
      kind: "compare",
      attribute: "members",
      operator,
      value: "x",
    });
    expect(compileFilter(filter("eq"), schema.find)(resource)).toBe(false);
    expect(compileFilter(filter("ne"), schema.find)(resource)).toBe(true);
    expect(compileFilter({ kind: "present", attribute: "members" }, schema.find)(resource)).toBe(false);
  });
});

describe("any filter on any user", () => {
  it("decides as the RFC's text does", () => {
    fc.assert(
      fc.property(anyFilter, anyUser, (filter, subject) => {
        const resource = renderUser(subject);
        expect(compileFilter(filter, schema.find)(resource)).toBe(naive(filter, resource));
      }),
      { numRuns: 1000 },
    );
  });

  it("matches only users that its lookups find", () => {
    let matched = 0;
    fc.assert(
      fc.property(anyIndexedFilter, fc.array(anyUser, { minLength: 20 }), (filter, subjects) => {
        const lookups = userLookups(filter);
        if (lookups === undefined) return;
        const predicate = compileFilter(filter, schema.find);
        for (const subject of subjects.filter((candidate) => predicate(renderUser(candidate)))) {
          matched += 1;
          expect(lookups.some((lookup) => finds(lookup, subject))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
    expect(matched).toBeGreaterThan(30);
  });
});

/** What an index does. */
function finds({ attribute, value }: Lookup, { account: { sid }, attributes }: User): boolean {
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
  }
}

/** Attributes that are compared with case, as the schemas say. */
const CASE_EXACT = ["id", "externalId"];

/**
 * RFC 7644 §3.4.2.2, Table 3 to Table 5, sentence by sentence, over the plain JSON of a resource: no schema, no
 * compilation. What is absent is null.
 */
function naive(filter: Filter, object: unknown): boolean {
  switch (filter.kind) {
    case "and":
      return filter.filters.every((operand) => naive(operand, object));
    case "or":
      return filter.filters.some((operand) => naive(operand, object));
    case "not":
      return !naive(filter.filter, object);
    case "valuePath":
      return lookUp(object, filter.attribute).some((value) => value !== null && naive(filter.filter, value));
    case "present":
      return lookUp(object, filter.attribute).some((value) => value !== null);
    case "compare": {
      const fold = CASE_EXACT.includes(filter.attribute) ? (text: string) => text : foldCase;
      return lookUp(object, filter.attribute)
        .map((value) => (isObject(value) ? (value.value ?? null) : value))
        .some((value) => naiveCompare(filter, value, fold));
    }
  }
}

function naiveCompare(
  { attribute, operator, value: wanted }: Extract<Filter, { kind: "compare" }>,
  value: unknown,
  fold: (text: string) => string,
): boolean {
  const isText = operator === "co" || operator === "sw" || operator === "ew";
  const instant = attribute.startsWith("meta.") && !isText;
  const form = (side: unknown) =>
    typeof side !== "string" ? side : instant ? new Date(side).getTime() : fold(side);
  const [left, right] = [form(value), form(wanted)];
  if (operator === "eq") return left === right;
  if (operator === "ne") return left !== right;
  if (typeof left === "number" && typeof right === "number") return inOrder(operator, left, right);
  if (typeof left !== "string" || typeof right !== "string") return false;
  if (operator === "co") return left.includes(right);
  if (operator === "sw") return left.startsWith(right);
  if (operator === "ew") return left.endsWith(right);
  return inOrder(operator, left, right);
}

function inOrder<T extends string | number>(operator: string, left: T, right: T): boolean {
  if (operator === "gt") return left > right;
  if (operator === "ge") return left >= right;
  if (operator === "lt") return left < right;
  return left <= right;
}

function lookUp(object: unknown, path: string): unknown[] {
  const urn = path.startsWith(`${ENTERPRISE_USER_SCHEMA}:`) ? ENTERPRISE_USER_SCHEMA : undefined;
  const names = urn === undefined ? path.split(".") : [urn, ...path.slice(urn.length + 1).split(".")];
  let values = [object];
  for (const name of names) {
    values = values.flatMap((value) => {
      const member = isObject(value) ? value[name] : undefined;
      return Array.isArray(member) && member.length > 0 ? member : [member ?? null];
    });
  }
  return values;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

describe("the lookups of a filter", () => {
  const plan = (text: string) => userLookups(parseFilter(text, schema.find));
  const { sid } = account();

  it.each([
    [`id eq "${sid}"`, [{ attribute: "id", value: sid }]],
    ['userName eq "X"', [{ attribute: "userName", value: "X" }]],
    ["externalId eq jyoung", [{ attribute: "externalId", value: "jyoung" }]],
    ['emails.value eq "a@b"', [{ attribute: "email", value: "a@b" }]],
    ['emails eq "a@b"', [{ attribute: "email", value: "a@b" }]],
    ['emails[type eq "work"].value eq "a@b"', [{ attribute: "email", value: "a@b" }]],
    ['emails[type eq "work" and value eq "a@b"]', [{ attribute: "email", value: "a@b" }]],
    ['active eq true and userName eq "x"', [{ attribute: "userName", value: "x" }]],
    [
      'userName eq "x" or (externalId eq "y" and active eq true)',
      [
        { attribute: "userName", value: "x" },
        { attribute: "externalId", value: "y" },
      ],
    ],
    [
      'emails[value eq "a" or value eq "b"]',
      [
        { attribute: "email", value: "a" },
        { attribute: "email", value: "b" },
      ],
    ],
  ])("are found in %s", (text, expected) => {
    expect(plan(text)).toEqual(expected);
  });

  it.each([
    'userName eq "x" or active eq true',
    'not (userName eq "x")',
    'userName ne "x"',
    'userName sw "x"',
    "userName pr",
    "externalId eq null",
    'emails[not (value eq "x")]',
    'emails[value eq "x" or type eq "work"]',
    'phoneNumbers[value eq "x"]',
    'displayName eq "x"',
  ])("cannot narrow %s", (text) => {
    expect(plan(text)).toBeUndefined();
  });
});
