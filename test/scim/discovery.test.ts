import { describe, expect, it } from "@jest/globals";
import type { Attribute } from "../../src/scim/attribute.js";
import {
  getResourceType,
  getSchema,
  listResourceTypes,
  listSchemas,
  serviceProviderConfig,
} from "../../src/scim/discovery.js";
import { isJsonObject, type JsonObject } from "../../src/scim/resource.js";
import { loadSchemas } from "../../src/scim/schemas.js";
import { answered, BABS, BUSY, schema, schemas, user } from "./sample-users.js";

const BASE_URL = "https://bridge.example/scim/v2";
const [CORE = "", ENTERPRISE = "", TWILIO = ""] = [schema.core, ...schema.extensions].map(({ id }) => id);

const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

describe("/ServiceProviderConfig", () => {
  it("tells what the service can do", () => {
    expect(serviceProviderConfig(schemas, BASE_URL)).toMatchObject({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: false },
      authenticationSchemes: [
        { type: "oauthbearertoken", primary: true },
        { type: "httpbasic", primary: false },
      ],
      meta: { resourceType: "ServiceProviderConfig", location: `${BASE_URL}/ServiceProviderConfig` },
    });
  });
});

describe("/ResourceTypes", () => {
  it("lists the user with its extensions", () => {
    const list = listResourceTypes(schemas, BASE_URL);
    expect(list).toMatchObject({ totalResults: 1, itemsPerPage: 1, startIndex: 1 });
    expect(list.Resources[0]).toMatchObject({
      id: "User",
      endpoint: "/Users",
      schema: CORE,
      schemaExtensions: [
        { schema: ENTERPRISE, required: false },
        { schema: TWILIO, required: false },
      ],
      meta: { resourceType: "ResourceType", location: `${BASE_URL}/ResourceTypes/User` },
    });
  });

  it("finds one by its id without case", () => {
    expect(getResourceType(schemas, "uSER", BASE_URL)).toEqual(
      listResourceTypes(schemas, BASE_URL).Resources[0],
    );
    expect(getResourceType(schemas, "Device", BASE_URL)).toBeUndefined();
  });
});

describe("/Schemas", () => {
  it("lists each schema of a resource type, and no other", () => {
    const list = listSchemas(schemas, BASE_URL);
    expect(list.Resources.map(({ id }) => id)).toEqual([CORE, ENTERPRISE, TWILIO]);
    expect(list.totalResults).toBe(3);
  });

  it("finds one by its URN without case", () => {
    expect(getSchema(schemas, CORE.toUpperCase(), BASE_URL)).toMatchObject({
      id: CORE,
      meta: { resourceType: "Schema", location: `${BASE_URL}/Schemas/${CORE}` },
    });
    expect(getSchema(schemas, `${CORE}X`, BASE_URL)).toBeUndefined();
  });

  it("gives every attribute its characteristics (RFC 7643 §7)", () => {
    const check = (attribute: JsonObject) => {
      const { type, name } = attribute;
      expect(typeof name).toBe("string");
      for (const flag of ["multiValued", "required"]) expect(typeof attribute[flag]).toBe("boolean");
      expect(attribute.description).toMatch(/\w+ \w+/);
      expect(["readOnly", "readWrite"]).toContain(attribute.mutability);
      expect(attribute.returned).toBe("default");
      expect(["none", "server", "global"]).toContain(attribute.uniqueness);
      const hasCase = type === "string" || type === "reference" || type === "binary";
      expect(typeof attribute.caseExact).toBe(hasCase ? "boolean" : "undefined");
      if ("canonicalValues" in attribute) expect(attribute.canonicalValues).not.toEqual([]);
      expect(Array.isArray(attribute.referenceTypes)).toBe(type === "reference");
      expect(objects(attribute.subAttributes).length > 0).toBe(type === "complex");
      objects(attribute.subAttributes).forEach(check);
    };
    for (const { attributes } of schemas.documents.schemas) objects(attributes).forEach(check);
  });

  it("names no password, and of Twilio's extension nothing that can be written", () => {
    expect(JSON.stringify(schemas.documents.schemas)).not.toContain("password");
    const twilio = getSchema(schemas, TWILIO, BASE_URL);
    expect(objects(twilio?.attributes).map(({ name, mutability }) => [name, mutability])).toEqual(
      [
        ...["accountSid", "friendlyName", "ownerAccountSid", "ownerAccount", "status", "accountType"],
        ...[
          "lastActivity",
          "lastActivityExcludingFees",
          "services",
          "spend",
          "activityAsOf",
          "activityState",
        ],
      ].map((name) => [name, "readOnly"]),
    );
  });

  it("is what bodies are read against: the model says the same as the files", () => {
    const definitions = [schema.core, ...schema.extensions];
    schemas.documents.schemas.forEach((document, index) => {
      const described: unknown = JSON.parse(
        JSON.stringify(definitions[index]?.describe(`${BASE_URL}/Schemas`)),
      );
      // scimmy gives no uniqueness for booleans, and is not told of canonicalValues.
      const withoutHints = JSON.parse(JSON.stringify(document), (key, value) => {
        if (key === "canonicalValues") return undefined;
        if (isJsonObject(value) && value.type === "boolean") return { ...value, uniqueness: undefined };
        return value;
      });
      expect(JSON.parse(JSON.stringify(withoutHints))).toEqual({ ...Object(described), meta: undefined });
    });
  });

  it("defines everything that a user has", () => {
    const defines = (attributes: readonly Attribute[], object: JsonObject) => {
      for (const [name, value] of Object.entries(object)) {
        const attribute = attributes.find((known) => known.name === name);
        expect([name, attribute?.name]).toEqual([name, name]);
        for (const element of objects(Array.isArray(value) ? value : [value])) {
          defines(attribute?.subAttributes ?? [], element);
        }
      }
    };
    const resource = answered(user(BABS, {}, BUSY));
    for (const { id, attributes } of schema.extensions) {
      const extension = resource[id];
      if (isJsonObject(extension)) defines(attributes, extension);
    }
    const core = Object.entries(resource).filter(([name]) => !name.startsWith("urn:"));
    defines(schema.core.attributes, Object.fromEntries(core));
  });
});

