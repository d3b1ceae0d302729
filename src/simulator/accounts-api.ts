import { type Account, type AccountStatus, FRIENDLY_NAME_LENGTH } from "./account.js";
import type { AccountBook } from "./account-book.js";
import { accountResource } from "./account-resource.js";
import type { Clock } from "./clock.js";
import { type Authenticate, authorize, type Caller, type Operation } from "./credentials.js";
import type { Exchange, Handler } from "./exchange.js";
import { envelope, type PageOf, type PageRequest, parsePageRequest } from "./paging.js";
import type { Settings } from "./settings.js";
import { twilioErrors } from "./twilio-error.js";

/** `/2010-04-01/Accounts.json` and `/2010-04-01/Accounts/{Sid}.json`. */
export interface AccountsApi {
  readonly list: Handler;
  readonly create: Handler;
  readonly fetch: Handler;
  readonly update: Handler;
}

export function createAccountsApi(parts: {
  accounts: AccountBook;
  authenticate: Authenticate;
  clock: Clock;
  settings: Settings;
}): AccountsApi {
  const { accounts, clock, settings } = parts;
  const resource = (account: Account) =>
    accountResource(account, accounts.statusOf(account), accounts.owner.sid);

  const callerFor = (exchange: Exchange, operation: Operation): Caller => {
    const caller = parts.authenticate(exchange.authorization);
    const { accountSid, path } = exchange;
    authorize(caller, operation, { accountSid, path, ownerSid: accounts.owner.sid });
    return caller;
  };

  const existing = (exchange: Exchange): Account => {
    const account = accounts.get(exchange.accountSid);
    if (account === undefined) throw twilioErrors.notFound(exchange.path);
    return account;
  };

  return {
    list(exchange) {
      const caller = callerFor(exchange, "list");
      const filters = copyOf(exchange.query, ["FriendlyName", "Status"]);
      const friendlyName = filters.get("FriendlyName");
      const statusFilter = filters.get("Status");
      const status = statusFilter === null ? undefined : parseStatus(statusFilter);
      const matches = (account: Account) =>
        (caller.kind !== "subaccount" || account === caller.account) &&
        (friendlyName === null || account.friendlyName === friendlyName) &&
        (status === undefined || accounts.statusOf(account) === status);
      const request = parsePageRequest(exchange.query, twilioErrors.invalidPageToken);
      const { records, ...places } = pageOfAccounts(accounts, matches, request);
      const found = { records: records.map(resource), ...places };
      return { status: 200, body: envelope(exchange.path, filters, "accounts", request, found) };
    },

    create(exchange) {
      callerFor(exchange, "create");
      const { owner } = accounts;
      if (owner.status !== "active") throw twilioErrors.parentSuspended();
      const friendlyName = parseFriendlyName(exchange.form) || defaultName(clock.now());
      const limit = owner.type === "Trial" ? 1 : settings.get().subaccountLimit;
      if (accounts.openSubaccounts() >= limit) throw twilioErrors.limitReached();
      return { status: 201, body: resource(accounts.create(friendlyName, owner.type)) };
    },

    fetch(exchange) {
      callerFor(exchange, "fetch");
      return { status: 200, body: resource(existing(exchange)) };
    },

    update(exchange) {
      callerFor(exchange, "update");
      const account = existing(exchange);
      const friendlyName = parseFriendlyName(exchange.form);
      const status = exchange.form.get("Status");
      const change = {
        ...(friendlyName ? { friendlyName } : {}),
        ...(status === null ? {} : { status: allowedStatus(account, parseStatus(status), accounts.owner) }),
      };
      accounts.update(account, change);
      return { status: 200, body: resource(account) };
    },
  };
}

/** The rules of a change of status. Twilio decides by the present one; asking for what already is, is no error. */
function allowedStatus(account: Account, asked: AccountStatus, owner: Account): AccountStatus {
  if (account === owner) throw twilioErrors.parentStatus();
  if (account.status === "closed") throw twilioErrors.closed();
  if (owner.status !== "active") throw twilioErrors.parentSuspended();
  if (account.suspendedByTwilio && asked === "active") throw twilioErrors.suspendedByTwilio();
  return asked;
}

/**
 * The list is in the order of creation, newest first, and its tokens hold the sequence number of an account: accounts
 * created while somebody pages are not seen, and none is skipped or repeated.
 */
function pageOfAccounts(
  accounts: AccountBook,
  matches: (account: Account) => boolean,
  { token, size }: PageRequest,
): PageOf<Account> {
  const place = token === undefined ? undefined : parsePlace(token.place);
  if (token?.direction === "before") return pageBefore(accounts, matches, place ?? 0, size);
  const records: Account[] = [];
  let more = false;
  for (const account of accounts.newestFirst(place)) {
    if (!matches(account)) continue;
    more = records.length === size;
    if (more) break;
    records.push(account);
  }
  return {
    records,
    before: place === undefined ? undefined : placeOf(records.at(0)),
    after: more ? placeOf(records.at(-1)) : undefined,
  };
}

function pageBefore(
  accounts: AccountBook,
  matches: (account: Account) => boolean,
  place: number,
  size: number,
): PageOf<Account> {
  const newer: Account[] = [];
  for (const account of accounts.newestFirst()) {
    if (account.sequence <= place) break;
    if (matches(account)) newer.push(account);
  }
  const records = newer.slice(-size);
  return {
    records,
    before: newer.length > size ? placeOf(records.at(0)) : undefined,
    after: placeOf(records.at(-1)),
  };
}

function placeOf(account: Account | undefined): string | undefined {
  return account === undefined ? undefined : String(account.sequence);
}

function parsePlace(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw twilioErrors.invalidPageToken();
  return Number(text);
}

function parseStatus(text: string): AccountStatus {
  if (text === "active" || text === "suspended" || text === "closed") return text;
  throw twilioErrors.invalidStatus();
}

/** Undefined when it was not sent; empty when it was sent empty, which changes nothing. */
function parseFriendlyName(form: URLSearchParams): string | undefined {
  const name = form.get("FriendlyName") ?? undefined;
  if (name !== undefined && [...name].length > FRIENDLY_NAME_LENGTH) throw twilioErrors.nameTooLong();
  return name;
}

/** `SubAccount Created at 2026-11-24 07:15 am` */
function defaultName(nowMs: number): string {
  const iso = new Date(nowMs).toISOString();
  const hour = Number(iso.slice(11, 13));
  const twelve = String(hour % 12 === 0 ? 12 : hour % 12).padStart(2, "0");
  return `SubAccount Created at ${iso.slice(0, 10)} ${twelve}:${iso.slice(14, 16)} ${hour < 12 ? "am" : "pm"}`;
}

function copyOf(query: URLSearchParams, names: readonly string[]): URLSearchParams {
  return new URLSearchParams([...query].filter(([name, value]) => names.includes(name) && value !== ""));
}
