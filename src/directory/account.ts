import { comparePositions, type Position } from "./position.js";

/** The SID of a Twilio account: `AC` and 32 hexadecimal digits. It is the SCIM `id`. */
export type AccountSid = string & { readonly accountSid: unique symbol };

const ACCOUNT_SID_FORM = /^AC[0-9a-fA-F]{32}$/;

/** `text` as an account SID, or undefined where it does not have the form of one. */
export function parseAccountSid(text: string): AccountSid | undefined {
  return ACCOUNT_SID_FORM.test(text) ? (text as AccountSid) : undefined;
}

export type AccountStatus = "active" | "suspended" | "closed";

export type AccountType = "Trial" | "Full";

/** One Twilio account as Twilio reports it, without its credentials. Instants are epoch milliseconds. */
export interface Account {
  readonly sid: AccountSid;
  /** Up to 64 code points, not unique. */
  readonly friendlyName: string;
  readonly status: AccountStatus;
  readonly type: AccountType;
  /** The parent's SID; a parent's own is its `sid`. */
  readonly ownerAccountSid: AccountSid;
  readonly dateCreated: number;
  readonly dateUpdated: number;
}

/** Whether this is the owner account, whose credentials the bridge uses. Nothing may ever change it. */
export function isOwnerAccount(account: Account): boolean {
  return account.sid === account.ownerAccountSid;
}

/** Where the account stands in every list. */
export function positionOf({ dateCreated, sid }: Account): Position {
  return { created: dateCreated, id: sid };
}

/** The order of every list: by creation, then by SID. */
export function compareAccounts(a: Account, b: Account): number {
  return comparePositions(positionOf(a), positionOf(b));
}

/** Whether two reports of one account say the same. */
export function sameAccount(a: Account, b: Account): boolean {
  return (
    a.sid === b.sid &&
    a.friendlyName === b.friendlyName &&
    a.status === b.status &&
    a.type === b.type &&
    a.ownerAccountSid === b.ownerAccountSid &&
    a.dateCreated === b.dateCreated &&
    a.dateUpdated === b.dateUpdated
  );
}
