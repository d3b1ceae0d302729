import type { z } from "zod";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import type { Activity } from "../directory/activity.js";
import type { StoredAccount, StoredDetails, StoredKeys } from "../directory/ports.js";
import type { Identity } from "../directory/user.js";
import { problemsOf, rowUnreadable } from "./storage-errors.js";
import { storedAttributes } from "./stored-attributes.js";
import { readJson, readText } from "./stored-text.js";
import { storedUsage } from "./stored-usage.js";

/**
 * A row in libsql's `raw()` form: its columns, in the order in which the statement names them. A start waits for one of each
 * user, and as objects they take longer to make. For the same reason a schema reads only the JSON in them.
 */
export type Row = readonly unknown[];

/** What `accountReader` reads. */
export const ACCOUNT_COLUMNS = `account.sid, account.friendly_name, account.status, account.type,
  account.owner_account_sid, account.date_created, account.date_updated, account.derived_user_name`;

/** What `readKeys` reads. */
export const KEY_COLUMNS = "identity_key.user_name, identity_key.external_id, identity_key.emails";

/** What `detailsReader` reads. */
export const DETAILS_COLUMNS = `identity.attributes, identity.friendly_name, identity.updated_at, activity.state,
  activity.usage, activity.as_of, activity.changed_at`;

const STATUSES = ["active", "suspended", "closed"] as const;
const TYPES = ["Trial", "Full"] as const;
const STATES = ["current", "stale", "unavailable", "pending"] as const;

const NO_TEXT = "is not a text as it is stored";
const NO_SID = "is not an account SID";
const NO_TIME = "is not a number of milliseconds";
const NOT_KNOWN = "is none of those that there are";

/** Reads accounts. What is made here throws `storageUnavailable` for a row that cannot be read, and says which. */
export function accountReader(): (row: Row) => StoredAccount {
  const owners = new Map<unknown, AccountSid>();

  /** The same text for all accounts of an owner. */
  function readOwner(stored: unknown): AccountSid | undefined {
    const known = owners.get(stored);
    if (known !== undefined) return known;
    const sid = readSid(stored);
    if (sid !== undefined) owners.set(stored, sid);
    return sid;
  }

  return ([sid, friendlyName, status, type, ownerAccountSid, dateCreated, dateUpdated, derivedUserName]) => {
    const refuse = (column: string, says: string) => refuseRow("account", `sid ${sid}`, `${column}: ${says}`);
    const name = readText(friendlyName) ?? refuse("friendly_name", NO_TEXT);
    return {
      account: {
        sid: readSid(sid) ?? refuse("sid", NO_SID),
        friendlyName: name,
        status: oneOf(STATUSES, status) ?? refuse("status", NOT_KNOWN),
        type: oneOf(TYPES, type) ?? refuse("type", NOT_KNOWN),
        ownerAccountSid: readOwner(ownerAccountSid) ?? refuse("owner_account_sid", NO_SID),
        dateCreated: readMs(dateCreated) ?? refuse("date_created", NO_TIME),
        dateUpdated: readMs(dateUpdated) ?? refuse("date_updated", NO_TIME),
      },
      // Most often the same, which is kept once.
      derivedUserName:
        derivedUserName === friendlyName
          ? name
          : (readText(derivedUserName) ?? refuse("derived_user_name", NO_TEXT)),
    };
  };
}

/** Reads what the account of that SID is looked up by; undefined where nobody has written to it. */
export function readKeys(sid: AccountSid, [userName, externalId, emails]: Row): StoredKeys | undefined {
  if (userName === null) return undefined;
  const refuse = (attribute: string) =>
    refuseRow("identity", `account_sid ${sid}`, `attributes.${attribute}: is not a text`);
  const name = readText(userName) ?? refuse("userName");
  const id = externalId === null ? undefined : (readText(externalId) ?? refuse("externalId"));
  // Most often the one address is the userName, which is kept once.
  const addresses =
    emails === userName
      ? [name]
      : emails === null
        ? undefined
        : (readLines(emails) ?? refuse("emails.value"));
  // Each made in one go: one that grows, or is spread together, takes more memory.
  if (id === undefined)
    return addresses === undefined ? { userName: name } : { userName: name, emails: addresses };
  if (addresses === undefined) return { userName: name, externalId: id };
  return { userName: name, externalId: id, emails: addresses };
}

/** Reads details of accounts, of which there may be none. */
export function detailsReader(): (accountSid: AccountSid, row: Row) => StoredDetails {
  const attributesSchema = storedAttributes();
  const usageSchema = storedUsage();

  function identityOf(accountSid: AccountSid, [attributes, friendlyName, updatedAt]: Row): Identity {
    const refuse = (...problems: string[]) => refuseRow("identity", `account_sid ${accountSid}`, ...problems);
    const read = readColumn("attributes", attributesSchema, attributes, refuse);
    const name = readText(friendlyName) ?? refuse(`friendly_name: ${NO_TEXT}`);
    return {
      accountSid,
      attributes: read,
      // Most often the same, which is kept once.
      friendlyName: read.displayName === name ? read.displayName : name,
      updatedAt: readMs(updatedAt) ?? refuse(`updated_at: ${NO_TIME}`),
    };
  }

  function activityOf(accountSid: AccountSid, [state, usage, asOf, changedAt]: Row): Activity {
    const refuse = (...problems: string[]) => refuseRow("activity", `account_sid ${accountSid}`, ...problems);
    return {
      state: oneOf(STATES, state) ?? refuse(`state: ${NOT_KNOWN}`),
      usage: usage === null ? undefined : readColumn("usage", usageSchema, usage, refuse),
      asOf: asOf === null ? undefined : (readMs(asOf) ?? refuse(`as_of: ${NO_TIME}`)),
      changedAt: changedAt === null ? undefined : (readMs(changedAt) ?? refuse(`changed_at: ${NO_TIME}`)),
    };
  }

  return (accountSid, row) => {
    const [attributes, , , state] = row;
    return {
      accountSid,
      identity: attributes === null ? undefined : identityOf(accountSid, row),
      activity: state === null ? undefined : activityOf(accountSid, row.slice(3)),
    };
  };
}

function refuseRow(table: string, key: string, ...problems: string[]): never {
  throw rowUnreadable(table, key, problems);
}

function readSid(stored: unknown): AccountSid | undefined {
  return typeof stored === "string" ? parseAccountSid(stored) : undefined;
}

function readMs(stored: unknown): number | undefined {
  return typeof stored === "number" ? stored : undefined;
}

/** That one of `values` which is stored. */
function oneOf<T>(values: readonly T[], stored: unknown): T | undefined {
  return values.find((value) => value === stored);
}

/** Texts, one a line. */
function readLines(stored: unknown): string[] | undefined {
  if (typeof stored !== "string") return undefined;
  const texts: string[] = [];
  for (const line of stored.split("\n")) {
    const read = readText(line);
    if (read === undefined) return undefined;
    texts.push(read);
  }
  return texts;
}

/** A column with JSON. */
function readColumn<T>(
  column: string,
  schema: z.ZodType<T>,
  stored: unknown,
  refuse: (...problems: string[]) => never,
): T {
  const result = schema.safeParse(typeof stored === "string" ? readJson(stored) : stored);
  return result.success ? result.data : refuse(...problemsOf(result.error, column));
}
