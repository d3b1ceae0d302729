import { type Account, type AccountSid, parseAccountSid } from "../../src/directory/account.js";
import type { User } from "../../src/directory/user.js";
import type { UserAttributes } from "../../src/directory/user-attributes.js";

/** The SID that ends with the digits of `number`. */
export function sid(number: number): AccountSid {
  const parsed = parseAccountSid(`AC${number.toString(16).padStart(32, "0")}`);
  if (parsed === undefined) throw new Error(`No SID can be made of ${number}.`);
  return parsed;
}

export const OWNER = sid(0xface);

const FIRST_CREATION = Date.UTC(2025, 0, 1);
const A_DAY_MS = 86_400_000;

/** The account number `number`, created a day after the one before it; what is not said of it is ordinary. */
export function account(number: number, said: Partial<Account> = {}): Account {
  const dateCreated = FIRST_CREATION + number * A_DAY_MS;
  return {
    sid: sid(number),
    friendlyName: `Account ${number}`,
    status: "active",
    type: "Full",
    ownerAccountSid: OWNER,
    dateCreated,
    dateUpdated: dateCreated,
    ...said,
  };
}

export function ownerAccount(said: Partial<Account> = {}): Account {
  return account(0, { sid: OWNER, friendlyName: "Parent", ...said });
}

/** What a provider writes of a user, as little as possible. */
export function attributes(userName: string, said: Partial<UserAttributes> = {}): UserAttributes {
  return { userName, ...said };
}

export function userNames(users: readonly User[]): string[] {
  return users.map((user) => user.attributes.userName);
}
