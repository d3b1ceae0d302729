import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { User } from "../../src/directory/user.js";
import { ENTERPRISE_USER_SCHEMA, foldCase } from "../../src/directory/user-attributes.js";
import type { Filter } from "../../src/scim/filter.js";
import { compileFilter, compileFilterOn } from "../../src/scim/filter-match.js";
import { parseFilter } from "../../src/scim/filter-parser.js";
import { TWILIO_USER_SCHEMA } from "../../src/scim/twilio-extension.js";
import { servedMembers } from "../../src/scim/user-members.js";
import { userVersion } from "../../src/scim/user-version.js";
import { anyFilter, anyUserFilter } from "./any-filter.js";
import { answered, anyUser, BABS, BUSY, schema, user } from "./sample-users.js";

const members = servedMembers({ baseUrl: "https://bridge.example/scim/v2", versionOf: userVersion });

/** What a filter says of a user, which is the same whether it reads the user or the resource. */
function decide(filter: Filter, subject: User): boolean {
  const decision = compileFilter(filter, schema.find)(answered(subject));
  expect(compileFilterOn(members, filter, schema.find)(subject)).toBe(decision);
  return decision;
}

function matches(text: string, subject = user(BABS)): boolean {
  return decide(parseFilter(text, schema.find), subject);
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
    const filter = (operator: "eq" | "ne"): Filter => ({
      kind: "compare",
      attribute: "members",
      operator,
      value: "x",
    });
    expect(decide(filter("eq"), user(BABS))).toBe(false);
    expect(decide(filter("ne"), user(BABS))).toBe(true);
    expect(decide({ kind: "present", attribute: "members" }, user(BABS))).toBe(false);
  });
});

describe("any filter on any user", () => {
  const anyMember = fc.tuple(anyUser, fc.boolean()).map(([subject, isMember]) => ({
    ...subject,
    groups: isMember ? [{ id: "g1", attributes: { displayName: "Ab" } }] : [],
  }));

  it("decides as the RFC's text does", () => {
    const anyMembers = fc.array(anyMember, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.oneof(anyFilter, anyUserFilter), anyMembers, (filter, subjects) => {
        const ofResources = compileFilter(filter, schema.find);
        const ofUsers = compileFilterOn(members, filter, schema.find);
        for (const subject of subjects) {
          const decision = naive(filter, answered(subject));
          expect(ofResources(answered(subject))).toBe(decision);
          expect(ofUsers(subject)).toBe(decision);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("decides on a day that it has met before as on a new one", () => {
    const filter = parseFilter('services[lastActivity eq "2026-09-01T00:00:00Z"]', schema.find);
    const decision = compileFilterOn(members, filter, schema.find);
    const busy = user(BABS, {}, BUSY);
    expect([busy, user(BABS), busy, busy].map(decision)).toEqual([true, false, true, true]);
  });
});

/** Attributes that are compared with case, as the schemas say. */
const CASE_EXACT = [
  ...["id", "externalId", "groups.$ref", "entitlements.value", "x509Certificates.value"],
  `${TWILIO_USER_SCHEMA}:accountSid`,
];

/** Complex attributes that have no `value` to be compared. */
const WITHOUT_VALUE = ["name", `${TWILIO_USER_SCHEMA}:spend`, TWILIO_USER_SCHEMA, ENTERPRISE_USER_SCHEMA];

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
        .map((value) =>
          isObject(value) && !WITHOUT_VALUE.includes(filter.attribute) ? (value.value ?? null) : value,
        )
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
  const instant = /^meta\.(created|lastModified)$|Activity$|activityAsOf$/.test(attribute) && !isText;
  const form = (side: unknown) =>
    typeof side !== "string" ? side : instant ? new Date(side).getTime() : fold(side);
  const [left, right] = [form(value), form(wanted)];
  if (operator === "eq") return left === right;
  if (operator === "ne") return left !== right;
  if (typeof left === "number" && typeof right === "number") {
    return !isText && inOrder(operator, left, right);
  }
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
  const urn = [ENTERPRISE_USER_SCHEMA, TWILIO_USER_SCHEMA].find((known) => path.startsWith(known));
  const rest = urn === undefined ? path : path.slice(urn.length + 1);
  const names = [urn ?? "", ...rest.split(".")].filter((name) => name !== "");
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
