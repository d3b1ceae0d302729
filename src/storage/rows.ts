import { z } from "zod";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import type { Group } from "../directory/group.js";
import type { CreationIntent } from "../directory/ports.js";
import { problemsOf, rowUnreadable } from "./storage-errors.js";
import { storedAttributes } from "./stored-attributes.js";
import { readJson, readText } from "./stored-text.js";

const text = z.string().transform((stored, context) => {
  const read = readText(stored);
  if (read !== undefined) return read;
  context.addIssue("is not a text as it is stored");
  return z.NEVER;
});

const accountSid = z.string().transform((stored, context) => {
  const sid = parseAccountSid(stored);
  if (sid !== undefined) return sid;
  context.addIssue("is not an account SID");
  return z.NEVER;
});

const epochMs = z.number();

const flag = z.literal([0, 1]).transform((stored) => stored === 1);

const metaRow = z
  .object({ owner_account_sid: accountSid.nullable(), complete: flag })
  .transform((row) => ({ ownerAccountSid: row.owner_account_sid, complete: row.complete }));

export const readMeta = reader("meta", "id", metaRow);

/** The name that a holder has now, and the userName that was written about the account of that SID; whether it waits to be closed. */
const standingRow = z
  .object({
    account_sid: accountSid,
    folded: z.string().nullable(),
    user_name: text.nullable(),
    leaving: flag,
  })
  .transform((row) => ({ folded: row.folded, written: row.user_name ?? undefined, isLeaving: row.leaving }));

export const readStanding = reader("identity", "account_sid", standingRow);

export const readSid = reader(
  "identity",
  "account_sid",
  z.object({ account_sid: accountSid }).transform((row) => row.account_sid),
);

/** Reads intents. */
export function intentReader(): (row: unknown) => CreationIntent {
  const intentRow = z
    .object({
      id: z.string(),
      friendly_name: text,
      attributes: z.string().transform(readJson).pipe(storedAttributes()),
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
  return reader("creation_intent", "id", intentRow);
}

/**
 * Reads groups, each row with its members as one text, separated by commas. `sidOf` answers the SID of each account of this
 * database: the members are those same strings, since a directory with a million of them would otherwise have to keep a
 * million more.
 */
export function groupReader(sidOf: (member: string) => AccountSid | undefined): (row: unknown) => Group {
  const members = z.string().transform((stored, context) => {
    const sids = new Set<AccountSid>();
    for (const member of stored.split(",")) {
      const sid = sidOf(member);
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
export function reader<T>(table: string, keyColumn: string, schema: z.ZodType<T>): (row: unknown) => T {
  return (row) => {
    const result = schema.safeParse(row);
    if (result.success) return result.data;
    const key = new Map(Object.entries(row ?? {})).get(keyColumn);
    throw rowUnreadable(table, `${keyColumn} ${key}`, problemsOf(result.error));
  };
}
