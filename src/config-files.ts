import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { z } from "zod";
import type { environment } from "./config-variables.js";
import { errorCode } from "./error-code.js";
import { readTlsPair, type TlsFiles } from "./tls-files.js";

/** The variables that name files other than secrets'. */
type FileVariables = Pick<z.infer<typeof environment>, "TWILIO_CA_FILE" | "TLS_CERT_FILE" | "TLS_KEY_FILE">;

export interface FilesRead {
  /** What is wrong, one sentence each. They name variables, never a content. */
  readonly problems: readonly string[];
  readonly ca?: string;
  readonly tls?: TlsFiles;
}

/** Tries the files that the configuration names, so that a start says all that is wrong at once. */
export function readFiles(variables: FileVariables): FilesRead {
  const { TWILIO_CA_FILE: caFile, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = variables;
  const problems: string[] = [];
  const attempt = <T>(what: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push(`${what} (${errorCode(error)}).`);
      return undefined;
    }
  };
  const ca =
    caFile === undefined ? undefined : attempt("TWILIO_CA_FILE cannot be used", () => readCa(caFile));
  const tls = certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : undefined;
  if (tls !== undefined) {
    attempt("TLS_CERT_FILE and TLS_KEY_FILE cannot be used together", () => readTlsPair(tls));
  } else if (certFile !== undefined || keyFile !== undefined) {
    const [there, missing] =
      certFile === undefined ? ["TLS_KEY_FILE", "TLS_CERT_FILE"] : ["TLS_CERT_FILE", "TLS_KEY_FILE"];
    problems.push(`${missing} is missing, which belongs to ${there}; expected: both or none.`);
  }
  return { problems, ...(ca !== undefined && { ca }), ...(tls !== undefined && { tls: Object.freeze(tls) }) };
}

/** OpenSSL ignores a file without a certificate, and then nothing at Twilio's address could be believed. */
function readCa(path: string): string {
  const ca = readFileSync(path, "utf8");
  // Reads the first certificate, and throws where there is none.
  new X509Certificate(ca);
  return ca;
}
