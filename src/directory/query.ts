import type { Group } from "./group.js";
import type { Position } from "./position.js";
import type { User } from "./user.js";

/** Which items of a list are in the result, and which page of them. */
export interface ListQuery<T> {
  /** Decides whether an item is in the result; undefined: all are. */
  readonly matches: ((item: T) => boolean) | undefined;
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

/** A list query that an index can narrow. */
export interface IndexQuery<T, L> extends ListQuery<T> {
  /** Narrows the search to the items that answer to one of these; undefined: all are looked at. */
  readonly lookups: readonly L[] | undefined;
}

/** Of users: compared as the attribute's schema says. */
export type Lookup = IndexLookup<"id" | "userName" | "externalId" | "email">;

/** Of groups: `displayName` without case, the others exactly. `member` is an account's SID. */
export type GroupLookup = IndexLookup<"id" | "displayName" | "externalId" | "member">;

/** Which users to list, and which page of them. */
export type UserQuery = IndexQuery<User, Lookup>;

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
