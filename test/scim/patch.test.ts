import { beforeEach, describe, expect, it } from "@jest/globals";
import type { AccountSid } from "../../src/directory/account.js";
import { ENTERPRISE_USER_SCHEMA, type UserAttributes } from "../../src/directory/user-attributes.js";
import { parsePath } from "../../src/scim/attribute-path.js";
import { applyPatch, mentionsActive, parsePatch } from "../../src/scim/patch.js";
import { TWILIO_USER_SCHEMA } from "../../src/scim/twilio-extension.js";
import { USER_SCHEMA } from "../../src/scim/user-members.js";
import { renderUser } from "../../src/scim/user-resource.js";
import { request } from "./fake-directory.js";
import { ADA, BOB, CAT, type GroupsOnCore, groupsOnCore } from "./groups-on-core.js";
import { refusal } from "./refusal.js";
import { answered, BABS, BUSY, schema, schemas, user } from "./sample-users.js";

const PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

const resourceOf = (attributes: UserAttributes) => renderUser(user(attributes));

function patch(attributes: UserAttributes, ...operations: unknown[]) {
  const body = { schemas: [PATCH_SCHEMA], Operations: operations };
  return applyPatch(resourceOf(attributes), parsePatch(body, schema), schema);
}

/** A user with nothing but a name. */
const BARE: UserAttributes = { userName: "u" };

const WORK = { value: "bjensen@example.com", type: "work", primary: true };
const HOME = { value: "babs@jensen.org", type: "home" };

describe("the examples of RFC 7644 §3.5.2", () => {
  it("§3.5.2.1: adds the attributes of a value without a path", () => {
    const patched = patch(
      { userName: "u", emails: [WORK] },
      { op: "add", value: { emails: [{ value: "babs@jensen.org", type: "home" }], nickname: "Babs" } },
    );
    expect(patched).toMatchObject({ nickName: "Babs", emails: [WORK, HOME] });
  });

  it("§3.5.2.2: removes the values that a filter selects", () => {
    const patched = patch(BABS, { op: "remove", path: 'emails[type eq "work" and value ew "example.com"]' });
    expect(patched.emails).toEqual([HOME]);
  });

  it("§3.5.2.3: replaces the value that a filter selects, whole", () => {
    const value = {
      type: "work",
      streetAddress: "911 Universal City Plaza",
      locality: "Hollywood",
      region: "CA",
      postalCode: "91608",
      country: "US",
      formatted: "911 Universal City Plaza\nHollywood, CA 91608 US",
      primary: true,
    };
    const patched = patch(BABS, { op: "replace", path: 'addresses[type eq "work"]', value });
    expect(patched.addresses).toEqual([value, BABS.addresses?.[1]]);
    const bare = patch(BABS, { op: "replace", path: 'addresses[type eq "work"]', value: { locality: "X" } });
    expect(bare.addresses).toEqual([{ locality: "X" }, BABS.addresses?.[1]]);
  });

  it("§3.5.2.3: replaces a sub-attribute of the value that a filter selects", () => {
    const patched = patch(BABS, {
      op: "replace",
      path: 'addresses[type eq "work"].streetAddress',
      value: "1010 Broadway Ave",
    });
    expect(patched.addresses).toEqual([
      { ...BABS.addresses?.[0], streetAddress: "1010 Broadway Ave" },
      BABS.addresses?.[1],
    ]);
  });

  it("§3.5.2.3: replaces the attributes of a value without a path", () => {
    const emails = [
      { value: "bjensen@example.com", type: "work", primary: true },
      { value: "babs@jensen.org", type: "home" },
    ];
    const patched = patch(
      { userName: "u", emails: [{ value: "old@example.com" }], nickName: "old" },
      { op: "replace", value: { emails, nickname: "Babs" } },
    );
    expect(patched).toMatchObject({ nickName: "Babs", emails });
  });
});

