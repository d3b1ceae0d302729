import type { User } from "../directory/user.js";
import { groupAddress, userAddress } from "./addresses.js";
import { showAll } from "./members.js";
import { isJsonObject, type Resource } from "./resource.js";
import { USER_MEMBERS } from "./user-members.js";

/**
 * The SCIM resource of a user, as RFC 7643 §4.1 has it, without what `asServed` adds. The order of its members is always
 * the same.
 */
export function renderUser(user: User): Resource {
  return showAll(USER_MEMBERS, user);
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
