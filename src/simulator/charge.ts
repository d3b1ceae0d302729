/**
 * One line of an account's ledger: the raw truth that usage records are computed from. Counts in `category`, in each of
 * `alsoIn`, in all roll-ups above these and in `totalprice`; in each of them once.
 */
export interface Charge {
  readonly id: string;
  /** Days since 1970, UTC. */
  readonly day: number;
  readonly category: string;
  /** Further categories in which Twilio shows the same money: an SMS sent by Verify is an SMS too. */
  readonly alsoIn: readonly string[];
  /** Millionths of the account's currency. Negative for a credit, null when the usage has no price. */
  readonly priceMicros: number | null;
  readonly usage: number;
  readonly count: number;
}
