import type { AccountSid } from "../directory/account.js";
import { type DirectoryErrorCode, isDirectoryError } from "../directory/errors.js";
import type { Clock } from "../directory/ports.js";
import type {
  Actor,
  AskedEntry,
  AuditAction,
  AuditEntry,
  AuditLog,
  AuditOutcome,
  AuditState,
} from "./audit.js";

export interface Audited {
  readonly log: AuditLog;
  readonly clock: Clock;
}

/** The audit entry of one change, filled in while the change goes on and recorded when it ends. */
export interface ChangeAudit {
  /** Says what is asked for. */
  ask(actions: readonly AuditAction[], from: AuditState | undefined, to: AuditState): void;
  /**
   * Puts down what is asked for. Nothing is sent to Twilio, and nothing written, before this has resolved.
   *
   * @throws DirectoryError `storageUnavailable`
   */
  announce(): Promise<void>;
  /** Says that Twilio has done its part, and to which account: what fails from here on leaves the change incomplete. */
  doneAtTwilio(sid: AccountSid): void;
  /** Says which group the change has made. */
  madeGroup(id: string): void;
  /** Says which attributes the change asks for that nobody can write. */
  ignored(attributes: readonly string[]): void;
  /** Says that nothing had to be done. */
  unchanged(): void;
  /** Reads the request. What cannot be read asks for nothing, and is not recorded. */
  read<T>(request: () => T): T;
  /**
   * Runs the change, and records what became of it.
   *
   * @throws what `change` throws; DirectoryError `storageUnavailable` where it was made and that could not be recorded
   */
  around<T>(change: () => Promise<T>): Promise<T>;
}

export interface AuditSubject {
  /** What is recorded where the change fails before it is known more exactly. */
  readonly action: AuditAction;
  readonly accountSid?: AccountSid;
  readonly groupId?: string;
}

export function startAudit({ log, clock }: Audited, actor: Actor, subject: AuditSubject): ChangeAudit {
  const startedAt = clock.now();
  let { accountSid, groupId } = subject;
  let askedRow: number | undefined;
  let success: AuditOutcome = "done";
  let ignored: readonly string[] = [];
  let readable = true;
  let incomplete = false;
  let asked: { actions: readonly AuditAction[]; from: AuditState | undefined; to: AuditState } = {
    actions: [subject.action],
    from: undefined,
    to: {},
  };

  function entry(): AskedEntry {
    return {
      actor,
      accountSid,
      ...(groupId !== undefined && { groupId }),
      ...asked,
      ...(ignored.length > 0 && { ignored }),
    };
  }

  function record(outcome: AuditOutcome, failure: Failure): Promise<void> {
    return log.record({ ...entry(), outcome, ...failure, durationMs: clock.now() - startedAt }, askedRow);
  }

  /** A failure to record a failure tells the caller nothing that is of more use than the failure itself. */
  async function recordFailure(error: unknown): Promise<void> {
    if (!readable) return;
    await record(incomplete ? "incomplete" : outcomeOf(error), failureOf(error)).catch(() => {});
  }

  return {
    ask(actions, from, to) {
      asked = { actions, from, to };
    },
    async announce() {
      askedRow = await log.ask(entry());
    },
    madeGroup(id) {
      groupId = id;
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
      let result: Awaited<ReturnType<typeof change>>;
      try {
        result = await change();
      } catch (error) {
        await recordFailure(error);
        throw error;
      }
      await record(success, {});
      return result;
    },
  };
}

type Failure = Pick<AuditEntry, "reason" | "twilioCode" | "twilioRequestId">;

function outcomeOf(error: unknown): AuditOutcome {
  return isDirectoryError(error) ? OUTCOME_OF[error.code] : "failed";
}

function failureOf(error: unknown): Failure {
  if (!isDirectoryError(error)) return { reason: error instanceof Error ? error.name : "unknown" };
  const { code, twilioCode, twilioRequestId } = error;
  return { reason: code, twilioCode, ...(twilioRequestId !== undefined && { twilioRequestId }) };
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
