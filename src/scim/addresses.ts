import type { AccountSid } from "../directory/account.js";

/** The absolute URL of a user. The base URL is the address of the SCIM service, without a slash at the end. */
export function userAddress(sid: AccountSid, baseUrl: string): string {
  return `${baseUrl}/Users/${sid}`;
}

/** The absolute URL of a group. */
export function groupAddress(id: string, baseUrl: string): string {
  return `${baseUrl}/Groups/${id}`;
}
