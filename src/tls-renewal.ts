import type { Clock, Log } from "./directory/ports.js";
import { errorCode } from "./error-code.js";
import { readTlsPair, type TlsFiles, type TlsPair } from "./tls-files.js";

/** A certificate is renewed weeks before it expires, so that a minute is soon enough. */
const LOOK_EVERY_MS = 60_000;

export interface TlsRenewalOptions {
  readonly files: TlsFiles;
  /** What is in use. */
  readonly pair: TlsPair;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told of another certificate. */
  readonly renew: (pair: TlsPair) => void;
}

/**
 * Looks at the files each minute, until the signal aborts. Their content tells whether they have changed: Kubernetes swaps
 * a link, whose target may be older than what it replaces. While only one of the two is new, the old pair stays in use.
 */
export async function renewTls({ files, pair, clock, log, signal, renew }: TlsRenewalOptions): Promise<void> {
  for (let current = pair; ; ) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    if (signal.aborted) return;
    try {
      const found = readTlsPair(files);
      if (found.cert === current.cert && found.key === current.key) continue;
      renew(found);
      current = found;
      log.info({}, "the TLS certificate was read again");
    } catch (error) {
      log.warn(
        { code: errorCode(error) },
        "TLS_CERT_FILE and TLS_KEY_FILE cannot be used together; the old pair stays in use",
      );
    }
  }
}
