import type { AccountSid } from "../directory/account.js";
import { type Day, parseDay } from "../directory/activity.js";
import type { Slice } from "../directory/slices.js";
import { malformedAnswer } from "./answer-error.js";
import { type Decimal, parseDecimal } from "./decimal.js";
import { isObject } from "./json-body.js";
import { readRecordList } from "./record-list.js";

/** What some usage cost over some days. */
export interface UsageRecord {
  /** As Twilio writes it. */
  readonly category: string;
  /** First day of the record's window. */
  readonly from: Day;
  /** Last day of the record's window, whatever happened on it. */
  readonly to: Day;
  /** Null where the usage has no price. */
  readonly price: Decimal | null;
  /** ISO 4217, in upper case; undefined where Twilio names none. */
  readonly currency: string | undefined;
}

export interface UsagePage {
  readonly records: readonly UsageRecord[];
  /** Relative to Twilio's host; undefined on the last page. */
  readonly nextPageUri: string | undefined;
}

/**
 * One page of usage records, from Twilio's own JSON: the SDK would take a date that is missing for today.
 *
 * @param asked the account that was asked for
 * @throws TwilioTransportError `MALFORMED` where anything cannot be read, or a record is another account's
 */
export async function readUsagePage(body: Buffer, asked: AccountSid, slice: Slice): Promise<UsagePage> {
  const read = (record: unknown) => readRecord(record, asked);
  const { records, rest } = await readRecordList(body, { name: "usage_records", read, slice });
  const { next_page_uri: next } = rest;
  if (next === null) return { records, nextPageUri: undefined };
  if (typeof next !== "string" || !next.startsWith("/")) throw malformedAnswer();
  return { records, nextPageUri: next };
}

function readRecord(record: unknown, asked: AccountSid): UsageRecord {
  if (!isObject(record) || record.account_sid !== asked) throw malformedAnswer();
  const { category, price_unit: unit } = record;
  const from = readDay(record.start_date);
  const to = readDay(record.end_date);
  const price = readPrice(record.price);
  if (typeof category !== "string" || category === "") throw malformedAnswer();
  if (from === undefined || to === undefined || to < from || price === undefined) throw malformedAnswer();
  const currency = typeof unit === "string" && unit !== "" ? unit.toUpperCase() : undefined;
  return { category, from, to, price, currency };
}

function readDay(value: unknown): Day | undefined {
  return typeof value === "string" ? parseDay(value) : undefined;
}

/** A number in Twilio's OpenAPI document, a string in real answers. */
function readPrice(value: unknown): Decimal | null | undefined {
  if (value === null) return null;
  return typeof value === "string" || typeof value === "number" ? parseDecimal(String(value)) : undefined;
}
