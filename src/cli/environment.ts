import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { ConfigError } from "../config.js";
import type { Terminal } from "./command.js";
import { isSystemError } from "./system-error.js";

/**
 * The environment, with what a `.env` file in the working directory adds to it.
 *
 * @throws ConfigError where there is such a file and it cannot be read
 */
export function readEnvironment({ env, directory }: Terminal): Record<string, string | undefined> {
  return { ...readEnvFile(join(directory, ".env")), ...env };
}

function readEnvFile(path: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(path, "utf8"));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "ENOENT") return {};
    throw new ConfigError([
      `${path} cannot be read (${error.code}); expected: a file that this user may read.`,
    ]);
  }
}
