import type { User } from "./user.js";

/** A user attribute for which the index knows all users with one value. */
export type IndexedAttribute = "id" | "userName" | "externalId" | "email";

/** `attribute` equals `value`, compared as the attribute's schema says. */
export interface Lookup {
  readonly attribute: IndexedAttribute;
  readonly value: string;
}

/** Which users to list, and which page of them. */
export interface UserQuery {
  /** Narrows the search to the users that answer to one of these; undefined: all users are looked at. */
  readonly lookups: readonly Lookup[] | undefined;
  /** Decides whether a user is in the result; undefined: all are. */
  readonly matches: ((user: User) => boolean) | undefined;
  /** How many results to pass over. */
  readonly offset: number;
  /** How many results to give at most. */
  readonly limit: number;
}

export interface UserPage {
  readonly users: readonly User[];
  /** How many users match, on all pages. */
  readonly total: number;
}
