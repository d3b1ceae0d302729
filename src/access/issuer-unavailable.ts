/**
 * The keys of an issuer cannot be had, so that nobody can say whether a token is good. That is a 503: a 401 would have the
 * provider ask its administrator for other credentials.
 */
export class IssuerUnavailable extends Error {
  override readonly name = "IssuerUnavailable";
  readonly code = "issuerUnavailable";

  constructor(cause?: unknown) {
    super(
      "The keys of the token's issuer cannot be read at the moment.",
      cause === undefined ? undefined : { cause },
    );
  }
}
