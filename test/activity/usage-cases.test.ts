import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Simulator } from "../../src/simulator/simulator.js";
import {
  DAY_MS,
  dayAgo,
  NOW_MS,
  sidOf,
  startUsageOnSimulator,
  USAGE,
  type UsageOnSimulator,
} from "./usage-on-simulator.js";
import { truthAbout } from "./usage-truth.js";

const TODAY = "2026-11-24";

let on: UsageOnSimulator;
beforeEach(async () => {
  on = await startUsageOnSimulator();
});
afterEach(() => on.stop());

/** Reads an account from nothing; what is found must be the truth. */
async function fill(sid: string) {
  const reading = await on.read(sid);
  expect(reading.usage).toEqual(truthAbout(on.simulator.world, sid));
  return reading;
}

function services(usage: { readonly services: readonly { readonly service: string }[] }): string[] {
  return usage.services.map(({ service }) => service);
}

describe("a first reading", () => {
  it("finds a charge on the first day, and on the last", async () => {
    const sid = on.create(700);
    on.charge(sid, 700, "calls-outbound", "0.1");
    expect((await fill(sid)).usage).toMatchObject({ lastActivity: dayAgo(NOW_MS, 700) });
    on.charge(sid, 0, "calls-outbound", "0.1");
    expect((await fill(sid)).usage).toMatchObject({ lastActivity: TODAY });
  });

  it.each([
    [999, 999, 3],
    [1000, 1000, 5],
    [1500, 1400, 5],
    [2000, 2000, 7],
    [2999, 2999, 7],
    [3000, 3000, 7],
    [3001, 3000, 7],
    [5000, 1000, 7],
    [5000, 4990, 7],
    [5000, 5000, 7],
  ])(
    "of an account of %i days whose only charge came %i days ago takes %i requests",
    async (ageDays, daysAgo, expected) => {
      const sid = on.create(ageDays);
      on.charge(sid, daysAgo, "carrier-lookups", "0.005");
      const { usage, requests } = await fill(sid);
      expect(usage).toMatchObject({ lastActivity: dayAgo(NOW_MS, daysAgo) });
      expect(requests).toBeLessThanOrEqual(expected);
    },
  );

  it("finds a leap day", async () => {
    const sid = on.create(4000);
    const daysAgo = (NOW_MS - Date.UTC(2020, 1, 29, 7, 15)) / DAY_MS;
    on.charge(sid, daysAgo, "verify-totp", "0.05");
    expect((await fill(sid)).usage.lastActivity).toBe("2020-02-29");
  });

  it("tells years of silence of one service from another's use of today", async () => {
    const sid = on.create(4200);
    on.charge(sid, 4100, "mms-outbound-longcode", "0.02");
    on.charge(sid, 1100, "studio-engagements", "0.02");
    on.charge(sid, 0, "sms-outbound-longcode", "0.0079");
    const { usage } = await fill(sid);
    expect(usage.services.map(({ service, lastActivity }) => [service, lastActivity])).toEqual([
      ["mms", dayAgo(NOW_MS, 4100)],
      ["sms", TODAY],
      ["studio", dayAgo(NOW_MS, 1100)],
    ]);
  });

  it("of an account younger than a day takes one request", async () => {
    const sid = on.create(0);
    on.charge(sid, 0, "sms-outbound-longcode", "0.0079");
    on.charge(sid, 0, "phonenumbers-local", "1.15");
    on.charge(sid, 0, "proxy-active-sessions", "0.1");
    expect(await fill(sid)).toMatchObject({ usage: { lastActivity: TODAY }, requests: 1 });
  });

  it("of an account of yesterday tells its two days apart", async () => {
    const sid = on.create(1);
    on.charge(sid, 1, "sms-outbound-longcode", "0.0079");
    expect((await fill(sid)).usage.lastActivity).toBe("2026-11-23");
  });

  it("of an account that was never charged takes one request, and tells its currency", async () => {
    expect(await fill(on.create(400, "eur"))).toMatchObject({
      usage: { services: [], spend: { total: "0", currency: "EUR" } },
      requests: 1,
    });
  });

  it("counts rent as activity, but not as use", async () => {
    const sid = on.create(400);
    for (const daysAgo of [300, 200, 100]) on.charge(sid, daysAgo, "phonenumbers-local", "1.15");
    const { usage, requests } = await fill(sid);
    expect(usage.lastActivity).toBe(dayAgo(NOW_MS, 100));
    expect(usage.lastActivityExcludingFees).toBeUndefined();
    expect(requests).toBe(3);
  });

  it("does not take the rent in a roll-up for use", async () => {
    const sid = on.create(400);
    on.charge(sid, 300, "monitor-reads", "0.1");
    on.charge(sid, 200, "monitor-storage", "0.2");
    on.charge(sid, 100, "wireless-usage-mrc-individual", "2");
    expect((await fill(sid)).usage.services).toEqual([
      {
        service: "monitor",
        display: "Monitor",
        lastActivity: dayAgo(NOW_MS, 200),
        lastActivityExcludingFees: dayAgo(NOW_MS, 300),
      },
      {
        service: "programmable-wireless",
        display: "Programmable Wireless",
        lastActivity: dayAgo(NOW_MS, 100),
      },
    ]);
  });

  it("counts as use what no category inside a roll-up accounts for", async () => {
    const sid = on.create(400);
    on.charge(sid, 200, "monitor-storage", "0.2");
    on.charge(sid, 200, "monitor", "0.1");
    on.charge(sid, 100, "monitor-storage", "0.2");
    expect((await fill(sid)).usage.lastActivityExcludingFees).toBe(dayAgo(NOW_MS, 200));
  });

  it("looks for use beneath years of rent", async () => {
    const sid = on.create(4500);
    on.charge(sid, 4321, "monitor-reads", "0.1");
    for (let daysAgo = 4400; daysAgo >= 0; daysAgo -= 30) on.charge(sid, daysAgo, "monitor-storage", "0.2");
    const { usage, requests } = await fill(sid);
    expect(usage.lastActivityExcludingFees).toBe(dayAgo(NOW_MS, 4321));
    // Two categories to read, and two more for each, since the use is that long ago.
    expect(requests).toBeLessThanOrEqual(2 + 2 + 2 * 2);
  });

  it("finds use long before the last rent, both of them years ago", async () => {
    const sid = on.create(4500);
    on.charge(sid, 4100, "monitor-reads", "0.1");
    for (const daysAgo of [4200, 3900, 3600]) on.charge(sid, daysAgo, "monitor-storage", "0.2");
    expect((await fill(sid)).usage).toMatchObject({
      lastActivity: dayAgo(NOW_MS, 3600),
      lastActivityExcludingFees: dayAgo(NOW_MS, 4100),
    });
  });

  it("finds charges that only the total shows, which are use of nothing", async () => {
    const sid = on.create(400);
    on.charge(sid, 300, "sms-outbound-longcode", "0.0079");
    on.charge(sid, 100, "totalprice", "25");
    const { usage } = await fill(sid);
    expect(usage).toMatchObject({
      lastActivity: dayAgo(NOW_MS, 100),
      lastActivityExcludingFees: dayAgo(NOW_MS, 300),
      spend: { total: "25.0079", currency: "USD" },
    });
  });

  it("of nothing but the total takes two requests", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "totalprice", "25");
    expect(await fill(sid)).toMatchObject({ usage: { services: [] }, requests: 2 });
  });

  it("counts a credit as a charge", async () => {
    const sid = on.create(400, "gbp");
    on.charge(sid, 100, "calls-client", "0.5");
    on.charge(sid, 10, "calls-client", "-0.6");
    expect((await fill(sid)).usage).toMatchObject({
      lastActivity: dayAgo(NOW_MS, 10),
      spend: { total: "-0.1", currency: "GBP" },
    });
  });

  it("passes over usage without a price, or at none", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "transcriptions", "0.05");
    on.charge(sid, 3, "transcriptions", null);
    on.charge(sid, 2, "speech-recognition", null);
    on.charge(sid, 1, "monitor-reads", "0");
    const { usage } = await fill(sid);
    expect(usage.lastActivity).toBe(dayAgo(NOW_MS, 100));
    expect(services(usage)).toEqual(["speech-transcription"]);
  });

  it("puts categories that Twilio has invented since into Other, and tells of them", async () => {
    const sid = on.create(400);
    on.charge(sid, 5, "quantum-relay-messages", "0.1");
    on.charge(sid, 9, "Satellite-Pings", "0.1");
    const { usage } = await fill(sid);
    expect(usage.services).toMatchObject([{ service: "other", display: "Other" }]);
    expect([...on.unknownCategories].sort()).toEqual(["Satellite-Pings", "quantum-relay-messages"]);
  });

  it("finds categories that Twilio writes with capitals", async () => {
    const sid = on.create(400);
    on.charge(sid, 5, "usage-RCS-messages-inbound", "0.1");
    const { usage, requests } = await fill(sid);
    expect(services(usage)).toEqual(["rcs"]);
    expect(requests).toBe(3);
  });

  it("shows an SMS of Verify as Verify, and as SMS, since it is charged there too", async () => {
    const sid = on.create(400);
    on.charge(sid, 5, "verify-voice-and-sms", "0.05");
    const { usage } = await fill(sid);
    expect(services(usage)).toEqual(["sms", "verify"]);
    expect(usage.spend?.total).toBe("0.05");
  });

  it("of many services that were used today takes one list for all of them", async () => {
    const sid = on.create(400);
    for (const category of ["sms-inbound-longcode", "calls-client", "recordings", "studio-engagements"]) {
      on.charge(sid, 300, category, "0.1");
      on.charge(sid, 0, category, "0.1");
    }
    on.charge(sid, 30, "phonenumbers-local", "1.15");
    // The lists of all time and of today, the total's days and those of the phone numbers.
    expect((await fill(sid)).requests).toBe(4);
  });

  it("follows pages", async () => {
    const sid = on.create(400);
    for (let number = 0; number < 1000; number += 1) on.charge(sid, 5, `new-category-${number}`, "0.001");
    // By name, which is how they are listed, the last of all.
    on.charge(sid, 3, "zz-category", "1");
    const { usage } = await on.read(sid);
    expect(usage).toMatchObject({
      services: [{ service: "other", lastActivity: dayAgo(NOW_MS, 3) }],
      spend: { total: "2" },
    });
  }, 60_000);
});

