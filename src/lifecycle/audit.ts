import type { AccountSid, AccountStatus } from "../directory/account.js";

/** On whose behalf a change is asked for. */
export interface Actor {
  /** The name of the token or client; never a secret. */
  readonly name: string;
  readonly requestId: string;
}

export type AuditAction =
  | "create"
  | "suspend"
  | "reactivate"
  | "rename"
  | "close"
  | "closeLater"
  | "restore"
  | "update";

/**
 * - `done`: it happened;
 * - `unchanged`: it was so already, and nothing was sent;
 * - `ignored`: nothing was asked for but what nobody can write, and nothing was sent;
 * - `refused`: a rule of the bridge or of Twilio forbids it, and nothing changed;
 * - `failed`: it could not be done now, and nothing changed;
 * - `incomplete`: Twilio did its part, but not all of the change could be done or kept;
 * - `unknown`: Twilio's answer was lost and could not be found out in time; the next sync tells.
 */
export type AuditOutcome = "done" | "unchanged" | "ignored" | "refused" | "failed" | "incomplete" | "unknown";

/** What is compared before and after: only what a change can touch. */
export interface AuditState {
  readonly status?: AccountStatus;
  readonly friendlyName?: string;
  readonly userName?: string;
}

/** One change that somebody asked for, and what became of it. */
export interface AuditEntry {
  readonly actor: Actor;
  readonly actions: readonly AuditAction[];
  readonly accountSid: AccountSid | undefined;
  readonly from: AuditState | undefined;
  /** What was asked for. */
  readonly to: AuditState;
  /** Read-only attributes that were asked to be other than they are, where there are any. */
  readonly ignored?: readonly string[];
  readonly outcome: AuditOutcome;
  /** The error's code where the outcome is not `done`, `unchanged` or `ignored`. */
  readonly reason?: string;
  /** Twilio's error code, where Twilio gave one. */
  readonly twilioCode?: number | undefined;
  readonly durationMs: number;
  /** There in a dry run: what is said to be done was not. */
  readonly dryRun?: true;
}

/** Where audit entries go. */
export interface AuditLog {
  record(entry: AuditEntry): void;
}
