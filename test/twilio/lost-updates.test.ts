import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { AccountSid } from "../../src/directory/account.js";
import type { FaultRule } from "../../src/simulator/fault-rule.js";
import {
  firstOf,
  type GatewayOnSimulator,
  gatewayTo,
  LIFECYCLE,
  sidOf,
  startGatewayOnSimulator,
  thrownBy,
} from "./gateway-on-simulator.js";
import { RECORD, RECORD_SID, startScriptedTwilio } from "./scripted-twilio.js";

/** The update is made, and its answer lost. */
const LOST_AFTER_THE_EFFECT: readonly FaultRule[] = [
  { kind: "drop-after" },
  { kind: "truncated-json" },
  { kind: "html-200", effect: true },
  { kind: "status", status: 500, effect: true },
  { kind: "status", status: 502, body: "html", effect: true },
];

/** The update is lost, and nobody says so. */
const LOST_BEFORE_THE_EFFECT: readonly FaultRule[] = [
  { kind: "drop-before" },
  { kind: "html-200" },
  { kind: "status", status: 500 },
  { kind: "status", status: 504, body: "html" },
];

describe("an update whose answer is lost", () => {
  let on: GatewayOnSimulator;
  let sid: AccountSid;

  beforeEach(async () => {
    on = await startGatewayOnSimulator();
    sid = firstOf(on.active);
  });
  afterEach(() => on.stop());

  const statusAtTwilio = () => on.simulator.world.accounts.get(sid).status;
  const lose = (fault: FaultRule) =>
    on.simulator.world.faults.add({ ...fault, route: "accounts.update", count: 1 });

  it.each(LOST_AFTER_THE_EFFECT)(
    "after %j is not sent again: a fetch shows that it was made",
    async (fault) => {
      lose(fault);
      const account = await on.gateway.update(sid, { status: "closed" }, LIFECYCLE);
      expect(account).toMatchObject({ sid, status: "closed" });
      expect(statusAtTwilio()).toBe("closed");
      expect([on.requests("accounts.update"), on.requests("accounts.fetch")]).toEqual([1, 1]);
      expect(on.clock.delaysMs).toEqual([]);
    },
  );

  it.each(LOST_BEFORE_THE_EFFECT)(
    "after %j is sent again: a fetch shows that it was not made",
    async (fault) => {
      lose(fault);
      const account = await on.gateway.update(sid, { status: "closed" }, LIFECYCLE);
      expect(account).toMatchObject({ sid, status: "closed" });
      expect(statusAtTwilio()).toBe("closed");
      expect([on.requests("accounts.update"), on.requests("accounts.fetch")]).toEqual([2, 1]);
      expect(on.clock.delaysMs).toEqual([250]);
    },
  );

  it("is made only once all of the change is there", async () => {
    const { friendlyName } = on.simulator.world.accounts.get(sid);
    const change = { status: "suspended", friendlyName: `New ${friendlyName}` } as const;
    const half = lose({ kind: "drop-before" });
    const fetched = on.simulator.world.faults.add({ kind: "hold", route: "accounts.fetch", count: 1 });
    const updated = on.gateway.update(sid, change, LIFECYCLE);
    await on.simulator.world.faults.whenFired(half.id);
    await on.simulator.world.faults.whenFired(fetched.id);
    on.simulator.world.accounts.suspend(sid);
    on.simulator.world.faults.clear(fetched.id);
    expect(await updated).toMatchObject(change);
    expect(on.simulator.world.accounts.get(sid)).toMatchObject(change);
    expect(on.requests("accounts.update")).toBe(2);
  });

  it.each<FaultRule>([
    { kind: "status", status: 503 },
    { kind: "drop-before" },
    { kind: "429", retryAfterSeconds: 60 },
  ])("is of unknown outcome where the fetch is answered %j", async (fault) => {
    for (const lost of ["drop-before", "drop-after"] as const) {
      lose({ kind: lost });
      on.simulator.world.faults.add({ ...fault, route: "accounts.fetch" });
      on.simulator.world.traffic.reset();
      const error = await thrownBy(on.gateway.update(sid, { status: "suspended" }, LIFECYCLE));
      expect(error).toMatchObject({ name: "DirectoryError", code: "outcomeUnknown", retryAfterSeconds: 5 });
      expect(on.requests("accounts.update")).toBe(1);
    }
  });

  it("takes the refusal that it gets the second time", async () => {
    on.simulator.world.accounts.suspend(sid);
    lose({ kind: "drop-before" });
    on.clock.duringSleep = () => on.simulator.world.accounts.suspendByTwilio(sid);
    const error = await thrownBy(on.gateway.update(sid, { status: "active" }, LIFECYCLE));
    expect(error).toMatchObject({ code: "suspendedByTwilio", twilioCode: 21478 });
    expect(on.requests("accounts.update")).toBe(2);
  });

  it("is of an account that is gone where the fetch says so", async () => {
    const lost = lose({ kind: "drop-before" });
    const held = on.simulator.world.faults.add({ kind: "hold", route: "accounts.fetch" });
    const updated = thrownBy(on.gateway.update(sid, { status: "active" }, LIFECYCLE));
    await on.simulator.world.faults.whenFired(lost.id);
    await on.simulator.world.faults.whenFired(held.id);
    on.simulator.world.accounts.delete(sid);
    on.simulator.world.faults.clear(held.id);
    expect(await updated).toMatchObject({ code: "accountNotFound", twilioCode: 20404 });
    expect(on.requests("accounts.update")).toBe(1);
  });

  it("changed nothing where each of six attempts was lost on the way there", async () => {
    on.simulator.world.faults.add({ kind: "drop-before", route: "accounts.update" });
    const error = await thrownBy(on.gateway.update(sid, { status: "closed" }, LIFECYCLE));
    expect(error).toMatchObject({ code: "twilioUnavailable" });
    expect(statusAtTwilio()).toBe("active");
    expect([on.requests("accounts.update"), on.requests("accounts.fetch")]).toEqual([6, 6]);
  });
});

describe("an update whose lost first request takes effect late", () => {
  /** Loses the first update, shows the account unchanged once, and then refuses: it is closed by now. */
  async function lateTwilio(closed: boolean) {
    const refusal = { code: 21479, message: "Account already closed", status: 400 };
    let updates = 0;
    return startScriptedTwilio(({ method }, response) => {
      if (method === "GET") {
        return { body: { ...RECORD, status: updates > 1 && closed ? "closed" : "active" } };
      }
      updates += 1;
      if (updates > 1) return { status: 400, body: refusal };
      response.destroy();
      return undefined;
    });
  }

  it("has closed the account, although the second request is told that it is closed already", async () => {
    const twilio = await lateTwilio(true);
    const account = await gatewayTo(twilio.url).update(sidOf(RECORD_SID), { status: "closed" }, LIFECYCLE);
    await twilio.stop();
    expect(account.status).toBe("closed");
    expect(twilio.requests.filter((request) => request.startsWith("POST"))).toHaveLength(2);
  });

  it("is refused where the account does not show the change", async () => {
    const twilio = await lateTwilio(false);
    const error = await thrownBy(
      gatewayTo(twilio.url).update(sidOf(RECORD_SID), { status: "closed" }, LIFECYCLE),
    );
    await twilio.stop();
    expect(error).toMatchObject({ code: "accountClosed", twilioCode: 21479 });
  });
});
