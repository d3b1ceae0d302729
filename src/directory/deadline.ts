import { DirectoryError } from "./errors.js";
import type { Clock } from "./ports.js";

/**
 * Runs `work` with a signal that aborts after `ms` milliseconds. `work` is not cut short: it gives up when it meets the
 * signal, and so never leaves anything half done.
 *
 * @throws DirectoryError `twilioUnavailable`, the signal's reason, or what `work` throws
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const done = new AbortController();
  void clock.sleep(ms, done.signal).then(() => {
    if (!done.signal.aborted) deadline.abort(tooSlow());
  });
  try {
    return await work(deadline.signal);
  } finally {
    done.abort();
  }
}

function tooSlow(): DirectoryError {
  return new DirectoryError("twilioUnavailable", "Twilio takes too long to answer.", {
    retryAfterSeconds: 5,
  });
}
