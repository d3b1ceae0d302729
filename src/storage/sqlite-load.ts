import type Database from "libsql";
import type { StoredDirectory } from "../directory/ports.js";
import { readAccount, readActivity, readIdentity, readMeta } from "./rows.js";

/**
 * Prepares to read all that the database holds of the directory. What is answered reads it; where nothing may change in
 * between, the caller puts it into a transaction.
 */
export function prepareLoad(db: Database.Database): () => StoredDirectory {
  const meta = db.prepare("SELECT owner_account_sid, complete FROM meta");
  const accounts = db.prepare("SELECT * FROM account ORDER BY sid");
  const identities = db.prepare("SELECT * FROM identity ORDER BY account_sid");
  // As they lie, since nobody needs their order: to follow the index from row to row takes as long again.
  const activities = db.prepare("SELECT * FROM activity");
  return () => ({
    complete: readMeta(meta.get()).complete,
    accounts: accounts.all().map(readAccount),
    identities: identities.all().map(readIdentity),
    activities: activities.all().map(readActivity),
  });
}
