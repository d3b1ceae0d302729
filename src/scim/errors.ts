import SCIMMY from "scimmy";
import { DirectoryError, type DirectoryErrorCode } from "../directory/errors.js";

/** The detail error keywords that this server gives (RFC 7644 §3.12, Table 9; RFC 9865 §2). */
export type ScimType =
  | "expiredCursor"
  | "invalidCount"
  | "invalidCursor"
  | "invalidFilter"
  | "invalidPath"
  | "invalidSyntax"
  | "invalidValue"
  | "mutability"
  | "noTarget"
  | "uniqueness";

/** A request that is answered with an error. The message is the `detail`, which administrators read. */
export class ScimError extends SCIMMY.Types.Error {
  override readonly name = "ScimError";

  constructor(status: number, scimType: ScimType | undefined, detail: string) {
    // The base class has no other way to say that there is no scimType.
    super(status, scimType ?? "", detail);
  }
}

/** RFC 7644 §3.12. */
export interface ErrorBody {
  readonly schemas: readonly [string];
  /** The HTTP status, as a string. */
  readonly status: string;
  readonly scimType?: string;
  readonly detail: string;
}

export interface ErrorAnswer {
  readonly status: number;
  /** Whole seconds, for the header Retry-After. */
  readonly retryAfterSeconds?: number;
  readonly body: ErrorBody;
}

export const invalidCount = (detail: string) => new ScimError(400, "invalidCount", detail);
export const invalidCursor = (detail: string) => new ScimError(400, "invalidCursor", detail);
export const invalidFilter = (detail: string) => new ScimError(400, "invalidFilter", detail);
export const invalidPath = (detail: string) => new ScimError(400, "invalidPath", detail);
export const invalidSyntax = (detail: string) => new ScimError(400, "invalidSyntax", detail);
export const invalidValue = (detail: string) => new ScimError(400, "invalidValue", detail);
export const mutability = (detail: string) => new ScimError(400, "mutability", detail);
export const noTarget = (detail: string) => new ScimError(400, "noTarget", detail);

/** What each failure of the directory or the lifecycle is for a SCIM client. */
const ANSWERS: Readonly<Record<DirectoryErrorCode, { status: number; scimType?: ScimType }>> = {
  accountNotFound: { status: 404 },
  userNameTaken: { status: 409, scimType: "uniqueness" },
  groupNotFound: { status: 404 },
  groupNameTaken: { status: 409, scimType: "uniqueness" },
  accountProtected: { status: 403 },
  accountNotLinked: { status: 403 },
  accountClosed: { status: 400, scimType: "mutability" },
  brakeEngaged: { status: 429 },
  dryRun: { status: 403 },
  suspendedByTwilio: { status: 403 },
  parentSuspended: { status: 403 },
  subaccountLimit: { status: 403 },
  refusedByTwilio: { status: 400, scimType: "invalidValue" },
  usageRefused: { status: 503 },
  credentialsRefused: { status: 503 },
  twilioUnavailable: { status: 503 },
  outcomeUnknown: { status: 503 },
  directoryNotReady: { status: 503 },
  storageUnavailable: { status: 503 },
};

/** When to come back, where nobody knows better. Without a number Okta waits 5 minutes, so there always is one. */
const DEFAULT_RETRY_AFTER_SECONDS = 5;

/** The answer to a request that ended in `error`. What is not foreseen is 500, and says nothing about itself. */
export function toScimError(error: unknown): ErrorAnswer {
  if (error instanceof DirectoryError) {
    const { status, scimType } = ANSWERS[error.code];
    return answer(status, scimType, error.message, error.retryAfterSeconds);
  }
  if (error instanceof SCIMMY.Types.Error) return answer(error.status, error.scimType, error.message);
  return answer(500, undefined, "The request could not be handled because of an internal error.");
}

/** scimmy's ErrorResponse would build the body, but it refuses the statuses that RFC 7644 does not list: 503, 405, 415. */
function answer(
  status: number,
  scimType: string | undefined,
  detail: string,
  retryAfterSeconds = DEFAULT_RETRY_AFTER_SECONDS,
): ErrorAnswer {
  return {
    status,
    ...((status === 503 || status === 429) && {
      retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)),
    }),
    body: {
      schemas: [SCIMMY.Messages.ErrorResponse.id],
      status: String(status),
      ...(scimType && { scimType }),
      detail,
    },
  };
}
