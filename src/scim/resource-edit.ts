import { type Attribute, isComplex, isMultiValued, isReadOnly, isRequired } from "./attribute.js";
import { type AttributePath, parsePath } from "./attribute-path.js";
import { isNoValue, mergeComplex, readOne } from "./attribute-value.js";
import { invalidValue, mutability } from "./errors.js";
import { type EditOperation, editMultiValued } from "./multi-valued-edit.js";
import { isJsonObject, type JsonObject, type Resource } from "./resource.js";
import type { ResourceSchema } from "./resource-schema.js";

/** One attribute that is to be changed. */
export interface Edit {
  readonly operation: EditOperation;
  readonly path: AttributePath;
  /** Undefined where the request has none. */
  readonly value: unknown;
}

/** What an object in a request says of one attribute. */
export interface NamedAttribute {
  readonly path: AttributePath;
  readonly value: unknown;
}

/**
 * The attributes that an object in a request names, be it a whole resource, a part of one, or an extension: keys with
 * and without a URN in front, with a sub-attribute behind a dot, and whole extensions. What the schema does not know
 * is left out, as RFC 7644 §3.3 has it for a body.
 *
 * @param schemaUrn the URN of the schema that the names belong to, where they have none of their own
 * @throws ScimError invalidPath or invalidFilter for a key that starts well and cannot be read
 */
export function namedAttributes(
  object: JsonObject,
  schema: ResourceSchema,
  schemaUrn?: string,
): readonly NamedAttribute[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const path = parsePath(schemaUrn === undefined ? key : `${schemaUrn}:${key}`, schema);
    if (path === undefined) return [];
    if (path.attribute !== undefined || isNoValue(value)) return [{ path, value }];
    if (!isJsonObject(value)) throw invalidValue(`${path.text} must be an object with attributes.`);
    return namedAttributes(value, schema, path.text);
  });
}

/** Whether nobody can write this: it is read-only, or `schemas`, which follow from the attributes that are there. */
export function isFixed({ extension, attribute, sub }: AttributePath, schema: ResourceSchema): boolean {
  if (attribute !== undefined) {
    return isReadOnly(attribute) || (sub !== undefined && isReadOnly(sub)) || attribute.name === "schemas";
  }
  const definition = schema.extensions.find(({ id }) => id === extension);
  return definition?.attributes.every((held) => held.config.shadow || isReadOnly(held)) ?? false;
}

/**
 * The resource after one edit.
 *
 * @throws ScimError invalidValue, noTarget, or mutability where what is required would be removed
 */
export function editResource(resource: Resource, { operation, path, value }: Edit): Resource {
  const { extension, attribute } = path;
  if (attribute === undefined) return extension === undefined ? resource : omit(resource, extension);
  if (extension === undefined)
    return withMember(resource, attribute.name, edited(resource, operation, path, value));
  const held = resource[extension];
  const container = isJsonObject(held) ? held : {};
  const next = withMember(container, attribute.name, edited(container, operation, path, value));
  return withMember(resource, extension, Object.keys(next).length > 0 ? next : undefined);
}

function edited(
  container: JsonObject,
  operation: EditOperation,
  path: AttributePath,
  value: unknown,
): unknown {
  const { attribute, sub, text } = path;
  if (attribute === undefined) return undefined;
  const current = container[attribute.name];
  if (isMultiValued(attribute)) return editMultiValued(current, operation, { ...path, attribute }, value);
  const isRemoval = operation === "remove" || isNoValue(value);
  if (!isComplex(attribute)) {
    if (isRemoval) return removedSimple(attribute, operation, text);
    return assertNotBlank(attribute, readOne(attribute, value, text), text);
  }
  if (isRemoval && sub === undefined) return undefined;
  const written = sub === undefined ? value : { [sub.name]: isRemoval ? null : value };
  return mergeComplex(attribute, isJsonObject(current) ? current : {}, written, text);
}

/**
 * What is required stays (RFC 7644 §3.5.2.2). `active` is: to take its absence for false would suspend an account that
 * nobody asked to suspend.
 */
function removedSimple(attribute: Attribute, operation: EditOperation, name: string): undefined {
  if (!isRequired(attribute)) return undefined;
  if (operation === "remove") throw mutability(`${name} is required: it cannot be removed, but replaced.`);
  throw invalidValue(`${name} is required: it must have a value.`);
}

function assertNotBlank(attribute: Attribute, value: unknown, name: string): unknown {
  if (isRequired(attribute) && typeof value === "string" && value.trim() === "") {
    throw invalidValue(`${name} must not be blank.`);
  }
  return value;
}

function withMember(object: JsonObject, name: string, value: unknown): JsonObject {
  return value === undefined ? omit(object, name) : { ...object, [name]: value };
}

function omit(object: JsonObject, name: string): JsonObject {
  const { [name]: _, ...rest } = object;
  return rest;
}
