import { type Account, type AccountSid, parseAccountSid } from "../directory/account.js";
import type { Slice } from "../directory/slices.js";
import { malformedAnswer } from "./answer-error.js";
import { isObject, readJson } from "./json-body.js";
import { readRecordList } from "./record-list.js";
import { parseRfc2822Date } from "./rfc2822-date.js";

export interface AccountPage {
  readonly accounts: readonly Account[];
  /** Relative to Twilio's host; undefined on the last page. */
  readonly nextPageUri: string | undefined;
}

/**
 * One page of accounts, from Twilio's own JSON: the SDK would take a date that is missing for the present moment, a
 * `next_page_uri` that is missing for the end of the list, and any array for the accounts.
 *
 * @throws TwilioTransportError `MALFORMED` where anything cannot be read
 */
export async function readAccountPage(body: Buffer, slice: Slice): Promise<AccountPage> {
  const { records, rest } = await readRecordList(body, { name: "accounts", read: readRecord, slice });
  const { next_page_uri: next } = rest;
  if (next !== null && typeof next !== "string") throw malformedAnswer();
  return { accounts: records, nextPageUri: next === null || next === "" ? undefined : next };
}

/**
 * The account that an answer is.
 *
 * @param asked the account that was asked for, where it was one
 * @throws TwilioTransportError `MALFORMED` where a field cannot be read, or the record is another account's
 */
export function readAccount(body: Buffer, asked?: AccountSid): Account {
  const account = readRecord(readJson(body.toString()));
  if (asked !== undefined && asked !== account.sid) throw malformedAnswer();
  return account;
}

/** The account, without the `auth_token` that every record of Twilio's carries. */
function readRecord(record: unknown): Account {
  if (!isObject(record)) throw malformedAnswer();
  const { friendly_name: friendlyName, status } = record;
  const sid = readSid(record.sid);
  const owner = readSid(record.owner_account_sid);
  const dateCreated = readDate(record.date_created);
  const dateUpdated = readDate(record.date_updated);
  if (
    sid === undefined ||
    owner === undefined ||
    typeof friendlyName !== "string" ||
    (status !== "active" && status !== "suspended" && status !== "closed") ||
    dateCreated === undefined ||
    dateUpdated === undefined
  ) {
    throw malformedAnswer();
  }
  // Twilio knows two types. Should it invent a third, it is one that is paid for.
  const type = record.type === "Trial" ? "Trial" : "Full";
  return { sid, friendlyName, status, type, ownerAccountSid: owner, dateCreated, dateUpdated };
}

function readSid(value: unknown): AccountSid | undefined {
  return typeof value === "string" ? parseAccountSid(value) : undefined;
}

function readDate(value: unknown): number | undefined {
  return typeof value === "string" ? parseRfc2822Date(value) : undefined;
}
