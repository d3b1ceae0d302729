import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** `TLS_CERT_FILE` and `TLS_KEY_FILE`. */
export interface TlsFiles {
  /** The path of the certificate and those that it is signed with, in PEM. */
  readonly certFile: string;
  /** The path of its private key, in PEM and without a passphrase. */
  readonly keyFile: string;
}

/** What the files hold. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads a certificate and its key, and sees to it that they belong together.
 *
 * @throws what reading and OpenSSL throw, with a `code`
 */
export function readTlsPair({ certFile, keyFile }: TlsFiles): TlsPair {
  const pair = { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
  createSecureContext(pair);
  return pair;
}
