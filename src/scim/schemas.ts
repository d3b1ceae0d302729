import { readFileSync } from "node:fs";
import SCIMMY from "scimmy";
import type { Attribute } from "./attribute.js";
import { isJsonObject, type JsonObject } from "./resource.js";
import { ResourceSchema } from "./resource-schema.js";

/** One file of `scim-schemas/`: a body as it is served, without its `meta`. */
export interface SchemaDocument extends JsonObject {
  readonly id: string;
}

export interface Schemas {
  /** The schema of a User with its extensions. */
  readonly user: ResourceSchema;
  /** The schema of a Group. */
  readonly group: ResourceSchema;
  /** Okta's schema of an Entitlement; undefined where Okta's discovery is off. */
  readonly entitlement: ResourceSchema | undefined;
  /** What the discovery endpoints serve (RFC 7644 §4). */
  readonly documents: {
    readonly schemas: readonly SchemaDocument[];
    readonly resourceTypes: readonly SchemaDocument[];
    readonly serviceProviderConfig: JsonObject;
  };
}

export interface SchemaOptions {
  /** Whether there are the resource types and the schema that Okta discovers entitlements by. */
  readonly oktaEntitlements?: boolean;
  /** Where the files are, with a slash at the end. */
  readonly directory?: URL;
}

/**
 * Reads the schemas, which are served and validated against alike.
 *
 * @throws Error that names the file, where one is missing or cannot be read
 */
export function loadSchemas({
  oktaEntitlements = false,
  directory = new URL("../../scim-schemas/", import.meta.url),
}: SchemaOptions = {}): Schemas {
  const user = readDocument(directory, "user.json");
  const extensions = ["enterprise-user.json", "twilio-user.json"].map((file) =>
    readDocument(directory, file),
  );
  const group = readDocument(directory, "group.json");
  const entitlement = oktaEntitlements ? readDocument(directory, "okta-entitlement.json") : undefined;
  // RFC 7643 §8.7.2: what discovery itself answers.
  const aboutTheService = ["service-provider-config", "resource-type", "schema"].map((name) =>
    readDocument(directory, `${name}-schema.json`),
  );
  const resourceTypes = [
    "resource-type-user.json",
    "resource-type-group.json",
    ...(oktaEntitlements ? ["resource-type-account-type.json", "resource-type-account-service.json"] : []),
  ];
  return {
    user: new ResourceSchema(define(user), extensions.map(define)),
    group: new ResourceSchema(define(group), []),
    entitlement: entitlement && new ResourceSchema(define(entitlement), []),
    documents: {
      schemas: [user, ...extensions, group, ...(entitlement ? [entitlement] : []), ...aboutTheService],
      resourceTypes: resourceTypes.map((file) => readDocument(directory, file)),
      serviceProviderConfig: readObject(directory, "service-provider-config.json"),
    },
  };
}

function readDocument(directory: URL, file: string): SchemaDocument {
  const document = readObject(directory, file);
  return { ...document, id: text(document, "id") };
}

function readObject(directory: URL, file: string): JsonObject {
  try {
    const document: unknown = JSON.parse(readFileSync(new URL(file, directory), "utf8"));
    if (isJsonObject(document)) return document;
  } catch (cause) {
    throw new Error(`scim-schemas/${file} cannot be read.`, { cause });
  }
  throw new Error(`scim-schemas/${file} is not a JSON object.`);
}

function define(document: SchemaDocument): SCIMMY.Types.SchemaDefinition {
  const definition = new SCIMMY.Types.SchemaDefinition(
    text(document, "name"),
    // The constructor refuses every URN outside of the IETF's, such as Okta's.
    "urn:ietf:params:scim:schemas:core:2.0",
    text(document, "description"),
    list(document, "attributes").map(defineAttribute),
  );
  definition.id = document.id;
  return definition;
}

function defineAttribute(definition: unknown): Attribute {
  if (!isJsonObject(definition)) throw new Error("An attribute of a schema is not a JSON object.");
  const type = ATTRIBUTE_TYPES.find((known) => known === definition.type);
  const name = text(definition, "name");
  if (type === undefined) throw new Error(`The schema's attribute ${name} has no type that is known.`);
  // `canonicalValues` are not given to scimmy: they are suggestions (RFC 7643 §7), which it would enforce.
  return new SCIMMY.Types.Attribute(
    type,
    name,
    {
      multiValued: definition.multiValued === true,
      description: text(definition, "description"),
      required: definition.required === true,
      caseExact: definition.caseExact === true,
      mutable: text(definition, "mutability"),
      returned: text(definition, "returned"),
      uniqueness: text(definition, "uniqueness"),
      ...(type === "reference" && { referenceTypes: list(definition, "referenceTypes").map(String) }),
    },
    type === "complex" ? list(definition, "subAttributes").map(defineAttribute) : [],
  );
}

const ATTRIBUTE_TYPES = [
  "string",
  "complex",
  "boolean",
  "binary",
  "decimal",
  "integer",
  "dateTime",
  "reference",
] as const;

function text(object: JsonObject, member: string): string {
  const value = object[member];
  if (typeof value === "string") return value;
  throw new Error(`"${member}" of a schema document is not a string.`);
}

function list(object: JsonObject, member: string): readonly unknown[] {
  const value = object[member];
  if (Array.isArray(value)) return value;
  throw new Error(`"${member}" of a schema document is not an array.`);
}
