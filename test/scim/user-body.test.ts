import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA, type UserAttributes } from "../../src/directory/user-attributes.js";
import { userEntitlements } from "../../src/scim/entitlements.js";
import { TWILIO_USER_SCHEMA } from "../../src/scim/twilio-extension.js";
import { readUserBody, userAttributesOf } from "../../src/scim/user-body.js";
import { USER_SCHEMA } from "../../src/scim/user-members.js";
import { renderUser } from "../../src/scim/user-resource.js";
import { refusal } from "./refusal.js";
import { answered, anyUser, BABS, schema, user } from "./sample-users.js";

const read = (body: unknown) => readUserBody(body, schema);

/** What a body with a userName and these members is read as. */
function attributes(members: Record<string, unknown>): Omit<UserAttributes, "userName"> {
  const { userName: _, ...rest } = read({ schemas: [USER_SCHEMA], userName: "u", ...members }).attributes;
  return rest;
}

describe("the body of a POST or PUT", () => {
  it("is read as Okta creates", () => {
    expect(
      read({
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
        userName: "test.user@okta.local",
        name: { givenName: "Test", familyName: "User" },
        emails: [{ primary: true, value: "test.user@okta.local", type: "work" }],
        displayName: "Test User",
        locale: "en-US",
        externalId: "00ujl29u0le5T6Aj10h7",
        groups: [],
        password: "1mz050nq",
        active: true,
      }),
    ).toEqual({
      attributes: {
        userName: "test.user@okta.local",
        name: { givenName: "Test", familyName: "User" },
        emails: [{ primary: true, value: "test.user@okta.local", type: "work" }],
        displayName: "Test User",
        locale: "en-US",
        externalId: "00ujl29u0le5T6Aj10h7",
      },
      active: true,
    });
  });

  it("is read as Okta updates, with an id, groups and meta", () => {
    expect(
      read({
        schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
        id: "23a35c27-23d3-4c03-b4c5-6443c09e7173",
        userName: "test.user@okta.local",
        name: { givenName: "Another", middleName: "Excited", familyName: "User" },
        emails: [{ primary: true, value: "a@b", type: "work", display: "a@b" }],
        active: true,
        groups: [{ value: "g" }],
        meta: { resourceType: "User" },
      }),
    ).toEqual({
      attributes: {
        userName: "test.user@okta.local",
        name: { givenName: "Another", middleName: "Excited", familyName: "User" },
        emails: [{ primary: true, value: "a@b", type: "work", display: "a@b" }],
      },
      active: true,
    });
  });

  it("is read as Entra ID creates", () => {
    expect(
      read({
        schemas: [
          "urn:ietf:params:scim:schemas:core:2.0:User",
          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        externalId: "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        userName: "Test_User_00aa00aa-bb11-cc22-dd33-44ee44ee44ee",
        active: true,
        emails: [{ primary: true, type: "work", value: "Test_User_11bb11bb@testuser.com" }],
        meta: { resourceType: "User" },
        name: { formatted: "givenName familyName", familyName: "familyName", givenName: "givenName" },
        roles: [],
      }),
    ).toEqual({
      attributes: {
        externalId: "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        userName: "Test_User_00aa00aa-bb11-cc22-dd33-44ee44ee44ee",
        emails: [{ value: "Test_User_11bb11bb@testuser.com", type: "work", primary: true }],
        name: { formatted: "givenName familyName", familyName: "familyName", givenName: "givenName" },
      },
      active: true,
    });
  });

  it.each<[string, Record<string, unknown>, object]>([
    ["nulls", { addresses: null, phoneNumbers: null, title: null, name: { givenName: null } }, {}],
    [
      "empty arrays and texts",
      { emails: [], title: "", name: { givenName: "" }, ims: [{}], photos: [null] },
      {},
    ],
    [
      "keys in any case",
      { DISPLAYNAME: "d", Name: { GIVENNAME: "g" } },
      { displayName: "d", name: { givenName: "g" } },
    ],
    [
      "dotted keys",
      { "name.givenName": "g", "name.familyName": "f" },
      { name: { givenName: "g", familyName: "f" } },
    ],
    [
      "qualified keys",
      {
        [`${USER_SCHEMA}:title`]: "t",
        [`${ENTERPRISE_USER_SCHEMA}:department`]: "d",
        [`${ENTERPRISE_USER_SCHEMA}:manager.value`]: "m",
      },
      { title: "t", [ENTERPRISE_USER_SCHEMA]: { department: "d", manager: { value: "m" } } },
    ],
    [
      "an extension that schemas does not list",
      { [ENTERPRISE_USER_SCHEMA]: { department: "d", title: null, shoeSize: 43 } },
      { [ENTERPRISE_USER_SCHEMA]: { department: "d" } },
    ],
    [
      "the URN that Entra ID breaks, with nulls",
      {
        schemas: [USER_SCHEMA, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0User": { department: "d", manager: null },
      },
      { [ENTERPRISE_USER_SCHEMA]: { department: "d" } },
    ],
    [
      "extensions that nobody knows",
      { schemas: [USER_SCHEMA, "urn:example:a"], "urn:example:a": { x: 1 }, "urn:example:a:b": "x" },
      {},
    ],
    [
      "unknown attributes",
      { shoeSize: 43, name: { nick: "n", givenName: "g" } },
      { name: { givenName: "g" } },
    ],
    ["unknown members that look like a path", { "shoe[size eq 5": "x", "": "x", "a b": "x", ":": "x" }, {}],
    [
      "read-only data",
      {
        id: "x",
        meta: { location: 5 },
        groups: "x",
        [TWILIO_USER_SCHEMA]: { status: "closed", ownerAccount: 5 },
      },
      {},
    ],
    ["a password", { password: "1mz050nq" }, {}],
    [
      "two e-mails of one type",
      {
        emails: [
          { value: "a", type: "work" },
          { value: "b", type: "work" },
        ],
      },
      {
        emails: [
          { value: "a", type: "work" },
          { value: "b", type: "work" },
        ],
      },
    ],
    [
      "types that are not canonical",
      { emails: [{ value: "a", type: "boat" }] },
      { emails: [{ value: "a", type: "boat" }] },
    ],
    ["a profileUrl that is no URL", { profileUrl: "just text" }, { profileUrl: "just text" }],
    [
      "a manager as a string",
      { [ENTERPRISE_USER_SCHEMA]: { manager: "m" } },
      { [ENTERPRISE_USER_SCHEMA]: { manager: { value: "m" } } },
    ],
    [
      "a manager as an object",
      { [ENTERPRISE_USER_SCHEMA]: { manager: { value: "m", $ref: "../Users/m", displayName: "M" } } },
      { [ENTERPRISE_USER_SCHEMA]: { manager: { value: "m", $ref: "../Users/m", displayName: "M" } } },
    ],
    ["a lone string for an array", { emails: "a@b" }, { emails: [{ value: "a@b" }] }],
    ["a lone object for an array", { emails: { value: "a@b" } }, { emails: [{ value: "a@b" }] }],
    [
      "roles as Entra ID creates them",
      { roles: [{ primary: "True", type: "WindowsAzureActiveDirectoryRole", value: "Admin" }] },
      { roles: [{ primary: true, type: "WindowsAzureActiveDirectoryRole", value: "Admin" }] },
    ],
    ["schemas as one string", { schemas: USER_SCHEMA }, {}],
  ])("may have %s", (_, members, expected) => {
    expect(attributes(members)).toEqual(expected);
  });

  it.each<[unknown, boolean | undefined]>([
    [true, true],
    [false, false],
    ["True", true],
    ["False", false],
    ["false", false],
    [null, undefined],
    [undefined, undefined],
  ])("has active %j as %j", (active, expected) => {
    expect(read({ userName: "u", active }).active).toBe(expected);
  });

  it("says nothing about active where it does not name it", () => {
    expect(read({ userName: "u" }).active).toBeUndefined();
  });

  it("needs no schemas where it has a userName", () => {
    expect(read({ USERNAME: "u" }).attributes).toEqual({ userName: "u" });
  });

  it.each<[unknown]>([
    [undefined],
    [null],
    ["x"],
    [5],
    [[]],
    [[{ schemas: [USER_SCHEMA], userName: "u" }]],
    [{}],
    [{ displayName: "x" }],
    [{ schemas: [], displayName: "x" }],
    [{ schemas: null }],
  ])("is invalidSyntax where it is no user: %j", (body) => {
    expect(refusal(() => read(body))).toMatchObject({ status: 400, scimType: "invalidSyntax" });
  });

  it.each<[string, Record<string, unknown>]>([
    ["userName", { userName: undefined }],
    ["userName", { userName: null }],
    ["userName", { userName: "" }],
    ["userName", { userName: " \t" }],
    ["userName", { userName: 5 }],
    ["userName", { userName: ["u"] }],
    ["userName", { userName: { value: "u" } }],
    ["userName", { userName: "u".repeat(1025) }],
    ["active", { active: "banana" }],
    ["active", { active: "" }],
    ["active", { active: 1 }],
    ["active", { active: {} }],
    ["displayName", { displayName: 5 }],
    ["displayName", { displayName: false }],
    ["displayName", { displayName: "d".repeat(8193) }],
    ["name", { name: "Test User" }],
    ["name", { name: [{ givenName: "a" }, { givenName: "b" }] }],
    ["name.givenName", { name: { givenName: 5 } }],
    ["emails", { emails: [5] }],
    ["emails", { emails: true }],
    ["emails.value", { emails: [{ value: 5 }] }],
    ["emails.primary", { emails: [{ value: "a", primary: "yes" }] }],
    [
      "emails",
      {
        emails: [
          { value: "a", primary: true },
          { value: "b", primary: "True" },
        ],
      },
    ],
    ["emails", { emails: Array.from({ length: 201 }, () => ({ value: "a" })) }],
    ["addresses", { addresses: ["Main Street"] }],
    [ENTERPRISE_USER_SCHEMA, { [ENTERPRISE_USER_SCHEMA]: "x" }],
    ["manager", { [ENTERPRISE_USER_SCHEMA]: { manager: 5 } }],
  ])("is invalidValue that names %s: %j", (name, members) => {
    const error = refusal(() => read({ schemas: [USER_SCHEMA], userName: "u", ...members }));
    expect(error).toMatchObject({ status: 400, scimType: "invalidValue" });
    expect(error.detail).toContain(name);
  });

  it("cannot reach the prototype of anything", () => {
    const body: unknown = JSON.parse(
      '{"userName":"u","__proto__":{"active":false},"name":{"__proto__":{"givenName":"x"}}}',
    );
    expect(read(body)).toEqual({ attributes: { userName: "u" }, active: undefined, entitlements: undefined });
  });

  it("may nest its unknown parts as deep as it likes", () => {
    const nested = `${`{"${USER_SCHEMA}":`.repeat(5000)}1${"}".repeat(5000)}`;
    expect(() => read({ userName: "u", ...JSON.parse(nested) })).not.toThrow(RangeError);
  });
});

describe("a resource that was served", () => {
  it("says the same when it comes back", () => {
    fc.assert(
      fc.property(anyUser, (subject) => {
        const body: unknown = JSON.parse(JSON.stringify(answered(subject)));
        expect(read(body)).toStrictEqual({
          attributes: subject.attributes,
          active: subject.account.status === "active",
          entitlements: userEntitlements(subject),
        });
      }),
      { numRuns: 500 },
    );
  });

  it("gives back the attributes that it was made of", () => {
    expect(userAttributesOf(renderUser(user(BABS)))).toStrictEqual(BABS);
  });
});
