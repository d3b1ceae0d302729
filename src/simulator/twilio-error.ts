/** An error answer of Twilio: HTTP status, Twilio's code and its message. */
export class TwilioError extends Error {
  override readonly name = "TwilioError";
  readonly status: number;
  /** Undefined where Twilio sends none (an invalid date, for one). */
  readonly code: number | undefined;

  constructor(status: number, code: number | undefined, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }

  body(): object {
    if (this.code === undefined) return { message: this.message, status: this.status };
    return {
      code: this.code,
      message: this.message,
      more_info: `https://www.twilio.com/docs/errors/${this.code}`,
      status: this.status,
    };
  }
}

/**
 * Each error the simulator answers with. The HTTP statuses of 20005, 21101, 21475 to 21478, 21480 and 21481, and the
 * code for a name that is too long, are not confirmed by Twilio's documentation.
 */
export const twilioErrors = {
  authenticate: () => new TwilioError(401, 20003, "Authenticate"),
  methodNotAllowed: (method: string) => new TwilioError(405, 20004, `Method not allowed: ${method}`),
  notActive: () => new TwilioError(403, 20005, "Account not active"),
  forbidden: () => new TwilioError(403, 20403, "Forbidden"),
  notFound: (path: string) => new TwilioError(404, 20404, `The requested resource ${path} was not found`),
  tooLarge: () => new TwilioError(413, undefined, "Request body too large"),
  tooManyConcurrentRequests: () => new TwilioError(429, 20429, "Too Many Requests"),
  internal: (status: number) =>
    new TwilioError(status, status * 100, "An internal server error has occurred"),
  nesting: () => new TwilioError(400, 21101, "Subaccounts cannot create subaccounts"),
  nameTooLong: () => new TwilioError(400, 20001, "FriendlyName must be 64 characters or less"),
  invalidDate: (parameter: string) => new TwilioError(400, undefined, `Invalid ${parameter}`),
  invalidStatus: () => new TwilioError(400, 21475, "Unable to update Status, invalid Status."),
  parentSuspended: () =>
    new TwilioError(400, 21476, "Unable to update Status for subaccount, parent account is suspended."),
  parentStatus: () => new TwilioError(400, 21477, "Unable to update Status for parent accounts"),
  suspendedByTwilio: () =>
    new TwilioError(
      400,
      21478,
      "Unable to update Status for subaccount, subaccount has been suspended by Twilio",
    ),
  closed: () =>
    new TwilioError(400, 21479, "Unable to update Status for subaccount, subaccount has been closed."),
  limitReached: () => new TwilioError(400, 21480, "Maximum number of subaccounts reached"),
  invalidPageToken: () => new TwilioError(400, 21481, "Invalid PageToken"),
} as const;
