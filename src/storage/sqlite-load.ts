import type Database from "libsql";
import type { StoredDirectory } from "../directory/ports.js";
import { readAccount, readActivity, readIdentity, readMeta } from "./rows.js";
import { prepareGroupLoad } from "./sqlite-groups.js";
import { MIGRATIONS } from "./sqlite-migrations.js";

/** The oldest version of the database that can be read without a migration: one without groups. */
export const OLDEST_READABLE_VERSION = 2;

const FIRST_VERSION_WITH_GROUPS = 3;

/**
 * Prepares to read all that the database holds of the directory. What is answered reads it; where nothing may change in
 * between, the caller puts it into a transaction.
 *
 * @param version the database's own, from OLDEST_READABLE_VERSION on
 */
export function prepareLoad(db: Database.Database, version = MIGRATIONS.length): () => StoredDirectory {
  const meta = db.prepare("SELECT owner_account_sid, complete FROM meta");
  const accounts = db.prepare("SELECT * FROM account ORDER BY sid");
  const identities = db.prepare("SELECT * FROM identity ORDER BY account_sid");
  // As they lie, since nobody needs their order: to follow the index from row to row takes as long again.
  const activities = db.prepare("SELECT * FROM activity");
  const loadGroups = version < FIRST_VERSION_WITH_GROUPS ? () => [] : prepareGroupLoad(db);
  return () => {
    const rows = accounts.all().map(readAccount);
    return {
      complete: readMeta(meta.get()).complete,
      accounts: rows,
      identities: identities.all().map(readIdentity),
      activities: activities.all().map(readActivity),
      groups: loadGroups(new Map(rows.map(({ account: { sid } }) => [sid, sid]))),
    };
  };
}
