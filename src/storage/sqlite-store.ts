import type { AccountSid } from "../directory/account.js";
import { userNameTaken } from "../directory/errors.js";
import type { DirectoryStore, Log, StoredAccount, StoredActivity } from "../directory/ports.js";
import type { Identity } from "../directory/user.js";
import { intentReader, readMeta, readStanding } from "./rows.js";
import { createSqliteAudit } from "./sqlite-audit.js";
import { createSqliteBrakes } from "./sqlite-brakes.js";
import { createSqliteClients } from "./sqlite-clients.js";
import { createSqliteClosings } from "./sqlite-closings.js";
import { openSqliteDatabase, type SqliteDatabase } from "./sqlite-database.js";
import { createSqliteGroups, prepareGroupLoad } from "./sqlite-groups.js";
import { prepareDetails, prepareLoad } from "./sqlite-load.js";
import { createSqliteRetention } from "./sqlite-retention.js";
import { createSqliteTokens } from "./sqlite-tokens.js";
import { createStoreCalls } from "./sqlite-transaction.js";
import { asDirectoryError, storageUnavailable } from "./storage-errors.js";
import type { Store } from "./store.js";
import { foldedText, writeText } from "./stored-text.js";

export interface SqliteStoreOptions {
  /** `file:` and a path, or `:memory:` for a database that is gone when it is closed. */
  readonly url: string;
  readonly log: Log;
}

/**
 * The bridge's store in a SQLite file, for one bridge. The file is made where there is none. Throws
 * `storageUnavailable` with a message for the operator where it cannot be used.
 */
export async function openSqliteStore({ url, log }: SqliteStoreOptions): Promise<Store> {
  try {
    const database = openSqliteDatabase(url, log);
    const { db } = database;
    return {
      ...createSqliteStore(database),
      tokens: createSqliteTokens(db),
      clients: createSqliteClients(db),
      audit: createSqliteAudit(db),
      brakes: createSqliteBrakes(db),
      closings: createSqliteClosings(db),
      retention: createSqliteRetention(db),
    };
  } catch (error) {
    throw asDirectoryError(error);
  }
}

/**
 * The directory's store on a database that is open, which it closes. Activity is kept also of accounts that it does not know yet: the
 * reading has been paid for, and the account's own row comes with the next snapshot. `forgetAccounts` ends both.
 */
