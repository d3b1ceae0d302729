/** What a command may use of the process that it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory. */
  readonly directory: string;
  /** Writes a line to the standard output. */
  out(text: string): void;
  /** Writes a line to the standard error. */
  err(text: string): void;
  /** Resolves when the process is asked to stop (SIGTERM, SIGINT), from the first call on. */
  untilStopped(): Promise<void>;
  /** Told when a service is up and answers. */
  up(): void;
  /** Does something when the process ends, in whatever way but being killed. What it starts is not waited for. */
  atExit(action: () => void): void;
}

/** 0: done. 1: it failed. 2: it was called in a wrong way, or the configuration cannot be used. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** @throws UsageError, ConfigError */
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>;
}

/** The command was called in a way that it does not understand. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
