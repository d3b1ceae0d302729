import { createHmac, timingSafeEqual } from "node:crypto";
import type { AuditRecord, ChainHead, Checkpoint, SealedCheckpoint, SealedRow } from "./audit-store.js";

/** Before the first row of all. */
export const CHAIN_START: ChainHead = { number: 0, mac: "" };

/** The first place at which a chain is not as it was made. */
export interface ChainFault {
  /** The number of the row that is wrong; 0 for the checkpoint. */
  readonly number: number;
  /** What is wrong with it, as a sentence. */
  readonly problem: string;
}

export type ChainVerdict =
  | { readonly fault: ChainFault }
  | { readonly fault: undefined; readonly head: ChainHead; readonly rows: number };

/**
 * Joins a row on to a chain: its seal is over the seal before it and all that it says, so that nobody without the key can
 * change, remove, insert or move a row unseen. Rows taken from the end leave a chain that is whole, which only its head
 * from elsewhere, such as the log, gives away.
 *
 * @param key 32 bytes
 */
export function sealRow(key: Buffer, head: ChainHead, record: AuditRecord): SealedRow {
  const number = head.number + 1;
  const text = canonicalJson({ ...record, number });
  return { number, text, mac: macOf(key, head.mac, text) };
}

/** Puts a seal on a checkpoint. What is sealed can be no row of the chain: that is an object in JSON. */
export function sealCheckpoint(key: Buffer, { number, mac, time, count }: Checkpoint): SealedCheckpoint {
  const seal = macOf(key, "checkpoint", canonicalJson({ number, mac, time, count }));
  return { number, mac, time, count, seal };
}

/**
 * Looks for the first row that is not as it was made.
 *
 * @param checkpoint what the chain goes on from; undefined where nothing was ever cut
 * @param rows in their order
 * @param expected the end of the chain at an earlier time, as the log told it: it must still be there
 */
export function verifyChain(
  key: Buffer,
  checkpoint: SealedCheckpoint | undefined,
  rows: Iterable<SealedRow>,
  expected?: ChainHead,
): ChainVerdict {
  if (checkpoint !== undefined && !isEqual(sealCheckpoint(key, checkpoint).seal, checkpoint.seal)) {
    return faultAt(0, "The checkpoint is not as it was made.");
  }
  let head: ChainHead = checkpoint ?? CHAIN_START;
  let count = 0;
  const isKept = expected !== undefined && expected.number > head.number;
  for (const row of rows) {
    const next = head.number + 1;
    if (row.number !== next) return faultAt(next, `Row ${next} is missing: row ${row.number} follows.`);
    if (!isEqual(macOf(key, head.mac, row.text), row.mac)) {
      return faultAt(next, `Row ${next} is not as it was made, or not in its place.`);
    }
    if (expected?.number === next && expected.mac !== row.mac) {
      return faultAt(next, `Row ${next} is another one than the log tells of.`);
    }
    head = { number: row.number, mac: row.mac };
    count += 1;
  }
  if (isKept && expected.number > head.number) {
    return faultAt(head.number + 1, `Row ${head.number + 1} is missing, and all that follow.`);
  }
  return { fault: undefined, head, rows: count };
}

/** JSON in which equal values have equal texts: the members of objects are in the order of their names. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    isPlainObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function macOf(key: Buffer, previous: string, text: string): string {
  return createHmac("sha256", key).update(previous).update(text).digest("hex");
}

function isEqual(mac: string, other: string): boolean {
  const [a, b] = [Buffer.from(mac), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function faultAt(number: number, problem: string): ChainVerdict {
  return { fault: { number, problem } };
}
