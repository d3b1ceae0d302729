import { isOwnerAccount } from "../directory/account.js";
import type { LastCharged, ServiceActivity, Spend } from "../directory/activity.js";
import type { User } from "../directory/user.js";
import { complex, day, instant, type Member, type MemberList, plain } from "./members.js";

/** What Twilio tells about an account. */
export const TWILIO_USER_SCHEMA = "urn:ietf:params:scim:schemas:extension:twilio:2.0:User";

const SERVICE_MEMBERS: MemberList<ServiceActivity> = new Map<string, Member<ServiceActivity>>([
  ["value", plain(({ service }) => service)],
  ["display", plain(({ display }) => display)],
  ...lastCharged<ServiceActivity>((service) => service),
]);

const SPEND_MEMBERS: MemberList<Spend> = new Map<string, Member<Spend>>([
  // A decimal is a JSON number (RFC 7643 §2.3.3).
  ["total", plain(({ total }) => Number(total))],
  ["currency", plain(({ currency }) => currency)],
]);

/** The extension's part of a user: the account, and what its usage tells. What is not known is absent. */
export const TWILIO_MEMBERS: MemberList<User> = new Map<string, Member<User>>([
  ["accountSid", plain(({ account }) => account.sid)],
  ["friendlyName", plain(({ account }) => account.friendlyName)],
  ["ownerAccountSid", plain(({ account }) => account.ownerAccountSid)],
  ["ownerAccount", plain(({ account }) => isOwnerAccount(account))],
  ["status", plain(({ account }) => account.status)],
  ["accountType", plain(({ account }) => account.type)],
  ...lastCharged<User>(({ activity }) => activity.usage),
  ["services", complex(chargedServices, SERVICE_MEMBERS)],
  ["spend", complex(({ activity }) => activity.usage?.spend, SPEND_MEMBERS)],
  ["activityAsOf", instant(({ activity }) => activity.asOf)],
  ["activityState", plain(({ activity }) => activity.state)],
]);

function chargedServices({ activity }: User): readonly ServiceActivity[] | undefined {
  const services = activity.usage?.services ?? [];
  return services.length > 0 ? services : undefined;
}

function lastCharged<T>(
  read: (item: T) => LastCharged | undefined,
): readonly (readonly [string, Member<T>])[] {
  return [
    ["lastActivity", day((item) => read(item)?.lastActivity)],
    ["lastActivityExcludingFees", day((item) => read(item)?.lastActivityExcludingFees)],
  ];
}
