import { describe, expect, it } from "@jest/globals";
import { Core, readyCore, startCore, surroundings } from "../support/core.js";
import { account, sid } from "../support/example-accounts.js";
import { fails } from "../support/interruptions.js";
import { shortSlices } from "./short-slices.js";

const numbered = (count: number) => Array.from({ length: count }, (_, at) => account(at + 1));

describe("a pass over accounts that are as they were", () => {
  it("writes nothing to the database, and changes no user", async () => {
    const core = await readyCore(numbered(50));
    const { users } = core;
    let changes = 0;
    const count = () => {
      changes += 1;
    };
    core.directory.index.onChange({ changed: count, forgotten: count });
    core.store.calls.length = 0;
    await core.sync.pass();
    expect(core.store.calls.filter((call) => call !== "openIntents")).toEqual([]);
    expect(changes).toBe(0);
    expect(core.users.every((user, at) => user === users[at])).toBe(true);
  });

  it("writes only those that are not", async () => {
    const core = await readyCore(numbered(50));
    const { users } = core;
    core.gateway.edit(sid(7), { status: "suspended" });
    core.store.calls.length = 0;
    await core.sync.pass();
    expect(core.store.calls).toEqual(["saveAccounts"]);
    const changed = core.users.filter((user, at) => user !== users[at]);
    expect(changed.map((user) => user.account.sid)).toEqual([sid(7)]);
  });
});

describe("a pass over many accounts", () => {
  it("lets others have their turn, while it takes in its pages and while it names new accounts", async () => {
    const known: number[] = [];
    const around = await surroundings(numbered(500));
    const core = await startCore(around, {
      slices: shortSlices(() => known.push(core.directory.index.size)),
    });
    await core.sync.pass();
    expect(known.filter((size) => size === 0).length).toBeGreaterThan(10);
    expect(known.filter((size) => size > 0 && size < 501).length).toBeGreaterThan(10);
    known.length = 0;
    await core.sync.pass();
    expect(known.length).toBeGreaterThan(10);
  });
});

describe("the pause after a pass", () => {
  const STRETCHED = expect.objectContaining({ fields: { pauseSeconds: expect.any(Number) } });

  /** @param worksMs the milliseconds of CPU that one pass after the other takes */
  async function coreThatWorks(...worksMs: readonly number[]) {
    const around = await surroundings(numbered(3));
    const { clock, gateway } = around;
    const core = await startCore(around, {
      intervalMs: 60_000,
      // A pass is one page here.
      cpuTimeMs: () => worksMs.slice(0, gateway.calls.length).reduce((used, workMs) => used + workMs, 5_000),
    });
    return { core, clock, gateway, passes: () => gateway.calls.length };
  }

  it("is nine times the CPU that the pass took, where that is longer than the interval", async () => {
    const { core, clock, passes } = await coreThatWorks(10_000, 20_000);
    await core.sync.start();
    expect(core.sync.status.pauseMs).toBe(90_000);
    await clock.advance(89_999);
    expect(passes()).toBe(1);
    await clock.advance(1);
    expect(passes()).toBe(2);
    expect(core.sync.status.pauseMs).toBe(180_000);
    await clock.advance(179_999);
    expect(passes()).toBe(2);
    await clock.advance(1);
    expect(passes()).toBe(3);
    await core.sync.stop();
  });

  it("is the interval again once passes are cheap", async () => {
    const { core, clock, passes } = await coreThatWorks(10_000, 6_000, 10_000);
    expect(core.sync.status.pauseMs).toBe(60_000);
    await core.sync.start();
    await clock.advance(90_000);
    expect(core.sync.status.pauseMs).toBe(60_000);
    await clock.advance(60_000);
    expect(passes()).toBe(3);
    await core.sync.stop();
  });

  it("stretches after a pass that failed as well", async () => {
    const { core, clock, gateway, passes } = await coreThatWorks(10, 10_000, 10);
    await core.sync.start();
    gateway.interrupt("page", fails("twilioUnavailable"));
    await clock.advance(60_000);
    expect(core.sync.status).toMatchObject({ lastError: "twilioUnavailable", pauseMs: 90_000 });
    await clock.advance(89_999);
    expect(passes()).toBe(2);
    await clock.advance(1);
    expect(passes()).toBe(3);
    await core.sync.stop();
  });

  it("stretches while nothing can be served yet", async () => {
    const { core, clock, gateway, passes } = await coreThatWorks(1_000);
    gateway.interrupt("page", fails("twilioUnavailable"));
    await core.sync.start();
    await clock.advance(8_999);
    expect(passes()).toBe(1);
    await clock.advance(1);
    expect(passes()).toBe(2);
    await core.sync.stop();
  });

  it("does not stretch after the pass that goes with a start, which does much besides", async () => {
    const before = await readyCore(numbered(3));
    let usedMs = 0;
    const cpuTimeMs = () => {
      usedMs += 10_000;
      return usedMs;
    };
    const core = new Core(before, { intervalMs: 60_000, cpuTimeMs });
    await core.directory.load();
    expect(core.directory.isWhole).toBe(false);
    await core.sync.pass();
    expect(core.sync.status.pauseMs).toBe(60_000);
    await core.sync.pass();
    expect(core.sync.status.pauseMs).toBe(90_000);
  });

  it("is logged when it begins to stretch, and not again before it has been the interval", async () => {
    const { core } = await coreThatWorks(10_000, 20_000, 10, 10_000);
    await core.sync.pass();
    await core.sync.pass();
    expect(core.log.at("info")).toEqual([STRETCHED]);
    expect(core.log.at("info")).toMatchObject([{ fields: { pauseSeconds: 90 } }]);
    await core.sync.pass();
    expect(core.log.at("info")).toHaveLength(1);
    await core.sync.pass();
    expect(core.log.at("info")).toEqual([STRETCHED, STRETCHED]);
  });
});

describe("what is known", () => {
  const MINUTE_MS = 60_000;

  it("is outdated until a pass was complete, and when none has been for ten minutes", async () => {
    const around = await surroundings(numbered(1));
    const core = await startCore(around);
    expect(core.sync.isOutdated).toBe(true);
    await core.sync.pass();
    expect(core.sync.isOutdated).toBe(false);
    await around.clock.advance(10 * MINUTE_MS);
    expect(core.sync.isOutdated).toBe(false);
    around.gateway.interrupt("page", fails("twilioUnavailable"));
    await core.sync.pass();
    await around.clock.advance(1);
    expect(core.sync.isOutdated).toBe(true);
    await core.sync.pass();
    expect(core.sync.isOutdated).toBe(false);
  });

  it.each([
    ["the interval", 30 * MINUTE_MS, 0],
    ["the stretched pause", MINUTE_MS, (30 * MINUTE_MS) / 9],
  ])("is outdated after twice %s where that is longer", async (_, intervalMs, workMs) => {
    const around = await surroundings(numbered(1));
    const cpuTimeMs = () => around.gateway.calls.length * workMs;
    const core = await startCore(around, { intervalMs, cpuTimeMs });
    await core.sync.pass();
    await around.clock.advance(60 * MINUTE_MS);
    expect(core.sync.isOutdated).toBe(false);
    await around.clock.advance(1);
    expect(core.sync.isOutdated).toBe(true);
  });
});
