import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { ScimError } from "../../src/scim/errors.js";
import { type Filter, printFilter } from "../../src/scim/filter.js";
import { MAX_FILTER_DEPTH, MAX_FILTER_LENGTH, parseFilter } from "../../src/scim/filter-parser.js";
import { anyFilter } from "./any-filter.js";
import { schema } from "./sample-users.js";

const parse = (text: string) => parseFilter(text, schema.find);

/** The error that a filter is refused with. */
function refusal(text: string): ScimError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
}

const eq = (attribute: string, value: string | boolean | null): Filter => ({
  kind: "compare",
  attribute,
  operator: "eq",
  value,
});

describe("the filters of RFC 7644 §3.4.2.2, Figure 2", () => {
  it.each<[string, Filter]>([
    ['userName Eq "john"', eq("userName", "john")],
    ['Username eq "john"', eq("userName", "john")],
    ['userName eq "bjensen"', eq("userName", "bjensen")],
    [
      `name.familyName co "O'Malley"`,
      { kind: "compare", attribute: "name.familyName", operator: "co", value: "O'Malley" },
    ],
    ['userName sw "J"', { kind: "compare", attribute: "userName", operator: "sw", value: "J" }],
    [
      'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"',
      { kind: "compare", attribute: "userName", operator: "sw", value: "J" },
    ],
    ["title pr", { kind: "present", attribute: "title" }],
    [
      'meta.lastModified gt "2011-05-13T04:42:34Z"',
      { kind: "compare", attribute: "meta.lastModified", operator: "gt", value: "2011-05-13T04:42:34Z" },
    ],
    [
      'meta.lastModified ge "2011-05-13T04:42:34Z"',
      { kind: "compare", attribute: "meta.lastModified", operator: "ge", value: "2011-05-13T04:42:34Z" },
    ],
    [
      'meta.lastModified lt "2011-05-13T04:42:34Z"',
      { kind: "compare", attribute: "meta.lastModified", operator: "lt", value: "2011-05-13T04:42:34Z" },
    ],
    [
      'meta.lastModified le "2011-05-13T04:42:34Z"',
      { kind: "compare", attribute: "meta.lastModified", operator: "le", value: "2011-05-13T04:42:34Z" },
    ],
    [
      'title pr and userType eq "Employee"',
      { kind: "and", filters: [{ kind: "present", attribute: "title" }, eq("userType", "Employee")] },
    ],
    [
      'title pr or userType eq "Intern"',
      { kind: "or", filters: [{ kind: "present", attribute: "title" }, eq("userType", "Intern")] },
    ],
    [
      'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"',
      eq("schemas", ENTERPRISE_USER_SCHEMA),
    ],
    [
      'userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")',
      {
        kind: "and",
        filters: [
          eq("userType", "Employee"),
          {
            kind: "or",
            filters: [
              { kind: "compare", attribute: "emails", operator: "co", value: "example.com" },
              { kind: "compare", attribute: "emails.value", operator: "co", value: "example.org" },
            ],
          },
        ],
      },
    ],
    [
      'userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")',
      {
        kind: "and",
        filters: [
          { kind: "compare", attribute: "userType", operator: "ne", value: "Employee" },
          {
            kind: "not",
            filter: {
              kind: "or",
              filters: [
                { kind: "compare", attribute: "emails", operator: "co", value: "example.com" },
                { kind: "compare", attribute: "emails.value", operator: "co", value: "example.org" },
              ],
            },
          },
        ],
      },
    ],
    [
      'userType eq "Employee" and (emails.type eq "work")',
      { kind: "and", filters: [eq("userType", "Employee"), eq("emails.type", "work")] },
    ],
    [
      'userType eq "Employee" and emails[type eq "work" and value co "@example.com"]',
      {
        kind: "and",
        filters: [
          eq("userType", "Employee"),
          {
            kind: "valuePath",
            attribute: "emails",
            filter: {
              kind: "and",
              filters: [
                eq("type", "work"),
                { kind: "compare", attribute: "value", operator: "co", value: "@example.com" },
              ],
            },
          },
        ],
      },
    ],
    [
      'emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]',
      {
        kind: "or",
        filters: [
          {
            kind: "valuePath",
            attribute: "emails",
            filter: {
              kind: "and",
              filters: [
                eq("type", "work"),
                { kind: "compare", attribute: "value", operator: "co", value: "@example.com" },
              ],
            },
          },
          {
            kind: "valuePath",
            attribute: "ims",
            filter: {
              kind: "and",
              filters: [
                eq("type", "xmpp"),
                { kind: "compare", attribute: "value", operator: "co", value: "@foo.com" },
              ],
            },
          },
        ],
      },
    ],
  ])("%s", (text, filter) => {
    expect(parse(text)).toEqual(filter);
  });

  it("binds not closer than and, and and closer than or", () => {
    const filter = parse('not (title pr) and nickName pr or locale pr and userName eq "x"');
    expect(filter).toEqual({
      kind: "or",
      filters: [
        {
          kind: "and",
          filters: [
            { kind: "not", filter: { kind: "present", attribute: "title" } },
            { kind: "present", attribute: "nickName" },
          ],
        },
        { kind: "and", filters: [{ kind: "present", attribute: "locale" }, eq("userName", "x")] },
      ],
    });
  });
});

