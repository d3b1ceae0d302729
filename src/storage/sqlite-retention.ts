import type Database from "libsql";
import type { RetentionStore } from "../lifecycle/retention-store.js";
import { readSid } from "./rows.js";
import { createStoreCalls } from "./sqlite-transaction.js";

/** Retention in a database that is open. */
export function createSqliteRetention(db: Database.Database): RetentionStore {
  // Nothing about an account changes after its closing, so that this is when its last change was.
  const due = db.prepare(
    `SELECT account_sid FROM identity JOIN account ON account.sid = identity.account_sid
     WHERE account.status = 'closed' AND account.date_updated < ? LIMIT ?`,
  );
  const erase = db.prepare("DELETE FROM identity WHERE account_sid = ?");

  const { answer, change } = createStoreCalls(db);

  return {
    async eraseIdentities(closedBefore, limit) {
      const sids = await change(() => {
        const found = due.all(closedBefore, limit).map(readSid);
        for (const sid of found) erase.run(sid);
        return found;
      });
      // The log still has the pages as they were before.
      if (sids.length > 0) await answer(() => db.exec("PRAGMA wal_checkpoint(TRUNCATE)"));
      return sids;
    },
  };
}
