import type { AccountSid } from "./account.js";
import { userNameTaken } from "./errors.js";
import { MultiMap } from "./multi-map.js";
import type { Lookup } from "./query.js";
import type { User } from "./user.js";
import { foldCase } from "./user-attributes.js";

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

  add(user: User): void {
    const { account, attributes } = user;
    const nameKey = foldCase(attributes.userName);
    if (account.status === "closed") this.#closedByUserName.add(nameKey, account.sid);
    else this.#holders.set(nameKey, account.sid);
    if (attributes.externalId !== undefined) this.#byExternalId.add(attributes.externalId, account.sid);
    for (const key of emailKeys(user)) this.#byEmail.add(key, account.sid);
  }

  delete(user: User): void {
    const { account, attributes } = user;
    const nameKey = foldCase(attributes.userName);
    this.#closedByUserName.delete(nameKey, account.sid);
    if (this.#holders.get(nameKey) === account.sid) this.#holders.delete(nameKey);
    if (attributes.externalId !== undefined) this.#byExternalId.delete(attributes.externalId, account.sid);
    for (const key of emailKeys(user)) this.#byEmail.delete(key, account.sid);
  }

  /** The accounts that answer to a lookup, hidden ones included; an id answers whether or not it is known. */
  find({ attribute, value }: Lookup): Iterable<AccountSid> {
    switch (attribute) {
      case "id":
        return [value as AccountSid];
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

function emailKeys(user: User): string[] {
  const values = user.attributes.emails ?? [];
  return values.flatMap(({ value }) => (value === undefined ? [] : [foldCase(value)]));
}
