import type Database from "libsql";
import { z } from "zod";
import type { StoredToken, TokenStore } from "../access/token-store.js";
import { createStoreCalls, readValue } from "./sqlite-transaction.js";
import { problemsOf, rowUnreadable } from "./storage-errors.js";

/** Bearer tokens in a SQLite database, which somebody else opens and closes. */
export function createSqliteTokens(db: Database.Database): TokenStore {
  const statements = {
    all: db.prepare("SELECT * FROM bearer_token ORDER BY created_at, name"),
    add: db.prepare(
      `INSERT INTO bearer_token (digest, name, scope, created_at, expires_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING`,
    ),
    revoke: db.prepare("UPDATE bearer_token SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL"),
    recordUse: db.prepare("UPDATE bearer_token SET last_used_at = ? WHERE digest = ?"),
  };
  /** SQLite tells of the changes of other connections only. */
  let ownChanges = 0;

  const { answer, change } = createStoreCalls(db);

  function changeAny(statement: Database.Statement, ...values: unknown[]): Promise<boolean> {
    return change(() => {
      const isDone = statement.run(...values).changes > 0;
      ownChanges += 1;
      return isDone;
    });
  }

  return {
    add: ({ name, digest, scope, createdAt, expiresAt }) =>
      changeAny(statements.add, digest, name, scope, createdAt, expiresAt ?? null),

    all: () => answer(() => statements.all.all().map(readToken)),

    revoke: (name, revokedAt) => changeAny(statements.revoke, revokedAt, name),

    recordUses: (uses) =>
      change(() => {
        for (const { digest, at } of uses) statements.recordUse.run(at, digest);
      }),

    version: () => answer(() => `${readValue(db, "PRAGMA data_version")} ${ownChanges}`),
  };
}

const epochMs = z.number();

const optionalEpochMs = epochMs.nullable().transform((stored) => stored ?? undefined);

const tokenRow = z
  .object({
    name: z.string(),
    digest: z.string(),
    scope: z.enum(["read", "provision", "admin"]),
    created_at: epochMs,
    expires_at: optionalEpochMs,
    revoked_at: optionalEpochMs,
    last_used_at: optionalEpochMs,
  })
  .transform(
    (row): StoredToken => ({
      name: row.name,
      digest: row.digest,
      scope: row.scope,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
      revokedAt: row.revoked_at,
      lastUsedAt: row.last_used_at,
    }),
  );

function readToken(row: unknown): StoredToken {
  const result = tokenRow.safeParse(row);
  if (result.success) return result.data;
  const name = new Map(Object.entries(row ?? {})).get("name");
  throw rowUnreadable("bearer_token", `name ${name}`, problemsOf(result.error));
}
