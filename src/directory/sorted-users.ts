import { compareAccounts } from "./account.js";
import type { User } from "./user.js";

/**
 * Users in the order of lists. Adding in ascending order costs nothing but the search; anything else moves what is
 * behind.
 */
export class SortedUsers {
  readonly #users: User[] = [];

  get users(): readonly User[] {
    return this.#users;
  }

  add(user: User): void {
    const at = this.#positionOf(user);
    if (at === this.#users.length) this.#users.push(user);
    else this.#users.splice(at, 0, user);
  }

  /** Puts a user in the place of the one with the same account. */
  replace(user: User): void {
    const at = this.#positionOf(user);
    if (this.#users[at]?.account.sid === user.account.sid) this.#users[at] = user;
  }

  /** Removes the user with this account, if it is there. */
  remove(user: User): void {
    const at = this.#positionOf(user);
    if (this.#users[at]?.account.sid === user.account.sid) this.#users.splice(at, 1);
  }

  /** Where the user is, or belongs. */
  #positionOf(user: User): number {
    let low = 0;
    let high = this.#users.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#users[middle];
      if (other !== undefined && compareAccounts(other.account, user.account) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
