import type Database from "libsql";
import { type AccountSid, compareAccounts } from "../directory/account.js";
import type { StoredAccount, StoredDetails, StoredDirectory, StoredUser } from "../directory/ports.js";
import { readMeta } from "./rows.js";
import {
  ACCOUNT_COLUMNS,
  accountReader,
  DETAILS_COLUMNS,
  detailsReader,
  KEY_COLUMNS,
  type Row,
  readKeys,
} from "./user-rows.js";

/** How many columns an account has: what comes behind them is something else. */
export const BEHIND_ACCOUNT = 8;

/** Prepares `DirectoryStore.load`. What is answered reads twice: the caller puts it into a transaction. */
export function prepareLoad(db: Database.Database): () => StoredDirectory {
  const meta = db.prepare("SELECT owner_account_sid, complete FROM meta");
  const users = db
    .prepare(
      `SELECT ${ACCOUNT_COLUMNS}, ${KEY_COLUMNS} FROM account LEFT JOIN identity_key ON account_sid = sid`,
    )
    .raw();
  const readAccount = accountReader();
  const readUser = (row: Row): StoredUser => {
    const { account, derivedUserName } = readAccount(row);
    return { account, derivedUserName, keys: readKeys(account.sid, row.slice(BEHIND_ACCOUNT)) };
  };
  return () => ({
    complete: readMeta(meta.get()).complete,
    users: inOrder(readRows(users.iterate(), readUser)),
  });
}

/** Prepares `DirectoryStore.details`. */
export function prepareDetails(
  db: Database.Database,
): (sids: readonly AccountSid[]) => readonly StoredDetails[] {
  // In one statement: one for each account takes half as long again.
  const details = db
    .prepare(
      `SELECT asked.key, ${DETAILS_COLUMNS} FROM json_each(?) AS asked
         LEFT JOIN identity ON identity.account_sid = asked.value
         LEFT JOIN activity ON activity.account_sid = asked.value`,
    )
    .raw();
  const readDetails = detailsReader();
  return (sids) => {
    const found = readRows(details.iterate(JSON.stringify(sids)), ([at, ...row]) => [at, row] as const);
    const rowOf = new Map(found);
    return sids.map((sid, at) => readDetails(sid, rowOf.get(at) ?? []));
  };
}

/** In the order of lists. SQLite takes twice as long to sort such rows. */
export function inOrder<T extends StoredAccount>(users: T[]): T[] {
  return users.sort((a, b) => compareAccounts(a.account, b.account));
}

/** Reads what a statement in `raw()` form finds, each row as it comes: to hold all of them first takes much longer. */
export function readRows<T>(rows: Iterable<unknown>, read: (row: Row) => T): T[] {
  const all: T[] = [];
  let refusal: unknown;
  for (const row of rows) {
    // Until the last row is taken, the statement is under way for libsql, and soon nothing can be written.
    if (refusal !== undefined) continue;
    try {
      all.push(read(Array.isArray(row) ? row : []));
    } catch (error) {
      refusal = error;
    }
  }
  if (refusal !== undefined) throw refusal;
  return all;
}
