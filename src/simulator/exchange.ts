/** A request to the simulated Twilio, parsed. */
export interface Exchange {
  readonly method: string;
  /** Without the query, as it was sent. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  /** The fields of a form body; empty for other bodies, which Twilio ignores. */
  readonly form: URLSearchParams;
  /** From the path; empty when it names no account. */
  readonly accountSid: string;
}

export interface Answer {
  readonly status: number;
  /** An object is sent as JSON, a string as it is. */
  readonly body: object | string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (exchange: Exchange) => Answer | Promise<Answer>;
