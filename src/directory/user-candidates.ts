import { type AccountSid, parseAccountSid } from "./account.js";
import { comparePositions } from "./position.js";
import type { Lookup, Narrowing } from "./query.js";
import type { UserEntry } from "./user-entry.js";
import type { UserLists } from "./user-lists.js";
import type { UsersByKey } from "./users-by-key.js";

export interface UserCandidatesOptions {
  readonly lists: UserLists;
  readonly byKey: UsersByKey;
  /** The entry of a user that a client may see. */
  readonly visibleEntry: (sid: AccountSid) => UserEntry | undefined;
}

/** Tells among which users those that are searched for must be. */
export class UserCandidates {
  readonly #options: UserCandidatesOptions;

  constructor(options: UserCandidatesOptions) {
    this.#options = options;
  }

  /** Lists, each in order, that together hold the users whom the narrowing leaves which leaves the fewest. */
  narrowest(narrowings: readonly Narrowing<Lookup>[]): readonly (readonly UserEntry[])[] {
    const [first, ...others] = narrowings.map((narrowing) => narrowing.map((lookup) => this.#find(lookup)));
    if (first === undefined) return [this.#options.lists.all];
    return others.reduce((best, found) => (countAll(found) < countAll(best) ? found : best), first);
  }

  /** The users that answer to a lookup, in the order of lists. */
  #find({ attribute, value }: Lookup): readonly UserEntry[] {
    const { lists, byKey } = this.#options;
    switch (attribute) {
      case "status":
        return lists.withStatus(value);
      case "service":
        return lists.withService(value);
      case "id": {
        const sid = parseAccountSid(value);
        return sid === undefined ? [] : this.#entriesOf([sid]);
      }
      case "userName":
      case "externalId":
      case "email":
        return this.#entriesOf(byKey.find({ attribute, value }));
    }
  }

  #entriesOf(sids: Iterable<AccountSid>): readonly UserEntry[] {
    const entries: UserEntry[] = [];
    for (const sid of sids) {
      const entry = this.#options.visibleEntry(sid);
      if (entry !== undefined) entries.push(entry);
    }
    return entries.sort(comparePositions);
  }
}

/** How many there are in lists together, those in several of them counted more than once. */
export function countAll(lists: readonly (readonly unknown[])[]): number {
  return lists.reduce((sum, { length }) => sum + length, 0);
}
