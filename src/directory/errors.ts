import type { AccountSid } from "./account.js";

/**
 * Every way in which the directory or the lifecycle can fail for a reason that a caller is told. The HTTP status and
 * scimType of each stand in one table, `scim/errors.ts`.
 */
export type DirectoryErrorCode =
  | "accountNotFound"
  | "userNameTaken"
  | "groupNotFound"
  | "groupNameTaken"
  | "accountProtected"
  | "accountNotLinked"
  | "accountClosed"
  | "brakeEngaged"
  | "dryRun"
  | "suspendedByTwilio"
  | "parentSuspended"
  | "subaccountLimit"
  | "refusedByTwilio"
  | "usageRefused"
  | "credentialsRefused"
  | "twilioUnavailable"
  | "outcomeUnknown"
  | "directoryNotReady"
  | "storageUnavailable";

export interface DirectoryErrorDetails {
  /** Twilio's error code, such as 21478. */
  readonly twilioCode?: number | undefined;
  /** Twilio's name for the request that failed. */
  readonly twilioRequestId?: string | undefined;
  /** Whole seconds after which another try makes sense. */
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/** A failure with a stable code and a message for a human, which never holds a secret. */
export class DirectoryError extends Error {
  override readonly name = "DirectoryError";
  readonly code: DirectoryErrorCode;
  readonly twilioCode: number | undefined;
  readonly twilioRequestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: DirectoryErrorCode, message: string, details: DirectoryErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.twilioCode = details.twilioCode;
    this.twilioRequestId = details.twilioRequestId;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Whether `error` is a DirectoryError, and with one of `codes` where any are named. */
export function isDirectoryError(error: unknown, ...codes: DirectoryErrorCode[]): error is DirectoryError {
  return error instanceof DirectoryError && (codes.length === 0 || codes.includes(error.code));
}

export function accountNotFound(id: AccountSid | string): DirectoryError {
  return new DirectoryError("accountNotFound", `There is no account ${id}.`);
}

export function userNameTaken(userName: string): DirectoryError {
  return new DirectoryError("userNameTaken", `The userName "${userName}" belongs to another account.`);
}

export function groupNotFound(id: string): DirectoryError {
  return new DirectoryError("groupNotFound", `There is no group ${id}.`);
}

export function groupNameTaken(displayName: string): DirectoryError {
  return new DirectoryError("groupNameTaken", `There is a group "${displayName}" already.`);
}
