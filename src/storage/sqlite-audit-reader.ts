import { type ChainVerdict, verifyChain } from "../lifecycle/audit-chain.js";
import type { AuditQuery, AuditRow, ChainHead } from "../lifecycle/audit-store.js";
import { createSqliteAuditReading } from "./sqlite-audit.js";
import { MIGRATIONS } from "./sqlite-migrations.js";
import { readSqlite } from "./sqlite-reader.js";

/**
 * The rows of the audit, the newest first, read beside a running bridge. Throws as `readSqliteDirectory`.
 */
export function readSqliteAudit(url: string, query: AuditQuery): readonly AuditRow[] {
  return readSqlite(url, MIGRATIONS.length, (db) =>
    createSqliteAuditReading(db).page({ ...query, limit: Number.MAX_SAFE_INTEGER }),
  );
}

/** Whether the audit is as it was written, read beside a running bridge. See `verifyChain`. Throws as `readSqliteDirectory`. */
export function verifySqliteAudit(url: string, key: Buffer, expected: ChainHead | undefined): ChainVerdict {
  return readSqlite(url, MIGRATIONS.length, (db) => {
    const { checkpoint, rows } = createSqliteAuditReading(db);
    return verifyChain(key, checkpoint(), rows(), expected);
  });
}
