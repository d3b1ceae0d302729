import { setImmediate } from "node:timers/promises";
import type { Account } from "./account.js";
import type { AccountBook } from "./account-book.js";
import type { Categories } from "./categories.js";
import type { Charge } from "./charge.js";
import type { Ledger } from "./ledger.js";
import { addCharges, type DailyTotals, emptyTotals } from "./usage-totals.js";

/** The ledger, added up. */
export interface UsageBook {
  of(account: Account): DailyTotals;
  /**
   * The owner's usage and that of all its subaccounts in one. Amounts are added as they are, whatever the currency.
   * Reads every ledger, so it takes seconds in a world of 100,000 accounts; other requests are served meanwhile.
   */
  ofAll(): Promise<DailyTotals>;
}

const ACCOUNTS_AT_A_TIME = 200;

export function createUsageBook(accounts: AccountBook, ledger: Ledger, categories: Categories): UsageBook {
  const added = new WeakMap<readonly Charge[], DailyTotals>();
  let all: { basedOn: string; totals: Promise<DailyTotals> } | undefined;

  const addUpAll = async (present: readonly Account[]): Promise<DailyTotals> => {
    const totals = emptyTotals();
    let sincePause = 0;
    for (const account of present) {
      addCharges(totals, ledger.of(account), categories);
      sincePause += 1;
      if (sincePause % ACCOUNTS_AT_A_TIME === 0) await setImmediate();
    }
    return totals;
  };

  return {
    of(account) {
      const charges = ledger.of(account);
      const known = added.get(charges);
      if (known !== undefined) return known;
      const totals = emptyTotals();
      addCharges(totals, charges, categories);
      added.set(charges, totals);
      return totals;
    },
    ofAll() {
      const present = [...accounts.newestFirst()];
      const basedOn = `${ledger.revision()} ${present.length} ${present.at(0)?.sequence}`;
      if (all?.basedOn !== basedOn) all = { basedOn, totals: addUpAll(present) };
      return all.totals;
    },
  };
}
