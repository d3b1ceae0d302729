import type { Group } from "./group.js";
import type { Position } from "./position.js";
import type { User } from "./user.js";
import type { UserRecord } from "./user-entry.js";

/** Which page of a list is asked for. */
export interface PageBounds {
  /** Where the page before this one ended (RFC 9865); absent: `offset` counts from the first item on. */
  readonly after?: Position | undefined;
  /** How many results to pass over. */
  readonly offset: number;
  /** How many results to give at most. */
  readonly limit: number;
}

/** Items for which `attribute` equals `value`, which an index knows. */
export interface IndexLookup<A> {
  readonly attribute: A;
  readonly value: string;
}

/** What an index is asked for: the items that answer to one of these lookups. */
export type Narrowing<L> = readonly L[];

/** Which items of a list are in the result, and which page of them. */
export interface IndexQuery<T, L> extends PageBounds {
  /** Each of them leaves out no item of the result, so the one with the fewest is looked at; none: all items are. */
  readonly narrowings: readonly Narrowing<L>[];
  /** Decides whether an item is in the result; undefined: all are that the one narrowing, or none, leaves. */
  readonly matches: ((item: T) => boolean) | undefined;
}

/**
 * Of users: compared as the attribute's schema says. `status` is an account's at Twilio, `service` the slug of one that
 * it was ever charged for.
 */
export type Lookup = IndexLookup<"id" | "userName" | "externalId" | "email" | "status" | "service">;

/** Of groups: `displayName` without case, the others exactly. `member` is an account's SID. */
export type GroupLookup = IndexLookup<"id" | "displayName" | "externalId" | "member">;

/** Which users to list, and which page of them. */
export type UserQuery = IndexQuery<UserRecord, Lookup>;

/** Which groups to list, and which page of them. */
export type GroupQuery = IndexQuery<Group, GroupLookup>;

export interface UserPage {
  readonly users: readonly User[];
  /** How many users match, on all pages. */
  readonly total: number;
}

export interface GroupPage {
  readonly groups: readonly Group[];
  /** How many groups match, on all pages. */
  readonly total: number;
}
