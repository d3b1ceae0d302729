import { type Account, type AccountSid, parseAccountSid } from "../../src/directory/account.js";
import type { AccountGateway } from "../../src/directory/ports.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.js";
import { createTwilioAccountGateway } from "../../src/twilio/twilio-account-gateway.js";
import { createTwilioClient, type TwilioClientOptions } from "../../src/twilio/twilio-client.js";
import { NOW_MS, RecordingClock } from "./recording-clock.js";

export const SYNC = { priority: "sync" } as const;
export const LIFECYCLE = { priority: "lifecycle" } as const;
export const LOOKUP = { priority: "lookup" } as const;

export interface GatewayOnSimulator {
  readonly simulator: Simulator;
  readonly gateway: AccountGateway;
  readonly clock: RecordingClock;
  /** Subaccounts that are active, in the order of the simulator's list. */
  readonly active: readonly AccountSid[];
  /** How many requests the simulator has got on a route such as `accounts.update`. */
  requests(route: string): number;
  /** Requests in flight at the simulator, once all that was sent before has arrived. */
  inFlight(): Promise<number>;
  stop(): Promise<void>;
}

export async function startGatewayOnSimulator(
  options: SimulatorOptions & { readonly gateway?: Partial<TwilioClientOptions> } = {},
): Promise<GatewayOnSimulator> {
  const { gateway: gatewayOptions, ...simulatorOptions } = options;
  const simulator = await startSimulator({ accounts: 20, now: () => NOW_MS, ...simulatorOptions });
  const clock = new RecordingClock();
  const gateway = gatewayTo(simulator.url, {
    credentials: credentialsOf(simulator),
    clock,
    ...gatewayOptions,
  });
  const { world } = simulator;
  return {
    simulator,
    gateway,
    clock,
    active: world.accounts
      .list()
      .filter((account) => !account.isOwner && account.status === "active")
      .map((account) => sidOf(account.sid)),
    requests: (route) => world.traffic.report().routes[route]?.requests ?? 0,
    async inFlight() {
      // Two round trips on connections of their own: what the gateway sent meanwhile is there by then.
      for (let trip = 0; trip < 2; trip += 1) await (await fetch(`${simulator.url}/__simulator`)).text();
      return world.traffic.report().inFlight;
    },
    stop: () => simulator.close(),
  };
}

/** The adapter on any server, with half of the longest jitter. */
export function gatewayTo(apiUrl: string, options: Partial<TwilioClientOptions> = {}): AccountGateway {
  const owner = sidOf(`AC${"0".repeat(32)}`);
  const client = createTwilioClient({
    apiUrl,
    credentials: { accountSid: owner, username: owner, password: "the-token-of-the-owner" },
    maxConcurrency: 8,
    clock: new RecordingClock(),
    random: () => 0.5,
    ...options,
  });
  return createTwilioAccountGateway(client);
}

export function credentialsOf(simulator: Simulator) {
  const accountSid = sidOf(simulator.accountSid);
  return { accountSid, username: simulator.accountSid, password: simulator.authToken };
}

export function sidOf(text: string): AccountSid {
  const sid = parseAccountSid(text);
  if (sid === undefined) throw new RangeError(`${text} is no account SID.`);
  return sid;
}

/** The first of a list that must not be empty. */
export function firstOf<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new RangeError("The list is empty.");
  return first;
}

export async function allPages(pages: AsyncIterable<readonly Account[]>): Promise<(readonly Account[])[]> {
  const all: (readonly Account[])[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

/** What `call` throws. */
export async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error("The call was expected to fail, and did not.");
}

/** What each of several calls throws that run at the same time. */
export function thrownByEach(calls: readonly Promise<unknown>[]): Promise<unknown[]> {
  return Promise.all(calls.map(thrownBy));
}
