import { compareAccounts } from "./account.js";
import { SortedList } from "./sorted-list.js";
import type { User } from "./user.js";
import { isWhole, type PartialUser, type UserEntry } from "./user-entry.js";

/** The users that a client may see, in the order of lists: all of them, those of each status, those of each service. */
export class UserLists {
  readonly #all = new SortedList<UserEntry>();
  /** By the account's status. */
  readonly #byStatus = new Map<string, SortedList<UserEntry>>();
  /** By the service's slug. */
  readonly #byService = new Map<string, SortedList<UserEntry>>();
  readonly #isVisible: (known: User | PartialUser) => boolean;

  constructor(isVisible: (known: User | PartialUser) => boolean) {
    this.#isVisible = isVisible;
  }

  get all(): readonly UserEntry[] {
    return this.#all.items;
  }

  withStatus(status: string): readonly UserEntry[] {
    return this.#byStatus.get(status)?.items ?? [];
  }

  /** Those of whom it is known that they ever used a service. */
  withService(slug: string): readonly UserEntry[] {
    return this.#byService.get(slug)?.items ?? [];
  }

  /** Puts a new entry into its lists. */
  add(entry: UserEntry): void {
    for (const list of this.#listsOf(entry.known)) list.add(entry);
  }

  remove(entry: UserEntry): void {
    for (const list of this.#listsOf(entry.known)) list.remove(entry);
  }

  /** Has an entry know something else, and moves it to the lists where it belongs then. */
  change(entry: UserEntry, known: User | PartialUser): void {
    const before = this.#listsOf(entry.known);
    const after = this.#listsOf(known);
    const staysInPlace = compareAccounts(entry.known.account, known.account) === 0;
    for (const list of before) if (!staysInPlace || !after.includes(list)) list.remove(entry);
    entry.known = known;
    for (const list of after) if (!staysInPlace || !before.includes(list)) list.add(entry);
  }

  #listsOf(known: User | PartialUser): readonly SortedList<UserEntry>[] {
    if (!this.#isVisible(known)) return [];
    const services = isWhole(known) ? (known.activity.usage?.services ?? []) : [];
    return [
      this.#all,
      listOf(this.#byStatus, known.account.status),
      ...services.map(({ service }) => listOf(this.#byService, service)),
    ];
  }
}

function listOf(lists: Map<string, SortedList<UserEntry>>, key: string): SortedList<UserEntry> {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list = new SortedList<UserEntry>();
  lists.set(key, list);
  return list;
}
