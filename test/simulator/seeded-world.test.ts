import { afterEach, describe, expect, it } from "@jest/globals";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.js";
import { DAY_MS, LONG_TEST_MS, START_MS } from "./simulator-client.js";

describe("a seeded world", () => {
  const running: Simulator[] = [];
  const start = async (options: SimulatorOptions): Promise<Simulator> => {
    const simulator = await startSimulator({ now: () => START_MS, ...options });
    running.push(simulator);
    return simulator;
  };
  afterEach(async () => {
    await Promise.all(running.splice(0).map((simulator) => simulator.close()));
  });

  const story = ({ world, ...simulator }: Simulator) => ({
    credentials: [simulator.accountSid, simulator.authToken, simulator.mainKey, simulator.standardKey],
    accounts: world.accounts.list(),
    ledgers: world.accounts.list().map(({ sid }) => world.ledger.of(sid)),
  });

  it(
    "is the same for the same seed, number of accounts and day of start",
    async () => {
      const first = story(await start({ seed: 5, accounts: 60 }));
      expect(story(await start({ seed: 5, accounts: 60, now: () => START_MS + 16 * 3_600_000 }))).toEqual(
        first,
      );
      const other = story(await start({ seed: 6, accounts: 60 }));
      expect(other.accounts).not.toEqual(first.accounts);
      expect(other.credentials).not.toEqual(first.credentials);
    },
    LONG_TEST_MS,
  );

  it("makes the same accounts and tokens of later creations, too", async () => {
    const [first, second] = await Promise.all([start({ seed: 5 }), start({ seed: 5 })]);
    const made = [first, second].map(({ world }) => world.accounts.create({ friendlyName: "Later" }));
    expect(made[0]).toEqual(made[1]);
  });

  it("takes the credentials that it is given", async () => {
    const accountSid = `AC${"a".repeat(32)}`;
    const simulator = await start({ accountSid, authToken: "secret" });
    expect([simulator.accountSid, simulator.authToken]).toEqual([accountSid, "secret"]);
    expect(simulator.world.accounts.get(accountSid).isOwner).toBe(true);
    await expect(startSimulator({ accountSid: "AC1" })).rejects.toThrow(RangeError);
    await expect(startSimulator({ accounts: -1 })).rejects.toThrow(RangeError);
  });

  it("of 25 accounts already holds every kind of usage, status, type and name", async () => {
    for (const seed of [1, 2, 3]) {
      const subaccounts = (await start({ seed })).world.accounts.list().filter((account) => !account.isOwner);
      const has = (property: keyof (typeof subaccounts)[number]) =>
        new Set(subaccounts.map((account) => account[property]));
      expect(has("profile").size).toBe(21);
      expect(has("status")).toEqual(new Set(["active", "suspended", "closed"]));
      expect(has("suspendedByTwilio")).toEqual(new Set([true, false]));
      expect(has("type")).toEqual(new Set(["Trial", "Full"]));
      expect(has("currency")).toEqual(new Set(["usd", "eur", "gbp"]));
      const names = subaccounts.map((account) => account.friendlyName);
      expect(names.filter((name) => /^\S+@example\.com$/.test(name)).length).toBeGreaterThan(1);
      expect(names.filter((name) => [...name].length === 64)).toHaveLength(1);
      expect(names.filter((name) => [...name].length > 64)).toEqual([]);
      expect(names.some((name) => !/^[\x20-\x7e]*$/.test(name))).toBe(true);
    }
  });

  it("repeats names, in other case too", async () => {
    const { world } = await start({ accounts: 200 });
    const names = world.accounts.list().map((account) => account.friendlyName);
    expect(new Set(names).size).toBeLessThan(names.length);
    const unlike = new Set(names.map((name) => name.toLowerCase()));
    expect(unlike.size).toBeLessThan(new Set(names).size);
  });

  it(
    "charges no account outside its life",
    async () => {
      let charges = 0;
      for (const startMs of [START_MS, Date.UTC(2028, 2, 10)]) {
        const { world } = await start({ accounts: 700, now: () => startMs });
        for (const account of world.accounts.list()) {
          const first = account.createdAt.slice(0, 10);
          const last = (account.closedAt ?? new Date(startMs).toISOString()).slice(0, 10);
          const days = world.ledger.of(account.sid).map((charge) => charge.day);
          expect(days.filter((day) => day < first || day > last)).toEqual([]);
          charges += days.length;
        }
      }
      expect(charges).toBeGreaterThan(50_000);
    },
    LONG_TEST_MS,
  );

  it("holds no closed account that Twilio would have deleted, and no other is ever deleted", async () => {
    const { world } = await start({ accounts: 300 });
    const before = world.accounts.list();
    expect(before).toHaveLength(301);
    world.clock.advance(30 * DAY_MS);
    expect(world.accounts.list()).toEqual(before.filter((account) => account.closedAt === null));
  });

  it(
    "tells of each kind of usage what its name says",
    async () => {
      const { world } = await start({ accounts: 250 });
      const today = "2026-11-24";
      const accounts = world.accounts.list();
      const ledgersOf = (profile: string) =>
        accounts
          .filter((account) => account.profile === profile && account.status !== "closed" && !account.isOwner)
          .map((account) => ({ account, charges: world.ledger.of(account.sid) }));
      for (const { charges } of ledgersOf("never-used")) expect(charges).toEqual([]);
      for (const { account, charges } of ledgersOf("first-and-last-day")) {
        expect(charges.map((charge) => charge.day)).toEqual([account.createdAt.slice(0, 10), today]);
      }
      for (const { charges } of ledgersOf("leap-day")) {
        expect(charges.map((charge) => charge.day)).toEqual(["2024-02-29"]);
      }
      for (const { charges } of ledgersOf("only-fees")) {
        expect(new Set(charges.map((charge) => charge.category))).toEqual(new Set(["phonenumbers-local"]));
        expect(charges.at(-1)?.day).toBe("2026-11-01");
      }
      for (const { charges } of ledgersOf("only-total-price")) {
        expect(new Set(charges.map((charge) => charge.category))).toEqual(new Set(["totalprice"]));
      }
      for (const { charges } of ledgersOf("credits")) expect(Number(charges.at(-1)?.price)).toBeLessThan(0);
      for (const { charges } of ledgersOf("null-prices")) expect(charges.at(-1)?.price).toBeNull();
      for (const { charges } of ledgersOf("zero-prices")) expect(charges.at(-1)?.price).toBe("0");
      for (const { charges } of ledgersOf("net-zero")) {
        const proxy = charges.filter((charge) => charge.category === "proxy-active-sessions");
        expect(proxy.map((charge) => Number(charge.price)).reduce((a, b) => a + b)).toBe(0);
        expect(new Set(proxy.map((charge) => charge.day)).size).toBe(2);
      }
      for (const { charges } of ledgersOf("gap-of-years")) {
        const days = charges.map((charge) => Date.parse(charge.day));
        const gaps = days.slice(1).map((day, index) => day - (days[index] ?? day));
        expect(Math.max(...gaps)).toBeGreaterThan(2 * 365 * DAY_MS);
      }
      for (const { account } of ledgersOf("younger-than-a-day")) {
        expect(START_MS - Date.parse(account.createdAt)).toBeLessThan(DAY_MS);
      }
      for (const { charges } of ledgersOf("verify-sms")) {
        expect(charges.map((charge) => charge.alsoIn)).toEqual([
          ["sms-outbound-longcode"],
          ["sms-outbound-longcode"],
        ]);
      }
      const unknown = ledgersOf("unknown-categories").flatMap(({ charges }) => charges);
      expect(unknown.every((charge) => world.categories.describe(charge.category).madeUp)).toBe(true);
      const used = new Set(
        ledgersOf("many-categories").flatMap(({ charges }) => charges.map((c) => c.category)),
      );
      expect(used.size).toBeGreaterThan(60);
    },
    LONG_TEST_MS,
  );

  it(
    "has no day on which charges cancel out, so that a charged day always shows a total",
    async () => {
      for (const seed of [1, 2, 3]) {
        const { world } = await start({ seed, accounts: 250 });
        for (const { sid } of world.accounts.list()) {
          const byDay = new Map<string, number>();
          const charged = world.ledger.of(sid).filter((charge) => Number(charge.price) !== 0);
          for (const { day, price } of charged) {
            byDay.set(day, (byDay.get(day) ?? 0) + Math.round(Number(price) * 1e6));
          }
          expect([...byDay].filter(([, total]) => total === 0)).toEqual([]);
        }
      }
    },
    LONG_TEST_MS,
  );
});
