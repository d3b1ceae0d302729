import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Usage } from "../../src/directory/activity.js";
import { startUsageOnSimulator, type UsageOnSimulator } from "./usage-on-simulator.js";
import { categoriesToRead, decimal, truthAbout } from "./usage-truth.js";

const LONG_MS = 120_000;

const CATEGORIES = [
  "sms-outbound-longcode",
  "authy-sms-outbound",
  "calls-inbound-tollfree-local",
  "monitor",
  "monitor-reads",
  "monitor-storage",
  "wireless-usage-mrc-individual",
  "wireless-usage-data-europe",
  "phonenumbers-local",
  "phonenumbers",
  "nobody-knows-this-one",
  "totalprice",
] as const;

/** No sum of some of these prices is zero or that of others, whatever the signs: nothing cancels out by accident. */
function priceOf(number: number, isCredit: boolean): string {
  return decimal((isCredit ? -1n : 1n) * 2n ** BigInt(number));
}

const anyCharge = (daysAgo: fc.Arbitrary<number>) =>
  fc.record({
    daysAgo,
    category: fc.constantFrom(...CATEGORIES),
    kind: fc.constantFrom("price", "price", "price", "credit", "none"),
  });

/** Days on both sides of every boundary, and some others. */
const anyAge = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 30, 998, 999, 1000, 1001, 1999, 2000, 2001, 2999, 3000, 3001, 4500),
  fc.nat(4000),
);

let on: UsageOnSimulator;
beforeEach(async () => {
  on = await startUsageOnSimulator();
});
afterEach(() => on.stop());

/** An account's ledger, with prices of which each is used once. */
function ledgerOf(sid: string, ageDays: number) {
  let number = 0;
  let age = ageDays;
  const taken: { readonly id: string; readonly age: number }[] = [];
  return {
    add({ daysAgo, category, kind }: { daysAgo: number; category: string; kind: string }) {
      const days = Math.min(daysAgo, age);
      const price = kind === "none" ? null : priceOf(number, kind === "credit");
      number += 1;
      taken.push({ id: on.charge(sid, days, category, price), age: age - days });
    },
    pass(days: number) {
      age += days;
      on.passDays(days);
    },
    /** Takes back one of the charges of the last days. */
    takeBack(which: number) {
      const recent = taken.filter((charge) => charge.age >= age - 2);
      const charge = recent[which % recent.length];
      if (charge === undefined) return;
      taken.splice(taken.indexOf(charge), 1);
      on.simulator.world.ledger.remove(sid, charge.id);
    },
  };
}

describe("any ledger", () => {
  it(
    "is read as what it says, at no more than it may cost",
    async () => {
      await fc.assert(
        fc.asyncProperty(anyAge, fc.array(anyCharge(anyAge), { maxLength: 10 }), async (ageDays, charges) => {
          const { world } = on.simulator;
          const sid = on.create(ageDays);
          const ledger = ledgerOf(sid, ageDays);
          for (const charge of charges) ledger.add(charge);
          const { usage, requests } = await on.read(sid);
          expect(usage).toEqual(truthAbout(world, sid));
          const { count, dormant } = categoriesToRead(world, sid);
          // Charge and use of an older account can be so far apart that their days take several pages.
          const pages = ageDays < 3000 ? 0 : 2 * count;
          expect(requests).toBeLessThanOrEqual(count + 3 + 2 * dormant + pages);
        }),
        { numRuns: 250 },
      );
    },
    LONG_MS,
  );

  it(
    "is the same whether it was read at once or as it came, late charges and corrections included",
    async () => {
      const anyStep = fc.record({
        passes: fc.constantFrom(0, 0, 1, 1, 2, 3, 7, 31, 40),
        charges: fc.array(anyCharge(fc.constantFrom(0, 0, 1, 2)), { maxLength: 3 }),
        takesBack: fc.option(fc.nat(9)),
        isRead: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(
          anyAge,
          fc.array(anyCharge(anyAge), { maxLength: 5 }),
          fc.array(anyStep, { minLength: 1, maxLength: 8 }),
          async (ageDays, charges, steps) => {
            const sid = on.create(ageDays);
            const ledger = ledgerOf(sid, ageDays);
            for (const charge of charges) ledger.add(charge);
            let known: Usage = (await on.read(sid)).usage;
            for (const { passes, charges: added, takesBack, isRead } of steps) {
              ledger.pass(passes);
              for (const charge of added) ledger.add(charge);
              if (takesBack !== null) ledger.takeBack(takesBack);
              if (!isRead) continue;
              const { usage } = await on.read(sid, known);
              expect(usage).toEqual(truthAbout(on.simulator.world, sid));
              known = usage;
            }
            const refreshed = await on.read(sid, known);
            expect(refreshed.usage).toEqual((await on.read(sid)).usage);
          },
        ),
        { numRuns: 150 },
      );
    },
    LONG_MS,
  );
});
