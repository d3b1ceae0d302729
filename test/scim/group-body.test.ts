import { describe, expect, it } from "@jest/globals";
import { groupAttributesOf, readGroupBody } from "../../src/scim/group-body.js";
import { GROUP_SCHEMA } from "../../src/scim/group-resource.js";
import { refusal } from "./refusal.js";
import { groupSchema } from "./sample-groups.js";
import { sid } from "./sample-users.js";

const ENTRA_GROUP_SCHEMA = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

const read = (body: unknown) => readGroupBody(body, groupSchema);
const refused = (body: unknown) => refusal(() => read(body));

describe("the body of a POST or PUT", () => {
  it("is read as Okta creates", () => {
    expect(read({ schemas: [GROUP_SCHEMA], displayName: "Test SCIMv2", members: [] })).toEqual({
      attributes: { displayName: "Test SCIMv2" },
      members: [],
    });
  });

  it("is read as Entra ID creates", () => {
    const body = {
      schemas: [GROUP_SCHEMA, ENTRA_GROUP_SCHEMA],
      externalId: "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
      displayName: "displayName",
      meta: { resourceType: "Group" },
    };
    expect(read(body)).toEqual({
      attributes: { displayName: "displayName", externalId: "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159" },
      members: [],
    });
  });

  it("is read as RFC 7643 §8.4 shows a group", () => {
    const body = {
      schemas: [GROUP_SCHEMA],
      id: "e9e30dba-f08f-4109-8486-d5c6a331660a",
      displayName: "Tour Guides",
      members: [
        { value: sid(1), $ref: `https://example.com/v2/Users/${sid(1)}`, display: "Babs Jensen" },
        { value: sid(2), $ref: `https://example.com/v2/Users/${sid(2)}`, display: "Mandy Pepperidge" },
      ],
      meta: { resourceType: "Group", version: 'W/"3694e05e9dff592"' },
    };
    expect(read(body)).toEqual({
      attributes: { displayName: "Tour Guides" },
      members: [sid(1), sid(2)],
    });
  });

  it.each<[string, object]>([
    ["without schemas", { displayName: "Tour Guides" }],
    ["with no schemas in the list", { schemas: [], displayName: "Tour Guides" }],
    ["with null for schemas", { schemas: null, displayName: "Tour Guides" }],
    ["with schemas of its own", { schemas: [ENTRA_GROUP_SCHEMA], displayName: "Tour Guides" }],
    ["in capitals", { SCHEMAS: [GROUP_SCHEMA], DISPLAYNAME: "Tour Guides" }],
    ["with names with the schema's URN", { [`${GROUP_SCHEMA}:displayName`]: "Tour Guides" }],
    [
      "nested in the schema's URN",
      { schemas: [GROUP_SCHEMA], [GROUP_SCHEMA]: { displayName: "Tour Guides" } },
    ],
    ["with null for what there is not", { displayName: "Tour Guides", externalId: null, members: null }],
    ["with nothing for what there is not", { displayName: "Tour Guides", externalId: "", members: "" }],
    ["with what nobody knows", { displayName: "Tour Guides", description: "x", owners: [{ value: 5 }] }],
    ["with what is read-only", { displayName: "Tour Guides", id: { not: "read" }, meta: "x" }],
    ["with a key about members that are not there", { displayName: "Tour Guides", "members.type": "User" }],
    ["with members that have nothing", { displayName: "Tour Guides", members: [{}, {}] }],
    ["with a password", { displayName: "Tour Guides", password: "secret" }],
  ])("is read %s", (_how, body) => {
    expect(read(body)).toEqual({ attributes: { displayName: "Tour Guides" }, members: [] });
  });

  it("keeps names as they are written", () => {
    const attributes = { displayName: " Straße\n\u202e\0\u{1F600} ", externalId: ' 0"\\ ' };
    expect(read(attributes).attributes).toEqual(attributes);
  });

  it("keeps the ids that are named, known or not, as far as an account can have them", () => {
    const members = [{ value: sid(1) }, { value: "nobody" }, { value: sid(1) }, sid(2)];
    expect(read({ displayName: "g", members }).members).toEqual([sid(1), sid(1), sid(2)]);
  });

  it("may name ten thousand members", () => {
    const members = Array.from({ length: 10_000 }, (_, number) => ({ value: sid(number) }));
    expect(read({ displayName: "g", members }).members).toHaveLength(10_000);
  });
});

describe("a body that is refused", () => {
  it.each([[null], [[]], ["g"], [7], [undefined], [[{ displayName: "g" }]]])(
    "is invalidSyntax where it is no object: %j",
    (body) => {
      expect(refused(body)).toMatchObject({ status: 400, scimType: "invalidSyntax" });
    },
  );

  it.each([[{}], [{ externalId: "x" }], [{ schemas: [], members: [] }], [{ Operations: [] }]])(
    "is invalidSyntax where nothing tells that it is a group: %j",
    (body) => {
      expect(refused(body)).toMatchObject({ status: 400, scimType: "invalidSyntax" });
    },
  );

  it.each([
    [{}],
    [{ displayName: null }],
    [{ displayName: "" }],
    [{ displayName: " \t\n" }],
    [{ displayName: [] }],
    [{ displayName: ["g"] }],
    [{ displayName: { value: "g" } }],
    [{ displayName: 7 }],
    [{ displayName: true }],
    [{ displayName: "x".repeat(8193) }],
    [{ displayName: "g", externalId: 7 }],
    [{ displayName: "g", externalId: {} }],
    [{ displayName: "g", members: [{ display: "Ada" }] }],
    [{ displayName: "g", members: [null] }],
    [{ displayName: "g", members: 7 }],
    [{ displayName: "g", members: { everyone: true } }],
  ])("is invalidValue where an attribute cannot be read: %#", (members) => {
    expect(refused({ schemas: [GROUP_SCHEMA], ...members })).toMatchObject({
      status: 400,
      scimType: "invalidValue",
    });
  });

  it("is one with names that are too long together", () => {
    const long = { displayName: '"'.repeat(8192), externalId: "x" };
    expect(refused(long)).toMatchObject({
      scimType: "invalidValue",
      detail: expect.stringMatching(/16 KiB/),
    });
    expect(read({ displayName: "x".repeat(8000), externalId: "y".repeat(8000) }).members).toEqual([]);
  });
});

describe("what a provider may write of a group", () => {
  it("is its names, whatever else the resource has", () => {
    const resource = { id: "x", displayName: "g", externalId: "e", members: [{ value: sid(1) }], meta: {} };
    expect(groupAttributesOf(resource)).toEqual({ displayName: "g", externalId: "e" });
    expect(groupAttributesOf({ displayName: "g" })).toEqual({ displayName: "g" });
  });

  it("is nothing without a displayName", () => {
    expect(refusal(() => groupAttributesOf({ externalId: "e" }))).toMatchObject({
      status: 400,
      scimType: "invalidValue",
    });
  });
});
