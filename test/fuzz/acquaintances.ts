import type { Dice } from "./dice.js";

/** A cursor that was given out, and the list that it belongs to. */
export interface KnownCursor {
  /** The list, by its path below `/scim/v2`, such as `/Users` or `/Users/.search`. */
  readonly path: string;
  /** The query without the cursor. */
  readonly parameters: readonly (readonly [string, string])[];
  readonly cursor: string;
}

/** For each list. */
const CURSORS_KEPT = 8;
const GONE_KEPT = 40;

/** What a client has learned of one type of resource. */
export class Acquaintances {
  /** Id to the last version seen, if any. */
  readonly #versions = new Map<string, string | undefined>();
  readonly #names = new Map<string, string>();
  readonly #gone: string[] = [];
  readonly #oldVersions: string[] = [];

  get ids(): readonly string[] {
    return [...this.#versions.keys()];
  }

  get gone(): readonly string[] {
    return this.#gone;
  }

  get names(): readonly string[] {
    return [...this.#names.values()];
  }

  nameOf(id: string): string | undefined {
    return this.#names.get(id);
  }

  versionOf(id: string): string | undefined {
    return this.#versions.get(id);
  }

  oldVersion(dice: Dice): string {
    return dice.pickOr(this.#oldVersions, 'W/"0"');
  }

  learn(id: string, version: string | undefined, name: string | undefined): void {
    const before = this.#versions.get(id);
    if (before !== undefined && before !== version) keep(this.#oldVersions, before, GONE_KEPT);
    this.#versions.set(id, version ?? before);
    if (name !== undefined) this.#names.set(id, name);
  }

  lose(id: string): void {
    if (!this.#versions.delete(id)) return;
    this.#names.delete(id);
    keep(this.#gone, id, GONE_KEPT);
  }
}

/** All that a client knows when it makes up its next request. */
export class Memory {
  readonly users = new Acquaintances();
  readonly groups = new Acquaintances();
  readonly ownerSid: string;
  readonly protectedSid: string;
  /** By the path of the list. */
  readonly #cursors = new Map<string, KnownCursor[]>();

  constructor(ownerSid: string, protectedSid: string) {
    this.ownerSid = ownerSid;
    this.protectedSid = protectedSid;
  }

  cursorsOf(path: string): readonly KnownCursor[] {
    return this.#cursors.get(path) ?? [];
  }

  learnCursor(cursor: KnownCursor): void {
    const known = this.#cursors.get(cursor.path) ?? [];
    keep(known, cursor, CURSORS_KEPT);
    this.#cursors.set(cursor.path, known);
  }
}

function keep<T>(list: T[], item: T, most: number): void {
  list.push(item);
  if (list.length > most) list.shift();
}
