import { type Account, type AccountSid, parseAccountSid } from "../directory/account.js";
import { TwilioTransportError } from "./answer-error.js";

/** What is read of an account in the SDK's answers. The SDK types it, but passes through whatever Twilio sent. */
export interface AccountRecord {
  readonly sid: unknown;
  readonly friendlyName: unknown;
  readonly status: unknown;
  readonly type: unknown;
  readonly ownerAccountSid: unknown;
  readonly dateCreated: unknown;
  readonly dateUpdated: unknown;
}

/**
 * Whether an answer is an account, or a page of accounts, with all that the SDK would make up: it takes a date that is
 * missing for the present moment, a `next_page_uri` that is missing for the end of the list, and any array for the records.
 *
 * @param body JSON as Twilio sent it, before the SDK reads it
 */
export function isAccountAnswer(body: Readonly<Record<string, unknown>>): boolean {
  const { accounts, next_page_uri: nextPageUri } = body;
  if (accounts === undefined) return hasDates(body);
  const tellsNextPage = nextPageUri === null || typeof nextPageUri === "string";
  return Array.isArray(accounts) && accounts.every(hasDates) && tellsNextPage;
}

function hasDates(record: unknown): boolean {
  if (typeof record !== "object" || record === null) return false;
  if (!("date_created" in record && "date_updated" in record)) return false;
  return typeof record.date_created === "string" && typeof record.date_updated === "string";
}

/**
 * The account, without the `authToken` that every record of Twilio's carries.
 *
 * @param asked the account that was asked for, where it was one
 * @throws TwilioTransportError `MALFORMED` where a field cannot be read, or the record is another account's
 */
export function readAccount(record: AccountRecord, asked?: AccountSid): Account {
  const { friendlyName, status } = record;
  const sid = typeof record.sid === "string" ? parseAccountSid(record.sid) : undefined;
  const owner =
    typeof record.ownerAccountSid === "string" ? parseAccountSid(record.ownerAccountSid) : undefined;
  const dateCreated = epochMs(record.dateCreated);
  const dateUpdated = epochMs(record.dateUpdated);
  if (
    sid === undefined ||
    (asked !== undefined && asked !== sid) ||
    owner === undefined ||
    typeof friendlyName !== "string" ||
    (status !== "active" && status !== "suspended" && status !== "closed") ||
    dateCreated === undefined ||
    dateUpdated === undefined
  ) {
    throw new TwilioTransportError("MALFORMED", true);
  }
  // Twilio knows two types. Should it invent a third, it is one that is paid for.
  const type = record.type === "Trial" ? "Trial" : "Full";
  return { sid, friendlyName, status, type, ownerAccountSid: owner, dateCreated, dateUpdated };
}

function epochMs(date: unknown): number | undefined {
  if (!(date instanceof Date)) return undefined;
  const ms = date.getTime();
  return Number.isNaN(ms) ? undefined : ms;
}
