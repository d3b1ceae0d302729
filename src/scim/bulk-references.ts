import { membersByName } from "./attribute-value.js";
import { invalidSyntax } from "./errors.js";
import { isJsonObject } from "./resource.js";

const REFERENCE = /^bulkId:(.+)$/s;

/** Deeper than any resource is, and shallow enough to be walked through by recursion. */
const MAX_DEPTH = 20;

/** What becomes of a reference to a resource that another operation creates: its id, or undefined to leave it out. */
export type Resolve = (bulkId: string) => string | undefined;

/**
 * The bulkIds that the data of an operation refers to (RFC 7644 §3.7.2).
 *
 * @throws ScimError invalidSyntax where it is nested too deeply
 */
export function bulkIdsIn(data: unknown): ReadonlySet<string> {
  const found = new Set<string>();
  resolveBulkIds(data, (bulkId) => {
    found.add(bulkId);
    return undefined;
  });
  return found;
}

/** The data with each reference resolved. A complex value whose `value` is left out is left out with it. */
export function resolveBulkIds(data: unknown, resolve: Resolve): unknown {
  return resolved(data, resolve, 0);
}

function resolved(data: unknown, resolve: Resolve, depth: number): unknown {
  if (depth > MAX_DEPTH) throw invalidSyntax(`The data is nested more than ${MAX_DEPTH} levels deep.`);
  if (typeof data === "string") {
    const bulkId = readReference(data);
    return bulkId === undefined ? data : resolve(bulkId);
  }
  if (Array.isArray(data)) {
    return data
      .map((element) => resolved(element, resolve, depth + 1))
      .filter((element) => element !== undefined);
  }
  if (!isJsonObject(data)) return data;
  const members = Object.entries(data)
    .map(([name, value]) => [name, resolved(value, resolve, depth + 1)] as const)
    .filter(([, value]) => value !== undefined);
  const object = Object.fromEntries(members);
  const isEmptied = membersByName(data).has("value") && !membersByName(object).has("value");
  return isEmptied ? undefined : object;
}

/** The bulkId in `bulkId:qwerty`; undefined for any other text. */
export function readReference(text: string): string | undefined {
  return REFERENCE.exec(text)?.[1];
}
