import { z } from "zod";
import { parseAccountSid } from "../directory/account.js";
import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from "../lifecycle/audit.js";
import type { AuditRow, SealedCheckpoint, SealedRow } from "../lifecycle/audit-store.js";
import { problemsOf, rowUnreadable } from "./storage-errors.js";
import { readJson } from "./stored-text.js";

const text = z.string().exactOptional();
const number = z.number().exactOptional();

const accountSid = z.string().transform((stored, context) => {
  const sid = parseAccountSid(stored);
  if (sid !== undefined) return sid;
  context.addIssue("is not an account SID");
  return z.NEVER;
});

const state = z.object({
  status: z.enum(["active", "suspended", "closed"]).exactOptional(),
  friendlyName: text,
  userName: text,
  displayName: text,
  membersAdded: number,
  membersRemoved: number,
});

const auditRow = z.object({
  number: z.number(),
  kind: z.enum(["asked", "outcome"]),
  time: z.iso.datetime(),
  asked: number,
  actor: z.object({ name: z.string(), scheme: text, address: text, requestId: text }),
  actions: z.array(z.enum(AUDIT_ACTIONS)),
  accountSid: accountSid.exactOptional(),
  groupId: text,
  identity: text,
  from: state.exactOptional(),
  to: state,
  ignored: z.array(z.string()).exactOptional(),
  outcome: z.enum(AUDIT_OUTCOMES).exactOptional(),
  reason: text,
  twilioCode: number,
  twilioRequestId: text,
  durationMs: number,
  dryRun: z.boolean(),
} satisfies Record<keyof Required<AuditRow>, z.ZodType>);

const sealedRow = z.object({ number: z.number(), text: z.string(), mac: z.string() });

const checkpoint = z.object({
  number: z.number(),
  mac: z.string(),
  time: z.string(),
  count: z.number(),
  seal: z.string(),
});

/** What follows throws DirectoryError `storageUnavailable` for a row that cannot be read, and says which. */
export function readAuditRow(stored: unknown): AuditRow {
  const { number, text } = readSealedRow(stored);
  return read(auditRow, readJson(text), `number ${number}`);
}

export function readSealedRow(stored: unknown): SealedRow {
  return read(sealedRow, stored, "any");
}

/** Undefined where nothing was ever cut. */
export function readCheckpoint(stored: unknown): SealedCheckpoint | undefined {
  return stored === undefined ? undefined : read(checkpoint, stored, "checkpoint");
}

function read<T>(schema: z.ZodType<T>, stored: unknown, key: string): T {
  const result = schema.safeParse(stored);
  if (result.success) return result.data;
  throw rowUnreadable("audit", key, problemsOf(result.error));
}