describe("the examples of RFC 7644 §3.5.2 with the members of a group", () => {
  let on: GroupsOnCore;
  beforeEach(async () => {
    on = await groupsOnCore();
  });

  const asSent = (value: string, display: string) => ({
    display,
    $ref: `https://example.com/v2/Users/${value}`,
    value,
  });
  const BABS_JENSEN = asSent(ADA, "Babs Jensen");
  const JAMES_SMITH = asSent(BOB, "James Smith");

  /** Who is in a group of these after a PATCH. */
  async function membersAfter(members: readonly AccountSid[], ...operations: object[]) {
    const { id } = await on.group("Tour Guides", members);
    await on.groups.patch(id, { schemas: [PATCH_SCHEMA], Operations: operations }, request());
    return (await on.core.directory.groups.get(id)).members;
  }

  it("§3.5.2.1: adds a member", async () => {
    const add = { op: "add", path: "members", value: [BABS_JENSEN] };
    expect(await membersAfter([CAT], add)).toEqual(new Set([CAT, ADA]));
  });

  it("§3.5.2.2: removes a member", async () => {
    const remove = { op: "remove", path: `members[value eq "${ADA}"]` };
    expect(await membersAfter([ADA, CAT], remove)).toEqual(new Set([CAT]));
  });

  it("§3.5.2.2: removes all members", async () => {
    expect(await membersAfter([ADA, CAT], { op: "remove", path: "members" })).toEqual(new Set());
  });

  it("§3.5.2.2: removes a member and adds another in one request", async () => {
    // The RFC has no space between the operator and the value.
    const remove = { op: "remove", path: `members[value eq"${ADA}"]` };
    const add = { op: "add", path: "members", value: [JAMES_SMITH] };
    expect(await membersAfter([ADA, CAT], remove, add)).toEqual(new Set([CAT, BOB]));
  });

  it("§3.5.2.3: replaces all members", async () => {
    const replace = { op: "replace", path: "members", value: [BABS_JENSEN, JAMES_SMITH] };
    expect(await membersAfter([CAT], replace)).toEqual(new Set([ADA, BOB]));
  });
});

describe("the valid paths of RFC 7644 §3.5.2", () => {
  it.each([
    ["name.familyName", schemas.user],
    ['addresses[type eq "work"]', schemas.user],
    ["members", schemas.group],
    ['members[value eq "2819c223-7f76-453a-919d-413861904646"]', schemas.group],
  ])("%s names an attribute", (path, of) => {
    expect(parsePath(path, of)).toMatchObject({ text: path });
  });

  it("are invalidPath where the sub-attribute is none of RFC 7643's", () => {
    const path = 'members[value eq "2819c223-7f76-453a-919d-413861904646"].displayName';
    expect(refusal(() => parsePath(path, schemas.group)).scimType).toBe("invalidPath");
  });
});

describe("active", () => {
  const suspended = () => renderUser(user(BABS, { status: "suspended" }));

  it.each<[string, unknown]>([
    ["Okta's", { op: "replace", value: { active: false } }],
    ["Entra ID's", { op: "Replace", path: "active", value: "False" }],
    ["Entra ID's documented", { op: "Replace", path: "active", value: false }],
    ["Entra ID's with aadOptscim062020", { op: "replace", path: "active", value: false }],
    ["an add's", { op: "Add", path: "active", value: "false" }],
    ["a loud", { OP: "REPLACE", PATH: "ACTIVE", VALUE: "FALSE" }],
    ["a qualified", { op: "replace", path: `${USER_SCHEMA}:active`, value: false }],
    ["a nested", { op: "replace", value: { [USER_SCHEMA]: { active: "false" } } }],
  ])("becomes false by %s form", (_, operation) => {
    expect(patch(BABS, operation).active).toBe(false);
  });

  it("becomes true by each word for it", () => {
    for (const value of [true, "True", "true", "TRUE"]) {
      const operations = parsePatch({ Operations: [{ op: "replace", path: "active", value }] }, schema);
      expect(applyPatch(suspended(), operations, schema).active).toBe(true);
    }
  });

  it.each<[unknown]>([
    ["banana"],
    [1],
    [0],
    ["0"],
    ["yes"],
    [""],
    [null],
    [[]],
    [[false]],
    [{}],
    [{ value: false }],
  ])("is not what %j says", (value) => {
    for (const op of ["add", "replace"]) {
      expect(refusal(() => patch(BABS, { op, path: "active", value }))).toMatchObject({
        status: 400,
        scimType: "invalidValue",
      });
      expect(refusal(() => patch(BABS, { op, value: { active: value } })).scimType).toBe("invalidValue");
    }
  });

  it("cannot be removed, since nobody could say what the account should be then", () => {
    expect(refusal(() => patch(BABS, { op: "remove", path: "active" })).scimType).toBe("mutability");
  });

  it("is known to be mentioned, even where it changes nothing", () => {
    const mentioned = (operation: unknown) => mentionsActive(parsePatch({ Operations: [operation] }, schema));
    expect(mentioned({ op: "replace", value: { displayName: "x", active: true } })).toBe(true);
    expect(mentioned({ op: "replace", value: { displayName: "x" } })).toBe(false);
  });
});

