import { afterEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { LONG_TEST_MS, START_MS, send } from "./simulator-client.js";

/**
 * Usage records against the raw ledger, by the definition alone: a record's price is the sum of the charges in its
 * window that are in its category, in a category below it or shown there too.
 */
describe("usage records and the raw ledger", () => {
  let simulator: Simulator;
  afterEach(() => simulator.close());

  const parentsOf = async (): Promise<Map<string, string | undefined>> => {
    const { json } = await send(simulator, "GET", "/__simulator/categories");
    return new Map(
      json.map((category: { name: string; parent?: string }) => [category.name, category.parent]),
    );
  };

  interface RawCharge {
    day: string;
    category: string;
    alsoIn: string[];
    price: string | null;
  }

  const isIn = (charge: RawCharge, category: string, parents: Map<string, string | undefined>): boolean => {
    if (category === "totalprice") return true;
    for (const name of [charge.category, ...charge.alsoIn]) {
      for (let up: string | undefined = name; up !== undefined; up = parents.get(up)) {
        if (up === category) return true;
      }
    }
    return false;
  };

  const millionths = (price: string) => BigInt(Math.round(Number(price) * 1e6));

  const expectTruth = async (
    sid: string,
    list: string,
    parents: Map<string, string | undefined>,
    query = "",
  ): Promise<number> => {
    const path = `/2010-04-01/Accounts/${sid}/Usage/Records${list}.json?PageSize=1000&IncludeSubaccounts=false`;
    const charges: RawCharge[] = (await send(simulator, "GET", `/__simulator/ledger/${sid}`)).json;
    const { json } = await send(simulator, "GET", `${path}&${query}`);
    let pricedRecords = 0;
    for (const record of json.usage_records) {
      const counted = charges.filter(
        (charge) =>
          charge.day >= record.start_date &&
          charge.day <= record.end_date &&
          isIn(charge, record.category, parents),
      );
      const prices = counted.flatMap((charge) => (charge.price === null ? [] : [millionths(charge.price)]));
      const sum = prices.reduce((total, price) => total + price, 0n);
      const hasNoPrice = prices.length === 0 && counted.length > 0 && record.category !== "totalprice";
      const seen = record.price === null ? null : millionths(record.price);
      expect({ record: record.uri, price: seen }).toEqual({
        record: record.uri,
        price: hasNoPrice ? null : sum,
      });
      if (seen !== 0n) pricedRecords += 1;
    }
    return pricedRecords;
  };

  it(
    "agree for every account of a seeded world, whatever it is there to show",
    async () => {
      simulator = await startSimulator({ accounts: 25, seed: 7, now: () => START_MS });
      const parents = await parentsOf();
      let pricedRecords = 0;
      for (const { sid } of simulator.world.accounts.list()) {
        pricedRecords += await expectTruth(sid, "", parents);
        pricedRecords += await expectTruth(sid, "/Monthly", parents, "Category=calls");
        pricedRecords += await expectTruth(sid, "/Daily", parents, "Category=totalprice&StartDate=-200days");
        pricedRecords += await expectTruth(sid, "/Daily", parents, "Category=sms&StartDate=-200days");
      }
      expect(pricedRecords).toBeGreaterThan(300);
    },
    LONG_TEST_MS,
  );

  it(
    "agree for any charges, added and taken away again",
    async () => {
      simulator = await startSimulator({ accounts: 1, now: () => START_MS });
      const parents = await parentsOf();
      const { ledger, accounts } = simulator.world;
      const sid = accounts.list().find((account) => !account.isOwner)?.sid ?? "";
      const { createdAt } = accounts.get(sid);
      const firstDay = createdAt.slice(0, 10);
      const charge = fc.record({
        day: fc.constantFrom(firstDay, "2026-11-01", "2026-11-22", "2026-11-23", "2026-11-24"),
        category: fc.constantFrom(
          "calls",
          "calls-inbound-tollfree-local",
          "sms-outbound-longcode",
          "authy-sms-outbound",
          "totalprice",
          "nobody-knows-this-one",
          "phonenumbers-local",
        ),
        price: fc.oneof(
          fc.constant(null),
          fc.integer({ min: -2_000_000, max: 2_000_000 }).map((micros) => String(micros / 1e6)),
        ),
        isTakenBack: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(charge, { maxLength: 12 }), async (charges) => {
          const added = charges
            .filter(({ price }) => price === null || !price.includes("e"))
            .map(({ isTakenBack, ...given }) => ({
              isTakenBack,
              id: ledger.add({ accountSid: sid, ...given }).id,
            }));
          for (const { id, isTakenBack } of added) if (isTakenBack) ledger.remove(sid, id);
          await expectTruth(sid, "", parents);
          await expectTruth(sid, "/Yearly", parents);
          await expectTruth(sid, "/Daily", parents, "StartDate=2026-11-21");
          for (const { id, isTakenBack } of added) if (!isTakenBack) ledger.remove(sid, id);
        }),
        { numRuns: 15 },
      );
    },
    LONG_TEST_MS,
  );
});
