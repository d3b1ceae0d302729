import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { type Bridge, createBridge } from "../../src/bridge.js";
import { DirectoryError } from "../../src/directory/errors.js";
import type { Clock } from "../../src/directory/ports.js";
import { createLog } from "../../src/log.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";
import { createHastyClock } from "../support/hasty-clock.js";
import { expectScimError } from "./scim-error.js";

const UNKNOWN_SID = `AC${"0".repeat(32)}`;

describe("health", () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  async function start(
    options: Parameters<typeof startBridgeOnSimulator>[0] = {},
  ): Promise<BridgeOnSimulator> {
    const running = await startBridgeOnSimulator(options);
    stops.push(running.stop);
    return running;
  }

  /** A Twilio that is down, with so many accounts. */
  async function brokenTwilio(accounts = 10): Promise<Simulator> {
    const simulator = await startSimulator({ accounts });
    stops.push(simulator.close);
    simulator.world.faults.add({ kind: "status", status: 503 });
    return simulator;
  }

  const readyz = ({ app }: Bridge) => supertest(app).get("/readyz");
  const healthz = ({ app }: Bridge) => supertest(app).get("/healthz");

  it("is ready once all accounts are known", async () => {
    const { bridge } = await start();
    const response = await readyz(bridge);
    expect(response.status).toBe(200);
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(response.body).toEqual({
      ready: true,
      directory: "ready",
      database: "ok",
      sync: { ageSeconds: expect.any(Number), error: null },
      activity: { state: "starting", filled: 0 },
      tokens: { expiring: [], expired: [] },
      brakes: { engaged: [] },
      closings: { pending: 0 },
    });
  });

  it("is not ready, and serves no user, until the first pass has succeeded", async () => {
    const simulator = await brokenTwilio();
    const { bridge, scim } = await start({ running: simulator });
    const unready = await readyz(bridge);
    expect([unready.status, unready.body]).toEqual([
      503,
      {
        ready: false,
        directory: "loading",
        database: "ok",
        sync: { ageSeconds: null, error: "twilioUnavailable" },
        activity: { state: "starting", filled: 0 },
        tokens: { expiring: [], expired: [] },
        brakes: { engaged: [] },
        closings: { pending: 0 },
      },
    ]);
    const refused = [
      await scim("get", "/Users"),
      await scim("get", '/Users?filter=userName eq "nobody"'),
      await scim("get", `/Users/${UNKNOWN_SID}`),
      await scim("post", "/Users").send({ userName: "ada@example.com" }),
      await scim("patch", `/Users/${UNKNOWN_SID}`).send({
        Operations: [{ op: "replace", value: { active: false } }],
      }),
      await scim("delete", `/Users/${UNKNOWN_SID}`),
    ];
    for (const response of refused) {
      expectScimError(response, 503);
      expect(response.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
    }
    expect((await scim("get", "/Schemas")).status).toBe(200);
    expect((await healthz(bridge)).status).toBe(200);

    simulator.world.faults.clear();
    await bridge.sync.pass();
    expect((await readyz(bridge)).status).toBe(200);
    expect((await scim("get", "/Users")).status).toBe(200);
  });

  it("never serves a part of the accounts: a first pass that fails on its second page counts for nothing", async () => {
    const simulator = await startSimulator({ accounts: 1200 });
    stops.push(simulator.close);
    simulator.world.faults.add({ kind: "status", status: 500, route: "accounts.list", skip: 1 });
    const { bridge, scim } = await start({ running: simulator });
    expect(simulator.world.traffic.report().routes["accounts.list"]?.statuses["200"]).toBe(1);
    expect((await readyz(bridge)).status).toBe(503);
    expectScimError(await scim("get", "/Users"), 503);

    simulator.world.faults.clear();
    await bridge.sync.pass();
    const open = simulator.world.accounts.list().filter(({ status }) => status !== "closed");
    expect((await scim("get", "/Users?count=0")).body.totalResults).toBe(open.length);
  });

  it("tells the age of what it serves, and the error of a pass that fails, and stays ready", async () => {
    const hasty = createHastyClock();
    let aheadMs = 0;
    const clock: Clock = { ...hasty, now: () => hasty.now() + aheadMs };
    const { bridge, simulator, scim } = await start({ parts: { clock } });
    const before = await scim("get", "/Users");
    simulator.world.faults.add({ kind: "html-200" });
    await bridge.sync.pass();
    aheadMs = 3_600_000;
    const failing = await readyz(bridge);
    expect([failing.status, failing.body]).toMatchObject([
      200,
      { ready: true, sync: { error: "twilioUnavailable" } },
    ]);
    expect(failing.body.sync.ageSeconds).toBeGreaterThanOrEqual(3600);
    expect((await scim("get", "/Users")).body.totalResults).toBe(before.body.totalResults);

    simulator.world.faults.clear();
    await bridge.sync.pass();
    const { sync } = (await readyz(bridge)).body;
    expect(sync.error).toBeNull();
    expect(sync.ageSeconds).toBeLessThan(3600);
  });

  it("is not ready while the database fails, and is alive all the same", async () => {
    let isFailing = false;
    const { bridge } = await start({
      parts: {
        openStore: async (config, log) => ({
          ...(await openSqliteStore({ url: config.databaseUrl, log })),
          async ping() {
            if (isFailing) throw new DirectoryError("storageUnavailable", "The disk is gone.");
          },
        }),
      },
    });
    expect((await readyz(bridge)).status).toBe(200);
    isFailing = true;
    const response = await readyz(bridge);
    expect([response.status, response.body]).toMatchObject([
      503,
      { ready: false, directory: "ready", database: "failing" },
    ]);
    const alive = await healthz(bridge);
    expect([alive.status, alive.body]).toEqual([200, { status: "ok" }]);
  });

  it("is not ready when a part of the database turns out to be unreadable, and says so", async () => {
    const database = `file:${join(await mkdtemp(join(tmpdir(), "health-")), "bridge.db")}`;
    const { bridge: first, simulator: running } = await start({ env: { DATABASE_URL: database } });
    await first.sync.pass();
    await first.stop();
    const { bridge } = await start({
      running,
      env: { DATABASE_URL: database },
      parts: {
        openStore: async (config, log) => ({
          ...(await openSqliteStore({ url: config.databaseUrl, log })),
          details: () => Promise.reject(new DirectoryError("storageUnavailable", "A row cannot be read.")),
        }),
      },
    });
    await expect(bridge.directory.whole()).rejects.toMatchObject({ code: "storageUnavailable" });
    const response = await readyz(bridge);
    expect([response.status, response.body]).toMatchObject([503, { ready: false, database: "failing" }]);
  });

  it("is alive before anything else is", async () => {
    const simulator = await brokenTwilio();
    const { config } = await start({ running: simulator });
    const log = createLog({ level: "silent", secrets: [], destination: { write() {} } });
    const bridge = await createBridge(config, log, { clock: createHastyClock() });
    stops.push(bridge.stop);
    expect((await healthz(bridge)).status).toBe(200);
    expect((await readyz(bridge)).body).toMatchObject({
      ready: false,
      sync: { ageSeconds: null, error: null },
    });
  });

  it("tells nobody who has no token anything of the accounts or of where Twilio is", async () => {
    const { bridge, simulator, config } = await start();
    simulator.world.faults.add({ kind: "status", status: 503, body: "html" });
    await bridge.sync.pass();
    const { text } = await readyz(bridge);
    for (const hint of [simulator.accountSid, new URL(config.twilio.apiUrl).host, "AC", "html"]) {
      expect(text).not.toContain(hint);
    }
  });
});
