import { readFileSync } from "node:fs";
import { z } from "zod";

const attribute = z.object({
  name: z.string(),
  type: z.enum(["string", "complex", "boolean", "binary", "decimal", "integer", "dateTime", "reference"]),
  multiValued: z.boolean(),
  mutability: z.string(),
  get subAttributes() {
    return z.array(attribute).optional();
  },
});

const schema = z.object({ id: z.string(), attributes: z.array(attribute) });

export type AttributeDefinition = z.infer<typeof attribute>;
export type SchemaDefinition = z.infer<typeof schema>;

/** A type of resource, as `scim-schemas/` has it. */
export interface ResourceDefinition {
  readonly core: SchemaDefinition;
  readonly extensions: readonly SchemaDefinition[];
  /** Everything that a path can name, with and without a URN in front. */
  readonly names: readonly NamedAttribute[];
}

/** An attribute or sub-attribute, and what it is called in a path. */
export interface NamedAttribute {
  readonly name: string;
  readonly attribute: AttributeDefinition;
}

export interface ResourceDefinitions {
  readonly user: ResourceDefinition;
  readonly group: ResourceDefinition;
  readonly entitlement: ResourceDefinition;
}

/** What every resource has besides its schema (RFC 7643 §3.1). */
const COMMON: readonly AttributeDefinition[] = [
  readOnly("id", "string"),
  { ...readOnly("externalId", "string"), mutability: "readWrite" },
  {
    ...readOnly("meta", "complex"),
    subAttributes: [
      readOnly("resourceType", "string"),
      readOnly("created", "dateTime"),
      readOnly("lastModified", "dateTime"),
      readOnly("location", "reference"),
      readOnly("version", "string"),
    ],
  },
];

function readOnly(name: string, type: AttributeDefinition["type"]): AttributeDefinition {
  return { name, type, multiValued: false, mutability: "readOnly" };
}

/** Reads the schemas that the bridge serves, without the bridge's code. */
export function readResourceDefinitions(): ResourceDefinitions {
  return {
    user: define("user", "enterprise-user", "twilio-user"),
    group: define("group"),
    entitlement: define("okta-entitlement"),
  };
}

function define(name: string, ...others: readonly string[]): ResourceDefinition {
  const core = withCommon(read(name));
  const extensions = others.map(read);
  const names = [
    ...core.attributes.flatMap((one) => namesOf(one, "")),
    ...extensions.flatMap(({ id, attributes }) => attributes.flatMap((one) => namesOf(one, `${id}:`))),
  ];
  return { core, extensions, names };
}

function read(name: string): SchemaDefinition {
  const file = new URL(`../../scim-schemas/${name}.json`, import.meta.url);
  return schema.parse(JSON.parse(readFileSync(file, "utf8")));
}

function withCommon({ id, attributes }: SchemaDefinition): SchemaDefinition {
  const named = new Set(attributes.map(({ name }) => name));
  return { id, attributes: [...COMMON.filter(({ name }) => !named.has(name)), ...attributes] };
}

function namesOf(one: AttributeDefinition, prefix: string): readonly NamedAttribute[] {
  const name = `${prefix}${one.name}`;
  const subs = one.subAttributes ?? [];
  return [{ name, attribute: one }, ...subs.map((sub) => ({ name: `${name}.${sub.name}`, attribute: sub }))];
}
