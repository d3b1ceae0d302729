import type { AccountSid } from "../directory/account.js";
import { type Day, parseDay } from "../directory/activity.js";
import { TwilioTransportError } from "./answer-error.js";
import { type Decimal, parseDecimal } from "./decimal.js";

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
export function readUsagePage(body: unknown, asked: AccountSid): UsagePage {
  if (!isObject(body) || !Array.isArray(body.usage_records)) throw malformed();
  const { next_page_uri: next } = body;
  const isLast = next === null;
  if (!isLast && !(typeof next === "string" && next.startsWith("/"))) throw malformed();
  return {
    records: body.usage_records.map((record) => readRecord(record, asked)),
    nextPageUri: isLast ? undefined : next,
  };
}

function readRecord(record: unknown, asked: AccountSid): UsageRecord {
  if (!isObject(record) || record.account_sid !== asked) throw malformed();
  const { category, price_unit: unit } = record;
  const from = readDay(record.start_date);
  const to = readDay(record.end_date);
  const price = readPrice(record.price);
  if (typeof category !== "string" || category === "") throw malformed();
  if (from === undefined || to === undefined || to < from || price === undefined) throw malformed();
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

function malformed(): TwilioTransportError {
  return new TwilioTransportError("MALFORMED", true);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
