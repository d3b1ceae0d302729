import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it, jest } from "@jest/globals";
import type { AccountTruth } from "../../src/simulator/console.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";
import { ManualClock } from "../support/manual-clock.js";
import { sidOf } from "./usage-on-simulator.js";
import { truthAbout } from "./usage-truth.js";

jest.setTimeout(240_000);

const HOUR_MS = 3_600_000;
const STEP_HOURS = 3;
const CATEGORIES = ["sms-outbound-longcode", "calls-outbound", "phonenumbers-local", "authy-sms-outbound"];

describe("a month in which accounts are charged, suspended, closed and made, and the bridge restarts", () => {
  it.each([1])("ends with what is true about every account (seed %i)", async (seed) => {
    const month = await startMonth(seed);
    try {
      for (let day = 1; day <= 30; day++) {
        month.happen(day);
        await month.pass(24);
        if (day % 10 === 0) await month.restart();
      }
      // A dormant account is read once a day.
      await month.pass(3 * 24);
      for (const { sid } of month.accounts()) {
        expect(month.told(sid)).toEqual(withoutBookkeeping(truthAbout(month.simulator.world, sid)));
      }
    } finally {
      await month.end();
    }
  });
});

/** What only the next reading needs. */
function withoutBookkeeping(usage: object): object {
  const { recentCharges: _recent, readUntil: _until, ...told } = usage as Record<string, unknown>;
  return told;
}

async function startMonth(seed: number) {
  const clock = new ManualClock(Date.UTC(2026, 9, 20, 7));
  const simulator = await startSimulator({ accounts: 8, seed, now: () => clock.now() });
  const folder = await mkdtemp(join(tmpdir(), "bridge-month-"));
  const { world } = simulator;
  const chance = lottery(seed);
  let running = await start(simulator, clock, folder);

  const accounts = () => world.accounts.list();
  const dayAgo = (days: number) => new Date(clock.now() - days * 24 * HOUR_MS).toISOString().slice(0, 10);

  /** On the day itself, or up to two days late, but never before the account was there. */
  function charge({ sid, createdAt }: AccountTruth): void {
    const day = dayAgo(Math.floor(chance() * 3));
    const category = CATEGORIES[Math.floor(chance() * CATEGORIES.length)] ?? "";
    const price = (0.01 + Math.floor(chance() * 100) / 1000).toFixed(3);
    if (day >= createdAt.slice(0, 10)) world.ledger.add({ accountSid: sid, day, category, price });
  }

  return {
    simulator,
    accounts,
    /** What happens on a day. */
    happen(day: number) {
      for (const account of accounts().filter(({ status }) => status === "active")) {
        if (chance() < 0.4) charge(account);
        if (!account.isOwner && chance() < 0.03) world.accounts.suspend(account.sid);
        else if (!account.isOwner && chance() < 0.02) world.accounts.close(account.sid);
      }
      if (day % 7 === 0) world.accounts.create({ friendlyName: `Made on day ${day}` });
    },
    /** Lets hours pass, and everything be read that is due. */
    async pass(hours: number) {
      for (let passed = 0; passed < hours; passed += STEP_HOURS) {
        await clock.advance(STEP_HOURS * HOUR_MS);
        await quiet(simulator);
      }
    },
    async restart() {
      await running.stop();
      running = await start(simulator, clock, folder);
      await quiet(simulator);
    },
    told(sid: string): object {
      return withoutBookkeeping(running.bridge.directory.index.known(sidOf(sid))?.activity.usage ?? {});
    },
    async end() {
      await running.stop();
      await simulator.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function start(simulator: Simulator, clock: ManualClock, folder: string): Promise<BridgeOnSimulator> {
  const running = await startBridgeOnSimulator({
    running: simulator,
    env: { DATABASE_URL: `file:${folder}/bridge.db`, ACCOUNT_SYNC_SECONDS: "3600" },
    parts: { clock },
  });
  running.bridge.activity.start();
  return running;
}

/** Resolves once Twilio has been asked nothing for a while. */
async function quiet({ world }: Simulator): Promise<void> {
  for (let turns = 0; turns < 30; turns++) {
    await turn();
    if (world.traffic.report().inFlight > 0) turns = 0;
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (Park and Miller's generator). */
function lottery(seed: number): () => number {
  let state = seed * 7919 + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