describe("Okta's discovery of entitlements", () => {
  const withOkta = loadSchemas({ oktaEntitlements: true });
  const ENTITLEMENT = "urn:okta:scim:schemas:core:1.0:Entitlement";

  it("is advertised by two resource types of Okta's schema, behind the user", () => {
    const list = listResourceTypes(withOkta, BASE_URL);
    expect(list).toMatchObject({ totalResults: 3, itemsPerPage: 3, startIndex: 1 });
    expect(list.Resources.map(({ id }) => id)).toEqual(["User", "AccountType", "AccountService"]);
    expect(getResourceType(withOkta, "AccountService", BASE_URL)).toEqual({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
      id: "AccountService",
      name: "AccountService",
      endpoint: "/AccountServices",
      description: expect.any(String),
      schema: ENTITLEMENT,
      meta: { resourceType: "ResourceType", location: `${BASE_URL}/ResourceTypes/AccountService` },
    });
  });

  it("has its schema among the others, with what each entitlement has", () => {
    expect(listSchemas(withOkta, BASE_URL).Resources.map(({ id }) => id)).toEqual([
      CORE,
      ENTERPRISE,
      TWILIO,
      ENTITLEMENT,
    ]);
    const entitlement = getSchema(withOkta, ENTITLEMENT, BASE_URL);
    expect(entitlement).toMatchObject({
      name: "Entitlement",
      meta: { resourceType: "Schema", location: `${BASE_URL}/Schemas/${ENTITLEMENT}` },
    });
    expect(objects(entitlement?.attributes)).toMatchObject([
      { name: "id", required: true, caseExact: true, mutability: "readOnly", returned: "always" },
      { name: "type", required: true, caseExact: true, mutability: "readOnly" },
      { name: "displayName", required: true, caseExact: false, mutability: "readOnly" },
      { name: "description", required: false, caseExact: false, mutability: "readOnly" },
    ]);
  });

  it("is not there unless it is asked for", () => {
    expect(JSON.stringify(schemas.documents)).not.toContain("okta");
    expect(schemas.entitlement).toBeUndefined();
  });
});

describe("looking up an attribute", () => {
  it.each([
    ["USERNAME", "userName"],
    ["Name.GivenName", "name.givenName"],
    ["emails.value", "emails.value"],
    ["externalid", "externalId"],
    ["META.created", "meta.created"],
    [`${CORE}:userName`, "userName"],
    [`${CORE.toUpperCase()}:NAME.givenname`, "name.givenName"],
    [`${ENTERPRISE}:MANAGER.$REF`, `${ENTERPRISE}:manager.$ref`],
    ["manager.value", `${ENTERPRISE}:manager.value`],
    ["accountSid", `${TWILIO}:accountSid`],
    [ENTERPRISE.toUpperCase(), ENTERPRISE],
    ["urn:ietf:params:scim:schemas:extension:enterprise:2.0User:department", `${ENTERPRISE}:department`],
  ])("finds %s", (name, full) => {
    expect(schema.find(name)?.name).toBe(full);
  });

  it.each([
    "",
    ".",
    "name.",
    ".givenName",
    "name.givenName.x",
    "userName.value",
    "shoeSize",
    "constructor",
    "__proto__",
    "password",
    "urn:",
    `${ENTERPRISE}X`,
    `${ENTERPRISE}X:department`,
    `${ENTERPRISE}:`,
    `${ENTERPRISE}:userName`,
    `${ENTERPRISE}:id`,
    `${ENTERPRISE}.department`,
    `${ENTERPRISE}:${ENTERPRISE}:department`,
    "urn:example:2.0:User:a",
  ])("does not find %j", (name) => {
    expect(schema.find(name)).toBeUndefined();
  });
});

describe("loading the schemas", () => {
  it("names the file that is missing", () => {
    expect(() => loadSchemas({ directory: new URL("./nowhere/", import.meta.url) })).toThrow(
      "scim-schemas/user.json",
    );
  });
});