describe("charges that cancel each other out", () => {
  it("over all time hide their category: only their days are seen, in the total", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "proxy-active-sessions", "5");
    on.charge(sid, 50, "proxy-active-sessions", "-5");
    on.charge(sid, 300, "sync-actions", "1");
    const { usage } = await fill(sid);
    expect(services(usage)).toEqual(["sync"]);
    expect(usage).toMatchObject({
      lastActivity: dayAgo(NOW_MS, 50),
      lastActivityExcludingFees: dayAgo(NOW_MS, 300),
      spend: { total: "1" },
    });
  });

  it("over all time, with nothing else, leave an account that was never charged", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "proxy-active-sessions", "5");
    on.charge(sid, 50, "proxy-active-sessions", "-5");
    expect((await on.read(sid)).usage).toEqual({
      services: [],
      spend: { total: "0", currency: "USD" },
      recentCharges: {},
      readUntil: TODAY,
    });
  });

  it("on one day, in one category, make it a day without a charge", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "calls-client", "1");
    on.charge(sid, 50, "calls-client", "5");
    on.charge(sid, 50, "calls-client", "-5");
    expect((await fill(sid)).usage.lastActivity).toBe(dayAgo(NOW_MS, 100));
  });

  it("on one day, in two services, are charges of both", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "calls-client", "1");
    on.charge(sid, 100, "mms-outbound-longcode", "1");
    on.charge(sid, 50, "calls-client", "5");
    on.charge(sid, 50, "mms-outbound-longcode", "-5");
    expect((await fill(sid)).usage.services).toMatchObject([
      { service: "mms", lastActivity: dayAgo(NOW_MS, 50) },
      { service: "voice", lastActivity: dayAgo(NOW_MS, 50) },
    ]);
  });

  it("on one day, inside one roll-up, are not seen: the roll-up stands for what it contains", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "calls-client", "1");
    on.charge(sid, 50, "calls-client", "5");
    on.charge(sid, 50, "calls-outbound", "-5");
    expect((await on.read(sid)).usage.lastActivity).toBe(dayAgo(NOW_MS, 100));
  });
});

