import {
  type Address,
  ENTERPRISE_USER_SCHEMA,
  type EnterpriseAttributes,
  type MultiValue,
  type Name,
  type UserAttributes,
} from "../directory/user-attributes.js";
import { invalidValue } from "./errors.js";
import { defined, isJsonObject, type JsonObject, type Resource } from "./resource.js";
import { attributesInBody } from "./resource-body.js";
import { editResource, isFixed } from "./resource-edit.js";
import type { ResourceSchema } from "./resource-schema.js";

/** Of all that is kept of one user, as JSON. It has room for photos and certificates, and a page of such users for memory. */
const MAX_ATTRIBUTES_LENGTH = 128 * 1024;

/** What a POST or PUT body says. */
export interface UserBody {
  readonly attributes: UserAttributes;
  /** Undefined where the body does not say. */
  readonly active: boolean | undefined;
  /** What stands there for the read-only `entitlements`, unread; undefined where the body does not say. */
  readonly entitlements: unknown;
}

/**
 * Reads the body of a POST or PUT (RFC 7644 §3.3, §3.5.1). Read-only and unknown attributes are ignored.
 *
 * @throws ScimError invalidSyntax for what is no user at all, invalidValue for an attribute that cannot be read
 */
export function readUserBody(body: unknown, schema: ResourceSchema): UserBody {
  let resource: Resource = {};
  let entitlements: unknown;
  for (const { path, value } of attributesInBody(body, schema, { name: "user", required: "userName" })) {
    const isSaid = value !== null && value !== undefined;
    if (!isSaid || path.attribute === undefined) continue;
    if (path.attribute.name === "entitlements") entitlements = value;
    if (isFixed(path, schema)) continue;
    resource = editResource(resource, { operation: "replace", path, value });
  }
  const { active } = resource;
  return {
    attributes: userAttributesOf(resource),
    active: typeof active === "boolean" ? active : undefined,
    entitlements,
  };
}

/**
 * What a provider may write, out of a resource that has been read or patched.
 *
 * @throws ScimError invalidValue where there is no userName, or too much of everything
 */
export function userAttributesOf(resource: Resource): UserAttributes {
  const attributes = writableAttributesOf(resource);
  if (JSON.stringify(attributes).length > MAX_ATTRIBUTES_LENGTH) {
    throw invalidValue(`The user is larger than ${MAX_ATTRIBUTES_LENGTH / 1024} KiB.`);
  }
  return attributes;
}

function writableAttributesOf(resource: Resource): UserAttributes {
  const userName = text(resource.userName);
  if (userName === undefined) throw invalidValue("userName must have a value.");
  return {
    userName,
    // Every attribute is named here, so that one that the core gains cannot be forgotten.
    ...defined<Omit<UserAttributes, "userName">>({
      externalId: text(resource.externalId),
      name: object(resource.name, nameOf),
      displayName: text(resource.displayName),
      nickName: text(resource.nickName),
      profileUrl: text(resource.profileUrl),
      title: text(resource.title),
      userType: text(resource.userType),
      preferredLanguage: text(resource.preferredLanguage),
      locale: text(resource.locale),
      timezone: text(resource.timezone),
      emails: objects(resource.emails, multiValueOf),
      phoneNumbers: objects(resource.phoneNumbers, multiValueOf),
      ims: objects(resource.ims, multiValueOf),
      photos: objects(resource.photos, multiValueOf),
      addresses: objects(resource.addresses, addressOf),
      roles: objects(resource.roles, multiValueOf),
      x509Certificates: objects(resource.x509Certificates, multiValueOf),
      [ENTERPRISE_USER_SCHEMA]: object(resource[ENTERPRISE_USER_SCHEMA], enterpriseOf),
    }),
  };
}

function nameOf(name: JsonObject): Name {
  return defined<Name>({
    formatted: text(name.formatted),
    familyName: text(name.familyName),
    givenName: text(name.givenName),
    middleName: text(name.middleName),
    honorificPrefix: text(name.honorificPrefix),
    honorificSuffix: text(name.honorificSuffix),
  });
}

function multiValueOf(element: JsonObject): MultiValue {
  return defined<MultiValue>({
    value: text(element.value),
    display: text(element.display),
    type: text(element.type),
    primary: flag(element.primary),
  });
}

function addressOf(address: JsonObject): Address {
  return defined<Address>({
    formatted: text(address.formatted),
    streetAddress: text(address.streetAddress),
    locality: text(address.locality),
    region: text(address.region),
    postalCode: text(address.postalCode),
    country: text(address.country),
    type: text(address.type),
    primary: flag(address.primary),
  });
}

function enterpriseOf(enterprise: JsonObject): EnterpriseAttributes {
  return defined<EnterpriseAttributes>({
    employeeNumber: text(enterprise.employeeNumber),
    costCenter: text(enterprise.costCenter),
    organization: text(enterprise.organization),
    division: text(enterprise.division),
    department: text(enterprise.department),
    manager: object(enterprise.manager, managerOf),
  });
}

function managerOf(manager: JsonObject): NonNullable<EnterpriseAttributes["manager"]> {
  return defined<NonNullable<EnterpriseAttributes["manager"]>>({
    value: text(manager.value),
    $ref: text(manager.$ref),
    displayName: text(manager.displayName),
  });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function flag(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

function object<T>(value: unknown, read: (object: JsonObject) => T): T | undefined {
  return isJsonObject(value) ? read(value) : undefined;
}

function objects<T>(value: unknown, read: (object: JsonObject) => T): readonly T[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value.filter(isJsonObject).map(read) : undefined;
}
