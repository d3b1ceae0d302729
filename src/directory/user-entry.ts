import type { Account, AccountSid, AccountStatus } from "./account.js";
import { type Day, MS_PER_DAY, startOfDay } from "./activity.js";
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

/**
 * A user as a search sees it that looks at everyone. What such searches ask for most stands beside the user: its own
 * objects lie far apart in memory, and reading them takes most of the time.
 */
export interface UserRecord {
  readonly user: User;
  readonly status: AccountStatus;
  /** The day of `lastActivity`, counted from 1970-01-01; undefined: there is none. */
  readonly lastActivityDay: number | undefined;
  readonly lastActivityExcludingFeesDay: number | undefined;
}

/** What the index keeps of an account. It is one object from the first sight of the account to the last. */
export class UserEntry implements Position {
  #known: User | PartialUser;
  /** Undefined while its details have not been read. */
  user: User | undefined;
  status: AccountStatus;
  lastActivityDay: number | undefined;
  lastActivityExcludingFeesDay: number | undefined;
  derivedUserName: string;
  /** The tick at which what is known was asked for. Anything asked for earlier is older, and never overwrites it. */
  asOf: number;

  constructor(known: User | PartialUser, derivedUserName: string, asOf: number) {
    this.#known = known;
    this.status = known.account.status;
    this.known = known;
    this.derivedUserName = derivedUserName;
    this.asOf = asOf;
  }

  get id(): AccountSid {
    return this.#known.account.sid;
  }

  get created(): number {
    return this.#known.account.dateCreated;
  }

  /** The user as it is known now. Only the index sets it, which has to move the entry in its lists. */
  get known(): User | PartialUser {
    return this.#known;
  }

  set known(known: User | PartialUser) {
    this.#known = known;
    this.user = isWhole(known) ? known : undefined;
    this.status = known.account.status;
    this.lastActivityDay = countDays(this.user?.activity.usage?.lastActivity);
    this.lastActivityExcludingFeesDay = countDays(this.user?.activity.usage?.lastActivityExcludingFees);
  }
}

/** Whether a user is known as a whole. */
export function isWhole(known: User | PartialUser): known is User {
  return "attributes" in known;
}

/** The entry as a search sees it. Throws where its details have not been read: the caller has to see to that before. */
export function recordOf(entry: UserEntry): UserRecord {
  if (entry.user !== undefined) return entry as UserEntry & { readonly user: User };
  throw new Error(`${entry.id} is known in part only`);
}

function countDays(day: Day | undefined): number | undefined {
  return day === undefined ? undefined : startOfDay(day) / MS_PER_DAY;
}