describe("what Entra ID sends", () => {
  it("applies its default dialect", () => {
    const patched = patch(
      BABS,
      { op: "Replace", path: "displayName", value: "Pvlo" },
      { op: "Replace", path: 'emails[type eq "work"].value', value: "TestBcwqnm@test.microsoft.com" },
      { op: "Replace", path: "name.givenName", value: "Gtfd" },
      { op: "Replace", path: "externalId", value: "Eqpj" },
      { op: "Add", path: "nickName", value: "Babs" },
      { op: "Replace", path: `${ENTERPRISE_USER_SCHEMA}:employeeNumber`, value: "Eqpj" },
    );
    expect(patched).toEqual({
      ...resourceOf(BABS),
      displayName: "Pvlo",
      emails: [{ ...WORK, value: "TestBcwqnm@test.microsoft.com" }, HOME],
      name: { ...BABS.name, givenName: "Gtfd" },
      externalId: "Eqpj",
      [ENTERPRISE_USER_SCHEMA]: { ...BABS[ENTERPRISE_USER_SCHEMA], employeeNumber: "Eqpj" },
    });
  });

  it("applies the dialect of aadOptscim062020, with dotted and qualified keys", () => {
    const patched = patch(
      BARE,
      { op: "replace", path: 'emails[type eq "work"].value', value: "TestMhvaes@test.microsoft.com" },
      {
        op: "replace",
        value: {
          displayName: "Bjfe",
          "name.givenName": "Kkom",
          "name.familyName": "Unua",
          [`${ENTERPRISE_USER_SCHEMA}:employeeNumber`]: "Aklq",
        },
      },
    );
    expect(patched).toMatchObject({
      displayName: "Bjfe",
      name: { givenName: "Kkom", familyName: "Unua" },
      emails: [{ type: "work", value: "TestMhvaes@test.microsoft.com" }],
      [ENTERPRISE_USER_SCHEMA]: { employeeNumber: "Aklq" },
    });
  });

  it.each<[string, unknown, unknown]>([
    ["a string", "26118915", { value: "26118915" }],
    ["an object", { value: "26118915" }, { value: "26118915" }],
    [
      "an array",
      [{ $ref: "http://x/scim/Users/00aa", value: "00aa" }],
      { value: "00aa", $ref: "http://x/scim/Users/00aa" },
    ],
    ["an array with nulls", [{ $ref: null, value: "00aa" }], { value: "00aa" }],
  ])("takes a manager as %s, by its URN and without", (_, value, manager) => {
    for (const path of [`${ENTERPRISE_USER_SCHEMA}:manager`, "manager"]) {
      for (const op of ["Add", "Replace"]) {
        expect(patch(BARE, { op, path, value })[ENTERPRISE_USER_SCHEMA]).toEqual({ manager });
      }
    }
  });

  it.each([[""], [null], [[]]])("removes a manager that is replaced by %j", (value) => {
    const patched = patch(BABS, { op: "Replace", path: `${ENTERPRISE_USER_SCHEMA}:manager`, value });
    const { manager: _, ...rest } = BABS[ENTERPRISE_USER_SCHEMA] ?? {};
    expect(patched[ENTERPRISE_USER_SCHEMA]).toEqual(rest);
  });

  it.each([[""], [null]])("removes each attribute that is replaced by %j", (value) => {
    const patched = patch(
      BABS,
      ...[
        "displayName",
        "name.givenName",
        "emails",
        "profileUrl",
        'phoneNumbers[type eq "work"].value',
        "externalId",
      ].map((path) => ({ op: "Replace", path, value })),
      { op: "Add", value: { title: value, "name.middleName": value, name: { familyName: value } } },
    );
    for (const name of ["displayName", "emails", "profileUrl", "externalId", "title"]) {
      expect(patched).not.toHaveProperty(name);
    }
    expect(patched.name).toEqual({
      formatted: "Ms. Barbara J Jensen, III",
      honorificPrefix: "Ms.",
      honorificSuffix: "III",
    });
    expect(patched.phoneNumbers).toEqual([{ value: "555-555-4444", type: "mobile" }]);
  });

  it("does nothing where what it empties is not there", () => {
    expect(patch(BARE, { op: "Replace", path: 'emails[type eq "work"].value', value: "" })).toEqual(
      resourceOf(BARE),
    );
  });

  it("reads an app role that is JSON within a string", () => {
    const value = [{ value: '{"id":"06b0","value":"Admin","displayName":"Administrator"}' }];
    expect(patch(BARE, { op: "Add", path: "roles", value }).roles).toEqual([
      { value: "Admin", display: "Administrator" },
    ]);
  });

  it("leaves a role alone that only begins like JSON", () => {
    const roles = [{ value: "{not json" }, { value: '{"a":1}' }];
    expect(patch(BARE, { op: "Add", path: "roles", value: roles }).roles).toEqual(roles);
  });

  it("creates the primary role that its path asks for with a string", () => {
    const operation = { op: "Replace", path: 'roles[primary eq "True"].value', value: "Admin" };
    expect(patch(BARE, operation).roles).toEqual([{ value: "Admin", primary: true }]);
    const roles = [{ value: "User" }, { value: "Old", primary: true }];
    expect(patch({ userName: "u", roles }, operation).roles).toEqual([
      { value: "User" },
      { value: "Admin", primary: true },
    ]);
  });

  it("reads True in roles", () => {
    const value = [{ primary: "True", type: "WindowsAzureActiveDirectoryRole", value: "Admin" }];
    expect(patch(BARE, { op: "Add", path: "roles", value }).roles).toEqual([
      { value: "Admin", type: "WindowsAzureActiveDirectoryRole", primary: true },
    ]);
  });

  it("changes the userName without a path", () => {
    expect(patch(BABS, { op: "replace", value: { userName: "new" } }).userName).toBe("new");
  });

  it("applies several operations on one attribute in their order", () => {
    const patched = patch(
      BABS,
      { op: "remove", path: "displayName" },
      { op: "add", path: "displayName", value: "first" },
      { op: "replace", path: "displayName", value: "second" },
    );
    expect(patched.displayName).toBe("second");
  });
});

