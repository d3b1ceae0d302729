import type { FaultRule } from "../../src/simulator/fault-rule.js";
import { fails } from "../support/interruptions.js";
import type { Dice, Weighted } from "./dice.js";
import type { FuzzWorld } from "./fuzz-world.js";

/** What fails while one request is served. */
export interface Fault {
  /** Twilio answers nothing, and the time in which the bridge waits for it passes as soon as it waits. */
  readonly timesOut: boolean;
}

const NO_FAULT: Fault = { timesOut: false };

/** Long enough for every deadline of the bridge. */
const TIME_OUT_MS = 30_000;

/**
 * Has Twilio, or the database, fail the next request in some way, or not at all.
 *
 * @param isBulk whether that is a bulk request, which time may run out for between two operations
 */
export function breakSomething(
  world: FuzzWorld,
  dice: Dice,
  { isBulk }: { readonly isBulk: boolean },
): Fault {
  const { faults } = world.simulator.world;
  return dice.weighted<() => Fault>([
    [4, () => NO_FAULT],
    [
      8,
      () => {
        faults.add(twilioFault(dice));
        return NO_FAULT;
      },
    ],
    [
      isBulk ? 6 : 1,
      () => {
        faults.add({ kind: "hold", at: dice.pick(["before", "after"]), ...matching(dice) });
        return { timesOut: true };
      },
    ],
    [
      2,
      () => {
        world.store.interrupt(dice.pick(STORE_CALLS), fails("storageUnavailable"));
        return NO_FAULT;
      },
    ],
  ])();
}

const STORE_CALLS = [
  "saveAccounts",
  "saveIdentity",
  "openIntent",
  "fulfilIntent",
  "dropIntent",
  "saveGroup",
  "saveGroup",
  "deleteGroup",
] as const;

function twilioFault(dice: Dice): FaultRule {
  const match = matching(dice);
  const effect = dice.chance(0.5);
  const kinds: readonly Weighted<FaultRule>[] = [
    [2, { ...match, kind: "429" }],
    [1, { ...match, kind: "429", retryAfterSeconds: dice.pick([0, 30]) }],
    [2, { ...match, kind: "status", status: dice.pick([500, 502, 503]), effect }],
    [1, { ...match, kind: "status", status: 503, body: "html", effect }],
    [1, { ...match, kind: "html-200", effect }],
    [1, { ...match, kind: "truncated-json" }],
    [1, { ...match, kind: "drop-before" }],
    [1, { ...match, kind: "drop-after" }],
    [1, { ...match, kind: "latency", ms: 3 }],
  ];
  return dice.weighted(kinds);
}

function matching(dice: Dice): Pick<FaultRule, "method" | "count"> {
  return {
    ...dice.pick([{ method: "POST" }, { method: "POST" }, { method: "GET" }, {}]),
    ...dice.pick([{ count: 1 }, { count: 1 }, { count: 3 }, {}]),
  };
}

/** Lets time run out for whatever waits for Twilio, until `answered` is. */
export async function runOutOfTime(world: FuzzWorld, answered: Promise<unknown>): Promise<void> {
  const { clock, simulator } = world;
  const { faults } = simulator.world;
  const [held] = faults.list();
  if (held === undefined) return;
  const over = answered.then(
    () => true,
    () => true,
  );
  for (let times = 1; ; times++) {
    const fired = faults.whenFired(held.id, times).then(() => false);
    if (await Promise.race([over, fired])) return;
    await clock.advance(TIME_OUT_MS);
  }
}

/** Nothing fails any more. Resolves when Twilio has nothing left to do. */
export async function mendEverything({ store, simulator }: FuzzWorld): Promise<void> {
  const { faults, traffic } = simulator.world;
  faults.clear();
  store.interruptNothing();
  while (traffic.report().inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
}
