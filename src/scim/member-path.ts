import { isComplex } from "./attribute.js";
import type { Members } from "./members.js";
import type { AttributeTarget } from "./resource-schema.js";

/**
 * Makes a test of items: whether the test that `make` makes is passed by any of the objects in which the target's value is,
 * or in which its sub-attribute's is. Where an item has no such object, `absent` is the answer.
 */
export function someHolder<T>(
  members: Members<T>,
  target: AttributeTarget,
  make: <V>(members: Members<V>) => (value: V) => boolean,
  absent: boolean,
): (item: T) => boolean {
  return someBehind(members, holdersOf(target), make, absent);
}

function someBehind<T>(
  members: Members<T>,
  [name, ...rest]: readonly string[],
  make: <V>(members: Members<V>) => (value: V) => boolean,
  absent: boolean,
): (item: T) => boolean {
  if (name === undefined) return make(members);
  const values = members.get(name)?.values;
  if (values === undefined) return () => absent;
  return values.some((inner) => someBehind(inner, rest, make, absent), absent);
}

/** Makes what reads, by what `make` makes, the primary one of those objects, or else the first; undefined where there is none. */
export function leadingHolder<T, R>(
  members: Members<T>,
  target: AttributeTarget,
  make: <V>(members: Members<V>) => (value: V) => R | undefined,
): (item: T) => R | undefined {
  return leadingBehind(members, holdersOf(target), make);
}

function leadingBehind<T, R>(
  members: Members<T>,
  [name, ...rest]: readonly string[],
  make: <V>(members: Members<V>) => (value: V) => R | undefined,
): (item: T) => R | undefined {
  if (name === undefined) return make(members);
  const values = members.get(name)?.values;
  if (values === undefined) return () => undefined;
  return values.leading((inner) => leadingBehind(inner, rest, make));
}

/** What one goes through from an item to the value: the extension, and the attribute where it is complex. */
function holdersOf({ extension, attribute }: AttributeTarget): readonly string[] {
  return [
    ...(extension === undefined ? [] : [extension]),
    ...(attribute === undefined || !isComplex(attribute) ? [] : [attribute.name]),
  ];
}