describe("a multi-valued attribute", () => {
  const other = { value: "c@x.org", type: "other" };

  it("is appended to without doubling what is there", () => {
    const patched = patch(BABS, { op: "add", path: "emails", value: [HOME, other, other] });
    expect(patched.emails).toEqual([WORK, HOME, other]);
  });

  it("takes what is new about a value that is there", () => {
    const value = [{ value: "BABS@jensen.org", type: "HOME", display: "Babs" }];
    const { emails } = patch(BABS, { op: "add", path: "emails", value });
    expect(emails).toEqual([WORK, { value: "BABS@jensen.org", display: "Babs", type: "HOME" }]);
  });

  it("takes a lone object and a lone string for one value", () => {
    expect(patch(BARE, { op: "add", path: "emails", value: other }).emails).toEqual([other]);
    expect(patch(BARE, { op: "add", path: "emails", value: "c@x.org" }).emails).toEqual([
      { value: "c@x.org" },
    ]);
  });

  it("keeps one primary, the one that was written last", () => {
    const value = [{ ...other, primary: true }];
    expect(patch(BABS, { op: "add", path: "emails", value }).emails).toEqual([
      { ...WORK, primary: false },
      HOME,
      { ...other, primary: true },
    ]);
    expect(
      patch(BABS, { op: "replace", path: 'emails[type eq "home"].primary', value: "True" }).emails,
    ).toEqual([
      { ...WORK, primary: false },
      { ...HOME, primary: true },
    ]);
  });

  it("refuses two primaries in one value", () => {
    const value = [
      { value: "a", primary: true },
      { value: "b", primary: true },
    ];
    expect(refusal(() => patch(BARE, { op: "add", path: "emails", value })).scimType).toBe("invalidValue");
    expect(refusal(() => patch(BABS, { op: "replace", path: "emails.primary", value: true })).scimType).toBe(
      "invalidValue",
    );
  });

  it.each<[string, unknown, unknown]>([
    ["[] on replace", { op: "replace", path: "emails", value: [] }, undefined],
    ["nothing on remove", { op: "remove", path: "emails" }, undefined],
    ["[] on add", { op: "add", path: "emails", value: [] }, [WORK, HOME]],
    ["[] on remove", { op: "Remove", path: "emails", value: [] }, [WORK, HOME]],
    [
      "a value array on remove",
      { op: "Remove", path: "emails", value: [{ $ref: null, value: "babs@jensen.org" }] },
      [WORK],
    ],
    [
      "a value array that names none",
      { op: "Remove", path: "emails", value: [{ value: "x" }] },
      [WORK, HOME],
    ],
    ["all that is named on remove", { op: "Remove", path: "emails", value: [WORK, HOME] }, undefined],
  ])("with %s", (_, operation, expected) => {
    expect(patch(BABS, operation).emails).toEqual(expected);
  });

  it("loses a sub-attribute in all values without a filter", () => {
    const phoneNumbers = [{ value: "555-555-5555" }, { value: "555-555-4444" }];
    expect(patch(BABS, { op: "remove", path: "phoneNumbers.type" }).phoneNumbers).toEqual(phoneNumbers);
  });

  it("loses a value of which only its kind is left", () => {
    expect(patch(BABS, { op: "remove", path: 'emails[type eq "work"].value' }).emails).toEqual([HOME]);
    const withDisplay = [{ value: "a", display: "A", type: "work" }];
    const operation = { op: "remove", path: 'emails[type eq "work"].value' };
    expect(patch({ userName: "u", emails: withDisplay }, operation).emails).toEqual([
      { display: "A", type: "work" },
    ]);
  });

  it("is changed in all values that a filter selects", () => {
    const patched = patch(BABS, { op: "replace", path: 'phoneNumbers[value sw "555"].display', value: "D" });
    expect(patched.phoneNumbers).toEqual([
      { value: "555-555-5555", display: "D", type: "work" },
      { value: "555-555-4444", display: "D", type: "mobile" },
    ]);
  });

  it("keeps the rest of a selected value on add", () => {
    const patched = patch(BABS, { op: "add", path: 'emails[type eq "work"]', value: { display: "Work" } });
    expect(patched.emails).toEqual([{ ...WORK, display: "Work" }, HOME]);
  });

  it.each<[string, unknown, unknown]>([
    [
      "by an equality",
      { op: "add", path: 'emails[type eq "work"].value', value: "a" },
      [{ value: "a", type: "work" }],
    ],
    [
      "by several equalities",
      { op: "replace", path: 'emails[type eq "work" and primary eq true].value', value: "a" },
      [{ value: "a", type: "work", primary: true }],
    ],
    [
      "as a whole",
      { op: "replace", path: 'emails[type eq "work"]', value: { value: "a" } },
      [{ value: "a", type: "work" }],
    ],
    ["without a filter", { op: "replace", path: "emails.value", value: "a" }, [{ value: "a" }]],
  ])("gets a value that is selected %s and not there", (_, operation, expected) => {
    expect(patch(BARE, operation).emails).toEqual(expected);
  });

  it.each([
    { op: "add", path: 'emails[type ne "work"].value', value: "a" },
    { op: "replace", path: 'emails[type eq "x" or type eq "y"].value', value: "a" },
    { op: "replace", path: 'emails[not (type eq "x")]', value: { value: "a" } },
    { op: "add", path: "emails[type pr].value", value: "a" },
    { op: "remove", path: 'emails[type eq "work"]' },
    { op: "remove", path: 'emails[type eq "work"].value' },
  ])("has no target in %j", (operation) => {
    expect(refusal(() => patch(BARE, operation))).toMatchObject({ status: 400, scimType: "noTarget" });
  });

  it("has no more values than can be compared quickly", () => {
    const values = (count: number) => Array.from({ length: count }, (_, index) => ({ value: `${index}` }));
    const add = (count: number) => () => patch(BABS, { op: "add", path: "emails", value: values(count) });
    expect(add(198)().emails).toHaveLength(200);
    expect(refusal(add(199)).scimType).toBe("invalidValue");
  });
});

