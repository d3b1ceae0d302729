import type { AccountSid } from "./account.js";
import { comparePositions } from "./position.js";

/** What a provider writes about a group, in the form of RFC 7643 §4.2. */
export interface GroupAttributes {
  /** Unique without case over all groups. */
  readonly displayName: string;
  readonly externalId?: string;
}

/** A group of users. It exists in the bridge alone and changes nothing at Twilio. Immutable: a change makes another one. */
export interface Group {
  /** A UUID. */
  readonly id: string;
  readonly attributes: GroupAttributes;
  /** Accounts that are known and not closed, each once, in no order that means anything. */
  readonly members: ReadonlySet<AccountSid>;
  /** Epoch milliseconds. */
  readonly created: number;
  /**
   * Epoch milliseconds of the last write, or of the last member's closing at Twilio. Each write has a later one than what
   * was there before it.
   */
  readonly lastModified: number;
}

/** A group as one of its members sees it. */
export type GroupOfUser = Pick<Group, "id" | "attributes">;

/** The order of every list: by creation, then by id. */
export function compareGroups(a: Group, b: Group): number {
  return comparePositions(a, b);
}

/** Whether a provider would see no difference. */
export function sameGroupAttributes(a: GroupAttributes, b: GroupAttributes): boolean {
  return a.displayName === b.displayName && a.externalId === b.externalId;
}
