import type { AccountType } from "./account.js";
import { createAccountBook } from "./account-book.js";
import { createAccountsApi } from "./accounts-api.js";
import { dayOf } from "./calendar.js";
import { type Categories, createCategories } from "./categories.js";
import { type Clock, createClock } from "./clock.js";
import { type Console, createConsole } from "./console.js";
import { type ApiKey, createAuthenticate } from "./credentials.js";
import { createFaults, type Faults } from "./faults.js";
import { createLedger } from "./ledger.js";
import { createLedgerEditor, type LedgerEditor } from "./ledger-editor.js";
import { createRandom } from "./randomness.js";
import { createRouter, type Router } from "./routes.js";
import { seedAccounts } from "./seeded-accounts.js";
import { createSeededCharges } from "./seeded-charges.js";
import { createSettings, type Settings, type SettingValues } from "./settings.js";
import { createTraffic, type Traffic } from "./traffic.js";
import { createUsageApi } from "./usage-api.js";
import { createUsageBook } from "./usage-book.js";

/** Everything behind the simulated Twilio, for tests in the same process: what the control endpoint can do, and as much. */
export interface World {
  readonly clock: Clock;
  /** Accounts, as somebody with Twilio's console changes them. */
  readonly accounts: Console;
  /** Raw charges, from which usage records are computed. */
  readonly ledger: LedgerEditor;
  /** Which categories exist and which roll-ups contain them. */
  readonly categories: Categories;
  readonly faults: Faults;
  readonly traffic: Traffic;
  readonly settings: Settings;
}

export interface WorldOptions {
  readonly seed: number;
  /** Subaccounts; the owner account comes on top. */
  readonly accounts: number;
  readonly owner: { sid: string; authToken: string; type: AccountType };
  readonly keys: { main: ApiKey; standard: ApiKey };
  readonly settings: SettingValues;
  readonly now: () => number;
}

/** A seeded world and the router that leads to its API. */
export function createWorld(options: WorldOptions): { world: World; router: Router } {
  const { seed } = options;
  const clock = createClock(options.now);
  const settings = createSettings(options.settings);
  const categories = createCategories();
  const seeded = seedAccounts({ ...options, startDay: dayOf(clock.now()) });
  const accounts = createAccountBook({ ...seeded, seed, clock });
  const ledger = createLedger(createSeededCharges(seed, categories));
  const authenticate = createAuthenticate(accounts, options.keys);
  const usage = createUsageBook(accounts, ledger, categories);
  const accountsApi = createAccountsApi({ accounts, authenticate, clock, settings });
  const usageApi = createUsageApi({ accounts, authenticate, categories, clock, settings, usage });
  return {
    world: {
      clock,
      accounts: createConsole(accounts, clock),
      ledger: createLedgerEditor({ accounts, categories, clock, ledger }),
      categories,
      faults: createFaults(createRandom(seed, "faults")),
      traffic: createTraffic(),
      settings,
    },
    router: createRouter(accountsApi, usageApi),
  };
}