describe("an extension", () => {
  const enterprise = { department: "D", costCenter: "C" };

  it.each<[string, unknown]>([
    ["an object under its URN in a value", { op: "add", value: { [ENTERPRISE_USER_SCHEMA]: enterprise } }],
    ["its URN as the path", { op: "replace", path: ENTERPRISE_USER_SCHEMA, value: enterprise }],
    [
      "its URN in another case",
      { op: "replace", path: ENTERPRISE_USER_SCHEMA.toUpperCase(), value: enterprise },
    ],
    [
      "the URN that Entra ID breaks",
      { op: "add", value: { "urn:ietf:params:scim:schemas:extension:enterprise:2.0User": enterprise } },
    ],
    [
      "names in another case",
      { op: "add", value: { [ENTERPRISE_USER_SCHEMA]: { DEPARTMENT: "D", CostCenter: "C" } } },
    ],
  ])("is written by %s", (_, operation) => {
    expect(patch(BARE, operation)[ENTERPRISE_USER_SCHEMA]).toEqual(enterprise);
  });

  it("keeps what is not named", () => {
    const patched = patch(BABS, { op: "replace", path: ENTERPRISE_USER_SCHEMA, value: enterprise });
    expect(patched[ENTERPRISE_USER_SCHEMA]).toEqual({ ...BABS[ENTERPRISE_USER_SCHEMA], ...enterprise });
  });

  it.each<[unknown]>([
    [{ op: "remove", path: ENTERPRISE_USER_SCHEMA }],
    [{ op: "replace", path: ENTERPRISE_USER_SCHEMA, value: null }],
    [{ op: "replace", value: { [ENTERPRISE_USER_SCHEMA]: "" } }],
  ])("is removed as a whole by %j", (operation) => {
    expect(patch(BABS, operation)).not.toHaveProperty([ENTERPRISE_USER_SCHEMA]);
  });

  it("is gone with its last attribute", () => {
    const attributes = { userName: "u", [ENTERPRISE_USER_SCHEMA]: { manager: { value: "m" } } };
    const path = `${ENTERPRISE_USER_SCHEMA}:manager.value`;
    expect(patch(attributes, { op: "remove", path })).not.toHaveProperty([ENTERPRISE_USER_SCHEMA]);
  });

  it("is ignored where nobody knows it, in a value", () => {
    const value = {
      "urn:example:custom:2.0:User": { a: 1 },
      "urn:example:custom:2.0:User:b": 1,
      shoeSize: 43,
    };
    expect(patch(BABS, { op: "replace", value })).toEqual(resourceOf(BABS));
  });
});

