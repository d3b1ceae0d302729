/** What the operating system, or Node itself, says of a failure. */
export interface SystemError {
  /** Such as `ENOENT`. */
  readonly code: string;
  readonly message: string;
  /** What was tried, such as `listen`. */
  readonly syscall?: string;
  readonly port?: number;
}

/** Told by its code and not by its class: Node's own errors are no `Error` where the program runs in a context of its own. */
export function isSystemError(error: unknown): error is SystemError {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string";
}
