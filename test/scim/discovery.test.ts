import { describe, expect, it } from "@jest/globals";
import type { Attribute } from "../../src/scim/attribute.js";
import { MAX_BULK_OPERATIONS, MAX_BULK_PAYLOAD_BYTES } from "../../src/scim/bulk-request.js";
import { CURSOR_TIMEOUT_SECONDS } from "../../src/scim/cursor.js";
import {
  getResourceType,
  getSchema,
  listResourceTypes,
  listSchemas,
  serviceProviderConfig,
} from "../../src/scim/discovery.js";
import { DEFAULT_COUNT, MAX_COUNT } from "../../src/scim/list-query.js";
import { isJsonObject, type JsonObject } from "../../src/scim/resource.js";
import { loadSchemas } from "../../src/scim/schemas.js";
import { answered, BABS, BUSY, schema, schemas, user } from "./sample-users.js";

const BASE_URL = "https://bridge.example/scim/v2";
const [CORE = "", ENTERPRISE = "", TWILIO = ""] = [schema.core, ...schema.extensions].map(({ id }) => id);
const GROUP = schemas.group.core.id;
const OF_DISCOVERY = ["ServiceProviderConfig", "ResourceType", "Schema"].map(
  (name) => `urn:ietf:params:scim:schemas:core:2.0:${name}`,
);

const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/** Every name in `object`, at any depth, is one that the schema has, and what is required is there. */
function expectDefined(attributes: readonly JsonObject[], object: JsonObject): void {
  const names = attributes.map(({ name }) => name);
  const required = attributes.filter((attribute) => attribute.required === true);
  expect(names).toEqual(expect.arrayContaining(Object.keys(object)));
  expect(Object.keys(object)).toEqual(expect.arrayContaining(required.map(({ name }) => name)));
  for (const [member, value] of Object.entries(object)) {
    const named = attributes.find(({ name }) => name === member);
    // A schema would have to describe sub-attributes within sub-attributes for ever.
    const subAttributes = member === "subAttributes" ? attributes : objects(named?.subAttributes);
    for (const element of objects(Array.isArray(value) ? value : [value]))
      expectDefined(subAttributes, element);
  }
}

describe("/ServiceProviderConfig", () => {
  it("tells what the service can do", () => {
    expect(serviceProviderConfig(schemas, BASE_URL)).toMatchObject({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
      patch: { supported: true },
      bulk: {
        supported: true,
        maxOperations: MAX_BULK_OPERATIONS,
        maxPayloadSize: MAX_BULK_PAYLOAD_BYTES,
      },
      filter: { supported: true, maxResults: MAX_COUNT },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      pagination: {
        cursor: true,
        index: true,
        defaultPaginationMethod: "index",
        defaultPageSize: DEFAULT_COUNT,
        maxPageSize: MAX_COUNT,
        cursorTimeout: CURSOR_TIMEOUT_SECONDS,
      },
      authenticationSchemes: [
        { type: "oauthbearertoken", primary: true },
        { type: "httpbasic", primary: false },
      ],
      meta: { resourceType: "ServiceProviderConfig", location: `${BASE_URL}/ServiceProviderConfig` },
    });
  });
});

describe("/ResourceTypes", () => {
  it("lists the user with its extensions, and the group", () => {
    const list = listResourceTypes(schemas, BASE_URL);
    expect(list).toMatchObject({ totalResults: 2, itemsPerPage: 2, startIndex: 1 });
    expect(list.Resources[1]).toEqual({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
      id: "Group",
      name: "Group",
      endpoint: "/Groups",
      description: expect.stringMatching(/\w/),
      schema: GROUP,
      meta: { resourceType: "ResourceType", location: `${BASE_URL}/ResourceTypes/Group` },
    });
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
  it("lists each schema of a resource type, and those of discovery itself (RFC 7643 §8.7.2)", () => {
    const list = listSchemas(schemas, BASE_URL);
    expect(list.Resources.map(({ id }) => id)).toEqual([CORE, ENTERPRISE, TWILIO, GROUP, ...OF_DISCOVERY]);
    expect(list.totalResults).toBe(7);
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
      expect(["readOnly", "readWrite", "immutable"]).toContain(attribute.mutability);
      expect(["default", "request"]).toContain(attribute.returned);
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
    expect(JSON.stringify(schemas.documents.schemas)).not.toContain('"password"');
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
    const definitions = [schema.core, ...schema.extensions, schemas.group.core];
    definitions.forEach((definition, index) => {
      const document = schemas.documents.schemas[index];
      const described: unknown = JSON.parse(JSON.stringify(definition.describe(`${BASE_URL}/Schemas`)));
      // scimmy gives no uniqueness for booleans, and is not told of canonicalValues.
      const withoutHints = JSON.parse(JSON.stringify(document), (key, value) => {
        if (key === "canonicalValues") return undefined;
        if (isJsonObject(value) && value.type === "boolean") return { ...value, uniqueness: undefined };
        return value;
      });
      expect(JSON.parse(JSON.stringify(withoutHints))).toEqual({ ...Object(described), meta: undefined });
    });
  });

  it("defines everything that discovery answers", () => {
    const answers = [
      serviceProviderConfig(schemas, BASE_URL),
      ...listResourceTypes(schemas, BASE_URL).Resources,
      ...listSchemas(schemas, BASE_URL).Resources,
    ];
    for (const answer of answers) {
      const [urn] = Array.isArray(answer.schemas) ? answer.schemas : [];
      const { schemas: _, meta, ...defined } = answer;
      expect(meta).toEqual({ resourceType: expect.any(String), location: expect.any(String) });
      expectDefined(objects(getSchema(schemas, String(urn), BASE_URL)?.attributes), defined);
    }
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
    expect(list).toMatchObject({ totalResults: 4, itemsPerPage: 4, startIndex: 1 });
    expect(list.Resources.map(({ id }) => id)).toEqual(["User", "Group", "AccountType", "AccountService"]);
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
      GROUP,
      ENTITLEMENT,
      ...OF_DISCOVERY,
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
