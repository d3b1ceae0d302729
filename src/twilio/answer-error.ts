/** Twilio answered a request, with an error. The request had no effect, unless `status` is 5xx. */
export class TwilioAnswerError extends Error {
  override readonly name = "TwilioAnswerError";
  /** The HTTP status. */
  readonly status: number;
  /** Twilio's error code; undefined where the body was not Twilio's JSON. */
  readonly code: number | undefined;
  /** `Retry-After` in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** `Twilio-Request-Id`. */
  readonly requestId: string | undefined;

  constructor(
    status: number,
    code: number | undefined,
    message: string,
    { retryAfterMs, requestId }: Pick<TwilioAnswerError, "retryAfterMs" | "requestId">,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.requestId = requestId;
  }
}

/** No usable answer came: the connection failed, time ran out, or the body could not be read. */
export class TwilioTransportError extends Error {
  override readonly name = "TwilioTransportError";
  /** Such as `ECONNRESET`, `ECONNABORTED` or `MALFORMED`. */
  readonly reason: string;
  /** False where Twilio cannot have seen the request. */
  readonly sent: boolean;

  constructor(reason: string, sent: boolean) {
    super(`No usable answer came from Twilio (${reason}).`);
    this.reason = reason;
    this.sent = sent;
  }
}

/** An answer came, and cannot be read. */
export function malformedAnswer(): TwilioTransportError {
  return new TwilioTransportError("MALFORMED", true);
}

/** Whether the request may have had its effect although no answer says so. */
export function mayHaveHappened(error: unknown): boolean {
  if (error instanceof TwilioTransportError) return error.sent;
  return error instanceof TwilioAnswerError && error.status >= 500;
}

/** Whether Twilio turned the request away unread, or never got it. */
export function isNeverProcessed(error: unknown): boolean {
  if (error instanceof TwilioTransportError) return !error.sent;
  return error instanceof TwilioAnswerError && error.status === 429;
}

/** Whether the same request may succeed when it is sent again. */
export function isTransient(error: unknown): boolean {
  if (error instanceof TwilioTransportError) return true;
  return error instanceof TwilioAnswerError && (error.status === 429 || error.status >= 500);
}
