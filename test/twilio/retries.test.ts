import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import type { FaultRule } from "../../src/simulator/fault-rule.js";
import {
  allPages,
  firstOf,
  type GatewayOnSimulator,
  gatewayTo,
  LIFECYCLE,
  LOOKUP,
  SYNC,
  sidOf,
  startGatewayOnSimulator,
  thrownBy,
} from "./gateway-on-simulator.js";
import { NOW_MS, RecordingClock } from "./recording-clock.js";
import { pageBody, RECORD, RECORD_SID, startScriptedTwilio } from "./scripted-twilio.js";

/** What a read survives: it has no effect that could be had twice. */
const HARMLESS_TO_READS: readonly FaultRule[] = [
  { kind: "429" },
  { kind: "429", retryAfterSeconds: 0 },
  { kind: "status", status: 500 },
  { kind: "status", status: 502, body: "html" },
  { kind: "status", status: 503, body: "json" },
  { kind: "html-200" },
  { kind: "truncated-json" },
  { kind: "drop-before" },
  { kind: "drop-after" },
];

describe("reads", () => {
  let on: GatewayOnSimulator;

  beforeAll(async () => {
    on = await startGatewayOnSimulator({ accounts: 1200 });
  });
  beforeEach(() => {
    on.simulator.world.faults.clear();
    on.simulator.world.traffic.reset();
  });
  afterAll(() => on.stop());

  it.each(HARMLESS_TO_READS)(
    "outlast %j",
    async (fault) => {
      const { accounts, faults } = on.simulator.world;
      const sid = firstOf(on.active);
      // Both on the way to the first page and, which is let by once, to the second.
      faults.add({ ...fault, route: "accounts.list", count: 2 });
      faults.add({ ...fault, route: "accounts.list", count: 1, skip: 1 });
      const pages = await allPages(on.gateway.pages(SYNC));
      expect(pages.flat().map((account) => account.sid)).toEqual(accounts.list().map((truth) => truth.sid));
      expect(on.requests("accounts.list")).toBe(5);

      faults.add({ ...fault, route: "accounts.fetch", count: 3 });
      expect(await on.gateway.fetch(sid, LOOKUP)).toHaveProperty("sid", sid);
      expect(on.requests("accounts.fetch")).toBe(4);

      const asked = on.requests("accounts.list");
      faults.add({ ...fault, route: "accounts.list", count: 3 });
      const { friendlyName } = accounts.get(sid);
      expect(await on.gateway.findByFriendlyName(friendlyName, LIFECYCLE)).not.toHaveLength(0);
      expect(on.requests("accounts.list") - asked).toBe(4);
    },
    30_000,
  );
});

describe("retries", () => {
  let on: GatewayOnSimulator;

  beforeEach(async () => {
    on = await startGatewayOnSimulator();
  });
  afterEach(() => on.stop());

  it("repeat an update and a creation that are answered 429, each having its effect once", async () => {
    const { accounts, faults } = on.simulator.world;
    const before = accounts.list().length;
    faults.add({ kind: "429", route: "accounts.create", count: 3 });
    const created = await on.gateway.create("Ada", LIFECYCLE);
    expect(on.requests("accounts.create")).toBe(4);
    expect(accounts.list()).toHaveLength(before + 1);

    faults.add({ kind: "429", route: "accounts.update", count: 3 });
    expect(await on.gateway.update(created.sid, { status: "suspended" }, LIFECYCLE)).toMatchObject({
      sid: created.sid,
      status: "suspended",
    });
    expect(on.requests("accounts.update")).toBe(4);
    expect(on.requests("accounts.fetch")).toBe(0);
  });

  it("come to an end after six attempts, with delays that double up to four seconds", async () => {
    on.simulator.world.faults.add({ kind: "429" });
    for (const call of [
      () => on.gateway.fetch(firstOf(on.active), LOOKUP),
      () => on.gateway.update(firstOf(on.active), { status: "suspended" }, LIFECYCLE),
      () => on.gateway.create("Ada", LIFECYCLE),
    ]) {
      on.clock.delaysMs.length = 0;
      on.simulator.world.traffic.reset();
      expect(await thrownBy(call())).toMatchObject({
        code: "twilioUnavailable",
        twilioCode: 20429,
        retryAfterSeconds: 5,
      });
      // Half of 500, 1000, 2000, 4000, 4000, since `random` says a half.
      expect(on.clock.delaysMs).toEqual([250, 500, 1000, 2000, 2000]);
      expect(on.simulator.world.traffic.report().log).toHaveLength(6);
    }
  });

  it("wait anything between nothing and the whole delay, as chance has it", async () => {
    const chances = [0, 0.25, 0.999, 0.1, 0.5];
    const clock = new RecordingClock();
    const gateway = gatewayTo(on.simulator.url, { clock, random: () => chances.shift() ?? 0 });
    on.simulator.world.faults.add({ kind: "status", status: 500 });
    await thrownBy(gateway.fetch(firstOf(on.active), LOOKUP));
    expect(clock.delaysMs).toEqual([0, 250, 1998, 400, 2000]);
  });

  it("wait as long as Retry-After asks, and the jitter on top", async () => {
    const { faults } = on.simulator.world;
    faults.add({ kind: "429", retryAfterSeconds: 8, count: 1 });
    faults.add({ kind: "429", retryAfterSeconds: 1, count: 1 });
    await on.gateway.create("Ada", LIFECYCLE);
    expect(on.clock.delaysMs).toEqual([8250, 1500]);
  });

  it("leave more patience than eight seconds to the caller", async () => {
    on.simulator.world.faults.add({ kind: "429", retryAfterSeconds: 9 });
    for (const call of [
      () => on.gateway.fetch(firstOf(on.active), LOOKUP),
      () => on.gateway.update(firstOf(on.active), { status: "suspended" }, LIFECYCLE),
      () => on.gateway.create("Ada", LIFECYCLE),
    ]) {
      on.simulator.world.traffic.reset();
      expect(await thrownBy(call())).toMatchObject({ code: "twilioUnavailable", retryAfterSeconds: 9 });
      expect(on.simulator.world.traffic.report().log).toHaveLength(1);
    }
    expect(on.clock.delaysMs).toEqual([]);
  });

  it("give a reason to come back later where Twilio does not answer at all", async () => {
    on.simulator.world.faults.add({ kind: "drop-before" });
    const error = await thrownBy(on.gateway.fetch(firstOf(on.active), LOOKUP));
    expect(error).toMatchObject({ code: "twilioUnavailable", retryAfterSeconds: 5 });
    expect(error).toHaveProperty("twilioCode", undefined);
    expect(on.requests("accounts.fetch")).toBe(6);
  });
});

