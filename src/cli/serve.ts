import { createBridge } from "../bridge.js";
import { CONFIG_VARIABLES, type ConfigVariable, readConfig, secretsOf } from "../config.js";
import { SCIM_PATH } from "../http/base-url.js";
import { createLog } from "../log.js";
import { fileVariableOf } from "../secret-files.js";
import type { Command } from "./command.js";
import { readEnvironment } from "./environment.js";
import { keepFreedMemory } from "./freed-memory.js";
import { readOptions } from "./options.js";

export const serve: Command = {
  name: "serve",
  summary: "Runs the bridge, configured by environment variables.",
  help: [
    "Usage: twilio-scim-bridge serve",
    "",
    "Runs the bridge until it is stopped (SIGTERM, SIGINT). It is configured by environment variables, and",
    "by a file named .env in the working directory, over which the environment has precedence. A secret may",
    "also be given as a file: its variable with _FILE at the end names that, for Docker and Kubernetes secrets.",
    "",
    ...CONFIG_VARIABLES.flatMap(describeVariable),
  ].join("\n"),

  async run(args, terminal) {
    readOptions(args, []);
    const config = readConfig(readEnvironment(terminal));
    const log = createLog({ level: config.logLevel, secrets: secretsOf(config) });
    terminal.atExit(() => log.flush());
    for (const warning of config.warnings) log.warn({}, warning);

    keepFreedMemory();
    // From here on, so that a stop is heard however long the start takes.
    const stopped = terminal.untilStopped();
    const bridge = await createBridge(config, log);
    try {
      const { port } = await bridge.listen();
      log.info({ host: config.http.host, port, path: SCIM_PATH }, "serving");
      terminal.up();
      await stopped;
      log.info({}, "stopping");
    } finally {
      await bridge.stop();
    }
    log.info({}, "stopped");
    return 0;
  },
};

function describeVariable({ name, purpose, default: fallback, required, secret }: ConfigVariable): string[] {
  const file = secret ? ` or ${fileVariableOf(name)}` : "";
  const note = required ? " (required)" : fallback === undefined ? "" : ` (default: ${fallback})`;
  return [`  ${name}${file}${note}`, `      ${purpose}`];
}
