import type { AccountSid, AccountStatus } from "../directory/account.js";

/** On whose behalf a change is asked for. */
export interface Actor {
  /** The name of the token or client; never a secret. */
  readonly name: string;
  /** How somebody showed that the name is theirs, such as `oauth`; undefined where the bridge itself acts. */
  readonly scheme?: string;
  /** The network address that the request came from; undefined where the bridge itself acts. */
  readonly address?: string;
  /** Absent where no request asked for the change. */
  readonly requestId?: string;
}

export const AUDIT_ACTIONS = [
  "create",
  "suspend",
  "reactivate",
  "rename",
  "close",
  "closeLater",
  "restore",
  "update",
  /** Twilio has no such account any more. Only ever seen, never asked for. */
  "vanish",
  "createGroup",
  "updateGroup",
  "deleteGroup",
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/**
 * - `done`: it happened;
 * - `unchanged`: it was so already, and nothing was sent;
 * - `ignored`: nothing was asked for but what nobody can write, and nothing was sent;
 * - `refused`: a rule of the bridge or of Twilio forbids it, and nothing changed;
 * - `failed`: it could not be done now, and nothing changed;
 * - `incomplete`: Twilio did its part, but not all of the change could be done or kept;
 * - `unknown`: Twilio's answer was lost and could not be found out in time; the next sync tells.
 */
export const AUDIT_OUTCOMES = [
  "done",
  "unchanged",
  "ignored",
  "refused",
  "failed",
  "incomplete",
  "unknown",
] as const;

export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** What is compared before and after: only what a change can touch. */
export interface AuditState {
  readonly status?: AccountStatus;
  readonly friendlyName?: string;
  readonly userName?: string;
  /** Of a group. */
  readonly displayName?: string;
  /** How many enter a group, and how many leave it. */
  readonly membersAdded?: number;
  readonly membersRemoved?: number;
}

/** One change that somebody asks for. */
export interface AskedEntry {
  readonly actor: Actor;
  readonly actions: readonly AuditAction[];
  readonly accountSid: AccountSid | undefined;
  readonly groupId?: string;
  readonly from: AuditState | undefined;
  /** What was asked for. */
  readonly to: AuditState;
  /** Read-only attributes that were asked to be other than they are, where there are any. */
  readonly ignored?: readonly string[];
  /** True: it is only tried out, and nothing is done. */
  readonly dryRun?: boolean;
}

/** One change that somebody asked for, and what became of it. */
export interface AuditEntry extends AskedEntry {
  readonly outcome: AuditOutcome;
  /** The error's code where the outcome is not `done`, `unchanged` or `ignored`. */
  readonly reason?: string;
  /** Twilio's error code, where Twilio gave one. */
  readonly twilioCode?: number | undefined;
  /** Twilio's name for the request that it refused, which its support asks for. */
  readonly twilioRequestId?: string | undefined;
  /** From the asking to the outcome; absent where that is not known. */
  readonly durationMs?: number;
}

/** Where audit entries go. Both methods resolve when it is certain that a crash leaves the entry where it is. */
export interface AuditLog {
  /**
   * Says that a change is about to be made.
   *
   * @returns a number by which `record` refers to it
   * @throws DirectoryError `storageUnavailable`: then the change must not be made
   */
  ask(entry: AskedEntry): Promise<number>;
  /**
   * Says what became of a change.
   *
   * @param asked what `ask` returned; undefined where nothing was about to be made
   * @throws DirectoryError `storageUnavailable`: it is kept as soon as that works again
   */
  record(entry: AuditEntry, asked: number | undefined): Promise<void>;
}
