import type Database from "libsql";
import { z } from "zod";
import type { ClientCredential, ClientStore, OAuthClient } from "../access/client-store.js";
import { reader } from "./rows.js";
import { createStoreCalls } from "./sqlite-transaction.js";

/** How many valid tokens a client may have: far more than a provider holds, and no more than the database bears. */
const TOKENS_PER_CLIENT = 100;

/** How many assertions of a client are remembered. A provider uses one or two an hour. */
const ASSERTIONS_PER_CLIENT = 1000;

/** Clients and their tokens in a SQLite database, which may be written from outside the bridge too. */
export function createSqliteClients(db: Database.Database): ClientStore {
  const statements = {
    add: db.prepare(
      `INSERT INTO oauth_client (id, name, scope, secret_hash, issuer, subject, audience, tenant, created_at, revoked_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING`,
    ),
    list: db.prepare("SELECT * FROM oauth_client ORDER BY created_at, id"),
    find: db.prepare("SELECT * FROM oauth_client WHERE id = ?"),
    standing: db.prepare("SELECT id FROM oauth_client WHERE name = ? AND revoked_at IS NULL"),
    revoke: db.prepare("UPDATE oauth_client SET revoked_at = ? WHERE id = ?"),
    forgetTokens: db.prepare("DELETE FROM oauth_access_token WHERE client_id = ?"),
    forgetAssertions: db.prepare("DELETE FROM oauth_assertion WHERE client_id = ?"),
    sweepTokens: db.prepare("DELETE FROM oauth_access_token WHERE expires_at <= ?"),
    trimTokens: db.prepare(
      `DELETE FROM oauth_access_token WHERE hash IN (
         SELECT hash FROM oauth_access_token WHERE client_id = ?
         ORDER BY expires_at DESC LIMIT -1 OFFSET ${TOKENS_PER_CLIENT - 1})`,
    ),
    addToken: db.prepare(
      `INSERT INTO oauth_access_token (hash, client_id, expires_at)
       SELECT ?1, id, ?3 FROM oauth_client WHERE id = ?2 AND revoked_at IS NULL`,
    ),
    findToken: db.prepare(
      `SELECT oauth_client.*, expires_at FROM oauth_access_token JOIN oauth_client ON id = client_id
       WHERE hash = ? AND revoked_at IS NULL`,
    ),
    sweepAssertions: db.prepare("DELETE FROM oauth_assertion WHERE expires_at <= ?"),
    useAssertion: db.prepare(
      `INSERT INTO oauth_assertion (client_id, jti_hash, expires_at)
       SELECT ?1, ?2, ?3
       WHERE (SELECT count(*) FROM oauth_assertion WHERE client_id = ?1) < ${ASSERTIONS_PER_CLIENT}
       ON CONFLICT (client_id, jti_hash) DO NOTHING`,
    ),
  };

  const { answer, change } = createStoreCalls(db);

  return {
    addClient: ({ id, name, scope, credential, createdAt, revokedAt }) =>
      change(() => {
        const binding = credential.kind === "federated" ? credential.binding : undefined;
        const { changes } = statements.add.run(
          id,
          name,
          scope,
          credential.kind === "secret" ? credential.secretHash : null,
          binding?.issuer ?? null,
          binding?.subject ?? null,
          binding?.audience ?? null,
          binding?.tenant ?? null,
          createdAt,
          revokedAt ?? null,
        );
        return changes > 0;
      }),

    listClients: () => answer(() => statements.list.all().map(readClient)),

    findClient: (id) =>
      answer(() => {
        const row = statements.find.get(id);
        return row === undefined ? undefined : readClient(row);
      }),

    revokeClient: (name, now) =>
      change(() => {
        const row = statements.standing.get(name);
        if (row === undefined) return false;
        const { id } = readId(row);
        statements.revoke.run(now, id);
        statements.forgetTokens.run(id);
        statements.forgetAssertions.run(id);
        return true;
      }),

    addAccessToken: ({ hash, clientId, expiresAt }, now) =>
      change(() => {
        statements.sweepTokens.run(now);
        statements.trimTokens.run(clientId);
        return statements.addToken.run(hash, clientId, expiresAt).changes > 0;
      }),

    findAccessToken: (hash) =>
      answer(() => {
        const row = statements.findToken.get(hash);
        return row === undefined ? undefined : { client: readClient(row), ...readExpiry(row) };
      }),

    useAssertion: ({ clientId, jtiHash, expiresAt }, now) =>
      change(() => {
        statements.sweepAssertions.run(now);
        return statements.useAssertion.run(clientId, jtiHash, expiresAt).changes > 0;
      }),
  };
}

const clientRow = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: z.enum(["read", "provision", "admin"]),
    secret_hash: z.string().nullable(),
    issuer: z.string().nullable(),
    subject: z.string().nullable(),
    audience: z.string().nullable(),
    tenant: z.string().nullable(),
    created_at: z.number(),
    revoked_at: z.number().nullable(),
  })
  .transform((row, context): OAuthClient => {
    const credential = credentialOf(row);
    if (credential === undefined) {
      context.addIssue("has neither a secret nor an issuer");
      return z.NEVER;
    }
    return {
      id: row.id,
      name: row.name,
      scope: row.scope,
      credential,
      createdAt: row.created_at,
      revokedAt: row.revoked_at ?? undefined,
    };
  });

interface CredentialColumns {
  readonly secret_hash: string | null;
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly audience: string | null;
  readonly tenant: string | null;
}

function credentialOf(row: CredentialColumns): ClientCredential | undefined {
  const { secret_hash: secretHash, issuer, subject, audience, tenant } = row;
  if (secretHash !== null) return { kind: "secret", secretHash };
  if (issuer === null || subject === null || audience === null) return undefined;
  return { kind: "federated", binding: { issuer, subject, audience, tenant: tenant ?? undefined } };
}

const readClient = reader("oauth_client", "id", clientRow);

const readId = reader("oauth_client", "id", z.object({ id: z.string() }));

const readExpiry = reader(
  "oauth_access_token",
  "client_id",
  z.object({ expires_at: z.number() }).transform((row) => ({ expiresAt: row.expires_at })),
);