describe("what clients send beyond the grammar", () => {
  it.each<[string, string, Filter]>([
    [
      "Entra ID's sub-attribute behind a value path",
      'emails[type eq "work"].value eq "jyoung@contoso.com"',
      {
        kind: "valuePath",
        attribute: "emails",
        filter: { kind: "and", filters: [eq("type", "work"), eq("value", "jyoung@contoso.com")] },
      },
    ],
    [
      "its presence",
      'emails[type eq "work"].value pr',
      {
        kind: "valuePath",
        attribute: "emails",
        filter: { kind: "and", filters: [eq("type", "work"), { kind: "present", attribute: "value" }] },
      },
    ],
    ["Entra ID's value without quotation marks", "externalId eq jyoung", eq("externalId", "jyoung")],
    [
      "an object id without quotation marks",
      "externalId eq 0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
      eq("externalId", "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"),
    ],
    ["a number where a string belongs", "externalId eq 701984", eq("externalId", "701984")],
    ["an address without quotation marks", "(userName eq a.b+c@d.org)", eq("userName", "a.b+c@d.org")],
    ["a boolean in quotation marks", 'active eq "True"', eq("active", true)],
    ["a boolean in capitals", "active eq FALSE", eq("active", false)],
    ["Ping's spelling", 'username Eq "x"', eq("userName", "x")],
    [
      "Entra ID's manager without its URN",
      'id eq "a" and manager eq "b"',
      { kind: "and", filters: [eq("id", "a"), eq(`${ENTERPRISE_USER_SCHEMA}:manager`, "b")] },
    ],
    [
      "the enterprise URN without its last colon",
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department eq "x"',
      eq(`${ENTERPRISE_USER_SCHEMA}:department`, "x"),
    ],
    [
      "plus signs for spaces",
      'userName+eq+"a+b"+and+active+eq+true',
      { kind: "and", filters: [eq("userName", "a+b"), eq("active", true)] },
    ],
    [
      "plus signs for spaces before any string",
      'active+eq+true+and+(userName+eq+"x y")',
      { kind: "and", filters: [eq("active", true), eq("userName", "x y")] },
    ],
    ["no space around marks", 'not(userName eq"x")', { kind: "not", filter: eq("userName", "x") }],
  ])("reads %s", (_, text, filter) => {
    expect(parse(text)).toEqual(filter);
  });

  it("resolves the escapes of JSON strings", () => {
    expect(parse(String.raw`userName eq "a\"b\\c\u00e9\n)]"`)).toEqual(eq("userName", 'a"b\\cé\n)]'));
  });

  it("reads null", () => {
    expect(parse("title eq null")).toEqual(eq("title", null));
    expect(parse('title eq "null"')).toEqual(eq("title", "null"));
  });
});

