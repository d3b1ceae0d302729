import { hash } from "node:crypto";
import type { Usage } from "../directory/activity.js";
import type { User } from "../directory/user.js";

/**
 * The `meta.version` of a user (RFC 7644 §3.14), by what is shown: `W/"1.2"`, where the first part stands for what a
 * client, or somebody in Twilio's console, can change, and the second for what is learned. See `assertPreconditions`.
 * When activity was last read does not count.
 */
export function userVersion({ account, attributes, activity, groups, lastModified }: User): string {
  const { sid, ownerAccountSid, friendlyName, status, type, dateCreated } = account;
  const own = [sid, ownerAccountSid, friendlyName, status, type, dateCreated, attributes];
  const seen = groups.map((group) => [group.id, group.attributes.displayName]);
  const learned = [lastModified, activity.state, activity.usage && shownUsage(activity.usage), seen];
  return `W/"${digest(own)}.${digest(learned)}"`;
}

function shownUsage({ lastActivity, lastActivityExcludingFees, services, spend }: Usage): readonly unknown[] {
  const price = spend && [Number(spend.total), spend.currency];
  // Not the objects: a database gives their members back in an order of its own.
  const each = services.map((one) => [
    one.service,
    one.display,
    one.lastActivity,
    one.lastActivityExcludingFees,
  ]);
  return [lastActivity, lastActivityExcludingFees, each, price];
}

/** In hexadecimal, since versions are compared without case in filters; half of it tells the versions of a user apart. */
function digest(parts: readonly unknown[]): string {
  return hash("sha256", JSON.stringify(parts), "hex").slice(0, 24);
}
