import { createHash } from "node:crypto";
import type { User } from "../directory/user.js";
import { ENTERPRISE_USER_SCHEMA, type UserAttributes } from "../directory/user-attributes.js";
import { userEntitlements } from "./entitlements.js";
import { isJsonObject, type Resource } from "./resource.js";
import { TWILIO_USER_SCHEMA, twilioExtension } from "./twilio-extension.js";

/** RFC 7643 §4.1. */
export const USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";

/** Twilio's extension always has data. */
const BARE_SCHEMAS: readonly string[] = [USER_SCHEMA, TWILIO_USER_SCHEMA];
const ENTERPRISE_SCHEMAS: readonly string[] = [USER_SCHEMA, ENTERPRISE_USER_SCHEMA, TWILIO_USER_SCHEMA];

/** Gives one member of a user's resource; undefined where the user has none. */
type Member = (user: User) => unknown;

/** Everything a user's resource has, by name, in the order of the schemas. */
const MEMBERS: ReadonlyMap<string, Member> = new Map<string, Member>([
  [
    "schemas",
    ({ attributes }) =>
      attributes[ENTERPRISE_USER_SCHEMA] === undefined ? BARE_SCHEMAS : ENTERPRISE_SCHEMAS,
  ],
  ["id", ({ account }) => account.sid],
  ...written("externalId", "userName", "name", "displayName", "nickName", "profileUrl", "title", "userType"),
  ...written("preferredLanguage", "locale", "timezone"),
  ["active", ({ account }) => account.status === "active"],
  ...written("emails", "phoneNumbers", "ims", "photos", "addresses"),
  ["entitlements", userEntitlements],
  ...written("roles", "x509Certificates", ENTERPRISE_USER_SCHEMA),
  [TWILIO_USER_SCHEMA, twilioExtension],
  [
    "meta",
    ({ account, lastModified }) => ({
      resourceType: "User",
      created: new Date(account.dateCreated).toISOString(),
      lastModified: new Date(lastModified).toISOString(),
    }),
  ],
]);

/** Attributes that a provider may write: they are shown as they are kept. */
function written(...names: readonly (keyof UserAttributes)[]): readonly (readonly [string, Member])[] {
  return names.map((name) => [name, ({ attributes }) => attributes[name]]);
}

/**
 * The SCIM resource of a user, as RFC 7643 §4.1 has it, without `meta.version` and `meta.location`. The order of its
 * members is always the same.
 */
export function renderUser(user: User): Resource {
  const resource: Record<string, unknown> = {};
  for (const [name, member] of MEMBERS) {
    const value = member(user);
    if (value !== undefined) resource[name] = value;
  }
  return resource;
}

/**
 * The part of a user's resource that has these members and no others. A search that no index serves, and a list in an
 * order, look at every user, and each at a few members only.
 */
export function renderMembers(names: readonly string[]): (user: User) => Resource {
  const members = names.flatMap((name) => {
    const member = MEMBERS.get(name);
    return member === undefined ? [] : [[name, member] as const];
  });
  return (user) => {
    const part: Record<string, unknown> = {};
    for (const [name, member] of members) part[name] = member(user);
    return part;
  };
}

/**
 * The `meta.version` of a user (RFC 7644 §3.14), by what is shown. It is weak: when its activity was last read is
 * shown too, and does not count, nor does the order of members, which a database may change.
 */
export function userVersion(resource: Resource): string {
  const shown = JSON.stringify(resource, (name, value: unknown) => {
    if (name === "activityAsOf") return undefined;
    return isJsonObject(value) ? Object.fromEntries(Object.entries(value).sort(compareNames)) : value;
  });
  return `W/"${createHash("sha256").update(shown).digest("hex").slice(0, 32)}"`;
}

function compareNames([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** @param baseUrl the address of the SCIM service, without a slash at the end */
export function userLocation(user: User, baseUrl: string): string {
  return `${baseUrl}/Users/${user.account.sid}`;
}

/** The resource with what an answer adds to its `meta` (RFC 7643 §3.1). */
export function withMeta(
  resource: Resource,
  added: { readonly version: string; readonly location: string },
): Resource {
  return { ...resource, meta: { ...(isJsonObject(resource.meta) && resource.meta), ...added } };
}
