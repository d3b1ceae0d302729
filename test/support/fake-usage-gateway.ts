import type { Account, AccountSid } from "../../src/directory/account.js";
import { addDays, type Day, dayOf, type Usage } from "../../src/directory/activity.js";
import type { Clock, RequestOptions, UsageGateway } from "../../src/directory/ports.js";

/** One reading that was asked for. */
export interface ReadingCall {
  readonly sid: AccountSid;
  readonly known: Usage | undefined;
  readonly priority: RequestOptions["priority"];
}

/** Usage as a test says it is. An account of which nothing is said was never charged. */
export class FakeUsageGateway implements UsageGateway {
  readonly calls: ReadingCall[] = [];
  readonly #clock: Clock;
  readonly #usage = new Map<AccountSid, Usage>();
  readonly #failures = new Map<AccountSid, Error>();
  readonly #held = new Map<AccountSid, Promise<void>>();
  mayRead: boolean | Error = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Says that the account was charged on these days, for SMS. */
  charge(sid: AccountSid, ...daysAgo: number[]): void {
    const today = dayOf(this.#clock.now());
    const days = daysAgo.map((ago) => addDays(today, -ago)).sort();
    this.#usage.set(sid, usageOf(days, today));
  }

  fail(sid: AccountSid, error: Error | undefined): void {
    if (error === undefined) this.#failures.delete(sid);
    else this.#failures.set(sid, error);
  }

  /** Keeps the readings of an account from ending, until the answer is called. */
  hold(sid: AccountSid): () => void {
    let release: () => void = () => undefined;
    this.#held.set(sid, new Promise((resolve) => (release = resolve)));
    return release;
  }

  async readUsage({ sid }: Account, known: Usage | undefined, { priority }: RequestOptions): Promise<Usage> {
    this.calls.push({ sid, known, priority });
    await this.#held.get(sid);
    const failure = this.#failures.get(sid);
    if (failure !== undefined) throw failure;
    return this.#usage.get(sid) ?? usageOf([], dayOf(this.#clock.now()));
  }

  async mayReadUsage(): Promise<boolean> {
    if (this.mayRead instanceof Error) throw this.mayRead;
    return this.mayRead;
  }
}

function usageOf(days: readonly Day[], readUntil: Day): Usage {
  const last = days.at(-1);
  const charged = last && { lastActivity: last, lastActivityExcludingFees: last };
  return {
    ...charged,
    services: last === undefined ? [] : [{ service: "sms", display: "SMS", ...charged }],
    recentCharges: {},
    readUntil,
  };
}