describe("a password", () => {
  it("is accepted and dropped", () => {
    expect(
      patch(
        BABS,
        { op: "replace", path: "password", value: "1mz050nq" },
        { op: "add", path: `${USER_SCHEMA}:password`, value: "1mz050nq" },
        { op: "replace", value: { password: "1mz050nq" } },
      ),
    ).toEqual(resourceOf(BABS));
  });
});

describe("what is read-only", () => {
  it.each([
    "id",
    "meta",
    "meta.lastModified",
    "meta.version",
    "schemas",
    "entitlements",
    "entitlements.value",
    'entitlements[value eq "service-verify"]',
    'entitlements[type eq "AccountService"].display',
    `${TWILIO_USER_SCHEMA}:status`,
    `${TWILIO_USER_SCHEMA}:lastActivity`,
    `${TWILIO_USER_SCHEMA}:lastActivityExcludingFees`,
    `${TWILIO_USER_SCHEMA}:services`,
    `${TWILIO_USER_SCHEMA}:services[value eq "sms"]`,
    `${TWILIO_USER_SCHEMA}:services[value eq "sms"].lastActivity`,
    `${TWILIO_USER_SCHEMA}:spend`,
    `${TWILIO_USER_SCHEMA}:spend.total`,
    `${TWILIO_USER_SCHEMA}:activityAsOf`,
    `${TWILIO_USER_SCHEMA}:activityState`,
    TWILIO_USER_SCHEMA,
    "status",
  ])("cannot be written or removed by a path: %s", (path) => {
    for (const operation of [
      { op: "replace", path, value: { a: "x" } },
      { op: "add", path, value: { status: "x" } },
      { op: "remove", path },
    ]) {
      const named =
        path === TWILIO_USER_SCHEMA && operation.op === "replace"
          ? { ...operation, value: { status: "x" } }
          : operation;
      expect(refusal(() => patch(BABS, named))).toMatchObject({ status: 400, scimType: "mutability" });
    }
  });

  it("is ignored in a value that says what is so", () => {
    const resource = answered(user(BABS, {}, BUSY));
    const operations = parsePatch({ Operations: [{ op: "replace", value: resource }] }, schema);
    expect(applyPatch(resource, operations, schema)).toEqual(resource);
    const partly = {
      id: resource.id,
      meta: { resourceType: "User" },
      schemas: [USER_SCHEMA],
      nickName: "new",
    };
    expect(patch(BABS, { op: "replace", value: partly }).nickName).toBe("new");
  });

  it.each<[unknown]>([
    [{ id: "other" }],
    [{ meta: { resourceType: "Group" } }],
    [{ "meta.resourceType": "Group" }],
    [{ [TWILIO_USER_SCHEMA]: { status: "closed" } }],
    [{ [`${TWILIO_USER_SCHEMA}:status`]: "closed" }],
    [{ [`${TWILIO_USER_SCHEMA}:lastActivity`]: "2026-11-24T00:00:00Z" }],
    [{ [TWILIO_USER_SCHEMA]: { services: [] } }],
    [{ [TWILIO_USER_SCHEMA]: { spend: { total: 5 } } }],
    [{ entitlements: [{ value: "service-verify" }] }],
    [{ entitlements: [] }],
  ])("is refused in a value that says otherwise: %j", (value) => {
    const operations = parsePatch({ Operations: [{ op: "replace", value }] }, schema);
    const resource = answered(user(BABS, {}, BUSY));
    expect(refusal(() => applyPatch(resource, operations, schema)).scimType).toBe("mutability");
  });

  it("is refused with what does take a service away, where an entitlement is written", () => {
    for (const operation of [
      { op: "remove", path: 'entitlements[value eq "service-verify"]' },
      { op: "replace", path: "entitlements", value: [] },
      { op: "add", value: { entitlements: [{ value: "service-voice" }] } },
    ]) {
      const { status, scimType, detail } = refusal(() => patch(BABS, operation));
      expect({ status, scimType }).toEqual({ status: 400, scimType: "mutability" });
      expect(detail).toMatch(/suspend the account or close it/);
    }
    expect(refusal(() => patch(BABS, { op: "remove", path: "meta" })).detail).toBe("meta is read-only.");
  });
});

