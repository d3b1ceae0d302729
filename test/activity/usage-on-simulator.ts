import { setImmediate } from "node:timers/promises";
import { type Account, parseAccountSid } from "../../src/directory/account.js";
import type { Usage } from "../../src/directory/activity.js";
import type { Clock, UsageGateway } from "../../src/directory/ports.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.js";
import { createTwilioClient, type TwilioCredentials } from "../../src/twilio/twilio-client.js";
import { createTwilioUsageGateway } from "../../src/twilio/twilio-usage-gateway.js";
import { createUsageCatalogue } from "../../src/twilio/usage-catalogue.js";

/** Tue, 24 Nov 2026 07:15:00 UTC. */
export const NOW_MS = Date.UTC(2026, 10, 24, 7, 15);
export const DAY_MS = 86_400_000;
export const USAGE = { priority: "usage" } as const;

/** A reading and what it took. */
export interface Reading {
  readonly usage: Usage;
  readonly requests: number;
  readonly bytes: number;
}

export interface UsageOnSimulator {
  readonly simulator: Simulator;
  readonly gateway: UsageGateway;
  /** Charged categories that the gateway did not know, in the order in which they were met. */
  readonly unknownCategories: readonly string[];
  /** A new account that is so many days old. */
  create(ageDays: number, currency?: string): string;
  /** Adds a charge to an account's ledger, so many days ago. */
  charge(sid: string, daysAgo: number, category: string, price: string | null): string;
  account(sid: string): Account;
  read(sid: string, known?: Usage): Promise<Reading>;
  /** Moves the simulator's clock on. */
  passDays(days: number): void;
  stop(): Promise<void>;
}

/** A simulator without subaccounts, unless `accounts` says otherwise, and a usage gateway with its clock. */
export async function startUsageOnSimulator(
  options: SimulatorOptions & { readonly credentials?: (simulator: Simulator) => Login } = {},
): Promise<UsageOnSimulator> {
  const { credentials = ownerToken, ...simulatorOptions } = options;
  const simulator = await startSimulator({ accounts: 0, now: () => NOW_MS, ...simulatorOptions });
  const { world } = simulator;
  // Two answers are the same and a tenth of the size.
  world.settings.set({ emptyPeriods: "omitted" });
  const clock: Clock = { now: () => world.clock.now(), sleep: () => setImmediate() };
  const unknownCategories: string[] = [];
  const gateway = createTwilioUsageGateway({
    client: createTwilioClient({
      credentials: { accountSid: sidOf(simulator.accountSid), ...credentials(simulator) },
      apiUrl: simulator.url,
      maxConcurrency: 8,
      clock,
      random: () => 0.5,
    }),
    catalogue: createUsageCatalogue(),
    onUnknownCategory: (category) => unknownCategories.push(category),
  });
  const account = (sid: string): Account => {
    const { friendlyName, status, type, createdAt, updatedAt } = world.accounts.get(sid);
    return {
      sid: sidOf(sid),
      friendlyName,
      status,
      type,
      ownerAccountSid: sidOf(simulator.accountSid),
      dateCreated: Date.parse(createdAt),
      dateUpdated: Date.parse(updatedAt),
    };
  };
  const spent = () => {
    const routes = Object.values(world.traffic.report().routes);
    return {
      requests: routes.reduce((sum, route) => sum + route.requests, 0),
      bytes: routes.reduce((sum, route) => sum + route.bytes, 0),
    };
  };
  return {
    simulator,
    gateway,
    unknownCategories,
    create(ageDays, currency = "usd") {
      world.clock.advance(-ageDays * DAY_MS);
      const { sid } = world.accounts.create({ friendlyName: "Ada", currency });
      world.clock.advance(ageDays * DAY_MS);
      return sid;
    },
    charge(sid, daysAgo, category, price) {
      return world.ledger.add({ accountSid: sid, day: dayAgo(world.clock.now(), daysAgo), category, price })
        .id;
    },
    account,
    async read(sid, known) {
      const before = spent();
      const usage = await gateway.readUsage(account(sid), known, USAGE);
      const after = spent();
      return { usage, requests: after.requests - before.requests, bytes: after.bytes - before.bytes };
    },
    passDays: (days) => world.clock.advance(days * DAY_MS),
    stop: () => simulator.close(),
  };
}

/** The day so many days before an instant. */
export function dayAgo(nowMs: number, days: number): string {
  return new Date(nowMs - days * DAY_MS).toISOString().slice(0, 10);
}

type Login = Pick<TwilioCredentials, "username" | "password">;

function ownerToken(simulator: Simulator): Login {
  return { username: simulator.accountSid, password: simulator.authToken };
}

export function sidOf(text: string) {
  const sid = parseAccountSid(text);
  if (sid === undefined) throw new RangeError(`${text} is no account SID.`);
  return sid;
}
