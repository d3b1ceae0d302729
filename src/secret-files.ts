import { readFileSync } from "node:fs";
import { errorCode } from "./error-code.js";

export interface SecretsFromFiles {
  /** The environment, in which each secret that has a file stands under its own name. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is wrong, one sentence for each secret. They name variables, never a content. */
  readonly problems: ReadonlyMap<string, string>;
}

/** The variable that names the file of a secret, as Docker's and Kubernetes' secrets are handed over. */
export function fileVariableOf(name: string): string {
  return `${name}_FILE`;
}

/**
 * Reads the secrets that are given as files. A file ends with a line feed where an editor or `echo` wrote it, which is
 * no part of the secret.
 *
 * @param names of the variables that may be given as `<name>_FILE` instead
 */
export function readSecretFiles(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SecretsFromFiles {
  const read: Record<string, string> = {};
  const problems = new Map<string, string>();
  for (const name of names) {
    const path = env[fileVariableOf(name)];
    if (!path) continue;
    if (env[name]) {
      problems.set(name, `${fileVariableOf(name)} is set, and so is ${name}; expected: one of the two.`);
      continue;
    }
    const { secret, fault } = readSecret(path);
    if (fault === undefined) read[name] = secret;
    else
      problems.set(name, `${fileVariableOf(name)} ${fault}; expected: the path of a file with the secret.`);
  }
  return { env: { ...env, ...read }, problems };
}

function readSecret(path: string): { readonly secret: string; readonly fault?: string } {
  try {
    const secret = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    return secret === "" ? { secret, fault: "names an empty file" } : { secret };
  } catch (error) {
    return { secret: "", fault: `names a file that cannot be read (${errorCode(error)})` };
  }
}
