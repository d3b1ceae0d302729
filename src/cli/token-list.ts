import type { StoredToken } from "../access/token-store.js";
import { inColumns } from "./columns.js";

type State = "valid" | "expired" | "revoked";

const HEADINGS = ["NAME", "SCOPE", "STATE", "CREATED", "EXPIRES", "LAST USED"];

/** @param now epoch milliseconds; says which have expired */
export function formatTokenTable(tokens: readonly StoredToken[], now: number): string {
  const rows = tokens.map((token) => [
    token.name,
    token.scope,
    stateOf(token, now),
    minute(token.createdAt),
    token.expiresAt === undefined ? "never" : minute(token.expiresAt),
    token.lastUsedAt === undefined ? "never" : minute(token.lastUsedAt),
  ]);
  return inColumns([HEADINGS, ...rows]);
}

/** @param now epoch milliseconds; says which have expired */
export function formatTokenJson(tokens: readonly StoredToken[], now: number): string {
  const shown = tokens.map((token) => ({
    name: token.name,
    scope: token.scope,
    state: stateOf(token, now),
    created: instant(token.createdAt),
    expires: instant(token.expiresAt),
    revoked: instant(token.revokedAt),
    lastUsed: instant(token.lastUsedAt),
  }));
  return JSON.stringify(shown, undefined, 2);
}

function stateOf({ revokedAt, expiresAt }: StoredToken, now: number): State {
  if (revokedAt !== undefined) return "revoked";
  return expiresAt !== undefined && expiresAt <= now ? "expired" : "valid";
}

/** In UTC, such as `2026-11-24 08:00Z`. */
function minute(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16).replace("T", " ")}Z`;
}

function instant(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}
