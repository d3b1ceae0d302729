import type { AccountSid } from "../directory/account.js";
import { type DirectoryErrorCode, isDirectoryError } from "../directory/errors.js";
import type { Clock } from "../directory/ports.js";
import type { Actor, AuditAction, AuditLog, AuditOutcome, AuditState } from "./audit.js";

export interface Audited {
  readonly log: AuditLog;
  readonly clock: Clock;
}

/** The audit entry of one change, filled in while the change goes on and recorded when it ends. */
export interface ChangeAudit {
  /** Says what is asked for. */
  ask(actions: readonly AuditAction[], from: AuditState | undefined, to: AuditState): void;
  /** Says that Twilio has done its part, and to which account: what fails from here on leaves the change incomplete. */
  doneAtTwilio(sid: AccountSid): void;
  /** Says which attributes the change asks for that nobody can write. */
  ignored(attributes: readonly string[]): void;
  /** Says that nothing had to be done. */
  unchanged(): void;
  /** Reads the request. What cannot be read asks for nothing, and is not recorded. */
  read<T>(request: () => T): T;
  /** Runs the change, and records what became of it. */
  around<T>(change: () => Promise<T>): Promise<T>;
}

export interface AuditSubject {
  /** What is recorded where the change fails before it is known more exactly. */
  readonly action: AuditAction;
  readonly accountSid?: AccountSid;
}

export function startAudit({ log, clock }: Audited, actor: Actor, subject: AuditSubject): ChangeAudit {
  const startedAt = clock.now();
  let { accountSid } = subject;
  let success: AuditOutcome = "done";
  let ignored: readonly string[] = [];
  let readable = true;
  let incomplete = false;
  let asked: { actions: readonly AuditAction[]; from: AuditState | undefined; to: AuditState } = {
    actions: [subject.action],
    from: undefined,
    to: {},
  };

  function record(
    outcome: AuditOutcome,
    failure: { reason?: string; twilioCode?: number | undefined },
  ): void {
    log.record({
      actor,
      accountSid,
      ...asked,
      ...(ignored.length > 0 && { ignored }),
      outcome,
      ...failure,
      durationMs: clock.now() - startedAt,
    });
  }

  return {
    ask(actions, from, to) {
      asked = { actions, from, to };
    },
    doneAtTwilio(sid) {
      accountSid = sid;
      incomplete = true;
    },
    ignored(attributes) {
      ignored = attributes;
    },
    unchanged() {
      success = ignored.length > 0 ? "ignored" : "unchanged";
    },
    read(request) {
      readable = false;
      const result = request();
      readable = true;
      return result;
    },
    async around(change) {
      try {
        const result = await change();
        record(success, {});
        return result;
      } catch (error) {
        if (!readable) throw error;
        if (isDirectoryError(error)) {
          const outcome = incomplete ? "incomplete" : OUTCOME_OF[error.code];
          record(outcome, { reason: error.code, twilioCode: error.twilioCode });
        } else {
          const reason = error instanceof Error ? error.name : "unknown";
          record(incomplete ? "incomplete" : "failed", { reason });
        }
        throw error;
      }
    },
  };
}

const OUTCOME_OF: Readonly<Record<DirectoryErrorCode, AuditOutcome>> = {
  accountNotFound: "refused",
  userNameTaken: "refused",
  groupNotFound: "refused",
  groupNameTaken: "refused",
  accountProtected: "refused",
  accountNotLinked: "refused",
  accountClosed: "refused",
  brakeEngaged: "refused",
  dryRun: "refused",
  suspendedByTwilio: "refused",
  parentSuspended: "refused",
  subaccountLimit: "refused",
  refusedByTwilio: "refused",
  usageRefused: "failed",
  credentialsRefused: "failed",
  twilioUnavailable: "failed",
  outcomeUnknown: "unknown",
  directoryNotReady: "failed",
  storageUnavailable: "failed",
};