export function createSqliteStore({ db, close }: SqliteDatabase): DirectoryStore {
  const statements = {
    meta: db.prepare("SELECT owner_account_sid, complete FROM meta"),
    setOwner: db.prepare("UPDATE meta SET owner_account_sid = ?"),
    setComplete: db.prepare("UPDATE meta SET complete = 1"),
    saveAccount: db.prepare(
      `INSERT INTO account (sid, friendly_name, status, type, owner_account_sid, date_created, date_updated,
         derived_user_name)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (sid) DO UPDATE SET friendly_name = excluded.friendly_name, status = excluded.status,
         type = excluded.type, owner_account_sid = excluded.owner_account_sid, date_created = excluded.date_created,
         date_updated = excluded.date_updated, derived_user_name = excluded.derived_user_name`,
    ),
    deleteAccount: db.prepare("DELETE FROM account WHERE sid = ?"),
    saveIdentity: db.prepare(
      `INSERT INTO identity (account_sid, attributes, friendly_name, updated_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (account_sid) DO UPDATE SET attributes = excluded.attributes,
         friendly_name = excluded.friendly_name, updated_at = excluded.updated_at`,
    ),
    saveActivity: db.prepare(
      `INSERT INTO activity (account_sid, state, usage, as_of, changed_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account_sid) DO UPDATE SET state = excluded.state, usage = excluded.usage,
         as_of = excluded.as_of, changed_at = excluded.changed_at`,
    ),
    deleteActivity: db.prepare("DELETE FROM activity WHERE account_sid = ?"),
    intents: db.prepare("SELECT * FROM creation_intent ORDER BY asked_at, id"),
    addIntent: db.prepare(
      `INSERT INTO creation_intent (id, friendly_name, attributes, active, asked_at, asked_at_twilio_time)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    deleteIntent: db.prepare("DELETE FROM creation_intent WHERE id = ?"),
    standing: db.prepare(
      `SELECT ?1 AS account_sid, (SELECT folded FROM user_name WHERE holder = ?1) AS folded,
         (SELECT user_name FROM identity_key WHERE account_sid = ?1) AS user_name,
         EXISTS (SELECT 1 FROM pending_closing WHERE account_sid = ?1 AND hidden = 1) AS leaving`,
    ),
    claimName: db.prepare(
      "INSERT INTO user_name (folded, holder) VALUES (?, ?) ON CONFLICT (folded) DO NOTHING",
    ),
    freeName: db.prepare("DELETE FROM user_name WHERE holder = ?"),
  };
  const groups = createSqliteGroups(db);
  const load = prepareLoad(db);
  const details = prepareDetails(db);
  const loadGroups = prepareGroupLoad(db);
  /** Whose groups are still to be read. */
  let loaded: readonly StoredAccount[] = [];
  const readIntent = intentReader();
  const { answer, change } = createStoreCalls(db);

  function saveRow({ account, derivedUserName }: StoredAccount): void {
    statements.saveAccount.run(
      account.sid,
      writeText(account.friendlyName),
      account.status,
      account.type,
      account.ownerAccountSid,
      account.dateCreated,
      account.dateUpdated,
      writeText(derivedUserName),
    );
    if (account.status === "closed") groups.leaveAll(account);
  }

  /** Gives saved accounts the names that are theirs now. Every name that changes is freed first, so that two can swap. */
  function settleNames(rows: readonly StoredAccount[]): void {
    const claims: { readonly sid: AccountSid; readonly userName: string }[] = [];
    for (const { account, derivedUserName } of rows) {
      const { folded, written, isLeaving } = readStanding(statements.standing.get(account.sid));
      const userName = account.status === "closed" || isLeaving ? undefined : (written ?? derivedUserName);
      if (userName !== undefined && folded === foldedText(userName)) continue;
      if (folded !== null) statements.freeName.run(account.sid);
      if (userName !== undefined) claims.push({ sid: account.sid, userName });
    }
    for (const { sid, userName } of claims) claimName(userName, sid);
  }

  function claimName(userName: string, holder: string): void {
    if (statements.claimName.run(foldedText(userName), holder).changes === 0) throw userNameTaken(userName);
  }

  function saveUser(identity: Identity, row: StoredAccount): void {
    saveRow(row);
    statements.saveIdentity.run(
      identity.accountSid,
      JSON.stringify(identity.attributes),
      writeText(identity.friendlyName),
      identity.updatedAt,
    );
    settleNames([row]);
  }

  function saveActivity({ accountSid, activity }: StoredActivity): void {
    statements.saveActivity.run(
      accountSid,
      activity.state,
      activity.usage === undefined ? null : JSON.stringify(activity.usage),
      activity.asOf ?? null,
      activity.changedAt ?? null,
    );
  }

  function removeIntent(id: string): void {
    statements.freeName.run(id);
    statements.deleteIntent.run(id);
  }

  return {
    claimOwner: (ownerAccountSid) =>
      change(() => {
        const owner = readMeta(statements.meta.get()).ownerAccountSid;
        if (owner === null) statements.setOwner.run(ownerAccountSid);
        else if (owner !== ownerAccountSid) {
          throw storageUnavailable(
            `The database belongs to the owner account ${owner}, not to ${ownerAccountSid}. Each has its own database.`,
          );
        }
      }),

    load: () =>
      change(() => {
        const directory = load();
        loaded = directory.users;
        return directory;
      }),

    details: (asked) => answer(() => details(asked)),

    loadGroups: () =>
      change(() => {
        const users = loaded;
        loaded = [];
        return loadGroups(users);
      }),

    saveAccounts: (rows) =>
      change(() => {
        const latest = [...new Map(rows.map((row) => [row.account.sid, row])).values()];
        latest.forEach(saveRow);
        settleNames(latest);
      }),

    saveActivities: (rows) => change(() => rows.forEach(saveActivity)),

    forgetAccounts: (sids) =>
      change(() => {
        for (const sid of sids) {
          statements.freeName.run(sid);
          statements.deleteActivity.run(sid);
          statements.deleteAccount.run(sid); // and by cascade what was written about it and its place in groups
        }
      }),

    markComplete: () => change(() => void statements.setComplete.run()),

    saveIdentity: (identity, row) => change(() => saveUser(identity, row)),

    openIntent: (intent) =>
      change(() => {
        claimName(intent.attributes.userName, intent.id);
        statements.addIntent.run(
          intent.id,
          writeText(intent.friendlyName),
          JSON.stringify(intent.attributes),
          intent.active ? 1 : 0,
          intent.askedAt,
          intent.askedAtTwilioTime,
        );
      }),

    openIntents: () => answer(() => statements.intents.all().map(readIntent)),

    fulfilIntent: (id, identity, row) =>
      change(() => {
        removeIntent(id);
        saveUser(identity, row);
      }),

    dropIntent: (id) => change(() => removeIntent(id)),

    saveGroup: (group, members) => change(() => groups.save(group, members)),

    deleteGroup: (id) => change(() => groups.delete(id)),

    ping: () => answer(() => void readMeta(statements.meta.get())),

    close: () => (db.open ? answer(close) : Promise.resolve()),
  };
}
