import type { ExitCode, Terminal } from "../../src/cli/command.js";
import { runCommandLine } from "../../src/cli/command-line.js";

export interface FakeTerminal extends Terminal {
  /** All that was written to the standard output. */
  readonly output: string;
  /** All that was written to the standard error. */
  readonly errors: string;
  /** As SIGTERM does. */
  terminate(): void;
  /** Resolves once the command says that all is up and running. */
  readonly isUp: Promise<void>;
}

export function createFakeTerminal(
  env: Readonly<Record<string, string | undefined>> = {},
  directory = "/nonexistent",
): FakeTerminal {
  const written = { out: "", err: "" };
  let terminate: () => void = () => undefined;
  let up: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    terminate = resolve;
  });
  return {
    env,
    directory,
    out: (text) => {
      written.out += `${text}\n`;
    },
    err: (text) => {
      written.err += `${text}\n`;
    },
    untilStopped: () => stopped,
    up: () => up(),
    atExit: () => undefined,
    get output() {
      return written.out;
    },
    get errors() {
      return written.err;
    },
    terminate,
    isUp: new Promise((resolve) => {
      up = resolve;
    }),
  };
}

/** Runs a command, and stops it once `use` has ended, well or badly. */
export async function whileRunning(
  argv: readonly string[],
  terminal: FakeTerminal,
  use: () => Promise<void> | void,
): Promise<ExitCode> {
  const ended = runCommandLine(argv, terminal);
  await Promise.race([terminal.isUp, ended]);
  try {
    await use();
  } finally {
    terminal.terminate();
    await ended;
  }
  return ended;
}
