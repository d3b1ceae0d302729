/** What can be set while the simulator runs. */
export interface SettingValues {
  /** How long each answer takes, in milliseconds: half of it before the effect, half after. */
  readonly latencyMs: number;
  /** Requests beyond this many at the same time are answered 429/20429; null means no ceiling. */
  readonly maxConcurrency: number | null;
  /** Most subaccounts that are not closed. A Trial owner may have one, whatever this says. */
  readonly subaccountLimit: number;
  /**
   * Whether the owner's credentials may read the usage of a suspended subaccount, or get 403/20005. Not known of the
   * real Twilio: its documentation lets the owner read all of a subaccount's resources, a third party reports 20005.
   */
  readonly suspendedUsage: "readable" | "refused";
  /** Whether Daily, Monthly and Yearly list periods in which a category had no charge, with price "0". */
  readonly emptyPeriods: "listed" | "omitted";
}

export interface Settings {
  get(): SettingValues;
  set(change: Partial<SettingValues>): void;
}

export function createSettings(initial: SettingValues): Settings {
  let values = initial;
  return {
    get: () => values,
    set: (change) => {
      values = { ...values, ...change };
    },
  };
}
