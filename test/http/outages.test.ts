import { afterEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import type { Clock } from "../../src/directory/ports.js";
import type { FaultRule } from "../../src/simulator/fault-rule.js";
import { startSimulator } from "../../src/simulator/simulator.js";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";
import { createHastyClock } from "../support/hasty-clock.js";
import { expectScimError } from "./scim-error.js";

const SUSPEND = { Operations: [{ op: "replace", path: "active", value: false }] };
/** The lifecycle's. */
const WRITE_DEADLINE_MS = 24_000;
const HOUR_MS = 3_600_000;

/** What can be wrong with Twilio for hours, and the code that `/readyz` shows for it. */
const OUTAGES: readonly [string, FaultRule, string][] = [
  ["is down", { kind: "drop-before" }, "twilioUnavailable"],
  ["answers 503", { kind: "status", status: 503 }, "twilioUnavailable"],
  ["answers 500 with a page", { kind: "status", status: 500, body: "html" }, "twilioUnavailable"],
  ["answers 200 with a page", { kind: "html-200" }, "twilioUnavailable"],
  ["cuts its answers", { kind: "truncated-json" }, "twilioUnavailable"],
  ["answers 429", { kind: "429", retryAfterSeconds: 60 }, "twilioUnavailable"],
];

describe("when Twilio is not well for long", () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  async function start(options: Parameters<typeof startBridgeOnSimulator>[0]): Promise<BridgeOnSimulator> {
    const running = await startBridgeOnSimulator(options);
    stops.push(running.stop);
    return running;
  }

  const readyz = ({ bridge }: BridgeOnSimulator) => supertest(bridge.app).get("/readyz");

  async function idsOf({ scim }: BridgeOnSimulator): Promise<Set<string>> {
    const { body } = await scim("get", "/Users?count=1000");
    return new Set(body.Resources.map(({ id }: { readonly id: string }) => id));
  }

  const openAccounts = ({ simulator }: BridgeOnSimulator) =>
    simulator.world.accounts.list().filter(({ status }) => status !== "closed");

  const activeSubaccount = (running: BridgeOnSimulator) =>
    openAccounts(running).find(({ isOwner, status }) => !isOwner && status === "active")?.sid ?? "";

  it.each(OUTAGES)(
    "since it %s, reads go on, their age shows, and nothing vanishes",
    async (_, fault, code) => {
      const running = await start({ simulator: { accounts: 20 } });
      const before = await idsOf(running);
      running.simulator.world.faults.add(fault);
      await running.bridge.sync.pass();
      expect(await idsOf(running)).toEqual(before);
      const { status, body } = await readyz(running);
      expect([status, body.sync.error]).toEqual([200, code]);
      expect(body.sync.ageSeconds).toEqual(expect.any(Number));

      running.simulator.world.faults.clear();
      await running.bridge.sync.pass();
      expect((await readyz(running)).body.sync.error).toBeNull();
      expect(await idsOf(running)).toEqual(before);
    },
  );

  it("a slow answer to a write is waited for, and told truly", async () => {
    const running = await start({ simulator: { accounts: 20 } });
    const { world } = running.simulator;
    const sid = activeSubaccount(running);
    const hold = world.faults.add({ kind: "hold", at: "after", route: "accounts.update" });
    const asked = running.scim("patch", `/Users/${sid}`).send(SUSPEND).then();
    await world.faults.whenFired(hold.id);
    // Others do not wait with it, and what is not known to be done is not shown.
    expect((await running.scim("get", `/Users/${sid}`)).body.active).toBe(true);
    world.faults.clear();
    expect((await asked).body.active).toBe(false);
    expect((await running.scim("get", `/Users/${sid}`)).body.active).toBe(false);
  });

  it("an answer to a write that never comes is 503 within the deadline, and the next pass tells the truth", async () => {
    const hasty = createHastyClock();
    let passDeadline = () => {};
    const deadline = new Promise<void>((resolve) => {
      passDeadline = resolve;
    });
    const sleep: Clock["sleep"] = (ms, signal) =>
      ms === WRITE_DEADLINE_MS ? deadline : hasty.sleep(ms, signal);
    const running = await start({ simulator: { accounts: 20 }, parts: { clock: { ...hasty, sleep } } });
    const { world } = running.simulator;
    const sid = activeSubaccount(running);
    const hang = world.faults.add({ kind: "hang", effect: true });
    const asked = running.scim("patch", `/Users/${sid}`).send(SUSPEND).then();
    await world.faults.whenFired(hang.id);
    passDeadline();
    const response = await asked;
    expectScimError(response, 503);
    expect(response.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
    world.faults.clear();
    await running.bridge.sync.pass();
    expect((await running.scim("get", `/Users/${sid}`)).body.active).toBe(false);
    expect(world.accounts.get(sid).status).toBe("suspended");
  });

  it("a token that was rotated at Twilio is taken over by a restart, and nothing is lost", async () => {
    const before = await startSimulator({ accounts: 10 });
    const old = await start({ running: before });
    const sid = activeSubaccount(old);
    await before.close();
    const rotated = await startSimulator({ accounts: 10, port: before.port, authToken: "e".repeat(32) });
    stops.push(rotated.close);
    expectScimError(await old.scim("patch", `/Users/${sid}`).send(SUSPEND), 503);
    const renewed = await start({ running: rotated });
    expect((await renewed.scim("patch", `/Users/${sid}`).send(SUSPEND)).body.active).toBe(false);
    expect(rotated.world.accounts.get(sid).status).toBe("suspended");
  });

  it.each([-HOUR_MS, HOUR_MS])(
    "a clock that is set by %i ms makes no account twice and loses none",
    async (offMs) => {
      const running = await start({ simulator: { accounts: 10 } });
      const { world } = running.simulator;
      world.clock.advance(offMs);
      world.faults.add({ kind: "drop-after", route: "accounts.create", count: 1 });
      const create = () =>
        running.scim("post", "/Users").send({ userName: "ada@example.com", displayName: "Ada" });
      const first = await create();
      if (first.status !== 201) {
        expectScimError(first, 503);
        expect((await create()).status).toBe(201);
      }
      await running.bridge.sync.pass();
      const named = world.accounts.list().filter(({ friendlyName }) => friendlyName === "Ada");
      expect(named).toHaveLength(1);
      expect(await idsOf(running)).toEqual(new Set(openAccounts(running).map(({ sid }) => sid)));
    },
  );

  it("an account that has vanished is gone after the next pass, and nobody else is", async () => {
    const running = await start({ simulator: { accounts: 30 } });
    const { world } = running.simulator;
    const [gone] = openAccounts(running).filter(({ isOwner }) => !isOwner);
    world.accounts.delete(gone?.sid ?? "");
    await running.bridge.sync.pass();
    expectScimError(await running.scim("get", `/Users/${gone?.sid}`), 404);
    expect(await idsOf(running)).toEqual(new Set(openAccounts(running).map(({ sid }) => sid)));
  });

  it("a list that shrinks between two pages makes nobody vanish who is there", async () => {
    const running = await start({ simulator: { accounts: 2_500 } });
    const { world } = running.simulator;
    const hold = world.faults.add({ kind: "hold", at: "before", route: "accounts.list", skip: 1 });
    const pass = running.bridge.sync.pass();
    await world.faults.whenFired(hold.id);
    // The newest are listed first: all that follow move up, and some are on no page that is still to come.
    const newest = openAccounts(running)
      .filter(({ isOwner }) => !isOwner)
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
      .slice(0, 40);
    for (const { sid } of newest) world.accounts.delete(sid);
    world.faults.clear();
    await pass;
    await running.bridge.sync.pass();
    const { body } = await running.scim("get", "/Users?count=0");
    expect(body.totalResults).toBe(openAccounts(running).length);
  });
});
