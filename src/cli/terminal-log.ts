import type { Log } from "../directory/ports.js";
import type { Terminal } from "./command.js";

/** Shows whoever runs a command what goes wrong beside it. What the command does it tells by itself. */
export function createTerminalLog(terminal: Terminal): Log {
  return {
    debug() {},
    info() {},
    warn() {},
    error: (_fields, message) => terminal.err(`${message}.`),
  };
}
