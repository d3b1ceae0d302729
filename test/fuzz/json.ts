/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonMembers;

export interface JsonMembers {
  readonly [name: string]: Json;
}

export function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value and everything within it, however deep: no recursion. */
export function* everythingIn(value: unknown): Iterable<unknown> {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    yield next;
    if (typeof next === "object" && next !== null) left.push(...Object.values(next).reverse());
  }
}

/** The values of all members with this name, whose case does not count. */
export function membersNamed(object: unknown, name: string): unknown[] {
  if (!isMembers(object)) return [];
  return Object.entries(object).flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
}