describe("the owner account", () => {
  it("shows its own activity, and not that of its subaccounts", async () => {
    const owner = on.simulator.accountSid;
    const sid = on.create(10);
    on.charge(sid, 0, "proxy-active-sessions", "1");
    const { usage } = await fill(owner);
    expect(services(usage)).toEqual(["sms"]);
    on.charge(sid, 0, "proxy-active-sessions", "1");
    expect(await on.read(owner, usage)).toMatchObject({ usage, requests: 1 });
  });
});

describe("a later reading", () => {
  it("without a new charge takes one request of less than 4 KiB, however long ago the last was", async () => {
    on.simulator.world.settings.set({ emptyPeriods: "listed" });
    const sid = on.create(400);
    for (const daysAgo of [0, 1, 2, 3]) on.charge(sid, daysAgo, "sms-outbound-longcode", "0.0079");
    let { usage } = await fill(sid);
    for (const days of [0, 1, 3, 28]) {
      on.passDays(days);
      const reading = await on.read(sid, usage);
      expect(reading.requests).toBe(1);
      expect(reading.bytes).toBeLessThan(4096);
      ({ usage } = reading);
      expect(usage).toEqual(truthAbout(on.simulator.world, sid));
    }
  });

  it.each([0, 1, 2, 4])(
    "with charges after %i days takes one more request, late charges of two days included",
    async (days) => {
      on.simulator.world.settings.set({ emptyPeriods: "listed" });
      const sid = on.create(400);
      on.charge(sid, 100, "sms-outbound-longcode", "0.0079");
      const { usage } = await fill(sid);
      on.passDays(days);
      on.charge(sid, days + 2, "calls-client", "0.1");
      on.charge(sid, days, "phonenumbers-local", "1.15");
      on.charge(sid, 0, "mms-outbound-longcode", "0.02");
      const refreshed = await on.read(sid, usage);
      expect(refreshed.usage).toEqual(truthAbout(on.simulator.world, sid));
      expect(refreshed.requests).toBe(2);
    },
  );

  it("takes back a day whose charge was taken back", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "sms-outbound-longcode", "0.0079");
    const mistake = on.charge(sid, 1, "sms-outbound-longcode", "0.0079");
    const other = on.charge(sid, 1, "calls-client", "0.1");
    const { usage } = await fill(sid);
    on.simulator.world.ledger.remove(sid, mistake);
    const once = await on.read(sid, usage);
    expect(once.usage).toEqual(truthAbout(on.simulator.world, sid));
    on.simulator.world.ledger.remove(sid, other);
    const twice = await on.read(sid, once.usage);
    expect(twice.usage).toEqual(truthAbout(on.simulator.world, sid));
    expect(twice.usage).toMatchObject({ lastActivity: dayAgo(NOW_MS, 100), spend: { total: "0.0079" } });
  });

  it("does not miss a day that a credit made free", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "calls-client", "1");
    on.charge(sid, 1, "calls-client", "0.5");
    const { usage } = await fill(sid);
    on.charge(sid, 1, "calls-client", "-0.5");
    const refreshed = await on.read(sid, usage);
    expect(refreshed.usage).toEqual(truthAbout(on.simulator.world, sid));
    expect(refreshed.usage.lastActivity).toBe(dayAgo(NOW_MS, 100));
  });

  it("reads all anew after more than a month", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "calls-client", "1");
    const { usage } = await fill(sid);
    on.passDays(32);
    // Too late for any other reading to find it.
    on.charge(sid, 40, "mms-outbound-longcode", "0.02");
    expect((await on.read(sid, usage)).usage).toEqual(truthAbout(on.simulator.world, sid));
  });

  it("reads all anew where the account is billed in another currency", async () => {
    const sid = on.create(400);
    on.charge(sid, 100, "calls-client", "1");
    const { usage } = await fill(sid);
    on.simulator.world.accounts.edit(sid, { currency: "eur" });
    expect((await on.read(sid, usage)).usage.spend).toEqual({ total: "1", currency: "EUR" });
  });

  it("is not thrown by Twilio's clock, which is a day back", async () => {
    const sid = on.create(400);
    on.charge(sid, 0, "calls-client", "1");
    const { usage } = await fill(sid);
    on.passDays(-1);
    expect(await on.read(sid, usage)).toMatchObject({ usage, requests: 1 });
  });

  it("reads all anew where it was dated by a clock that was wrong", async () => {
    const sid = on.create(400);
    const { usage } = await fill(sid);
    on.passDays(-7);
    on.charge(sid, 0, "calls-client", "1");
    expect((await on.read(sid, usage)).usage).toEqual(truthAbout(on.simulator.world, sid));
  });

  it("of a closed account finds nothing in days after its end", async () => {
    const sid = on.create(400);
    on.charge(sid, 1, "calls-client", "1");
    const { usage } = await fill(sid);
    on.simulator.world.accounts.close(sid);
    on.passDays(5);
    const once = await on.read(sid, usage);
    expect(once).toMatchObject({
      usage: { ...usage, recentCharges: {}, readUntil: "2026-11-29" },
      requests: 1,
    });
    on.passDays(5);
    expect(await on.read(sid, once.usage)).toMatchObject({
      usage: { lastActivity: "2026-11-23" },
      requests: 1,
    });
  });

  it("of an account closed behind its back tells a window without life from no account", async () => {
    const sid = on.create(400);
    on.charge(sid, 1, "calls-client", "1");
    const before = on.account(sid);
    const { usage } = await fill(sid);
    on.simulator.world.accounts.close(sid);
    on.passDays(5);
    const refreshed = await on.gateway.readUsage(before, usage, USAGE);
    on.passDays(5);
    expect(await on.gateway.readUsage(before, refreshed, USAGE)).toMatchObject({
      lastActivity: "2026-11-23",
    });
    on.simulator.world.accounts.delete(sid);
    await expect(on.gateway.readUsage(before, refreshed, USAGE)).rejects.toMatchObject({
      code: "accountNotFound",
    });
    await expect(on.gateway.readUsage(before, undefined, USAGE)).rejects.toMatchObject({
      code: "accountNotFound",
    });
  });

  it("can be of a closed account, from nothing", async () => {
    const sid = on.create(400);
    on.charge(sid, 1, "calls-client", "1");
    on.simulator.world.accounts.close(sid);
    on.passDays(20);
    await fill(sid);
  });
});

