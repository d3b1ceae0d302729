import { isOwnerAccount } from "../directory/account.js";
import type { User } from "../directory/user.js";
import { ENTERPRISE_USER_SCHEMA, type UserAttributes } from "../directory/user-attributes.js";
import { isJsonObject, type Resource } from "./resource.js";

/** RFC 7643 §4.1. */
export const USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";
/** What Twilio tells about an account. */
export const TWILIO_USER_SCHEMA = "urn:ietf:params:scim:schemas:extension:twilio:2.0:User";

/** Twilio's extension always has data. */
const BARE_SCHEMAS: readonly string[] = [USER_SCHEMA, TWILIO_USER_SCHEMA];
const ENTERPRISE_SCHEMAS: readonly string[] = [USER_SCHEMA, ENTERPRISE_USER_SCHEMA, TWILIO_USER_SCHEMA];

/** Gives the resource of a user, without `meta.location`, which depends on the address that was asked. */
export type RenderUser = (user: User) => Resource;

/** Rendering that remembers: a User never changes, so its resource doesn't either. */
export function createUserRenderer(): RenderUser {
  const rendered = new WeakMap<User, Resource>();
  return (user) => {
    const known = rendered.get(user);
    if (known !== undefined) return known;
    const resource = renderUser(user);
    rendered.set(user, resource);
    return resource;
  };
}

/** The attributes that a provider may write, in the order of the schema, which has `active` between the two. */
const SINGULAR_ATTRIBUTES = [
  "externalId",
  "userName",
  "name",
  "displayName",
  "nickName",
  "profileUrl",
  "title",
  "userType",
  "preferredLanguage",
  "locale",
  "timezone",
] as const satisfies readonly (keyof UserAttributes)[];
const PLURAL_ATTRIBUTES = [
  "emails",
  "phoneNumbers",
  "ims",
  "photos",
  "addresses",
  "roles",
  "x509Certificates",
  ENTERPRISE_USER_SCHEMA,
] as const satisfies readonly (keyof UserAttributes)[];

/**
 * The SCIM resource of a user, as RFC 7643 §4.1 has it. The order of its members is always the same. A search that no
 * index serves renders every user, so it is built without a copy.
 */
export function renderUser({ account, attributes, lastModified }: User): Resource {
  const resource: Record<string, unknown> = {
    schemas: attributes[ENTERPRISE_USER_SCHEMA] === undefined ? BARE_SCHEMAS : ENTERPRISE_SCHEMAS,
    id: account.sid,
  };
  for (const name of SINGULAR_ATTRIBUTES) {
    if (attributes[name] !== undefined) resource[name] = attributes[name];
  }
  resource.active = account.status === "active";
  for (const name of PLURAL_ATTRIBUTES) {
    if (attributes[name] !== undefined) resource[name] = attributes[name];
  }
  resource[TWILIO_USER_SCHEMA] = {
    accountSid: account.sid,
    friendlyName: account.friendlyName,
    ownerAccountSid: account.ownerAccountSid,
    ownerAccount: isOwnerAccount(account),
    status: account.status,
    accountType: account.type,
  };
  resource.meta = {
    resourceType: "User",
    created: new Date(account.dateCreated).toISOString(),
    lastModified: new Date(lastModified).toISOString(),
  };
  return resource;
}

/** @param baseUrl the address of the SCIM service, without a slash at the end */
export function userLocation(user: User, baseUrl: string): string {
  return `${baseUrl}/Users/${user.account.sid}`;
}

/** The resource with `meta.location` (RFC 7643 §3.1). */
export function locateResource(resource: Resource, location: string): Resource {
  return { ...resource, meta: { ...(isJsonObject(resource.meta) && resource.meta), location } };
}
