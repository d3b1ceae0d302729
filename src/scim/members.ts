import { type Day, startOfDay } from "../directory/activity.js";
import { isJsonObject, type JsonObject } from "./resource.js";

/**
 * How the attributes of items are read: of resources, of values of complex attributes, or of users, of which a search
 * looks at a hundred thousand and renders none.
 */
export interface Members<T> {
  /** Undefined where no item has such an attribute. An extension is found by its URN. */
  get(name: string): Member<T> | undefined;
}

/** All members of an item, in the order in which its resource has them. */
export type MemberList<T> = ReadonlyMap<string, Member<T>>;

/** How one attribute is read. */
export interface Member<T> {
  /** Its value in the resource; undefined where the item has none. */
  readonly show: (item: T) => unknown;
  /**
   * Of a dateTime: makes what reads it in epoch milliseconds, and not from its text. One is made for each search, and
   * may remember what it has read.
   */
  readonly instants?: () => (item: T) => number | undefined;
  /** Of a complex attribute, or an extension. */
  readonly values?: Values<T>;
}

/** The values of a complex attribute. Whatever they are, they come with their own members. */
export interface Values<T> {
  /** Makes a test of items: whether any value passes the one that `make` makes, or `absent` where there is none. */
  some(make: <V>(members: Members<V>) => (value: V) => boolean, absent: boolean): (item: T) => boolean;
  /** Makes what reads the primary value, or else the first, by what `make` makes; undefined where there is none. */
  leading<R>(make: <V>(members: Members<V>) => (value: V) => R | undefined): (item: T) => R | undefined;
}

/** An object that has the form of its JSON, or anything else, which has no members. */
export const JSON_MEMBERS: Members<unknown> = {
  get: (name) => plain((object) => (isJsonObject(object) ? object[name] : undefined)),
};

/**
 * An attribute that is kept in the form in which it is shown.
 *
 * @param members of a complex one's values
 */
export function plain<T, V>(
  show: (item: T) => V | readonly V[] | undefined,
  members: Members<V> = JSON_MEMBERS,
): Member<T> {
  return { show, values: valuesOf(show, members) };
}

/**
 * All members of an object in the form in which it is shown. Each is read by a function of its own: to read by a name that
 * stands in a variable takes the engine ten times as long, which a search does a hundred thousand times.
 */
export function plainMembers<T>(reads: { readonly [K in keyof T]-?: (object: T) => T[K] }): MemberList<T> {
  return new Map(Object.entries<(object: T) => unknown>(reads).map(([name, read]) => [name, plain(read)]));
}

/** A dateTime that is kept in epoch milliseconds. */
export function instant<T>(read: (item: T) => number | undefined): Member<T> {
  return {
    show: (item) => {
      const ms = read(item);
      return ms === undefined ? undefined : new Date(ms).toISOString();
    },
    instants: () => read,
  };
}

/** A dateTime that is kept as a day, since usage records know no more: it is shown as the day's beginning. */
export function day<T>(read: (item: T) => Day | undefined): Member<T> {
  return {
    show: (item) => {
      const known = read(item);
      return known === undefined ? undefined : `${known}T00:00:00Z`;
    },
    instants: () => {
      const starts = new Map<Day, number>();
      return (item) => {
        const known = read(item);
        if (known === undefined) return undefined;
        let start = starts.get(known);
        if (start === undefined) {
          start = startOfDay(known);
          starts.set(known, start);
        }
        return start;
      };
    },
  };
}

/** A complex attribute whose values are kept in a form of their own, of which `members` are shown. */
export function complex<T, V>(
  read: (item: T) => V | readonly V[] | undefined,
  members: MemberList<V>,
): Member<T> {
  return {
    show: (item) => {
      const values = read(item);
      if (values === undefined) return undefined;
      return isList(values) ? values.map((value) => showAll(members, value)) : showAll(members, values);
    },
    values: valuesOf(read, members),
  };
}

/** What holds attributes of the item in its resource, and is nothing else than the item. */
export function part<T>(members: MemberList<T>): Member<T> {
  return {
    show: (item) => showAll(members, item),
    values: { some: (make) => make(members), leading: (make) => make(members) },
  };
}

/** The same members, of items that hold what they are read from. */
export function membersWithin<T, H>(members: MemberList<T>, read: (holder: H) => T): MemberList<H> {
  return new Map([...members].map(([name, member]) => [name, memberWithin(member, read)]));
}

function memberWithin<T, H>({ show, instants, values }: Member<T>, read: (holder: H) => T): Member<H> {
  return {
    show: (holder) => show(read(holder)),
    ...(instants !== undefined && {
      instants: () => {
        const readInstant = instants();
        return (holder: H) => readInstant(read(holder));
      },
    }),
    ...(values !== undefined && {
      values: {
        some(make, absent) {
          const passes = values.some(make, absent);
          return (holder: H) => passes(read(holder));
        },
        leading(make) {
          const readOne = values.leading(make);
          return (holder: H) => readOne(read(holder));
        },
      } satisfies Values<H>,
    }),
  };
}

/** All that there is to show of an item. */
export function showAll<T>(members: MemberList<T>, item: T): JsonObject {
  const object: Record<string, unknown> = {};
  for (const [name, { show }] of members) {
    const value = show(item);
    if (value !== undefined) object[name] = value;
  }
  return object;
}

function valuesOf<T, V>(read: (item: T) => V | readonly V[] | undefined, members: Members<V>): Values<T> {
  return {
    some(make, absent) {
      const passes = make(members);
      return (item) => {
        const values = read(item);
        if (values === undefined) return absent;
        if (!isList(values)) return passes(values);
        for (const value of values) if (passes(value)) return true;
        return false;
      };
    },
    leading(make) {
      const readOne = make(members);
      const isPrimary = members.get("primary")?.show;
      return (item) => {
        const values = read(item);
        const value = isList(values)
          ? (values.find((one) => isPrimary?.(one) === true) ?? values[0])
          : values;
        return value === undefined ? undefined : readOne(value);
      };
    },
  };
}

function isList<V>(values: V | readonly V[]): values is readonly V[] {
  return Array.isArray(values);
}
