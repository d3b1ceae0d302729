import { isOwnerAccount } from "../directory/account.js";
import type { LastCharged } from "../directory/activity.js";
import type { User } from "../directory/user.js";
import { type AccountReport, nameOf } from "./account-report.js";

/** The report for programs. Every member is always there, null where there is nothing to tell. */
export function formatJson({ users, dormantSince, notes }: AccountReport): string {
  return JSON.stringify({ dormantSince: dormantSince ?? null, notes, accounts: users.map(toJson) }, null, 2);
}

function toJson(user: User) {
  const { account, attributes, activity } = user;
  return {
    name: nameOf(user),
    userName: attributes.userName,
    accountSid: account.sid,
    ownerAccount: isOwnerAccount(account),
    status: account.status,
    accountType: account.type,
    created: new Date(account.dateCreated).toISOString(),
    ...lastCharged(activity.usage ?? {}),
    services: (activity.usage?.services ?? []).map((used) => ({
      value: used.service,
      display: used.display,
      ...lastCharged(used),
    })),
    spend: activity.usage?.spend ?? null,
    activityState: activity.state,
    activityAsOf: activity.asOf === undefined ? null : new Date(activity.asOf).toISOString(),
  };
}

function lastCharged({ lastActivity, lastActivityExcludingFees }: LastCharged) {
  return {
    lastActivity: lastActivity ?? null,
    lastActivityExcludingFees: lastActivityExcludingFees ?? null,
  };
}
