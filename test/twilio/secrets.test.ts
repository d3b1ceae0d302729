import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { FaultRule } from "../../src/simulator/fault-rule.js";
import {
  allPages,
  credentialsOf,
  firstOf,
  type GatewayOnSimulator,
  gatewayTo,
  LIFECYCLE,
  LOOKUP,
  SYNC,
  startGatewayOnSimulator,
  thrownBy,
  thrownByEach,
} from "./gateway-on-simulator.js";

const FAULTS: readonly FaultRule[] = [
  { kind: "429" },
  { kind: "status", status: 500 },
  { kind: "status", status: 502, body: "html" },
  { kind: "html-200" },
  { kind: "truncated-json" },
  { kind: "drop-before" },
  { kind: "drop-after" },
];

describe("credentials", () => {
  let on: GatewayOnSimulator;

  beforeEach(async () => {
    on = await startGatewayOnSimulator();
  });
  afterEach(() => on.stop());

  /** Every secret that is under way between the bridge and Twilio, and what they travel in. */
  const secrets = (): string[] => {
    const { accountSid, authToken, world } = on.simulator;
    const basic = Buffer.from(`${accountSid}:${authToken}`).toString("base64");
    const tokens = world.accounts.list().map((account) => account.authToken);
    return [...tokens, basic, "Authorization", "Basic ", "authToken", "auth_token"];
  };

  /** All that can be got out of a value: its own fields, its causes, what is hidden from enumeration. */
  const textOf = (value: unknown): string =>
    [
      inspect(value, {
        depth: Number.POSITIVE_INFINITY,
        showHidden: true,
        maxStringLength: null,
        maxArrayLength: null,
      }),
      JSON.stringify(value),
      ...(value instanceof Error ? [value.stack, value.message, textOf(value.cause)] : []),
    ].join("\n");

  const expectNoSecretIn = (value: unknown) => {
    const text = textOf(value).toLowerCase();
    expect(secrets().filter((secret) => text.includes(secret.toLowerCase()))).toEqual([]);
  };

  it("are in nothing that the adapter returns, nor in itself", async () => {
    const sid = firstOf(on.active);
    const { friendlyName } = on.simulator.world.accounts.get(sid);
    expectNoSecretIn(await allPages(on.gateway.pages(SYNC)));
    expectNoSecretIn(await on.gateway.fetch(sid, LOOKUP));
    expectNoSecretIn(await on.gateway.findByFriendlyName(friendlyName, LIFECYCLE));
    expectNoSecretIn(await on.gateway.update(sid, { status: "suspended" }, LIFECYCLE));
    expectNoSecretIn(await on.gateway.create("Ada", LIFECYCLE));
    expectNoSecretIn(on.gateway);
  });

  it.each(FAULTS)("are in no error, nor in its causes, after %j", async (fault) => {
    const sid = firstOf(on.active);
    on.simulator.world.faults.add(fault);
    for (const error of await thrownByEach([
      allPages(on.gateway.pages(SYNC)),
      on.gateway.fetch(sid, LOOKUP),
      on.gateway.findByFriendlyName("Ada", LIFECYCLE),
      on.gateway.update(sid, { status: "suspended" }, LIFECYCLE),
      on.gateway.create("Ada", LIFECYCLE),
    ])) {
      expect(error).toHaveProperty("cause");
      expectNoSecretIn(error);
    }
  });

  it("are in no error when they are refused, or when nobody listens", async () => {
    const { accounts } = on.simulator.world;
    const gateway = gatewayTo(on.simulator.url, {
      credentials: { ...credentialsOf(on.simulator), password: `${on.simulator.authToken}-wrong` },
    });
    expectNoSecretIn(await thrownBy(gateway.fetch(firstOf(on.active), LOOKUP)));
    accounts.suspend(on.simulator.accountSid);
    expectNoSecretIn(await thrownBy(on.gateway.create("Ada", LIFECYCLE)));
    const known = secrets();
    expect(known.length).toBeGreaterThan(20);
    await on.simulator.close();
    for (const error of await thrownByEach([
      on.gateway.fetch(firstOf(on.active), LOOKUP),
      on.gateway.create("Ada", LIFECYCLE),
      on.gateway.update(firstOf(on.active), { status: "active" }, LIFECYCLE),
    ])) {
      expectNoSecretIn(error);
    }
  });

  it("are in no error of a request that was given up", async () => {
    const { faults } = on.simulator.world;
    for (const call of ["create", "fetch"] as const) {
      const deadline = new AbortController();
      const held = faults.add({ kind: "hold" });
      const options = { ...LIFECYCLE, signal: deadline.signal };
      const running = thrownBy(
        call === "create" ? on.gateway.create("Ada", options) : on.gateway.fetch(firstOf(on.active), options),
      );
      await faults.whenFired(held.id);
      deadline.abort();
      expectNoSecretIn(await running);
      faults.clear();
    }
  });
});
