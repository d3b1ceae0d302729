import type Database from "libsql";
import type { Log } from "../directory/ports.js";
import { inTransaction, readValue } from "./sqlite-transaction.js";
import { storageUnavailable } from "./storage-errors.js";

/** Tells our databases from those of other programs: "SCIM" in ASCII. */
const APPLICATION_ID = 0x5343494d;

/**
 * What makes version n+1 of the database out of version n. Released ones never change. The version is in SQLite's
 * `user_version`, which rolls back with the transaction.
 */
export const MIGRATIONS: readonly string[] = [
  `
  PRAGMA application_id = ${APPLICATION_ID};

  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    owner_account_sid TEXT,
    complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
  ) STRICT;
  INSERT INTO meta (id) VALUES (1);

  CREATE TABLE account (
    sid TEXT PRIMARY KEY,
    friendly_name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'closed')),
    type TEXT NOT NULL CHECK (type IN ('Trial', 'Full')),
    owner_account_sid TEXT NOT NULL,
    date_created INTEGER NOT NULL,
    date_updated INTEGER NOT NULL,
    derived_user_name TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE identity (
    account_sid TEXT PRIMARY KEY REFERENCES account (sid) ON DELETE CASCADE,
    attributes TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE creation_intent (
    id TEXT PRIMARY KEY,
    friendly_name TEXT NOT NULL,
    attributes TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    asked_at INTEGER NOT NULL,
    asked_at_twilio_time INTEGER NOT NULL
  ) STRICT;

  -- The holder is the SID of an account or the id of an intent; it holds one name at most.
  CREATE TABLE user_name (
    folded TEXT PRIMARY KEY,
    holder TEXT NOT NULL UNIQUE
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Refers to no account: usage may be read, and saved, before the account's own row is.
  CREATE TABLE activity (
    account_sid TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('current', 'stale', 'unavailable', 'pending')),
    usage TEXT,
    as_of INTEGER,
    changed_at INTEGER
  ) STRICT;
  `,
  `
  CREATE TABLE user_group (
    id TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    folded_name TEXT NOT NULL UNIQUE,
    external_id TEXT,
    created INTEGER NOT NULL,
    last_modified INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE group_member (
    group_id TEXT NOT NULL REFERENCES user_group (id) ON DELETE CASCADE,
    account_sid TEXT NOT NULL REFERENCES account (sid) ON DELETE CASCADE,
    PRIMARY KEY (group_id, account_sid)
  ) STRICT, WITHOUT ROWID;

  -- To find the groups of an account, when it is closed or forgotten.
  CREATE INDEX group_member_account ON group_member (account_sid);
  `,
  `
  -- What users are looked up by, of what was written about them: a start reads it for all of them, and it is small. The
  -- e-mails are one a line.
  CREATE TABLE identity_key (
    account_sid TEXT PRIMARY KEY REFERENCES identity (account_sid) ON DELETE CASCADE,
    user_name TEXT NOT NULL,
    external_id TEXT,
    emails TEXT
  ) STRICT, WITHOUT ROWID;

  -- The one place that says what is in it: texts as JSON has them, without their quotes. What should be a text and is none
  -- becomes a quote, which no reader takes for one.
  CREATE VIEW key_of_identity (account_sid, user_name, external_id, emails) AS
  SELECT account_sid,
    iif(user_name LIKE '"%', substr(user_name, 2, length(user_name) - 2), '"'),
    iif(external_id IS NULL OR external_id LIKE '"%', substr(external_id, 2, length(external_id) - 2), '"'),
    (SELECT group_concat(iif(address LIKE '"%', substr(address, 2, length(address) - 2), '"'), char(10))
     FROM (SELECT email.value -> '$.value' AS address FROM json_each(attributes, '$.emails') AS email
           WHERE email.type = 'object')
     WHERE address IS NOT NULL)
  FROM (
    SELECT account_sid, attributes,
      attributes -> '$.userName' AS user_name,
      attributes -> '$.externalId' AS external_id
    FROM (SELECT account_sid, iif(json_valid(attributes), attributes, 'null') AS attributes FROM identity)
  );

  INSERT INTO identity_key SELECT * FROM key_of_identity ORDER BY account_sid;

  -- So that no write can leave it behind.
  CREATE TRIGGER identity_inserted AFTER INSERT ON identity BEGIN
    INSERT INTO identity_key SELECT * FROM key_of_identity WHERE account_sid = NEW.account_sid;
  END;
  CREATE TRIGGER identity_updated AFTER UPDATE ON identity BEGIN
    -- No REPLACE: a trigger has the conflict clause of the statement that sets it off, and an upsert would fail.
    DELETE FROM identity_key WHERE account_sid = NEW.account_sid;
    INSERT INTO identity_key SELECT * FROM key_of_identity WHERE account_sid = NEW.account_sid;
  END;
  `,
  `
  CREATE TABLE bearer_token (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'provision', 'admin')),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
  ) STRICT, WITHOUT ROWID;

  -- Those that are revoked stay, for whoever reads of them in the audit; their names are free.
  CREATE UNIQUE INDEX bearer_token_name ON bearer_token (name) WHERE revoked_at IS NULL;
  `,
  `
  CREATE TABLE oauth_client (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'provision', 'admin')),
    secret_hash TEXT,
    issuer TEXT,
    subject TEXT,
    audience TEXT,
    tenant TEXT,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    -- It has a secret, or an issuer signs for it.
    CHECK ((secret_hash IS NULL) = (issuer IS NOT NULL)),
    CHECK ((issuer IS NULL) = (subject IS NULL) AND (issuer IS NULL) = (audience IS NULL)),
    CHECK (tenant IS NULL OR issuer IS NOT NULL)
  ) STRICT;

  CREATE UNIQUE INDEX oauth_client_name ON oauth_client (name) WHERE revoked_at IS NULL;

  CREATE TABLE oauth_access_token (
    hash TEXT PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES oauth_client (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX oauth_access_token_client ON oauth_access_token (client_id, expires_at);
  CREATE INDEX oauth_access_token_expiry ON oauth_access_token (expires_at);

  -- The assertions that were used and could still be used again.
  CREATE TABLE oauth_assertion (
    client_id TEXT NOT NULL REFERENCES oauth_client (id) ON DELETE CASCADE,
    jti_hash TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (client_id, jti_hash)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX oauth_assertion_expiry ON oauth_assertion (expires_at);
  `,
  `
  -- What is in the text is sealed by the mac, and what is looked for is computed from it: none of it can say anything else.
  CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    mac TEXT NOT NULL,
    time TEXT NOT NULL GENERATED ALWAYS AS (text ->> '$.time') VIRTUAL,
    kind TEXT NOT NULL GENERATED ALWAYS AS (text ->> '$.kind') VIRTUAL,
    asked INTEGER GENERATED ALWAYS AS (text ->> '$.asked') VIRTUAL,
    actor TEXT GENERATED ALWAYS AS (text ->> '$.actor.name') VIRTUAL,
    account_sid TEXT GENERATED ALWAYS AS (text ->> '$.accountSid') VIRTUAL,
    outcome TEXT GENERATED ALWAYS AS (text ->> '$.outcome') VIRTUAL,
    dry_run INTEGER NOT NULL GENERATED ALWAYS AS (text ->> '$.dryRun') VIRTUAL
  ) STRICT;
  CREATE INDEX audit_by_time ON audit (time);
  CREATE INDEX audit_by_account ON audit (account_sid) WHERE account_sid IS NOT NULL;

  -- Rows in which something was asked for, until a row tells the outcome.
  CREATE TABLE audit_open (number INTEGER PRIMARY KEY) STRICT;
  CREATE TRIGGER audit_asked AFTER INSERT ON audit WHEN NEW.kind = 'asked' BEGIN
    INSERT INTO audit_open (number) VALUES (NEW.number);
  END;
  CREATE TRIGGER audit_answered AFTER INSERT ON audit WHEN NEW.asked IS NOT NULL BEGIN
    DELETE FROM audit_open WHERE number = NEW.asked;
  END;

  -- What stands for the rows that were cut.
  CREATE TABLE audit_checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL,
    mac TEXT NOT NULL,
    time TEXT NOT NULL,
    count INTEGER NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;

  -- No statement changes a row, not even one that somebody writes by mistake. Only cutting deletes.
  CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'a row of the audit does not change');
  END;
  `,
  `
  -- What counts at a brake, one row each, for as long as it is in the window.
  CREATE TABLE brake_event (
    id TEXT PRIMARY KEY,
    brake TEXT NOT NULL CHECK (brake IN ('closures', 'suspensions', 'creations', 'reactivations')),
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX brake_event_at ON brake_event (brake, at);

  CREATE TABLE brake_release (
    brake TEXT PRIMARY KEY CHECK (brake IN ('closures', 'suspensions', 'creations', 'reactivations')),
    until INTEGER NOT NULL,
    released_at INTEGER NOT NULL,
    released_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Accounts that wait to be closed. Hidden ones are suspended, and gone for clients.
  CREATE TABLE pending_closing (
    account_sid TEXT PRIMARY KEY,
    asked_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    request_id TEXT NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
    restore_asked INTEGER NOT NULL DEFAULT 0 CHECK (restore_asked IN (0, 1)),
    begun INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1))
  ) STRICT, WITHOUT ROWID;
  `,
];