describe("a PATCH that cannot be read", () => {
  it.each<[unknown]>([
    [undefined],
    [null],
    ["x"],
    [[]],
    [[{ op: "add", path: "title", value: "x" }]],
    [{}],
    [{ Operations: {} }],
    [{ Operations: ["x"] }],
    [{ Operations: [null] }],
    [{ Operations: [{ path: "title", value: "x" }] }],
    [{ Operations: [{ op: "move", path: "title", value: "x" }] }],
    [{ Operations: [{ op: 5, path: "title", value: "x" }] }],
    [{ schemas: [USER_SCHEMA], Operations: [{ op: "remove", path: "title" }] }],
    [{ Operations: Array.from({ length: 1001 }, () => ({ op: "remove", path: "title" })) }],
  ])("is invalidSyntax: %j", (body) => {
    expect(refusal(() => parsePatch(body, schema))).toMatchObject({ status: 400, scimType: "invalidSyntax" });
  });

  it.each<[string, unknown]>([
    ["invalidPath", { op: "replace", path: "shoeSize", value: "x" }],
    ["invalidPath", { op: "replace", path: "urn:example:custom:2.0:User:a", value: "x" }],
    ["invalidPath", { op: "replace", path: "", value: "x" }],
    ["invalidPath", { op: "replace", path: 5, value: "x" }],
    ["invalidPath", { op: "replace", path: "name.", value: "x" }],
    ["invalidPath", { op: "replace", path: "name..givenName", value: "x" }],
    ["invalidPath", { op: "replace", path: "name givenName", value: "x" }],
    ["invalidPath", { op: "replace", path: "title[value eq 1]", value: "x" }],
    ["invalidPath", { op: "replace", path: 'name[givenName eq "x"]', value: "x" }],
    ["invalidPath", { op: "replace", path: 'emails[type eq "work"', value: "x" }],
    ["invalidPath", { op: "replace", path: 'emails[type eq "work"].', value: "x" }],
    ["invalidPath", { op: "replace", path: 'emails[type eq "work"].size', value: "x" }],
    ["invalidPath", { op: "replace", path: 'emails[type eq "work"]value', value: "x" }],
    ["invalidPath", { op: "replace", path: 'emails[type eq "work"].value eq "x"', value: "x" }],
    ["invalidPath", { op: "replace", path: "t".repeat(9000), value: "x" }],
    ["invalidFilter", { op: "replace", path: "emails[type is 5].value", value: "x" }],
    ["invalidFilter", { op: "replace", path: "emails[]", value: "x" }],
    ["invalidFilter", { op: "replace", path: 'emails[size eq "x"]', value: "x" }],
    ["invalidFilter", { op: "replace", path: 'roles[primary eq "banana"].value', value: "x" }],
    ["invalidFilter", { op: "replace", path: `emails[${"(".repeat(50)}`, value: "x" }],
    ["noTarget", { op: "remove" }],
    ["noTarget", { op: "remove", value: { title: "x" } }],
    ["noTarget", { op: "remove", path: null }],
    ["noTarget", { op: "remove", path: USER_SCHEMA }],
    ["invalidValue", { op: "add" }],
    ["invalidValue", { op: "replace", path: "title" }],
    ["invalidValue", { op: "replace", value: "x" }],
    ["invalidValue", { op: "replace", value: [{ title: "x" }] }],
    ["invalidValue", { op: "replace", value: null }],
    ["invalidValue", { op: "replace", path: "title", value: 5 }],
    ["invalidValue", { op: "replace", path: "title", value: { value: "x" } }],
    ["invalidValue", { op: "replace", path: "name", value: "x" }],
    ["invalidValue", { op: "replace", path: "emails", value: [5] }],
    ["invalidValue", { op: "replace", path: "emails", value: [["a"], ["b", "c"]] }],
    ["invalidValue", { op: "replace", path: "emails", value: [{ primary: "banana" }] }],
    ["invalidValue", { op: "replace", path: ENTERPRISE_USER_SCHEMA, value: "x" }],
    ["invalidValue", { op: "replace", path: "userName", value: "" }],
    ["invalidValue", { op: "replace", path: "userName", value: null }],
    ["invalidValue", { op: "replace", path: "userName", value: "  " }],
    ["invalidValue", { op: "replace", value: { userName: "" } }],
    ["invalidValue", { op: "replace", path: "userName", value: "u".repeat(1025) }],
    ["invalidValue", { op: "replace", path: "title", value: "t".repeat(8193) }],
    ["mutability", { op: "remove", path: "userName" }],
  ])("is %s: %j", (scimType, operation) => {
    expect(refusal(() => patch(BABS, operation))).toMatchObject({ status: 400, scimType });
  });
});

