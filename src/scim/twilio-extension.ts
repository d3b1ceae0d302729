import { isOwnerAccount } from "../directory/account.js";
import type { Day, LastCharged, ServiceActivity, Usage } from "../directory/activity.js";
import type { User } from "../directory/user.js";
import type { JsonObject } from "./resource.js";

/** What Twilio tells about an account. */
export const TWILIO_USER_SCHEMA = "urn:ietf:params:scim:schemas:extension:twilio:2.0:User";

/**
 * The extension's part of a user: the account, and what its usage tells. What is not known is absent. A search by
 * activity builds it for every user, so it is built without a copy.
 */
export function twilioExtension({ account, activity }: User): JsonObject {
  const extension: Record<string, unknown> = {
    accountSid: account.sid,
    friendlyName: account.friendlyName,
    ownerAccountSid: account.ownerAccountSid,
    ownerAccount: isOwnerAccount(account),
    status: account.status,
    accountType: account.type,
  };
  if (activity.usage !== undefined) addUsage(extension, activity.usage);
  if (activity.asOf !== undefined) extension.activityAsOf = new Date(activity.asOf).toISOString();
  extension.activityState = activity.state;
  return extension;
}

function addUsage(extension: Record<string, unknown>, usage: Usage): void {
  const { services, spend } = usage;
  addLastCharged(extension, usage);
  if (services.length > 0) extension.services = services.map(serviceValue);
  // A decimal is a JSON number (RFC 7643 §2.3.3).
  if (spend !== undefined) extension.spend = { total: Number(spend.total), currency: spend.currency };
}

function serviceValue(activity: ServiceActivity): JsonObject {
  const value: Record<string, unknown> = { value: activity.service, display: activity.display };
  addLastCharged(value, activity);
  return value;
}

function addLastCharged(object: Record<string, unknown>, charged: LastCharged): void {
  const { lastActivity, lastActivityExcludingFees } = charged;
  if (lastActivity !== undefined) object.lastActivity = dateTimeOf(lastActivity);
  if (lastActivityExcludingFees !== undefined) {
    object.lastActivityExcludingFees = dateTimeOf(lastActivityExcludingFees);
  }
}

/** Usage records know days, and dateTime is the only type for them that SCIM has: a day is its beginning. */
function dateTimeOf(day: Day): string {
  return `${day}T00:00:00Z`;
}
