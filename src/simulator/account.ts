import { DAY_MS } from "./calendar.js";
import type { UsageProfile } from "./usage-profile.js";

export type AccountStatus = "active" | "suspended" | "closed";
export type AccountType = "Trial" | "Full";

export interface Account {
  readonly sid: string;
  readonly authToken: string;
  readonly createdAtMs: number;
  /** How the seed uses this account; undefined for accounts made later, which start without charges. */
  readonly seeded: SeededUsage | undefined;
  /** Place in the order of creation: the list of accounts is sorted by it, newest first. Given once, then kept. */
  sequence: number;
  friendlyName: string;
  type: AccountType;
  /** Its own status. While the owner is suspended, Twilio shows the account as suspended too. */
  status: AccountStatus;
  /** For billing or fraud: the customer cannot reactivate it. */
  suspendedByTwilio: boolean;
  updatedAtMs: number;
  closedAtMs: number | undefined;
  /** ISO 4217 in lower case. */
  currency: string;
}

export interface SeededUsage {
  readonly index: number;
  readonly profile: UsageProfile;
  /** First and last day that may have charges. */
  readonly firstDay: number;
  readonly lastDay: number;
}

/** The longest FriendlyName that Twilio takes, in code points. */
export const FRIENDLY_NAME_LENGTH = 64;

/** Twilio deletes an account this long after it was closed. */
export const CLOSED_RETENTION_MS = 30 * DAY_MS;

export function isDeleted(account: Account, nowMs: number): boolean {
  return account.closedAtMs !== undefined && nowMs >= account.closedAtMs + CLOSED_RETENTION_MS;
}
