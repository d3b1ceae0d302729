import { afterAll, afterEach, describe, expect, it } from "@jest/globals";
import { DAY_MS, startUsageOnSimulator, type UsageOnSimulator } from "./usage-on-simulator.js";
import { categoriesToRead, truthAbout } from "./usage-truth.js";

const ACCOUNTS_A_SEED = 199;
const LONG_MS = 120_000;

describe("the activity of a seeded world", () => {
  let accounts = 0;
  let requests = 0;

  let on: UsageOnSimulator;
  afterEach(() => on.stop());

  // The owner account makes 200. In the first world, Twilio also lists the days on which nothing was charged.
  it.each([1, 2, 3, 4, 5])(
    "is what the ledger of seed %i says, and costs no more than it may",
    async (seed) => {
      on = await startUsageOnSimulator({ accounts: ACCOUNTS_A_SEED, seed });
      const { world } = on.simulator;
      if (seed === 1) world.settings.set({ emptyPeriods: "listed" });
      for (const { sid, createdAt } of world.accounts.list()) {
        const filled = await on.read(sid);
        expect({ sid, ...filled.usage }).toEqual({ sid, ...truthAbout(world, sid) });

        const { count, dormant } = categoriesToRead(world, sid);
        const ageDays = (world.clock.now() - Date.parse(createdAt)) / DAY_MS;
        const allowed =
          filled.usage.lastActivity === undefined ? 1 : count + 3 + (ageDays < 999 ? 0 : 2 * dormant);
        expect({ sid, isWithin: filled.requests <= allowed, of: filled.requests, allowed }).toMatchObject({
          isWithin: true,
        });
        accounts += 1;
        requests += filled.requests;

        const refreshed = await on.read(sid, filled.usage);
        expect(refreshed.usage).toEqual(filled.usage);
        expect(refreshed.requests).toBe(1);
        expect(refreshed.bytes).toBeLessThan(4096);
      }
    },
    LONG_MS,
  );

  afterAll(() => {
    expect(accounts).toBe(1000);
    expect(requests / accounts).toBeLessThanOrEqual(5);
  });
});
