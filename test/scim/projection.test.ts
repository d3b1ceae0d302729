import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { parseProjection } from "../../src/scim/projection.js";
import { TWILIO_USER_SCHEMA } from "../../src/scim/twilio-extension.js";
import { USER_SCHEMA } from "../../src/scim/user-members.js";
import { renderUser } from "../../src/scim/user-resource.js";
import { refusal } from "./refusal.js";
import { BABS, schema, user } from "./sample-users.js";

const resource = renderUser(user(BABS));
const { schemas, id } = resource;

const including = (attributes: unknown) => parseProjection({ attributes }, schema).apply(resource);
const excluding = (excludedAttributes: unknown) =>
  parseProjection({ excludedAttributes }, schema).apply(resource);

describe("attributes", () => {
  it.each<[string, object]>([
    ["userName", { userName: BABS.userName }],
    ["USERNAME", { userName: BABS.userName }],
    [" userName , displayName,", { userName: BABS.userName, displayName: BABS.displayName }],
    ["id", {}],
    ["name", { name: BABS.name }],
    ["name.givenName,Name.FamilyName", { name: { familyName: "Jensen", givenName: "Barbara" } }],
    ["name.givenName,name", { name: BABS.name }],
    ["emails.value", { emails: [{ value: "bjensen@example.com" }, { value: "babs@jensen.org" }] }],
    ["emails.primary", { emails: [{ primary: true }] }],
    ['emails[type eq "home"]', { emails: [{ value: "babs@jensen.org", type: "home" }] }],
    ['emails[type eq "home"].value', { emails: [{ value: "babs@jensen.org" }] }],
    ['emails[value eq "a,b"],title', { title: "Tour Guide" }],
    ["meta.created", { meta: { created: "2010-01-23T04:56:22.000Z" } }],
    [`${USER_SCHEMA}:userName`, { userName: BABS.userName }],
    [ENTERPRISE_USER_SCHEMA, { [ENTERPRISE_USER_SCHEMA]: BABS[ENTERPRISE_USER_SCHEMA] }],
    [`${ENTERPRISE_USER_SCHEMA}:department`, { [ENTERPRISE_USER_SCHEMA]: { department: "Tour Operations" } }],
    [
      `${ENTERPRISE_USER_SCHEMA}:manager.displayName`,
      { [ENTERPRISE_USER_SCHEMA]: { manager: { displayName: "John Smith" } } },
    ],
    ["department", { [ENTERPRISE_USER_SCHEMA]: { department: "Tour Operations" } }],
    [`${TWILIO_USER_SCHEMA}:status`, { [TWILIO_USER_SCHEMA]: { status: "active" } }],
    ["shoeSize", {}],
    ["urn:example:a:b", {}],
  ])("%s keep schemas and id, and what they name", (attributes, expected) => {
    expect(including(attributes)).toEqual({ schemas, id, ...expected });
  });

  it("may be given several times", () => {
    expect(including(["userName", "title"])).toEqual({
      schemas,
      id,
      userName: BABS.userName,
      title: BABS.title,
    });
  });

  it("select everything where there are none", () => {
    for (const query of [{}, { attributes: "" }, { excludedAttributes: "" }, { attributes: " , " }]) {
      expect(parseProjection(query, schema).apply(resource)).toBe(resource);
    }
  });
});

describe("excludedAttributes", () => {
  it.each([
    ["emails", ["emails"]],
    ["EMAILS,name", ["emails", "name"]],
    [ENTERPRISE_USER_SCHEMA, [ENTERPRISE_USER_SCHEMA]],
    ["meta", ["meta"]],
    ["schemas,id", []],
    ["shoeSize", []],
    ["groups,members", []],
  ])("%s leave out what they name, and never schemas and id", (excludedAttributes, names) => {
    const rest = Object.entries(resource).filter(([name]) => !names.includes(name));
    expect(excluding(excludedAttributes)).toEqual(Object.fromEntries(rest));
  });

  it("leave out sub-attributes, alone and of selected values", () => {
    expect(excluding("name.formatted").name).not.toHaveProperty("formatted");
    expect(excluding("emails.value,emails.type").emails).toEqual([{ primary: true }]);
    expect(excluding('emails[type eq "home"]').emails).toEqual([BABS.emails?.[0]]);
    expect(excluding('emails[type eq "home"].value').emails).toEqual([BABS.emails?.[0], { type: "home" }]);
    expect(excluding(`${ENTERPRISE_USER_SCHEMA}:manager`)[ENTERPRISE_USER_SCHEMA]).not.toHaveProperty(
      "manager",
    );
  });
});

describe("a projection that cannot be read", () => {
  it("is refused where both parameters are given, which exclude each other (RFC 7644 §3.9)", () => {
    const query = { attributes: "userName", excludedAttributes: "emails" };
    expect(refusal(() => parseProjection(query, schema))).toMatchObject({
      status: 400,
      scimType: "invalidValue",
    });
  });

  it.each([
    ["name givenName", "invalidPath"],
    ["emails[type eq]", "invalidFilter"],
    [{ a: "userName" }, "invalidValue"],
    [["userName", {}], "invalidValue"],
  ])("is refused: %j", (attributes, scimType) => {
    expect(refusal(() => including(attributes)).scimType).toBe(scimType);
  });

  it("is refused in linear time", () => {
    const start = performance.now();
    refusal(() => including(`name,${'"\\'.repeat(50_000)}`));
    expect(performance.now() - start).toBeLessThan(200);
  });
});

describe("the filters of a projection", () => {
  it("may make a hundred comparisons together", () => {
    const path = (terms: number) => `emails[${Array(terms).fill('value eq "a"').join(" or ")}].value`;
    expect(refusal(() => including([path(60), path(41)].join(",")))).toMatchObject({
      status: 400,
      scimType: "invalidFilter",
    });
    expect(including([path(60), path(40)].join(","))).toEqual({ schemas, id });
  });
});

describe("what a projection says that it shows", () => {
  const names = [
    ...[
      "userName",
      "emails",
      "emails.value",
      'emails[type eq "home"]',
      "name.givenName",
      "meta",
      "id",
      "none",
    ],
    ...[
      USER_SCHEMA,
      `${USER_SCHEMA}:title`,
      ENTERPRISE_USER_SCHEMA,
      `${ENTERPRISE_USER_SCHEMA}:manager.value`,
    ],
    ...[TWILIO_USER_SCHEMA, "status"],
  ];
  const lists = fc.subarray(names, { minLength: 1, maxLength: 4 }).map((some) => some.join(","));

  it("is what it leaves of a whole resource", () => {
    fc.assert(
      fc.property(fc.constantFrom("attributes", "excludedAttributes"), lists, (parameter, list) => {
        const projection = parseProjection({ [parameter]: list }, schema);
        const shown = Object.keys(resource).filter((name) => projection.shows(name));
        const left = Object.keys(projection.apply(resource));
        expect(shown).toEqual(expect.arrayContaining(left));
        // What is left of a part is the same as what is left of the whole.
        const part = Object.fromEntries(shown.map((name) => [name, resource[name]]));
        expect(projection.apply(part)).toEqual(projection.apply(resource));
      }),
    );
  });

  it("is everything of a type where its URN is asked for, and nothing where it is excluded", () => {
    expect(parseProjection({ attributes: USER_SCHEMA }, schema).shows("emails")).toBe(true);
    expect(parseProjection({ excludedAttributes: USER_SCHEMA }, schema).shows("emails")).toBe(false);
  });
});
