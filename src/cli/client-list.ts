import type { OAuthClient } from "../access/client-store.js";
import { inColumns } from "./columns.js";

/** Clients for people, one a line. */
export function formatClientTable(clients: readonly OAuthClient[]): string {
  if (clients.length === 0) return "There are no clients.";
  return inColumns([
    ["NAME", "CLIENT ID", "SCOPE", "CREATED", "REVOKED", "AUTHENTICATES BY"],
    ...clients.map((client) => [
      client.name,
      client.id,
      client.scope,
      day(client.createdAt),
      client.revokedAt === undefined ? "" : day(client.revokedAt),
      client.credential.kind === "secret" ? "secret" : client.credential.binding.issuer,
    ]),
  ]);
}

/** Clients for programs, as a JSON array. The digests of secrets are not in it. */
export function formatClientJson(clients: readonly OAuthClient[]): string {
  return JSON.stringify(
    clients.map(({ name, id, scope, createdAt, revokedAt, credential }) => ({
      name,
      clientId: id,
      scope,
      created: new Date(createdAt).toISOString(),
      revoked: revokedAt === undefined ? null : new Date(revokedAt).toISOString(),
      federated:
        credential.kind === "secret"
          ? null
          : {
              issuer: credential.binding.issuer,
              subject: credential.binding.subject,
              audience: credential.binding.audience,
              tenant: credential.binding.tenant ?? null,
            },
    })),
    undefined,
    2,
  );
}

function day(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}
