import type { User } from "../directory/user.js";
import { showAll } from "./members.js";
import type { Resource } from "./resource.js";
import { USER_MEMBERS } from "./user-members.js";

/**
 * The SCIM resource of a user, as RFC 7643 §4.1 has it, without what `servedMembers` adds. The order of its members
 * is always the same.
 */
export function renderUser(user: User): Resource {
  return showAll(USER_MEMBERS, user);
}
