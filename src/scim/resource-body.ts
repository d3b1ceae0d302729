import { isNoValue, membersByName } from "./attribute-value.js";
import { invalidSyntax } from "./errors.js";
import { isJsonObject } from "./resource.js";
import { type NamedAttribute, namedAttributes } from "./resource-edit.js";
import type { ResourceSchema } from "./resource-schema.js";

/** What the body of a POST or PUT is about. */
export interface ResourceKind {
  /** What it is called in error messages, such as "user". */
  readonly name: string;
  /** The attribute that every such resource has. */
  readonly required: string;
}

/**
 * The attributes that the body of a POST or PUT names (RFC 7644 §3.3, §3.5.1). Its list of `schemas` says nothing:
 * clients leave out extensions that they send data of, and Entra ID lists some of its own.
 *
 * @throws ScimError invalidSyntax for what is no such resource at all; invalidPath, invalidFilter or invalidValue for a
 * key that cannot be read
 */
export function attributesInBody(
  body: unknown,
  schema: ResourceSchema,
  { name, required }: ResourceKind,
): readonly NamedAttribute[] {
  if (!isJsonObject(body)) throw invalidSyntax(`A ${name} must be a JSON object.`);
  const named = namedAttributes(body, schema);
  const hasRequired = named.some(({ path }) => path.attribute?.name === required);
  if (!hasRequired && isNoValue(membersByName(body).get("schemas"))) {
    throw invalidSyntax(`A ${name} must have schemas and a ${required}.`);
  }
  return named;
}
