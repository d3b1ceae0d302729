import type { AccountSid } from "../directory/account.js";
import type { Group } from "../directory/group.js";
import type { User } from "../directory/user.js";
import { groupAddress, userAddress } from "./addresses.js";
import type { JsonObject, Resource } from "./resource.js";

/** RFC 7643 §4.2. */
export const GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group";

export interface GroupRendering {
  /** The address of the SCIM service, without a slash at the end. */
  readonly baseUrl: string;
  /** Whether there are members in the resource: they are most of a large group, and often not wanted. */
  readonly withMembers: boolean;
  /** Whether members have their name, for which each of their users has to be looked up. */
  readonly withDisplay: boolean;
  readonly userOf: (sid: AccountSid) => User | undefined;
}

/** The SCIM resource of a group, as RFC 7643 §4.2 has it. The order of its members is always the same. */
export function renderGroup(
  group: Group,
  { baseUrl, withMembers, withDisplay, userOf }: GroupRendering,
): Resource {
  const renderOne = (sid: AccountSid) =>
    withDisplay ? renderNamedMember(sid, baseUrl, userOf) : renderMember(sid, baseUrl);
  const { id, attributes, members, created, lastModified } = group;
  const { externalId, displayName } = attributes;
  return {
    schemas: [GROUP_SCHEMA],
    id,
    ...(externalId !== undefined && { externalId }),
    displayName,
    ...(withMembers && members.size > 0 && { members: Array.from(members, renderOne) }),
    meta: {
      resourceType: "Group",
      created: new Date(created).toISOString(),
      lastModified: new Date(lastModified).toISOString(),
      location: groupAddress(id, baseUrl),
      version: groupVersion(group),
    },
  };
}

function renderMember(sid: AccountSid, baseUrl: string): JsonObject {
  return { value: sid, $ref: userAddress(sid, baseUrl), type: "User" };
}

/** One member with its name, as filters see it. */
export function renderNamedMember(
  sid: AccountSid,
  baseUrl: string,
  userOf: (sid: AccountSid) => User | undefined,
): JsonObject {
  const attributes = userOf(sid)?.attributes;
  const display = attributes?.displayName ?? attributes?.userName;
  return { ...renderMember(sid, baseUrl), ...(display !== undefined && { display }) };
}

/**
 * The `meta.version` of a group (RFC 7644 §3.14). Each write has a time of its own, and between two writes a group only
 * loses members, so that time and size tell all that can be written apart. It is weak: the names of members do not count.
 */
export function groupVersion({ lastModified, members }: Group): string {
  return `W/"${lastModified.toString(36)}-${members.size.toString(36)}"`;
}
