import type Database from "libsql";
import { type Account, type AccountSid, parseAccountSid } from "../directory/account.js";
import { groupNameTaken } from "../directory/errors.js";
import type { Group } from "../directory/group.js";
import type { MemberChange, StoredAccount } from "../directory/ports.js";
import { groupReader } from "./rows.js";
import { foldedText, writeText } from "./stored-text.js";

/** The groups in the database. Whoever calls has a transaction open. */
export interface SqliteGroups {
  /**
   * As `DirectoryStore.saveGroup`. An account that is closed stays out: it may have been closed since the caller looked.
   * One that is not saved at all breaks a constraint.
   */
  save(group: Group, members: MemberChange): void;
  delete(id: string): void;
  /** Takes an account that is closed out of all groups. */
  leaveAll(account: Account): void;
}

export function createSqliteGroups(db: Database.Database): SqliteGroups {
  const statements = {
    namesake: db.prepare("SELECT id FROM user_group WHERE folded_name = ? AND id <> ?"),
    save: db.prepare(
      `INSERT INTO user_group (id, display_name, folded_name, external_id, created, last_modified)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, folded_name = excluded.folded_name,
         external_id = excluded.external_id, created = excluded.created, last_modified = excluded.last_modified`,
    ),
    delete: db.prepare("DELETE FROM user_group WHERE id = ?"),
    // The members of one call as a JSON array: a statement for each takes twice as long. In the order of the index, so
    // that thousands of them write each of its pages once.
    addMembers: db.prepare(
      `INSERT INTO group_member (group_id, account_sid)
       SELECT ?1, value FROM json_each(?2)
       WHERE NOT EXISTS (SELECT 1 FROM account WHERE sid = value AND status = 'closed')
         AND NOT EXISTS (SELECT 1 FROM pending_closing WHERE account_sid = value AND hidden = 1)
       ORDER BY value
       ON CONFLICT DO NOTHING`,
    ),
    removeMembers: db.prepare(
      "DELETE FROM group_member WHERE group_id = ? AND account_sid IN (SELECT value FROM json_each(?))",
    ),
    touchGroupsOf: db.prepare(
      `UPDATE user_group SET last_modified = max(last_modified, ?)
       WHERE id IN (SELECT group_id FROM group_member WHERE account_sid = ?)`,
    ),
    leaveAll: db.prepare("DELETE FROM group_member WHERE account_sid = ?"),
  };

  return {
    save({ id, attributes, created, lastModified }, { added, removed }) {
      const foldedName = foldedText(attributes.displayName);
      if (statements.namesake.get(foldedName, id) !== undefined) throw groupNameTaken(attributes.displayName);
      statements.save.run(
        id,
        writeText(attributes.displayName),
        foldedName,
        attributes.externalId === undefined ? null : writeText(attributes.externalId),
        created,
        lastModified,
      );
      statements.removeMembers.run(id, JSON.stringify(removed));
      statements.addMembers.run(id, JSON.stringify(added));
    },

    delete: (id) => void statements.delete.run(id), // and by cascade who was in it

    leaveAll({ sid, dateUpdated }) {
      statements.touchGroupsOf.run(dateUpdated, sid);
      statements.leaveAll.run(sid);
    },
  };
}

/** Prepares `DirectoryStore.loadGroups`. What is answered takes the users whose groups they are, as far as they are known. */
export function prepareGroupLoad(
  db: Database.Database,
): (users: readonly StoredAccount[]) => readonly Group[] {
  // The members of a group in one text: as rows of their own, a million of them take twice as long to read.
  const groups = db.prepare(
    `SELECT id, display_name, external_id, created, last_modified,
       (SELECT group_concat(account_sid) FROM group_member WHERE group_id = user_group.id) AS members
     FROM user_group ORDER BY created, id`,
  );
  const saved = db.prepare("SELECT sid FROM account WHERE sid = ?");
  return (users) => {
    const rows = groups.all();
    if (rows.length === 0) return [];
    const known = new Map<string, AccountSid>(users.map(({ account: { sid } }) => [sid, sid]));
    const readGroup = groupReader((member) => {
      const found = known.get(member);
      if (found !== undefined) return found;
      const sid = saved.get(member) === undefined ? undefined : parseAccountSid(member);
      if (sid !== undefined) known.set(member, sid);
      return sid;
    });
    return rows.map(readGroup);
  };
}
