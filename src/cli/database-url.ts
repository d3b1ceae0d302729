import { CONFIG_VARIABLES, ConfigError } from "../config.js";
import { parseSqliteUrl } from "../storage/sqlite-url.js";
import { type Terminal, UsageError } from "./command.js";
import { readEnvironment } from "./environment.js";

/**
 * The database that a command works on. Of the whole configuration only DATABASE_URL is needed, so that the command can run
 * where no secrets are.
 *
 * @param option what `--database` says
 * @throws UsageError, ConfigError
 */
export function readDatabaseUrl(option: string | undefined, terminal: Terminal): string {
  if (option !== undefined) {
    if (parseSqliteUrl(option) !== undefined) return option;
    throw new UsageError("--database takes file: and a path");
  }
  const variable = CONFIG_VARIABLES.find(({ name }) => name === "DATABASE_URL");
  const url = readEnvironment(terminal).DATABASE_URL || variable?.default;
  if (url !== undefined && parseSqliteUrl(url) !== undefined) return url;
  throw new ConfigError([`DATABASE_URL cannot be read; expected: ${variable?.expected}.`]);
}