describe("a filter that cannot be read", () => {
  it.each([
    ["nothing", "", 1, "an attribute"],
    ["spaces", "   ", 4, "an attribute"],
    ["an attribute alone", "userName", 9, "an operator"],
    ["an unknown operator", 'userName is "x"', 10, "an operator"],
    ["no value", "userName eq", 12, "a value"],
    ["an open string", 'userName eq "x', 13, "closing quotation mark"],
    ["a string that ends in a backslash", 'userName eq "x\\', 13, "closing quotation mark"],
    ["an unknown escape", 'userName eq "\\x"', 13, "valid escapes"],
    ["a line break in a string", 'userName eq "a\nb"', 13, "valid escapes"],
    ["an open group", '(userName eq "x"', 17, '")"'],
    ["a group too many", 'userName eq "x")', 16, "the end"],
    ["an open bracket", 'emails[type eq "work"', 22, '"]"'],
    ["two expressions side by side", 'userName eq "x" active eq true', 17, '"and", "or"'],
    ["nothing after and", 'userName eq "x" and ', 21, "an attribute"],
    ["not without parentheses", "not active eq true", 5, '"("'],
    ["an unknown attribute", 'title pr or shoeSize eq "x"', 13, "an attribute that the schemas define"],
    ["an unknown sub-attribute", 'name.nick eq "x"', 1, "an attribute that the schemas define"],
    [
      "an unknown sub-attribute in brackets",
      'emails[size eq "x"]',
      8,
      "an attribute that the schemas define",
    ],
    [
      "an unknown sub-attribute behind brackets",
      'emails[type eq "x"].size eq 5',
      21,
      "a sub-attribute of emails",
    ],
    ["a password", 'password eq "x"', 1, "an attribute that the schemas define"],
    ["an unknown extension", 'urn:example:2.0:User:a eq "x"', 1, "an attribute that the schemas define"],
    ["a URN that only begins like ours", `${ENTERPRISE_USER_SCHEMA}X:department pr`, 1, "an attribute that"],
    ["brackets on a simple attribute", 'title[value eq "x"]', 1, "a complex attribute"],
    ["brackets within brackets", 'emails[type[value eq "x"]]', 8, "a complex attribute"],
    ["an order of booleans", "active gt true", 8, "gt cannot be used on active"],
    ["a part of a boolean", 'active co "t"', 8, "co cannot be used on active"],
    ["an order of binaries", 'x509Certificates.value le "x"', 24, "le cannot be used"],
    ["banana", 'active eq "banana"', 11, "true or false"],
    ["a number for a boolean", "active eq 1", 11, "true or false"],
    ["a complex attribute without a value", 'name eq "x"', 6, "name a sub-attribute"],
    ["addresses without a sub-attribute", 'addresses co "x"', 11, "name a sub-attribute"],
    ["a whole extension compared", `${ENTERPRISE_USER_SCHEMA} eq "x"`, 60, "name a sub-attribute"],
    ["a date that is none", 'meta.created gt "yesterday"', 17, "a dateTime"],
    ["a day that is none", 'meta.created gt "2011-02-31T25:00:00Z"', 17, "a dateTime"],
    ["an order of null", "title gt null", 7, '"eq" or "ne" before null'],
  ])("is refused with its column: %s", (_, text, column, expected) => {
    const error = refusal(text);
    expect(error.status).toBe(400);
    expect(error.scimType).toBe("invalidFilter");
    expect(error.message).toContain(`column ${column}:`);
    expect(error.message).toContain(expected);
  });

  it.each([
    ["100 KiB", `userName eq "${"x".repeat(100 * 1024)}"`],
    ["10,000 parentheses", "(".repeat(10_000)],
    ["10,000 parentheses that close", `${"(".repeat(10_000)}title pr${")".repeat(10_000)}`],
    ["as many parentheses as fit", "(".repeat(MAX_FILTER_LENGTH)],
    ["as many nots as fit", "not(".repeat(MAX_FILTER_LENGTH / 4)],
    ["as many brackets as fit", "emails[".repeat(MAX_FILTER_LENGTH / 7)],
    ["as many quotation marks as fit", `userName eq ${'"'.repeat(MAX_FILTER_LENGTH - 12)}`],
    ["as many backslashes as fit", `userName eq "${"\\".repeat(MAX_FILTER_LENGTH - 13)}`],
    ["as many letters as fit", "a".repeat(MAX_FILTER_LENGTH)],
    ["as many spaces as fit", " ".repeat(MAX_FILTER_LENGTH)],
    ["as many comparisons as fit, and one letter", `${"title pr or ".repeat(682)}x`],
  ])("is refused within milliseconds: %s", (_, text) => {
    const start = performance.now();
    expect(refusal(text).scimType).toBe("invalidFilter");
    expect(performance.now() - start).toBeLessThan(500);
  });

  it("quotes no more than an excerpt of it", () => {
    expect(refusal(`userName ${"x".repeat(8000)}`).message.length).toBeLessThan(200);
  });

  it("may be as deep as the limit, and not deeper", () => {
    const nested = (depth: number) => `${"(".repeat(depth)}title pr${")".repeat(depth)}`;
    expect(parse(nested(MAX_FILTER_DEPTH))).toEqual({ kind: "present", attribute: "title" });
    expect(refusal(nested(MAX_FILTER_DEPTH + 1)).message).toContain("nested deeper");
  });

  it("counts the parentheses within brackets too", () => {
    const nested = `${"(".repeat(20)}emails[${"(".repeat(20)}type pr${")".repeat(20)}]${")".repeat(20)}`;
    expect(refusal(nested).message).toContain("nested deeper");
  });
});

describe("printing a filter", () => {
  it("gives a text that parses to the same filter", () => {
    fc.assert(
      fc.property(anyFilter, (filter) => {
        const text = printFilter(filter);
        fc.pre(text.length <= MAX_FILTER_LENGTH);
        expect(parse(text)).toEqual(filter);
      }),
      { numRuns: 1000 },
    );
  });
});
