import type { Account, AccountSid } from "./account.js";
import type { Activity } from "./activity.js";
import type { GroupOfUser } from "./group.js";
import type { UserAttributes } from "./user-attributes.js";

/** What a provider wrote about a user. It exists from the first write of an attribute other than `active`. */
export interface Identity {
  readonly accountSid: AccountSid;
  readonly attributes: UserAttributes;
  /**
   * The account's name at Twilio when this was written. As long as Twilio has it still, `attributes.displayName` is
   * what is shown (or its absence); another name was given in Twilio's console, and is shown instead.
   */
  readonly friendlyName: string;
  /** Epoch milliseconds of the last write. */
  readonly updatedAt: number;
}

/** One account as the directory knows it. Immutable: a change makes another User. */
export interface User {
  readonly account: Account;
  /** Undefined while nobody has written to the account: then `attributes` are derived from it. */
  readonly identity: Identity | undefined;
  /** What is shown: written attributes, or derived ones. */
  readonly attributes: UserAttributes;
  readonly activity: Activity;
  /** The groups that the account is a member of, in the order of lists. */
  readonly groups: readonly GroupOfUser[];
  /** Epoch milliseconds at which anything of the above changed that is shown, apart from `groups`: each has its own. */
  readonly lastModified: number;
}