/**
 * Looks at every page of the database, or of one table. Throws `storageUnavailable` where it is damaged. `name` is what
 * messages call it.
 */
export function checkPages(db: Database.Database, name: string, table?: "user_name"): void {
  const damage = readValue(db, `PRAGMA quick_check(${table ?? 1})`);
  if (damage !== "ok") {
    throw storageUnavailable(
      `${name} is damaged (${damage}). Nothing was changed in it; restore it from a backup.`,
    );
  }
}

/**
 * The version of the database, 0 for an empty one. Changes nothing. Throws `storageUnavailable` where the file is no
 * database of ours, or was written by a newer release. `name` is what messages call it.
 */
export function readVersion(db: Database.Database, name: string): number {
  const version = readValue(db, "PRAGMA user_version");
  const applicationId = readValue(db, "PRAGMA application_id");
  const empty = version === 0 && readValue(db, "SELECT count(*) FROM sqlite_schema") === 0;
  if (typeof version !== "number" || (applicationId !== APPLICATION_ID && !empty)) {
    throw storageUnavailable(`${name} belongs to another program. Nothing was changed in it.`);
  }
  if (version > MIGRATIONS.length) {
    throw storageUnavailable(
      `${name} was written by a newer release of the bridge (its version is ${version}, this release knows ` +
        `${MIGRATIONS.length}). Nothing was changed in it; use that release or a newer one.`,
    );
  }
  return version;
}

/** Brings the database from `version` to the newest one, each step in a transaction of its own. */
export function migrate(
  db: Database.Database,
  migrations: readonly string[],
  version: number,
  log: Log,
): void {
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    inTransaction(db, () => db.exec(`${sql}; PRAGMA user_version = ${index + 1}`));
    log.info({ version: index + 1 }, "Database migrated");
  }
}
