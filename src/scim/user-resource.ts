import { createHash } from "node:crypto";
import type { GroupOfUser } from "../directory/group.js";
import type { User } from "../directory/user.js";
import { ENTERPRISE_USER_SCHEMA, type UserAttributes } from "../directory/user-attributes.js";
import { groupAddress, userAddress } from "./addresses.js";
import { userEntitlements } from "./entitlements.js";
import { isJsonObject, type JsonObject, type Resource } from "./resource.js";
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
  ["groups", ({ groups }) => (groups.length > 0 ? groups.map(renderGroupOfUser) : undefined)],
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

/** RFC 7643 §4.1.2, without the `$ref`, which depends on the address that was asked. */
function renderGroupOfUser({ id, attributes }: GroupOfUser): JsonObject {
  return { value: id, display: attributes.displayName, type: "direct" };
}

/**
 * The SCIM resource of a user, as RFC 7643 §4.1 has it, without what `asServed` adds. The order of its members is always
 * the same.
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

/** What the account's usage and its groups tell, and no client writes. */
const LEARNED: ReadonlySet<string> = new Set([
  ...["meta", "groups", "entitlements"],
  ...["lastActivity", "lastActivityExcludingFees", "services", "spend", "activityState"],
]);

/**
 * The `meta.version` of a user (RFC 7644 §3.14), by what is shown: `W/"1.2"`, where the first part stands for what a
 * client, or somebody in Twilio's console, can change, and the second for what is learned. See `assertPreconditions`.
 * When activity was last read does not count, nor does the order of members, which a database may change.
 */
export function userVersion(resource: Resource): string {
  const learned: unknown[] = [];
  const own = JSON.stringify(resource, (name, value: unknown) => {
    if (name === "activityAsOf") return undefined;
    if (LEARNED.has(name)) {
      learned.push([name, value]);
      return undefined;
    }
    return isJsonObject(value) ? Object.fromEntries(Object.entries(value).sort(compareNames)) : value;
  });
  return `W/"${digest(own)}.${digest(JSON.stringify(learned))}"`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 24);
}

function compareNames([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

export interface Serving {
  /** The address of the SCIM service, without a slash at the end. */
  readonly baseUrl: string;
  /** Undefined where nobody asks for it. */
  readonly version: string | undefined;
}

/** A user's resource, or the part of one, with what depends on the address that was asked, and with its version. */
export function asServed(resource: Resource, { account }: User, { baseUrl, version }: Serving): Resource {
  const { groups, meta } = resource;
  return {
    ...resource,
    ...(Array.isArray(groups) && { groups: groups.map((group) => withAddress(group, baseUrl)) }),
    ...(isJsonObject(meta) && {
      meta: {
        ...meta,
        location: userAddress(account.sid, baseUrl),
        ...(version !== undefined && { version }),
      },
    }),
  };
}

function withAddress(group: unknown, baseUrl: string): unknown {
  if (!isJsonObject(group) || typeof group.value !== "string") return group;
  const { value, ...others } = group;
  return { value, $ref: groupAddress(value, baseUrl), ...others };
}
