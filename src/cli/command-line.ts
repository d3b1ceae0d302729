import { randomBytes } from "node:crypto";
import { ConfigError } from "../config.js";
import { isDirectoryError } from "../directory/errors.js";
import { systemClock } from "../system-clock.js";
import { createAccounts } from "./accounts.js";
import { createAudit } from "./audit.js";
import { createBrake } from "./brake.js";
import { check } from "./check.js";
import { createClient } from "./client.js";
import { type Command, type ExitCode, type Terminal, UsageError } from "./command.js";
import { demo } from "./demo.js";
import { createRestore } from "./restore.js";
import { serve } from "./serve.js";
import { simulator } from "./simulator.js";
import { isSystemError } from "./system-error.js";
import { createTokenCommand } from "./token.js";

const COMMANDS: readonly Command[] = [
  serve,
  demo,
  simulator,
  check,
  createAccounts(systemClock),
  createTokenCommand({ clock: systemClock, randomBytes }),
  createClient(systemClock),
  createAudit(systemClock),
  createBrake(systemClock),
  createRestore(systemClock),
];

/** Runs what the command line says, and tells failures in words. */
export async function runCommandLine(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...args] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    terminal.out(overview());
    return name === undefined ? 2 : 0;
  }
  const command = COMMANDS.find((known) => known.name === name);
  if (command === undefined) {
    terminal.err(`There is no command "${name}".\n`);
    terminal.err(overview());
    return 2;
  }
  if (args.includes("--help") || args.includes("-h")) {
    terminal.out(command.help);
    return 0;
  }
  try {
    return await command.run(args, terminal);
  } catch (error) {
    return explain(error, command, terminal);
  }
}

function explain(error: unknown, command: Command, terminal: Terminal): ExitCode {
  if (error instanceof UsageError) {
    terminal.err(`${command.name}: ${error.message}.\nTry: twilio-scim-bridge ${command.name} --help`);
    return 2;
  }
  if (error instanceof ConfigError) {
    terminal.err(`${error.message}\n\nAll variables: twilio-scim-bridge serve --help`);
    return 2;
  }
  if (isDirectoryError(error)) {
    terminal.err(error.message);
    return 1;
  }
  const reason = listenFailure(error);
  if (reason === undefined) throw error;
  terminal.err(reason);
  return 1;
}

function listenFailure(error: unknown): string | undefined {
  if (!isSystemError(error)) return undefined;
  const { code, port, syscall } = error;
  if (syscall === "getaddrinfo") return "HOST is no address of this machine.";
  if (syscall !== "listen") return undefined;
  if (code === "EADDRINUSE") return `Port ${port} is taken by another program. Choose another one.`;
  if (code === "EACCES") return `Port ${port} is not allowed to this user. Choose one above 1023.`;
  return `The service cannot listen: ${code}.`;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  return [
    "Usage: twilio-scim-bridge <command> [options]",
    "",
    ...COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "Each command explains itself with --help.",
  ].join("\n");
}
