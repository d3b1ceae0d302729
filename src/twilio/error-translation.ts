import { DirectoryError, type DirectoryErrorCode } from "../directory/errors.js";
import { TwilioAnswerError } from "./answer-error.js";

const NOT_FOUND = 20404;

/** https://www.twilio.com/docs/api/errors, as far as the bridge tells one refusal from another. */
const MEANING_OF_CODE: ReadonlyMap<number, DirectoryErrorCode> = new Map([
  [NOT_FOUND, "accountNotFound"],
  [20003, "credentialsRefused"],
  // The owner account is not active, or the key may not do this.
  [20005, "credentialsRefused"],
  [10001, "credentialsRefused"],
  [20403, "credentialsRefused"],
  [21101, "credentialsRefused"],
  [21476, "parentSuspended"],
  [21477, "accountProtected"],
  [21478, "suspendedByTwilio"],
  [21479, "accountClosed"],
  [21480, "subaccountLimit"],
]);

/** The same for usage: what would be about the owner account is about the one whose usage was asked for. */
const MEANING_FOR_USAGE: ReadonlyMap<number, DirectoryErrorCode> = new Map([
  ...MEANING_OF_CODE,
  [20005, "usageRefused"],
  [10001, "usageRefused"],
  [20403, "usageRefused"],
]);

/** When a caller should try again where Twilio does not say. */
const RETRY_AFTER_SECONDS = 5;

/** What a failed request means to the directory, where it is known that the request had no effect. */
export function translateTwilioError(error: unknown): DirectoryError {
  return translate(error, MEANING_OF_CODE);
}

/** The same for a request that names no account: a 404 is no word about any. */
export function translateCollectionError(error: unknown): DirectoryError {
  return translate(error, new Map([...MEANING_OF_CODE, [NOT_FOUND, "twilioUnavailable"]]));
}

/** The same for a request about usage, which Twilio refuses for accounts that are not active. */
export function translateUsageError(error: unknown): DirectoryError {
  return translate(error, MEANING_FOR_USAGE);
}

function translate(error: unknown, meanings: ReadonlyMap<number, DirectoryErrorCode>): DirectoryError {
  if (error instanceof DirectoryError) return error;
  if (error instanceof TwilioAnswerError) {
    const code = meaningOf(error, meanings);
    if (code !== "twilioUnavailable") {
      return new DirectoryError(code, describe(code, error), {
        twilioCode: error.code,
        twilioRequestId: error.requestId,
        cause: error,
      });
    }
  }
  const retryAfterMs = error instanceof TwilioAnswerError ? error.retryAfterMs : undefined;
  return new DirectoryError("twilioUnavailable", "Twilio can not be reached at the moment.", {
    twilioCode: error instanceof TwilioAnswerError ? error.code : undefined,
    twilioRequestId: error instanceof TwilioAnswerError ? error.requestId : undefined,
    retryAfterSeconds: retryAfterMs === undefined ? RETRY_AFTER_SECONDS : Math.ceil(retryAfterMs / 1000),
    cause: error,
  });
}

/** A write whose answer was lost, and that could not be found out. */
export function outcomeUnknown(cause: unknown): DirectoryError {
  return new DirectoryError(
    "outcomeUnknown",
    "Twilio's answer was lost, so it is not known yet whether the change was made.",
    { retryAfterSeconds: RETRY_AFTER_SECONDS, cause },
  );
}

function meaningOf(
  { status, code }: TwilioAnswerError,
  meanings: ReadonlyMap<number, DirectoryErrorCode>,
): DirectoryErrorCode {
  const meaning = code === undefined ? undefined : meanings.get(code);
  if (meaning !== undefined) return meaning;
  if (status === 401 || status === 403) return "credentialsRefused";
  // Twilio's own refusals have a code. A 404 without one, from a proxy for instance, says nothing about the account.
  if (status === 429 || status >= 500 || status === 404 || code === undefined) return "twilioUnavailable";
  return "refusedByTwilio";
}

function describe(code: DirectoryErrorCode, { message, code: twilioCode }: TwilioAnswerError): string {
  if (code === "credentialsRefused") return "Twilio refuses the bridge's credentials.";
  return twilioCode === undefined ? `Twilio: ${message}` : `Twilio: ${message} (${twilioCode})`;
}
