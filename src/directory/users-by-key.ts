import type { AccountSid } from "./account.js";
import { userNameTaken } from "./errors.js";
import { MultiMap } from "./multi-map.js";
import { foldCase, type UserAttributes } from "./user-attributes.js";

/** What a user is found by, in upper and lower case as it is shown. */
export interface UserKeys {
  readonly userName: string;
  readonly externalId?: string | undefined;
  /** The values of its e-mails. */
  readonly emails?: readonly string[] | undefined;
}

/** An attribute by which few users are found at once. */
export interface KeyLookup {
  readonly attribute: "userName" | "externalId" | "email";
  readonly value: string;
}

/** Accounts by what their users are found by, and whose each userName is. */
export class UsersByKey {
  /** Folded userName to the open account that holds it. */
  readonly #holders = new Map<string, AccountSid>();
  /** Folded userName to the closed accounts that still show it: closing an account frees its name. */
  readonly #closedByUserName = new MultiMap<string, AccountSid>();
  readonly #byExternalId = new MultiMap<string, AccountSid>();
  readonly #byEmail = new MultiMap<string, AccountSid>();
  /** Folded userNames that a change in progress is about to take. */
  readonly #reserved = new Set<string>();

  /** @param isClosed whether the account is closed: then it holds its name no more */
  add(sid: AccountSid, { userName, externalId, emails = [] }: UserKeys, isClosed: boolean): void {
    const nameKey = foldCase(userName);
    if (isClosed) this.#closedByUserName.add(nameKey, sid);
    else this.#holders.set(nameKey, sid);
    if (externalId !== undefined) this.#byExternalId.add(externalId, sid);
    for (const email of emails) this.#byEmail.add(foldCase(email), sid);
  }

  delete(sid: AccountSid, { userName, externalId, emails = [] }: UserKeys): void {
    const nameKey = foldCase(userName);
    this.#closedByUserName.delete(nameKey, sid);
    if (this.#holders.get(nameKey) === sid) this.#holders.delete(nameKey);
    if (externalId !== undefined) this.#byExternalId.delete(externalId, sid);
    for (const email of emails) this.#byEmail.delete(foldCase(email), sid);
  }

  /** The accounts that answer to a lookup, hidden ones included. */
  find({ attribute, value }: KeyLookup): Iterable<AccountSid> {
    switch (attribute) {
      case "userName":
        return this.#named(foldCase(value));
      case "externalId":
        return this.#byExternalId.get(value);
      case "email":
        return this.#byEmail.get(foldCase(value));
    }
  }

  /** Whether an account may be given a userName: nobody else has it, and it is reserved for nobody. */
  isFree(userName: string, sid: AccountSid): boolean {
    const key = foldCase(userName);
    const holder = this.#holders.get(key);
    return holder === undefined ? !this.#reserved.has(key) : holder === sid;
  }

  /** See `UserIndex.reserveUserName`. */
  reserve(userName: string, holder: AccountSid | undefined): () => void {
    const key = foldCase(userName);
    const holding = this.#holders.get(key);
    if (this.#reserved.has(key) || (holding !== undefined && holding !== holder)) {
      throw userNameTaken(userName);
    }
    this.#reserved.add(key);
    return () => {
      this.#reserved.delete(key);
    };
  }

  #named(key: string): AccountSid[] {
    const holder = this.#holders.get(key);
    const closed = this.#closedByUserName.get(key);
    return holder === undefined ? [...closed] : [holder, ...closed];
  }
}

/** What a user with these attributes is found by. */
export function keysOf({ userName, externalId, emails = [] }: UserAttributes): UserKeys {
  return { userName, externalId, emails: emails.flatMap(({ value }) => value ?? []) };
}
