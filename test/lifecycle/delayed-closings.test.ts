import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { createRestore } from "../../src/cli/restore.js";
import { DirectoryError } from "../../src/directory/errors.js";
import type { ClosingStore } from "../../src/lifecycle/closing-store.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { createFakeTerminal } from "../cli/fake-terminal.js";
import { expectScimError } from "../http/scim-error.js";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";
import { createHastyClock, type HastyClock } from "../support/hasty-clock.js";

const ADMIN = "the-token-of-the-administrator";
const DAY_MS = 86_400_000;

describe("a closing with a delay", () => {
  let folder: string;
  let simulator: Simulator;
  let clock: HastyClock;
  let running: BridgeOnSimulator;
  let sid: string;
  let userName: string;
  const stops: (() => Promise<void>)[] = [];

  async function startBridge(
    wrap: (store: ClosingStore) => ClosingStore = (store) => store,
    env: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    running = await startBridgeOnSimulator({
      running: simulator,
      env: {
        ADMIN_TOKEN: ADMIN,
        CLOSE_DELAY_HOURS: "24",
        MAX_CLOSURES_PER_HOUR: "5",
        DATABASE_URL: `file:${folder}/bridge.db`,
        ...env,
      },
      parts: {
        clock,
        async openStore({ databaseUrl }, log) {
          const store = await openSqliteStore({ url: databaseUrl, log });
          return { ...store, closings: wrap(store.closings) };
        },
      },
    });
    stops.push(running.stop);
    running.takeTraffic();
  }

  async function restart(): Promise<void> {
    await stops.pop()?.();
    await startBridge();
    await running.bridge.directory.whole();
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "bridge-closings-"));
    clock = createHastyClock();
    simulator = await startSimulator({ accounts: 10 });
    await startBridge();
    const account = simulator.world.accounts
      .list()
      .find(({ status, isOwner }) => status === "active" && !isOwner);
    sid = account?.sid ?? "";
    userName = (await running.scim("get", `/Users/${sid}`)).body.userName;
  });

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await simulator.close();
    rmSync(folder, { recursive: true });
  });

  const statusAtTwilio = () => simulator.world.accounts.get(sid)?.status;
  const remove = () => running.scim("delete", `/Users/${sid}`);
  const read = () => running.scim("get", `/Users/${sid}`);
  const named = async () =>
    (await running.scim("get", `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`)).body;
  const admin = (method: "get" | "post", path: string) =>
    supertest(running.bridge.app)[method](`/admin${path}`).auth(ADMIN, { type: "bearer" });
  const restore = () => admin("post", `/closings/${sid}/restore`);
  const look = () => running.bridge.closings.look();
  /** What became of changes of a kind. */
  const audited = (action: string) =>
    running.logged.filter(
      ({ audit, msg }) => msg === "audit" && JSON.stringify(audit ?? {}).includes(`"actions":["${action}"]`),
    );

  it("suspends at once with one request, and is gone for SCIM, its name free, its groups left", async () => {
    const { body: group } = await running
      .scim("post", "/Groups")
      .send({ displayName: "Team", members: [{ value: sid }] });
    const before = (await running.scim("get", "/Users?count=0")).body.totalResults;
    running.takeTraffic();
    expect((await remove()).status).toBe(204);
    expect(running.takeTraffic().writes).toBe(1);
    expect(statusAtTwilio()).toBe("suspended");
    expectScimError(await read(), 404);
    expectScimError(await remove(), 404);
    expect((await running.scim("get", "/Users?count=0")).body.totalResults).toBe(before - 1);
    expect((await named()).totalResults).toBe(0);
    expect((await running.scim("get", `/Groups/${group.id}`)).body.members).toBeUndefined();
    expect((await running.scim("post", "/Users").send({ userName })).status).toBe(201);
    // Nor does what Twilio reports bring it back.
    await running.bridge.sync.pass();
    expectScimError(await read(), 404);
  });

  it("closes once after the delay, over a restart, and counts once: when it was asked for", async () => {
    await remove();
    await restart();
    expectScimError(await read(), 404);
    expect((await admin("get", "/brakes")).body.brakes[0]).toMatchObject({ brake: "closures", counted: 1 });
    clock.skip(DAY_MS - 60_000);
    expect(await look()).toBe(1);
    expect(statusAtTwilio()).toBe("suspended");
    clock.skip(60_000);
    expect(await look()).toBe(0);
    expect(statusAtTwilio()).toBe("closed");
    expect(audited("close")).toEqual([
      expect.objectContaining({ audit: expect.objectContaining({ outcome: "done" }) }),
    ]);
    running.takeTraffic();
    await look();
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
    const { brakes } = (await admin("get", "/brakes")).body;
    expect(brakes[0]).toMatchObject({ brake: "closures", counted: 0 });
    expectScimError(await restore(), 400, "mutability");
  });

  it("is closed by itself while the bridge runs", async () => {
    await stops.pop()?.();
    await startBridge(undefined, { PORT: "0" });
    await running.bridge.listen();
    await remove();
    clock.skip(DAY_MS - 5_000);
    // The clock skips the pauses between two looks, a second each.
    while (statusAtTwilio() !== "closed") await new Promise((resolve) => setImmediate(resolve));
    expectScimError(await read(), 404);
  });

  it("can be undone: the account is shown again, suspended, under its name, also after a restart", async () => {
    await remove();
    const pending = (await admin("get", "/closings")).body.closings;
    expect(pending).toEqual([
      { accountSid: sid, askedAt: expect.any(String), closesAt: expect.any(String), askedBy: "SCIM_TOKEN" },
    ]);
    const readyz = async () => (await supertest(running.bridge.app).get("/readyz")).body.closings;
    expect(await readyz()).toEqual({ pending: 1 });
    const { status, body } = await restore();
    expect([status, body]).toEqual([200, { accountSid: sid, userName, status: "suspended" }]);
    expect((await read()).body).toMatchObject({ userName, active: false });
    expect((await named()).totalResults).toBe(1);
    expect(await readyz()).toEqual({ pending: 0 });
    expectScimError(await restore(), 404);
    await restart();
    clock.skip(2 * DAY_MS);
    await look();
    expect((await read()).body).toMatchObject({ userName, active: false });
    expect(statusAtTwilio()).toBe("suspended");
  });

  it("cannot be undone where its userName has been taken meanwhile, and can once it is free again", async () => {
    await remove();
    const taker = await running.scim("post", "/Users").send({ userName });
    expectScimError(await restore(), 409, "uniqueness");
    expectScimError(await read(), 404);
    await running.scim("put", `/Users/${taker.body.id}`).send({ userName: "another@example.com" });
    expect((await restore()).status).toBe(200);
  });

  it("changes nothing where Twilio fails to suspend, and counts nothing", async () => {
    const rule = simulator.world.faults.add({ kind: "status", status: 503, route: "accounts.update" });
    expectScimError(await remove(), 503);
    simulator.world.faults.clear(rule.id);
    expect((await read()).body).toMatchObject({ userName, active: true });
    expect((await admin("get", "/closings")).body.closings).toEqual([]);
    expect((await admin("get", "/brakes")).body.brakes[0]).toMatchObject({ counted: 0 });
  });

  it("goes on after a crash between the row and what follows", async () => {
    await stops.pop()?.();
    const failing = async () => {
      throw new DirectoryError("storageUnavailable", "The disk is gone.");
    };
    await startBridge((store) => ({ ...store, hide: failing, drop: failing }));
    expectScimError(await remove(), 503);
    expect(statusAtTwilio()).toBe("suspended");
    await restart();
    expect((await read()).body.active).toBe(false);
    expect(await look()).toBe(1);
    expectScimError(await read(), 404);
    expect(running.takeTraffic().writes).toBe(0);
    clock.skip(DAY_MS);
    await look();
    expect(statusAtTwilio()).toBe("closed");
  });

  it("is tried again with pauses where Twilio fails, and can be undone until it succeeds", async () => {
    await remove();
    clock.skip(DAY_MS);
    const rule = simulator.world.faults.add({ kind: "status", status: 503, route: "accounts.update" });
    expect(await look()).toBe(1);
    running.takeTraffic();
    expect(await look()).toBe(1);
    expect(running.takeTraffic().reads).toBe(0);
    simulator.world.faults.clear(rule.id);
    clock.skip(60_000);
    expect(await look()).toBe(0);
    expect(statusAtTwilio()).toBe("closed");
  });

  it("is dropped, and logged, where somebody reactivates the account in Twilio's console", async () => {
    await remove();
    simulator.world.accounts.reactivate(sid);
    await running.bridge.sync.pass();
    expect(await look()).toBe(0);
    expect((await read()).body).toMatchObject({ userName, active: true });
    expect(running.logged).toContainEqual(
      expect.objectContaining({ msg: expect.stringContaining("was reactivated at Twilio"), accountSid: sid }),
    );
  });

  it("brings a reactivated account back under another userName where its own has been taken", async () => {
    await remove();
    const taker = await running.scim("post", "/Users").send({ userName });
    simulator.world.accounts.reactivate(sid);
    clock.skip(DAY_MS);
    expect(await look()).toBe(0);
    expect((await read()).body).toMatchObject({ userName: `${userName} (${sid})`, active: true });
    expect((await named()).Resources).toEqual([expect.objectContaining({ id: taker.body.id })]);
  });

  it("is dropped where somebody closes the account in Twilio's console", async () => {
    await remove();
    simulator.world.accounts.close(sid);
    await running.bridge.sync.pass();
    expect(await look()).toBe(0);
    expect(audited("close")).toMatchObject([{ audit: { actor: { name: "twilio" } } }]);
  });

  it("is undone from the command line, beside the running bridge", async () => {
    await remove();
    const env = { DATABASE_URL: `file:${folder}/bridge.db` };
    const run = async (...args: string[]) => {
      const terminal = createFakeTerminal(env);
      // What the bridge's own loop does every second.
      const waiting = {
        now: () => clock.now(),
        sleep: async (ms: number) => {
          clock.skip(ms);
          await look();
        },
      };
      const code = await createRestore(waiting).run(args, terminal);
      return { code, output: terminal.output, errors: terminal.errors };
    };
    expect(await run(sid)).toMatchObject({ code: 0, output: `${sid} is shown again, suspended as it is.\n` });
    expect((await read()).body.active).toBe(false);
    expect(await run(sid)).toMatchObject({ code: 1, errors: `No closing of ${sid} is pending.\n` });
    await remove();
    await running.scim("post", "/Users").send({ userName });
    expect(await run(sid)).toMatchObject({
      code: 1,
      errors: expect.stringContaining("could not be brought back"),
    });
  });

  it("is held back by the brake when it is asked for", async () => {
    await stops.pop()?.();
    await startBridge(undefined, { MAX_CLOSURES_PER_HOUR: "0" });
    expectScimError(await remove(), 429);
    expect(statusAtTwilio()).toBe("active");
    expect((await admin("get", "/closings")).body.closings).toEqual([]);
  });
});
