import { invalidFilter, invalidValue, type ScimError } from "./errors.js";

/** The parameters of a query as HTTP libraries give them: a text, several of one name, or something else again. */
export type QueryParameters = Readonly<Record<string, unknown>>;

/**
 * A parameter with one text; undefined where it is absent or empty.
 *
 * @throws ScimError invalidValue, or invalidFilter for a filter, where it is given twice
 */
export function textParameter(query: QueryParameters, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string") return value;
  const refuse = name === "filter" ? invalidFilter : invalidValue;
  throw refuse(`The query parameter ${name} must be given once, as text.`);
}

/** More than there are attributes, each with all its sub-attributes. */
const MAX_NAMES = 200;

/** A parameter with names that are separated by commas, which may be given several times. */
export function listParameter(query: QueryParameters, name: string): readonly string[] | undefined {
  const value = query[name];
  const texts: unknown[] = Array.isArray(value) ? value : [value];
  const names = texts.flatMap((text) => {
    if (text === undefined) return [];
    if (typeof text !== "string") throw invalidValue(`The query parameter ${name} must be text.`);
    return splitAtCommas(text);
  });
  const different = [...new Set(names)];
  if (different.length > MAX_NAMES) throw invalidValue(`The query parameter ${name} has too many names.`);
  return different.length > 0 ? different : undefined;
}

/**
 * A parameter with a whole number.
 *
 * @param refuse makes the error for what is none: invalidValue, unless another one is named for it
 */
export function integerParameter(
  query: QueryParameters,
  name: string,
  refuse: (detail: string) => ScimError = invalidValue,
): number | undefined {
  const text = textParameter(query, name)?.trim();
  if (text === undefined) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw refuse(`The query parameter ${name} must be a whole number.`);
  return Number(text);
}

/** A comma in a string within the filter of a value path separates nothing. */
function splitAtCommas(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "\\" && inString) index += 1;
    else if (character === '"') inString = !inString;
    else if (character === "," && !inString) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}