describe("applying a PATCH", () => {
  it("changes nothing of the resource that it was given, whether it succeeds or fails", () => {
    const resource = resourceOf(BABS);
    const before = structuredClone(resource);
    const operations = [
      { op: "replace", path: "displayName", value: "x" },
      { op: "add", path: "emails", value: [{ value: "c", primary: true }] },
      { op: "remove", path: `${ENTERPRISE_USER_SCHEMA}:manager.value` },
    ];
    applyPatch(resource, parsePatch({ Operations: operations }, schema), schema);
    const failing = [...operations, { op: "remove", path: 'emails[type eq "nowhere"]' }];
    refusal(() => applyPatch(resource, parsePatch({ Operations: failing }, schema), schema));
    expect(resource).toEqual(before);
  });

  it("refuses what is nested deeply, and does not fail over it", () => {
    const nested: unknown = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
    const operation = { op: "replace", path: "title", value: nested };
    expect(refusal(() => parsePatch({ schemas: nested, Operations: [operation] }, schema)).scimType).toBe(
      "invalidSyntax",
    );
    for (const path of [
      "title",
      "active",
      "name",
      "emails",
      "manager",
      "roles",
      "name.givenName",
      "emails.value",
    ]) {
      expect(refusal(() => patch(BABS, { ...operation, path })).scimType).toBe("invalidValue");
    }
    expect(refusal(() => patch(BABS, { op: "replace", value: { meta: nested } })).scimType).toBe(
      "mutability",
    );
  });

  it("is quick with as much as a request can hold", () => {
    const emails = Array.from({ length: 90 }, (_, index) => ({ value: `${index}` }));
    const start = performance.now();
    patch(BARE, ...Array.from({ length: 250 }, () => ({ op: "add", path: "emails", value: emails })));
    patch(BARE, {
      op: "add",
      value: Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, 1])),
    });
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it("never writes a name that the schemas do not spell", () => {
    const body = JSON.parse(
      '{"Operations":[{"op":"add","value":{"__proto__":{"title":"x"},"constructor":"x"}}]}',
    );
    const patched = applyPatch(resourceOf(BARE), parsePatch(body, schema), schema);
    expect(patched).toEqual(resourceOf(BARE));
    expect(patched.title).toBeUndefined();
  });
});
