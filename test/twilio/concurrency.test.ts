import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import {
  allPages,
  firstOf,
  type GatewayOnSimulator,
  LIFECYCLE,
  LOOKUP,
  SYNC,
  sidOf,
  startGatewayOnSimulator,
  thrownBy,
} from "./gateway-on-simulator.js";

describe("the places for requests to Twilio", () => {
  let on: GatewayOnSimulator;

  beforeEach(async () => {
    on = await startGatewayOnSimulator({ accounts: 40, gateway: { maxConcurrency: 3 } });
  });
  afterEach(() => on.stop());

  it("are never more than maxConcurrency, whatever is asked for", async () => {
    const { faults, traffic } = on.simulator.world;
    const held = faults.add({ kind: "hold" });
    const calls = [
      ...on.active.slice(0, 8).map((sid) => on.gateway.fetch(sid, SYNC)),
      ...on.active.slice(0, 3).map((sid) => on.gateway.update(sid, { status: "suspended" }, LIFECYCLE)),
      ...on.active.slice(3, 6).map((sid) => on.gateway.fetch(sid, LOOKUP)),
      on.gateway.create("Ada", LIFECYCLE),
      allPages(on.gateway.pages(SYNC)),
    ];
    await faults.whenFired(held.id, 3);
    expect(await on.inFlight()).toBe(3);
    faults.clear(held.id);
    await Promise.all(calls);
    expect(traffic.report().maxInFlight).toBe(3);
    expect(traffic.report().log).toHaveLength(calls.length);
  });

  it("are free for others while a request waits for its next attempt", async () => {
    const { faults } = on.simulator.world;
    const [refused, ...others] = on.active;
    if (refused === undefined) throw new Error("The seed has no active account.");
    faults.add({ kind: "429", accountSid: refused, count: 1 });
    on.clock.duringSleep = () => Promise.all(others.map((sid) => on.gateway.fetch(sid, SYNC)));
    expect(await on.gateway.fetch(refused, SYNC)).toHaveProperty("sid", refused);
    expect(on.requests("accounts.fetch")).toBe(others.length + 2);
  });

  it("go to the lifecycle before lookups, and to lookups before the sync", async () => {
    await on.stop();
    on = await startGatewayOnSimulator({ gateway: { maxConcurrency: 1 } });
    const { faults, traffic } = on.simulator.world;
    const [first, sync, lookup, written] = on.active;
    if (!first || !sync || !lookup || !written) throw new Error("The seed has too few active accounts.");
    const held = faults.add({ kind: "hold", accountSid: first });
    const calls = [
      on.gateway.fetch(first, SYNC),
      on.gateway.fetch(sync, SYNC),
      allPages(on.gateway.pages(SYNC)),
      on.gateway.fetch(lookup, LOOKUP),
      on.gateway.update(written, { status: "suspended" }, LIFECYCLE),
    ];
    await faults.whenFired(held.id);
    faults.clear(held.id);
    await Promise.all(calls);
    const path = (sid: string) => `/2010-04-01/Accounts/${sid}.json`;
    expect(traffic.report().log.map((request) => request.url)).toEqual([
      path(first),
      path(written),
      path(lookup),
      path(sync),
      "/2010-04-01/Accounts.json?PageSize=1000",
    ]);
    expect(traffic.report().maxInFlight).toBe(1);
  });

  it("are two at most for lookups, so that others find one", async () => {
    await on.stop();
    on = await startGatewayOnSimulator({ accounts: 40 });
    const { faults, traffic } = on.simulator.world;
    const held = faults.add({ kind: "hold", route: "accounts.fetch" });
    const lookups = on.active.slice(0, 10).map((sid) => on.gateway.fetch(sid, LOOKUP));
    await faults.whenFired(held.id, 2);
    expect(await on.inFlight()).toBe(2);
    await allPages(on.gateway.pages(SYNC));
    await on.gateway.create("Ada", LIFECYCLE);
    expect(await on.inFlight()).toBe(2);
    faults.clear(held.id);
    await Promise.all(lookups);
    expect(traffic.report().maxInFlight).toBe(3);
  });

  it("have no line of lookups without end: the 203rd at once is told to come back", async () => {
    const { faults } = on.simulator.world;
    faults.add({ kind: "hold" });
    const sids = Array.from({ length: 202 }, (_, index) =>
      sidOf(`AC${index.toString(16).padStart(32, "0")}`),
    );
    const lookups = sids.map((sid) => thrownBy(on.gateway.fetch(sid, LOOKUP)));
    const error = await thrownBy(on.gateway.fetch(firstOf(on.active), LOOKUP));
    expect(error).toMatchObject({ code: "twilioUnavailable", retryAfterSeconds: 1 });
    faults.clear();
    for (const missing of await Promise.all(lookups))
      expect(missing).toHaveProperty("code", "accountNotFound");
    expect(on.requests("accounts.fetch")).toBe(202);
  });
});
