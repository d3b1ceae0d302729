import type { Account, AccountSid } from "./account.js";
import type { GroupOfUser } from "./group.js";
import type { Position } from "./position.js";
import type { User } from "./user.js";
import type { UserKeys } from "./users-by-key.js";

/** A user of whom a restart has not read everything yet: what was written about it, and its activity, are missing. */
export interface PartialUser {
  readonly account: Account;
  readonly keys: UserKeys;
  /** The groups that the account is a member of, in the order of lists. */
  readonly groups: readonly GroupOfUser[];
}

/** What the index keeps of an account. It is one object from the first sight of the account to the last. */
export class UserEntry implements Position {
  /** The user as it is known now. Only the index sets it, which has to move the entry in its lists. */
  known: User | PartialUser;
  derivedUserName: string;
  /** The tick at which what is known was asked for. Anything asked for earlier is older, and never overwrites it. */
  asOf: number;

  constructor(known: User | PartialUser, derivedUserName: string, asOf: number) {
    this.known = known;
    this.derivedUserName = derivedUserName;
    this.asOf = asOf;
  }

  get id(): AccountSid {
    return this.known.account.sid;
  }

  get created(): number {
    return this.known.account.dateCreated;
  }

  /** Undefined while its details have not been read. */
  get user(): User | undefined {
    return isWhole(this.known) ? this.known : undefined;
  }
}

export function isWhole(known: User | PartialUser): known is User {
  return "attributes" in known;
}
