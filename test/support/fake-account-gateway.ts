import { type Account, type AccountSid, isOwnerAccount } from "../../src/directory/account.js";
import { accountNotFound, DirectoryError } from "../../src/directory/errors.js";
import type { AccountChange, AccountGateway, Clock, RequestOptions } from "../../src/directory/ports.js";
import { OWNER, sid } from "./example-accounts.js";
import { type Interruption, passes } from "./interruptions.js";

/** One request that reached the gateway, whatever became of it. */
export type GatewayCall =
  | { readonly request: "page" }
  | { readonly request: "fetch"; readonly sid: AccountSid }
  | { readonly request: "find"; readonly friendlyName: string }
  | { readonly request: "create"; readonly friendlyName: string }
  | { readonly request: "update"; readonly sid: AccountSid; readonly change: AccountChange };

export type GatewayRequest = GatewayCall["request"];

export interface FakeAccountGatewayOptions {
  readonly clock: Clock;
  readonly accounts: readonly Account[];
  readonly pageSize?: number;
}

const NAME_LENGTH = 64;

/** Twilio's accounts in memory, with its rules as far as the core depends on them, and with its misfortunes on demand. */
export class FakeAccountGateway implements AccountGateway {
  readonly calls: GatewayCall[] = [];
  /** The order in which pages show the accounts; Twilio promises none. */
  order: (a: Account, b: Account) => number = (a, b) => b.dateCreated - a.dateCreated;
  /** Twilio's clock minus ours, in milliseconds. */
  clockOffset = 0;
  readonly #clock: Clock;
  readonly #pageSize: number;
  readonly #accounts = new Map<AccountSid, Account>();
  readonly #suspendedByTwilio = new Set<AccountSid>();
  readonly #unlisted = new Set<AccountSid>();
  readonly #interruptions = new Map<GatewayRequest, Interruption[]>();
  #created = 0;

  constructor({ clock, accounts, pageSize = 1000 }: FakeAccountGatewayOptions) {
    this.#clock = clock;
    this.#pageSize = pageSize;
    for (const account of accounts) this.add(account);
  }

  get accounts(): Account[] {
    return [...this.#accounts.values()];
  }

  /** The account as Twilio has it now. */
  account(sid: AccountSid): Account {
    const account = this.#accounts.get(sid);
    if (account === undefined) throw accountNotFound(sid);
    return account;
  }

  /** Says what comes between the next such requests and their answers, one after the other. */
  interrupt(request: GatewayRequest, ...interruptions: Interruption[]): void {
    this.#interruptions.set(request, [...(this.#interruptions.get(request) ?? []), ...interruptions]);
  }

  /** Forgets what was to come between. */
  interruptNothing(): void {
    this.#interruptions.clear();
  }

  /** The requests that change something. */
  get writes(): GatewayCall[] {
    return this.calls.filter(({ request }) => request === "create" || request === "update");
  }

  /** An account that is just there. */
  add(account: Account): void {
    this.#accounts.set(account.sid, account);
  }

  /** Does what somebody does in Twilio's console. */
  edit(sid: AccountSid, edit: Partial<Account>): void {
    this.#accounts.set(sid, { ...this.account(sid), dateUpdated: this.#twilioTime(), ...edit });
  }

  suspendByTwilio(sid: AccountSid): void {
    this.edit(sid, { status: "suspended" });
    this.#suspendedByTwilio.add(sid);
  }

  /** Twilio forgets a closed account. */
  delete(sid: AccountSid): void {
    this.#accounts.delete(sid);
  }

  /** Leaves an account out of all pages, though Twilio has it. */
  hide(sid: AccountSid): void {
    this.#unlisted.add(sid);
  }

  async *pages(options: RequestOptions): AsyncIterable<readonly Account[]> {
    const listed = this.accounts.filter(({ sid }) => !this.#unlisted.has(sid));
    const sids = listed.sort(this.order).map((account) => account.sid);
    for (let start = 0; start === 0 || start < sids.length; start += this.#pageSize) {
      yield await this.#answer({ request: "page" }, options, () => {
        const page = sids.slice(start, start + this.#pageSize);
        return page.flatMap((sid) => this.#accounts.get(sid) ?? []);
      });
    }
  }

  fetch(sid: AccountSid, options: RequestOptions): Promise<Account> {
    return this.#answer({ request: "fetch", sid }, options, () => this.account(sid));
  }

  findByFriendlyName(friendlyName: string, options: RequestOptions): Promise<readonly Account[]> {
    return this.#answer({ request: "find", friendlyName }, options, () =>
      this.accounts.filter((account) => account.friendlyName === friendlyName).sort(this.order),
    );
  }

  create(friendlyName: string, options: RequestOptions): Promise<Account> {
    return this.#answer({ request: "create", friendlyName }, options, () => this.#create(friendlyName));
  }

  update(sid: AccountSid, change: AccountChange, options: RequestOptions): Promise<Account> {
    return this.#answer({ request: "update", sid, change }, options, () => this.#update(sid, change));
  }

  clockOffsetMs(): number {
    return this.clockOffset;
  }

  /** An account made outside the bridge, now. */
  createInConsole(friendlyName: string): Account {
    return this.#create(friendlyName);
  }

  async #answer<T>(call: GatewayCall, { signal }: RequestOptions, effect: () => T): Promise<T> {
    if (signal?.aborted) throw new DirectoryError("twilioUnavailable", "Nothing is sent any more.");
    this.calls.push(call);
    const interruption = this.#interruptions.get(call.request)?.shift() ?? passes;
    return interruption(async () => effect(), signal);
  }

  #create(friendlyName: string): Account {
    assertFits(friendlyName);
    this.#created += 1;
    const now = this.#twilioTime();
    const account: Account = {
      sid: sid(0xc0000000 + this.#created),
      friendlyName,
      status: "active",
      type: "Full",
      ownerAccountSid: OWNER,
      dateCreated: now,
      dateUpdated: now,
    };
    this.add(account);
    return account;
  }

  #update(sid: AccountSid, change: AccountChange): Account {
    const account = this.account(sid);
    if (isOwnerAccount(account)) throw refusal("accountProtected", 21477);
    if (account.status === "closed") throw refusal("accountClosed", 21479);
    if (change.status === "active" && this.#suspendedByTwilio.has(sid)) {
      throw refusal("suspendedByTwilio", 21478);
    }
    if (change.friendlyName !== undefined) assertFits(change.friendlyName);
    this.edit(sid, change);
    return this.account(sid);
  }

  /** Twilio's time, in the whole seconds in which it tells it. */
  #twilioTime(): number {
    return Math.floor((this.#clock.now() + this.clockOffset) / 1000) * 1000;
  }
}

function assertFits(friendlyName: string): void {
  if (Array.from(friendlyName).length > NAME_LENGTH) throw refusal("refusedByTwilio", 21400);
}

function refusal(
  code: "accountProtected" | "accountClosed" | "suspendedByTwilio" | "refusedByTwilio",
  twilioCode: number,
): DirectoryError {
  return new DirectoryError(code, `Twilio refuses (${twilioCode}).`, { twilioCode });
}
