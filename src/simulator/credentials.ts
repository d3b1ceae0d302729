import type { Account } from "./account.js";
import type { AccountBook } from "./account-book.js";
import { twilioErrors } from "./twilio-error.js";

export interface ApiKey {
  /** `SK` and 32 hexadecimal digits. */
  readonly sid: string;
  readonly secret: string;
}

export type Caller =
  | { kind: "owner" }
  | { kind: "subaccount"; account: Account }
  | { kind: "main-key" }
  | { kind: "standard-key" };

/** Finds out who calls. Throws 20003 when the credentials are missing or wrong. */
export type Authenticate = (authorization: string | undefined) => Caller;

export function createAuthenticate(
  accounts: AccountBook,
  keys: { main: ApiKey; standard: ApiKey },
): Authenticate {
  return (authorization) => {
    const { username, password } = parseBasic(authorization);
    if (username === keys.main.sid && password === keys.main.secret) return { kind: "main-key" };
    if (username === keys.standard.sid && password === keys.standard.secret) return { kind: "standard-key" };
    const account = accounts.get(username);
    if (account === undefined || account.authToken !== password) throw twilioErrors.authenticate();
    return account === accounts.owner ? { kind: "owner" } : { kind: "subaccount", account };
  };
}

export type Operation = "list" | "create" | "fetch" | "update" | "usage";

/**
 * Which credentials may do what. The owner's token may do everything, subaccounts' usage included. A Main key manages
 * accounts and is refused what belongs to subaccounts; a Standard key is refused accounts altogether. Both read the
 * owner's own usage. A subaccount's token sees that subaccount and nothing else, and changes nothing.
 * Throws what Twilio answers when it is not allowed.
 */
export function authorize(
  caller: Caller,
  operation: Operation,
  target: { accountSid: string; path: string; ownerSid: string },
): void {
  switch (caller.kind) {
    case "owner":
      return;
    case "main-key":
      if (operation === "usage" && target.accountSid !== target.ownerSid) throw twilioErrors.authenticate();
      return;
    case "standard-key":
      if (operation !== "usage" || target.accountSid !== target.ownerSid) throw twilioErrors.authenticate();
      return;
    case "subaccount":
      throwUnlessOwn(caller.account, operation, target);
  }
}

function throwUnlessOwn(
  account: Account,
  operation: Operation,
  target: { accountSid: string; path: string },
) {
  if (account.status === "closed") throw twilioErrors.notActive();
  if (operation === "create") throw twilioErrors.nesting();
  if (operation !== "list" && target.accountSid !== account.sid) throw twilioErrors.notFound(target.path);
  if (operation === "update") throw twilioErrors.forbidden();
  if (operation === "usage" && account.status === "suspended") throw twilioErrors.notActive();
}

function parseBasic(authorization: string | undefined): { username: string; password: string } {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? "")?.[1];
  const decoded = Buffer.from(encoded ?? "", "base64").toString();
  const colon = decoded.indexOf(":");
  if (colon < 1) throw twilioErrors.authenticate();
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
