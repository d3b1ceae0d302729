import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "../directory/ports.js";
import { parseSqliteUrl } from "./sqlite-url.js";
import { failureCode, storageUnavailable } from "./storage-errors.js";

export const AUDIT_KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

/**
 * Where the audit's key is: in `AUDIT_KEY_FILE`, or beside the database. Undefined where the database is in memory, with
 * which the audit is gone too.
 */
export function auditKeyPath(keyFile: string | undefined, databaseUrl: string): string | undefined {
  if (keyFile !== undefined) return keyFile;
  const location = parseSqliteUrl(databaseUrl);
  return location?.kind === "file" ? `${location.path}.audit-key` : undefined;
}

/**
 * The key in a file: 64 hexadecimal digits, and nothing else but a line feed.
 *
 * @throws DirectoryError `storageUnavailable`, with a message for the operator: there is none, others may read it, or it
 *   holds no key
 */
export function readAuditKey(path: string): Buffer {
  const name = `The audit's key file ${path}`;
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw storageUnavailable(`${name} can be read by other users of this machine. Give it mode 0600.`);
    }
    const text = readFileSync(path, "utf8").trim();
    if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  } catch (error) {
    const code = failureCode(error);
    if (code === "storageUnavailable") throw error;
    throw storageUnavailable(`${name} cannot be read (${code}).`, error);
  }
  throw storageUnavailable(`${name} holds no key: it must have ${AUDIT_KEY_BYTES * 2} hexadecimal digits.`);
}

export interface AuditKeyOptions {
  readonly path: string;
  /** Whether the audit has rows already, which another key would not vouch for. */
  readonly isInUse: boolean;
  readonly randomBytes: (size: number) => Buffer;
  readonly log: Log;
}

/**
 * The key in a file, which is made with mode 0600 where there is none.
 *
 * @throws as `readAuditKey`; also where the file is missing though rows have been sealed by what was in it
 */
export function openAuditKey({ path, isInUse, randomBytes, log }: AuditKeyOptions): Buffer {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return readAuditKey(path);
  if (isInUse) {
    throw storageUnavailable(
      `The audit's key file ${path} is missing, though the audit has rows. Restore it from a backup. If it is lost, ` +
        "make another one (openssl rand -hex 32, mode 0600): nobody can vouch for the rows until then any more.",
    );
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, "wx", OWNER_ONLY);
    writeSync(file, `${randomBytes(AUDIT_KEY_BYTES).toString("hex")}\n`);
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    throw storageUnavailable(`The audit's key file ${path} cannot be made (${failureCode(error)}).`, error);
  }
  log.info({ file: path }, "made the key that seals the audit; back it up, apart from the database");
  return readAuditKey(path);
}
