import type SCIMMY from "scimmy";
import { type Attribute, isComplex, subAttribute, subAttributes } from "./attribute.js";

type SchemaDefinition = SCIMMY.Types.SchemaDefinition;

/** URNs that clients send for a schema of ours: Entra ID documents, and sends, one without the colon before "User". */
const URN_ALIASES = [
  {
    urn: "urn:ietf:params:scim:schemas:extension:enterprise:2.0User",
    of: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
  },
];

/** What a name in a filter, a path or a body stands for. */
export interface AttributeTarget {
  /** The name in full, as the schemas spell it. Extension attributes have their URN in front. */
  readonly name: string;
  /** The URN of the extension that holds the attribute; undefined: the resource itself holds it. */
  readonly extension: string | undefined;
  /** Undefined: the whole extension, or the whole resource. */
  readonly attribute: Attribute | undefined;
  readonly sub: Attribute | undefined;
}

/** Finds what a name stands for, at one place in a resource. Names have no case. */
export type Scope = (name: string) => AttributeTarget | undefined;

/** Names that can be looked up: those of one resource type, or of all. */
export interface AttributeNames {
  readonly find: Scope;
}

/** The attributes of one resource type: its core schema and its extensions. */
export class ResourceSchema implements AttributeNames {
  readonly core: SchemaDefinition;
  readonly extensions: readonly SchemaDefinition[];
  /** By name in lower case. A client may name a hundred thousand attributes in one body. */
  readonly #targets: ReadonlyMap<string, AttributeTarget>;

  constructor(core: SchemaDefinition, extensions: readonly SchemaDefinition[]) {
    this.core = core;
    this.extensions = extensions;
    this.#targets = new Map([
      // Of two attributes with one bare name the last entry wins: the core's.
      ...extensions.flatMap((extension) => targetsOf(extension, extension.id, [""])),
      ...targetsOf(core, undefined, [""]),
      ...[core, ...extensions].flatMap((schema) => {
        const extension = schema === core ? undefined : schema.id;
        const urns = [schema.id, ...URN_ALIASES.filter(({ of }) => of === schema.id).map(({ urn }) => urn)];
        const whole: AttributeTarget = { name: schema.id, extension, attribute: undefined, sub: undefined };
        return [
          ...urns.map((urn) => [urn.toLowerCase(), whole] as const),
          ...targetsOf(
            schema,
            extension,
            urns.map((urn) => `${urn}:`),
          ),
        ];
      }),
    ]);
  }

  /**
   * What `name` stands for: `userName`, `name.givenName`, `urn:…:User:manager.value`, or a schema's URN alone.
   * An extension's attribute is also found by its bare name where no core attribute has it, since Entra ID asks for
   * `manager` so. Undefined where the schemas know no such attribute. scimmy's own lookup takes whatever begins with a
   * schema's URN for an attribute of that schema.
   */
  readonly find: Scope = (name) => this.#targets.get(name.toLowerCase());
}

/** Every attribute and sub-attribute of a schema, by its name in lower case behind each of the prefixes. */
function targetsOf(
  schema: SchemaDefinition,
  extension: string | undefined,
  prefixes: readonly string[],
): readonly (readonly [string, AttributeTarget])[] {
  const fullPrefix = extension === undefined ? "" : `${extension}:`;
  // scimmy gives every schema the attributes that only a resource has, such as `id`, and marks them as shadows.
  const attributes = schema.attributes.filter(({ config }) => extension === undefined || !config.shadow);
  const targets = attributes.flatMap((attribute): { path: string; target: AttributeTarget }[] =>
    [undefined, ...subAttributes(attribute)].map((sub) => {
      const path = sub === undefined ? attribute.name : `${attribute.name}.${sub.name}`;
      return { path, target: { name: `${fullPrefix}${path}`, extension, attribute, sub } };
    }),
  );
  return prefixes.flatMap((prefix) =>
    targets.map(({ path, target }) => [`${prefix}${path}`.toLowerCase(), target] as const),
  );
}

/** The scope within the square brackets of a value path: the sub-attributes of `attribute`. */
export function subAttributeScope(attribute: Attribute): Scope {
  return (name) => {
    const found = subAttribute(attribute, name);
    return found && { name: found.name, extension: undefined, attribute: found, sub: undefined };
  };
}

/** The attribute whose values are compared: of a complex one, its `value` (RFC 7643 §2.4). */
export function comparedAttribute({ attribute, sub }: AttributeTarget): Attribute | undefined {
  const named = sub ?? attribute;
  return named && isComplex(named) ? subAttribute(named, "value") : named;
}
