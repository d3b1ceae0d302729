import { parseArgs } from "node:util";
import { UsageError } from "./command.js";
import { isSystemError } from "./system-error.js";

/** The values of a command's options, all of which take one: `--port 8080` or `--port=8080`. */
export function readOptions<N extends string>(
  args: readonly string[],
  names: readonly N[],
): Partial<Record<N, string>> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: Object.fromEntries(names.map((name) => [name, { type: "string" as const }])),
      strict: true,
      allowPositionals: false,
    });
    return values as Partial<Record<N, string>>;
  } catch (error) {
    // The rest of parseArgs' message explains how to pass file names that begin with a dash.
    const [sentence = "the options cannot be read"] = isSystemError(error) ? error.message.split(". ") : [];
    throw new UsageError(sentence);
  }
}

/** Takes a flag, such as `--json`, out of the arguments; the others take values, and are left for readOptions. */
export function takeFlag(args: readonly string[], name: string): { isSet: boolean; rest: readonly string[] } {
  const rest = args.filter((arg) => arg !== `--${name}`);
  return { isSet: rest.length < args.length, rest };
}

/** @throws UsageError where a header or a shell line cannot carry it */
export function visibleAscii(name: string, text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new UsageError(`--${name} takes visible ASCII characters`);
}

/** @throws UsageError where it is none of `values`; upper and lower case are not told apart */
export function oneOf<T extends string>(name: string, values: readonly T[], text: string): T {
  const found = values.find((value) => value.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`--${name} takes ${values.slice(0, -1).join(", ")} or ${values.at(-1)}`);
}

/** @throws UsageError where it is no whole number from `least` to `most` */
export function wholeNumber(
  name: string,
  text: string | undefined,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  if (text === undefined) return otherwise;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}`);
}
