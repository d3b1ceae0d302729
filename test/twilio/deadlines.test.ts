import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { AccountSid } from "../../src/directory/account.js";
import { DirectoryError } from "../../src/directory/errors.js";
import {
  allPages,
  firstOf,
  type GatewayOnSimulator,
  LIFECYCLE,
  LOOKUP,
  SYNC,
  startGatewayOnSimulator,
  thrownBy,
} from "./gateway-on-simulator.js";

const TOO_SLOW = new DirectoryError("twilioUnavailable", "Twilio takes too long to answer.");

describe("once its signal has aborted", () => {
  let on: GatewayOnSimulator;
  let sid: AccountSid;
  let deadline: AbortController;

  beforeEach(async () => {
    on = await startGatewayOnSimulator({ gateway: { maxConcurrency: 1 } });
    sid = firstOf(on.active);
    deadline = new AbortController();
  });
  afterEach(() => on.stop());

  const calls = (signal: AbortSignal) => ({
    fetch: () => on.gateway.fetch(sid, { ...LOOKUP, signal }),
    pages: () => allPages(on.gateway.pages({ ...SYNC, signal })),
    find: () => on.gateway.findByFriendlyName("Ada", { ...LIFECYCLE, signal }),
    update: () => on.gateway.update(sid, { status: "closed" }, { ...LIFECYCLE, signal }),
    create: () => on.gateway.create("Ada", { ...LIFECYCLE, signal }),
  });
  type Call = keyof ReturnType<typeof calls>;
  const every: readonly Call[] = ["fetch", "pages", "find", "update", "create"];

  it.each(every)("%s sends nothing", async (name) => {
    deadline.abort(TOO_SLOW);
    expect(await thrownBy(calls(deadline.signal)[name]())).toMatchObject({ code: "twilioUnavailable" });
    await on.gateway.fetch(sid, LIFECYCLE);
    expect(on.simulator.world.traffic.report().log).toHaveLength(1);
  });

  it.each(every)("%s does not wait for its place any longer, and is never sent", async (name) => {
    const { faults, traffic } = on.simulator.world;
    const held = faults.add({ kind: "hold", count: 1 });
    const ahead = on.gateway.fetch(sid, LIFECYCLE);
    await faults.whenFired(held.id);
    const waiting = thrownBy(calls(deadline.signal)[name]());
    deadline.abort(TOO_SLOW);
    expect(await waiting).toMatchObject({ name: "DirectoryError", code: "twilioUnavailable" });
    expect(await on.inFlight()).toBe(1);
    faults.clear();
    await ahead;
    await on.gateway.fetch(sid, SYNC);
    expect(traffic.report().log).toHaveLength(2);
    expect(on.requests("accounts.fetch")).toBe(2);
  });

  it.each<[Call, string]>([
    ["fetch", "twilioUnavailable"],
    ["pages", "twilioUnavailable"],
    ["find", "twilioUnavailable"],
    ["update", "outcomeUnknown"],
    ["create", "outcomeUnknown"],
  ])("%s, if in flight, answers %s at once", async (name, code) => {
    const { faults, traffic } = on.simulator.world;
    const held = faults.add({ kind: "hold" });
    const running = thrownBy(calls(deadline.signal)[name]());
    await faults.whenFired(held.id);
    deadline.abort(TOO_SLOW);
    // Nothing has let the request go by now.
    expect(await running).toMatchObject({ name: "DirectoryError", code, retryAfterSeconds: 5 });
    expect(await on.inFlight()).toBe(1);
    expect(traffic.report().log).toHaveLength(0);
  });

  it("a request that is in flight keeps its place, since Twilio still works on it", async () => {
    const { faults, traffic } = on.simulator.world;
    const held = faults.add({ kind: "hold", count: 1 });
    const given = thrownBy(calls(deadline.signal).update());
    await faults.whenFired(held.id);
    deadline.abort(TOO_SLOW);
    await given;
    const next = on.gateway.fetch(sid, LIFECYCLE);
    expect(await on.inFlight()).toBe(1);
    faults.clear();
    expect(await next).toMatchObject({ status: "closed" });
    expect(traffic.report().maxInFlight).toBe(1);
  });

  it.each(every)("%s makes no other attempt, and answers that nothing changed", async (name) => {
    on.simulator.world.faults.add({ kind: "429" });
    on.clock.duringSleep = () => deadline.abort(TOO_SLOW);
    expect(await thrownBy(calls(deadline.signal)[name]())).toMatchObject({
      code: "twilioUnavailable",
      twilioCode: 20429,
    });
    expect(on.simulator.world.traffic.report().log).toHaveLength(1);
  });

  it("an update whose answer was lost is of unknown outcome, as the fetch can not be waited for", async () => {
    const { faults } = on.simulator.world;
    faults.add({ kind: "drop-after", route: "accounts.update" });
    const held = faults.add({ kind: "hold", route: "accounts.fetch" });
    const running = thrownBy(calls(deadline.signal).update());
    await faults.whenFired(held.id);
    deadline.abort(TOO_SLOW);
    expect(await running).toMatchObject({ code: "outcomeUnknown" });
    expect(on.requests("accounts.update")).toBe(1);
  });
});

describe("a signal that never aborts", () => {
  it("changes nothing, however often it is used", async () => {
    const on = await startGatewayOnSimulator();
    const { signal } = new AbortController();
    const sid = firstOf(on.active);
    for (const status of ["suspended", "active", "closed"] as const) {
      expect(await on.gateway.update(sid, { status }, { ...LIFECYCLE, signal })).toMatchObject({ status });
    }
    expect((await allPages(on.gateway.pages({ ...SYNC, signal }))).flat()).toHaveLength(21);
    await on.stop();
  });
});
