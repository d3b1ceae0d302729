import type { AccountType } from "../directory/account.js";
import type { User } from "../directory/user.js";
import { membersByName } from "./attribute-value.js";
import { isJsonObject } from "./resource.js";

/** The name of an entitlement's resource type, as Okta discovers them. */
export type EntitlementType = "AccountType" | "AccountService";

/** One value of a user's `entitlements` (RFC 7643 §4.1.2). */
export interface Entitlement {
  readonly value: string;
  readonly display: string;
  readonly type: EntitlementType;
}

/** What the account is, and what it was ever charged for. */
export function userEntitlements({ account, activity }: User): readonly Entitlement[] {
  const services = activity.usage?.services ?? [];
  return [
    accountTypeEntitlement(account.type),
    ...services.map(({ service, display }) => serviceEntitlement(service, display)),
  ];
}

export function accountTypeEntitlement(type: AccountType): Entitlement {
  return { value: `account-type-${type.toLowerCase()}`, display: `${type} account`, type: "AccountType" };
}

/** @param slug such as `verify` */
export function serviceEntitlement(slug: string, display: string): Entitlement {
  return { value: `service-${slug}`, display, type: "AccountService" };
}

/**
 * Whether what a client wrote as a user's `entitlements` asks for others than the user has: so a provider takes one
 * away or grants one. Only which ones there are counts, and not their order, their names or their doubles.
 *
 * @param written what stands in the body, unread; undefined where it says nothing about them
 */
export function asksForOtherEntitlements(written: unknown, user: User): boolean {
  if (written === undefined) return false;
  const asked = new Set((Array.isArray(written) ? written : [written]).map(writtenValue));
  const own = userEntitlements(user);
  return asked.size !== own.length || own.some(({ value }) => !asked.has(value));
}

function writtenValue(written: unknown): unknown {
  return isJsonObject(written) ? membersByName(written).get("value") : written;
}