describe("usage that Twilio refuses", () => {
  it("of a suspended account says so, and says nothing against the credentials", async () => {
    const sid = on.create(400);
    on.simulator.world.accounts.suspend(sid);
    expect((await on.read(sid)).usage.services).toEqual([]);
    on.simulator.world.settings.set({ suspendedUsage: "refused" });
    await expect(on.read(sid)).rejects.toMatchObject({ code: "usageRefused", twilioCode: 20005 });
    expect(await on.gateway.mayReadUsage(sidOf(sid), USAGE)).toBe(true);
  });

  it.each<keyof Pick<Simulator, "mainKey" | "standardKey">>(["mainKey", "standardKey"])(
    "to the %s is not readable at all",
    async (key) => {
      const withKey = await startUsageOnSimulator({
        credentials: ({ [key]: { sid: username, secret: password } }) => ({ username, password }),
      });
      const sid = withKey.create(400);
      expect(await withKey.gateway.mayReadUsage(sidOf(sid), USAGE)).toBe(false);
      await expect(withKey.read(sid)).rejects.toMatchObject({ code: "credentialsRefused" });
      await withKey.stop();
    },
  );

  it("is not what a failure is, nor an account that is not there", async () => {
    const sid = on.create(400);
    expect(await on.gateway.mayReadUsage(sidOf(sid), USAGE)).toBe(true);
    on.simulator.world.faults.add({ kind: "status", status: 503, accountSid: sid });
    await expect(on.gateway.mayReadUsage(sidOf(sid), USAGE)).rejects.toMatchObject({
      code: "twilioUnavailable",
    });
    const nobody = sidOf(`AC${"0".repeat(32)}`);
    await expect(on.gateway.mayReadUsage(nobody, USAGE)).rejects.toMatchObject({ code: "accountNotFound" });
  });
});