describe("a Retry-After that is a date", () => {
  const httpDate = (ms: number) => new Date(ms).toUTCString();

  it.each([
    ["later by Twilio's clock, which is an hour ahead of ours", 3_600_000, 3000, 3250],
    ["later by Twilio's clock, which is an hour behind ours", -3_600_000, 3000, 3250],
    ["past", 0, -60_000, 250],
  ])("is honoured: %s", async (_, aheadMs, laterMs, delayMs) => {
    const twilioNowMs = NOW_MS + aheadMs;
    const headers = { Date: httpDate(twilioNowMs), "Retry-After": httpDate(twilioNowMs + laterMs) };
    let asked = 0;
    const twilio = await startScriptedTwilio(() => {
      asked += 1;
      return asked === 1 ? { status: 503, headers, body: "" } : { body: RECORD };
    });
    const clock = new RecordingClock();
    await gatewayTo(twilio.url, { clock }).fetch(sidOf(RECORD_SID), LOOKUP);
    expect(clock.delaysMs).toEqual([delayMs]);
    await twilio.stop();
  });

  it("is passed on in whole seconds where it is too far off", async () => {
    const headers = { Date: httpDate(NOW_MS), "Retry-After": httpDate(NOW_MS + 120_000) };
    const twilio = await startScriptedTwilio(() => ({ status: 429, headers }));
    const error = await thrownBy(gatewayTo(twilio.url).fetch(sidOf(RECORD_SID), LOOKUP));
    expect(error).toMatchObject({ code: "twilioUnavailable", retryAfterSeconds: 120 });
    expect(twilio.requests).toHaveLength(1);
    await twilio.stop();
  });

  it("is passed over where it is neither a date nor seconds", async () => {
    const twilio = await startScriptedTwilio(() => ({ status: 429, headers: { "Retry-After": "soon" } }));
    const clock = new RecordingClock();
    await thrownBy(gatewayTo(twilio.url, { clock }).fetch(sidOf(RECORD_SID), LOOKUP));
    expect(clock.delaysMs).toEqual([250, 500, 1000, 2000, 2000]);
    await twilio.stop();
  });
});

describe("a connection that is kept open", () => {
  it("and cut when it is used again costs a read nothing but another attempt", async () => {
    const used = new WeakSet<object>();
    const twilio = await startScriptedTwilio((request) => {
      if (!used.has(request.socket)) {
        used.add(request.socket);
        return { body: pageBody([RECORD]) };
      }
      request.socket.destroy();
      return undefined;
    });
    const clock = new RecordingClock();
    const gateway = gatewayTo(twilio.url, { clock });
    for (let pass = 0; pass < 2; pass += 1) expect(await allPages(gateway.pages(SYNC))).toHaveLength(1);
    expect(twilio.requests).toHaveLength(3);
    expect(clock.delaysMs).toEqual([250]);
    await twilio.stop();
  });

  it("and closed by Twilio while idle costs a creation nothing", async () => {
    const closed: Promise<unknown>[] = [];
    const twilio = await startScriptedTwilio((request, response) => {
      const { socket } = request;
      closed.push(new Promise((resolve) => socket.once("close", resolve)));
      response.once("finish", () => socket.end());
      return { status: 201, body: RECORD };
    });
    const gateway = gatewayTo(twilio.url);
    for (let count = 1; count <= 3; count += 1) {
      expect(await gateway.create("Ada", LIFECYCLE)).toHaveProperty("sid", RECORD_SID);
      await Promise.all(closed);
      expect(twilio.requests).toHaveLength(count);
    }
    await twilio.stop();
  });
});
