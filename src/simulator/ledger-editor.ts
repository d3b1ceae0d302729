import type { Account } from "./account.js";
import type { AccountBook } from "./account-book.js";
import { formatDay, parseDay } from "./calendar.js";
import type { Categories } from "./categories.js";
import type { Charge } from "./charge.js";
import type { Clock } from "./clock.js";
import { ConsoleError } from "./console.js";
import type { Ledger } from "./ledger.js";
import { formatPrice, parsePrice } from "./money.js";
import { lifeOf } from "./usage-api.js";

/** A charge as tests see it: the raw truth, not added up. */
export interface ChargeTruth {
  readonly id: string;
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly category: string;
  /** Further categories that show the same money. Roll-ups above all these show it too, and `totalprice` does. */
  readonly alsoIn: readonly string[];
  /** A decimal in the account's currency, at most six places; null for usage without a price. */
  readonly price: string | null;
  readonly usage: number;
  readonly count: number;
}

export interface NewCharge {
  readonly accountSid: string;
  readonly day: string;
  readonly category: string;
  readonly price: string | null;
  readonly usage?: number;
  readonly count?: number;
  /** When left out: what Twilio does for that category. */
  readonly alsoIn?: readonly string[];
}

/** Reads and edits the ledgers of accounts. All throw ConsoleError: 404 unknown, 400 a day or price that cannot be. */
export interface LedgerEditor {
  /** Oldest first. */
  of(accountSid: string): ChargeTruth[];
  /** The account must have lived on that day. */
  add(charge: NewCharge): ChargeTruth;
  remove(accountSid: string, chargeId: string): void;
}

export function createLedgerEditor(parts: {
  accounts: AccountBook;
  categories: Categories;
  clock: Clock;
  ledger: Ledger;
}): LedgerEditor {
  const { accounts, categories, clock, ledger } = parts;

  const find = (sid: string): Account => {
    const account = accounts.get(sid);
    if (account === undefined) throw new ConsoleError(404, `There is no account ${sid}.`);
    return account;
  };
  const livedOn = (account: Account, text: string): number => {
    const day = parseDay(text);
    const { from, to } = lifeOf(account, clock.now());
    if (day !== undefined && day >= from && day <= to) return day;
    const life = `${formatDay(from)} to ${formatDay(to)}`;
    throw new ConsoleError(400, `${account.sid} can have charges on days from ${life}, not on ${text}.`);
  };
  const micros = (price: string | null): number | null => {
    const parsed = price === null ? null : parsePrice(price);
    if (parsed === undefined) throw new ConsoleError(400, `"${price}" is no price of at most six decimals.`);
    return parsed;
  };

  return {
    of: (sid) => ledger.of(find(sid)).map(truth),
    add(charge) {
      const account = find(charge.accountSid);
      const { alsoIn, name } = categories.describe(charge.category);
      const { count = 1, usage = count } = charge;
      const added = ledger.add(account, {
        day: livedOn(account, charge.day),
        category: name,
        alsoIn: charge.alsoIn ?? (alsoIn === undefined ? [] : [alsoIn]),
        priceMicros: micros(charge.price),
        usage,
        count,
      });
      return truth(added);
    },
    remove(sid, chargeId) {
      if (!ledger.remove(find(sid), chargeId)) {
        throw new ConsoleError(404, `${sid} has no charge ${chargeId}.`);
      }
    },
  };
}

function truth(charge: Charge): ChargeTruth {
  return {
    id: charge.id,
    day: formatDay(charge.day),
    category: charge.category,
    alsoIn: charge.alsoIn,
    price: charge.priceMicros === null ? null : formatPrice(charge.priceMicros),
    usage: charge.usage,
    count: charge.count,
  };
}
