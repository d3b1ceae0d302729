import { type Account, type AccountSid, compareAccounts } from "../../src/directory/account.js";
import { type Activity, PENDING_ACTIVITY } from "../../src/directory/activity.js";
import type { GroupOfUser } from "../../src/directory/group.js";
import type { Position } from "../../src/directory/position.js";
import type { Lookup, Narrowing } from "../../src/directory/query.js";
import type { UserAttributes } from "../../src/directory/user-attributes.js";

export interface ModelUser {
  readonly account: Account;
  readonly written: UserAttributes | undefined;
  /** The account's name when that was written. */
  readonly writtenAt: string;
  readonly derived: string;
  readonly groups: readonly GroupOfUser[];
  readonly activity: Activity;
  readonly asOf: number;
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

/** The index in a few lines, slow and without any memory but the users themselves. */
export class UserIndexModel {
  readonly users = new Map<AccountSid, ModelUser>();
  reserved: string | undefined;
  readonly #showsClosed: boolean;

  constructor(showsClosed: boolean) {
    this.#showsClosed = showsClosed;
  }

  userName({ written, derived }: ModelUser): string {
    return written?.userName ?? derived;
  }

  holder(userName: string): AccountSid | undefined {
    const holders = [...this.users.values()].filter(
      (user) => user.account.status !== "closed" && same(this.userName(user), userName),
    );
    if (holders.length > 1) throw new Error(`${holders.length} open accounts are called ${userName}.`);
    return holders[0]?.account.sid;
  }

  mayTake(userName: string, sid: AccountSid): boolean {
    if (this.reserved !== undefined && same(this.reserved, userName)) return false;
    return [undefined, sid].includes(this.holder(userName));
  }

  report(account: Account, asOf: number): void {
    const known = this.users.get(account.sid);
    if (known !== undefined && known.asOf > asOf) return;
    if (known?.account.status === "closed" && account.status !== "closed") return;
    this.become(account, known?.written, known?.writtenAt ?? "", asOf);
  }

  become(account: Account, written: UserAttributes | undefined, writtenAt: string, asOf: number): void {
    const known = this.users.get(account.sid);
    const keeps =
      known !== undefined && (written !== undefined || known.account.friendlyName === account.friendlyName);
    const derived = keeps ? known.derived : this.#derive(account);
    const groups = account.status === "closed" ? [] : (known?.groups ?? []);
    const activity = known?.activity ?? PENDING_ACTIVITY;
    this.users.set(account.sid, { account, written, writtenAt, derived, groups, activity, asOf });
  }

  join(sid: AccountSid, groups: readonly GroupOfUser[]): void {
    const known = this.users.get(sid);
    if (known !== undefined && known.account.status !== "closed") this.users.set(sid, { ...known, groups });
  }

  learn(sid: AccountSid, activity: Activity): void {
    const known = this.users.get(sid);
    if (known !== undefined) this.users.set(sid, { ...known, activity });
  }

  /** Who answers to each of the narrowings. */
  list(narrowings: readonly Narrowing<Lookup>[] = [], after?: Position): AccountSid[] {
    return [...this.users.values()]
      .filter(({ account }) => this.#showsClosed || account.status !== "closed")
      .filter((user) => narrowings.every((either) => either.some((lookup) => this.#answers(user, lookup))))
      .filter(({ account }) => after === undefined || isBehind(account, after))
      .sort((a, b) => compareAccounts(a.account, b.account))
      .map(({ account }) => account.sid);
  }

  displayName({ account, written, writtenAt }: ModelUser): string | undefined {
    if (written === undefined || writtenAt !== account.friendlyName) return account.friendlyName;
    return written.displayName;
  }

  #derive(account: Account): string {
    const { sid, friendlyName } = account;
    const candidates = [friendlyName, `${friendlyName} (${sid})`, sid, `${sid} 2`];
    const free = candidates.find((name) => account.status === "closed" || this.mayTake(name, sid));
    if (free === undefined) throw new Error("The model needs more candidates.");
    return free;
  }

  #answers(user: ModelUser, { attribute, value }: Lookup): boolean {
    switch (attribute) {
      case "id":
        return user.account.sid === value;
      case "userName":
        return same(this.userName(user), value);
      case "externalId":
        return user.written?.externalId === value;
      case "email":
        return user.written?.emails?.some((email) => same(email.value ?? "", value)) ?? false;
      case "status":
        return user.account.status === value;
      case "service":
        return user.activity.usage?.services.some(({ service }) => service === value) ?? false;
    }
  }
}

function isBehind({ dateCreated, sid }: Account, { created, id }: Position): boolean {
  return dateCreated > created || (dateCreated === created && sid > id);
}
