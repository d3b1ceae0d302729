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

/** A user attribute for which the index knows all users with one value. */
export type IndexedAttribute = "id" | "userName" | "externalId" | "email";

/** `attribute` equals `value`, compared as the attribute's schema says. */
export interface Lookup {
  readonly attribute: IndexedAttribute;
  readonly value: string;
}

/** Which users to list, and which page of them. */
export interface UserQuery extends ListQuery<User> {
  /** Narrows the search to the users that answer to one of these; undefined: all users are looked at. */
  readonly lookups: readonly Lookup[] | undefined;
}

export interface UserPage {
  readonly users: readonly User[];
  /** How many users match, on all pages. */
  readonly total: number;
}

/** `attribute` equals `value`: `displayName` without case, the others exactly. `member` is an account's SID. */
export interface GroupLookup {
  readonly attribute: "id" | "displayName" | "externalId" | "member";
  readonly value: string;
}

/** Which groups to list, and which page of them. */
export interface GroupQuery extends ListQuery<Group> {
  /** Narrows the search to the groups that answer to one of these; undefined: all groups are looked at. */
  readonly lookups: readonly GroupLookup[] | undefined;
}

export interface GroupPage {
  readonly groups: readonly Group[];
  /** How many groups match, on all pages. */
  readonly total: number;
}
