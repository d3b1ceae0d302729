import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { FaultRule } from "../../src/simulator/fault-rule.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import {
  credentialsOf,
  type GatewayOnSimulator,
  gatewayTo,
  LIFECYCLE,
  startGatewayOnSimulator,
  thrownBy,
} from "./gateway-on-simulator.js";
import { RecordingClock } from "./recording-clock.js";
import { RECORD, type ScriptedAnswer, startScriptedTwilio } from "./scripted-twilio.js";

const LOST: readonly FaultRule[] = [
  { kind: "drop-before" },
  { kind: "drop-after" },
  { kind: "status", status: 500 },
  { kind: "status", status: 500, effect: true },
  { kind: "status", status: 503, body: "html" },
  { kind: "html-200" },
  { kind: "html-200", effect: true },
  { kind: "truncated-json" },
];

const UNREADABLE: readonly ScriptedAnswer[] = [
  { status: 201, body: [] },
  { status: 201, body: null },
  { status: 201, body: "" },
  { status: 201, body: '"an account"' },
  { status: 201, body: {} },
  { status: 201, body: { ...RECORD, status: "dormant" } },
  { status: 201, body: { ...RECORD, date_created: undefined } },
  { status: 204, body: "" },
  { status: 302, headers: { Location: "/2010-04-01/Accounts.json" } },
];

describe("a creation whose answer is lost", () => {
  let on: GatewayOnSimulator;

  beforeEach(async () => {
    on = await startGatewayOnSimulator();
  });
  afterEach(() => on.stop());

  it.each(LOST)("after %j is not asked for again", async (fault) => {
    on.simulator.world.faults.add({ ...fault, route: "accounts.create" });
    const error = await thrownBy(on.gateway.create("Ada", LIFECYCLE));
    expect(error).toMatchObject({ name: "DirectoryError", code: "outcomeUnknown", retryAfterSeconds: 5 });
    expect(on.requests("accounts.create")).toBe(1);
    expect(on.clock.delaysMs).toEqual([]);
  });

  it("is not asked for again when it had been put off by a 429 before", async () => {
    on.simulator.world.faults.add({ kind: "429", count: 2 });
    on.simulator.world.faults.add({ kind: "drop-after", count: 1 });
    expect(await thrownBy(on.gateway.create("Ada", LIFECYCLE))).toMatchObject({ code: "outcomeUnknown" });
    expect(on.requests("accounts.create")).toBe(3);
    const made = on.simulator.world.accounts.list().filter((account) => account.friendlyName === "Ada");
    expect(made).toHaveLength(1);
  });

  it.each(UNREADABLE)("in %j is not asked for again", async (answer) => {
    const twilio = await startScriptedTwilio(() => answer);
    expect(await thrownBy(gatewayTo(twilio.url).create("Ada", LIFECYCLE))).toMatchObject({
      code: "outcomeUnknown",
    });
    expect(twilio.requests).toEqual(["POST /2010-04-01/Accounts.json"]);
    await twilio.stop();
  });
});

describe("a creation that nobody can have got", () => {
  it("because the connection was refused is asked for again, and made once", async () => {
    const gone = await startSimulator({ accounts: 0 });
    await gone.close();
    const started: Simulator[] = [];
    const clock = new RecordingClock();
    clock.duringSleep = async () => {
      if (clock.delaysMs.length === 2) started.push(await startSimulator({ accounts: 0, port: gone.port }));
    };
    const gateway = gatewayTo(gone.url, { credentials: credentialsOf(gone), clock });
    expect(await gateway.create("Ada", LIFECYCLE)).toMatchObject({ friendlyName: "Ada", status: "active" });
    for (const simulator of started) {
      expect(simulator.world.traffic.report().routes["accounts.create"]?.requests).toBe(1);
      await simulator.close();
    }
    expect(started).toHaveLength(1);
  });

  it("is no mystery where the connection is refused to the end", async () => {
    const gone = await startSimulator({ accounts: 0 });
    await gone.close();
    const error = await thrownBy(gatewayTo(gone.url).create("Ada", LIFECYCLE));
    expect(error).toMatchObject({ code: "twilioUnavailable", retryAfterSeconds: 5 });
  });
});
