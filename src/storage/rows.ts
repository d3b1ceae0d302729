import { z } from "zod";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import type { Group } from "../directory/group.js";
import type { CreationIntent, StoredAccount, StoredActivity } from "../directory/ports.js";
import type { Identity } from "../directory/user.js";
import { foldCase } from "../directory/user-attributes.js";
import { storageUnavailable } from "./storage-errors.js";
import { storedAttributes } from "./stored-attributes.js";
import { storedUsage } from "./stored-usage.js";

/**
 * A name as a text column holds it: escaped as within a JSON string. Without that a NUL would cut it short when it is
 * read, and a lone surrogate would be replaced; with it every string comes back as it was, and equal stays equal.
 */
export function writeText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The form in which a name is claimed: equal where the names are but for case. */
export function foldedText(name: string): string {
  return writeText(foldCase(name));
}

const text = z.string().transform((stored, context) => {
  const read = readJson(`"${stored}"`);
  if (typeof read === "string") return read;
  context.addIssue("is not a text as it is stored");
  return z.NEVER;
});

const accountSid = z.string().transform((stored, context) => {
  const sid = parseAccountSid(stored);
  if (sid !== undefined) return sid;
  context.addIssue("is not an account SID");
  return z.NEVER;
});

const attributes = z.string().transform(readJson).pipe(storedAttributes);

const epochMs = z.number();

const flag = z.literal([0, 1]).transform((stored) => stored === 1);

const accountRow = z
  .object({
    sid: accountSid,
    friendly_name: text,
    status: z.enum(["active", "suspended", "closed"]),
    type: z.enum(["Trial", "Full"]),
    owner_account_sid: accountSid,
    date_created: epochMs,
    date_updated: epochMs,
    derived_user_name: text,
  })
  .transform(
    (row): StoredAccount => ({
      account: {
        sid: row.sid,
        friendlyName: row.friendly_name,
        status: row.status,
        type: row.type,
        ownerAccountSid: row.owner_account_sid,
        dateCreated: row.date_created,
        dateUpdated: row.date_updated,
      },
      derivedUserName: row.derived_user_name,
    }),
  );

const identityRow = z
  .object({ account_sid: accountSid, attributes, friendly_name: text, updated_at: epochMs })
  .transform(
    (row): Identity => ({
      accountSid: row.account_sid,
      attributes: row.attributes,
      friendlyName: row.friendly_name,
      updatedAt: row.updated_at,
    }),
  );

const activityRow = z
  .object({
    account_sid: accountSid,
    state: z.enum(["current", "stale", "unavailable", "pending"]),
    usage: z.string().transform(readJson).pipe(storedUsage).nullable(),
    as_of: epochMs.nullable(),
    changed_at: epochMs.nullable(),
  })
  .transform(
    (row): StoredActivity => ({
      accountSid: row.account_sid,
      activity: {
        state: row.state,
        usage: row.usage ?? undefined,
        asOf: row.as_of ?? undefined,
        changedAt: row.changed_at ?? undefined,
      },
    }),
  );

const intentRow = z
  .object({
    id: z.string(),
    friendly_name: text,
    attributes,
    active: flag,
    asked_at: epochMs,
    asked_at_twilio_time: epochMs,
  })
  .transform(
    (row): CreationIntent => ({
      id: row.id,
      friendlyName: row.friendly_name,
      attributes: row.attributes,
      active: row.active,
      askedAt: row.asked_at,
      askedAtTwilioTime: row.asked_at_twilio_time,
    }),
  );

const metaRow = z
  .object({ owner_account_sid: accountSid.nullable(), complete: flag })
  .transform((row) => ({ ownerAccountSid: row.owner_account_sid, complete: row.complete }));

/** The name that a holder has now, and what was written about the account of that SID. */
const standingRow = z.object({ folded: z.string().nullable(), attributes: attributes.nullable() });

export const readAccount = reader("account", "sid", accountRow);
export const readIdentity = reader("identity", "account_sid", identityRow);
export const readActivity = reader("activity", "account_sid", activityRow);
export const readIntent = reader("creation_intent", "id", intentRow);
export const readMeta = reader("meta", "id", metaRow);
export const readStanding = reader("identity", "account_sid", standingRow);

/**
 * Reads groups, each row with its members as one text, separated by commas. `known` holds the SID of every account: the
 * members are those same strings, since a directory with a million of them would otherwise have to keep a million more.
 */
export function groupReader(known: ReadonlyMap<string, AccountSid>): (row: unknown) => Group {
  const members = z.string().transform((stored, context) => {
    const sids = new Set<AccountSid>();
    for (const member of stored.split(",")) {
      const sid = known.get(member);
      if (sid === undefined) {
        context.addIssue(`${member} is not an account of this database`);
        return z.NEVER;
      }
      sids.add(sid);
    }
    return sids;
  });
  const groupRow = z
    .object({
      id: z.string(),
      display_name: text,
      external_id: text.nullable(),
      created: epochMs,
      last_modified: epochMs,
      members: members.nullable(),
    })
    .transform(
      (row): Group => ({
        id: row.id,
        attributes: {
          displayName: row.display_name,
          ...(row.external_id !== null && { externalId: row.external_id }),
        },
        members: row.members ?? new Set(),
        created: row.created,
        lastModified: row.last_modified,
      }),
    );
  return reader("user_group", "id", groupRow);
}

/** Turns a row as the driver gives it into what the core knows, or throws `storageUnavailable` and says which row. */
function reader<T>(table: string, keyColumn: string, schema: z.ZodType<T>): (row: unknown) => T {
  return (row) => {
    const result = schema.safeParse(row);
    if (result.success) return result.data;
    const key = new Map(Object.entries(row ?? {})).get(keyColumn);
    const columns = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw storageUnavailable(
      `A row of the bridge's database cannot be read: table ${table}, ${keyColumn} ${key} (${columns.join("; ")}).`,
    );
  };
}

/** Undefined, which no schema here takes, where it is not JSON. */
function readJson(stored: string): unknown {
  try {
    return JSON.parse(stored);
  } catch {
    return undefined;
  }
}
