import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Response } from "supertest";
import type { FaultRule } from "../../src/simulator/fault-rule.js";
import { startSimulator } from "../../src/simulator/simulator.js";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";
import { expectScimError } from "./scim-error.js";

const SUSPEND = { Operations: [{ op: "replace", path: "active", value: false }] };

/** What Twilio does instead of answering as it should. */
const FAULTS: readonly [string, FaultRule][] = [
  ["429", { kind: "429" }],
  ["429 with a Retry-After of 2 s", { kind: "429", retryAfterSeconds: 2 }],
  ["429 with a Retry-After of 30 s", { kind: "429", retryAfterSeconds: 30 }],
  ["503", { kind: "status", status: 503 }],
  ["500 as a page, after all was done", { kind: "status", status: 500, body: "html", effect: true }],
  ["200 with a page", { kind: "html-200" }],
  ["200 with a page, after all was done", { kind: "html-200", effect: true }],
  ["an answer that is cut", { kind: "truncated-json" }],
  ["a reset before anything was done", { kind: "drop-before" }],
  ["a reset after all was done", { kind: "drop-after" }],
];

/** How long it lasts. */
const EXTENTS: readonly [string, Partial<FaultRule>][] = [
  ["once, to a write", { method: "POST", count: 1 }],
  ["to every write", { method: "POST" }],
  ["to every request", {}],
];

const CASES = FAULTS.flatMap(([fault, rule]) =>
  EXTENTS.map(([extent, match]) => [fault, extent, { ...rule, ...match } as FaultRule] as const),
);

describe("when Twilio fails a write", () => {
  let running: BridgeOnSimulator;
  /** The user that is changed. */
  let sid: string;

  beforeEach(async () => {
    running = await startBridgeOnSimulator({ parts: { random: () => 0.5 } });
    const made = await running
      .scim("post", "/Users")
      .send({ userName: "ada@example.com", displayName: "Ada" });
    sid = made.body.id;
  });
  afterEach(() => running.stop());

  const truth = (of = sid) => running.simulator.world.accounts.get(of);
  const readUser = () => running.scim("get", `/Users/${sid}`);

  /** A success, or a 503 that says when to come back; nothing else is an answer to an outage. */
  function expectTruthOr503(response: Response, success: number): boolean {
    if (response.status === success) return true;
    expectScimError(response, 503);
    expect(response.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
    return false;
  }

  /** Twilio, the directory and the answer tell one story, now that Twilio is well again and a pass is done. */
  async function expectAgreement(): Promise<void> {
    running.simulator.world.faults.clear();
    await running.bridge.sync.pass();
    const { body } = await running.scim("get", "/Users?count=1000");
    const shown = body.Resources.map((user: Record<string, unknown>) => [
      user.id,
      user.active,
      user.displayName,
    ]);
    const open = running.simulator.world.accounts.list().filter(({ status }) => status !== "closed");
    expect(new Set(shown)).toEqual(
      new Set(open.map(({ sid, status, friendlyName }) => [sid, status === "active", friendlyName])),
    );
    expect(shown).toHaveLength(open.length);
  }

  it.each(CASES)("with %s, %s, a suspension is told truly", async (_fault, _extent, rule) => {
    running.simulator.world.faults.add(rule);
    const response = await running.scim("patch", `/Users/${sid}`).send(SUSPEND);
    const done = expectTruthOr503(response, 200);
    if (done) {
      expect(response.body.active).toBe(false);
      expect((await readUser()).body.active).toBe(false);
      expect(truth().status).toBe("suspended");
    }
    await expectAgreement();
    const again = await running.scim("patch", `/Users/${sid}`).send(SUSPEND);
    expect([again.status, again.body.active, truth().status]).toEqual([200, false, "suspended"]);
  });

  it.each(CASES)("with %s, %s, a closing is told truly", async (_fault, _extent, rule) => {
    running.simulator.world.faults.add(rule);
    const done = expectTruthOr503(await running.scim("delete", `/Users/${sid}`), 204);
    if (done) expect(truth().status).toBe("closed");
    await expectAgreement();
    const isClosed = truth().status === "closed";
    expect((await readUser()).status).toBe(isClosed ? 404 : 200);
    expect((await running.scim("delete", `/Users/${sid}`)).status).toBe(isClosed ? 404 : 204);
    expect(truth().status).toBe("closed");
  });

  it.each(CASES)("with %s, %s, a PUT is kept whole or not at all", async (_fault, _extent, rule) => {
    const body = { userName: "ada.king@example.com", displayName: "Countess", title: "Lady" };
    running.simulator.world.faults.add(rule);
    const done = expectTruthOr503(await running.scim("put", `/Users/${sid}`).send(body), 200);
    const read = await readUser();
    if (done) {
      expect(read.body).toMatchObject(body);
      expect(truth().friendlyName).toBe("Countess");
    } else {
      expect(read.body.userName).toBe("ada@example.com");
      expect(read.body).not.toHaveProperty("title");
    }
    await expectAgreement();
    const again = await running.scim("put", `/Users/${sid}`).send(body);
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject(body);
    expect(truth().friendlyName).toBe("Countess");
  });

  it.each(CASES)("with %s, %s, a creation makes one account at the most", async (_fault, _extent, rule) => {
    const named = () =>
      running.simulator.world.accounts.list().filter(({ friendlyName }) => friendlyName === "Grace");
    const create = () =>
      running
        .scim("post", "/Users")
        .send({ userName: "grace@example.com", displayName: "Grace", active: false });
    running.simulator.world.faults.add(rule);
    const first = await create();
    let done = expectTruthOr503(first, 201);
    if (done) expect(named()).toMatchObject([{ sid: first.body.id, status: "suspended" }]);
    else done = expectTruthOr503(await create(), 201);

    running.simulator.world.faults.clear();
    expect((await create()).status).toBe(done ? 409 : 201);
    await expectAgreement();
    expect(named()).toMatchObject([{ status: "suspended" }]);
    const filter = encodeURIComponent('userName eq "grace@example.com"');
    const found = await running.scim("get", `/Users?filter=${filter}`);
    expect(found.body).toMatchObject({
      totalResults: 1,
      Resources: [{ id: named()[0]?.sid, active: false }],
    });
  });

  it("passes on how long Twilio wants to be left alone", async () => {
    running.simulator.world.faults.add({ kind: "429", retryAfterSeconds: 30 });
    const response = await running.scim("patch", `/Users/${sid}`).send(SUSPEND);
    expect([response.status, response.headers["retry-after"]]).toEqual([503, "30"]);
  });

  it("serves reads as before", async () => {
    const list = await running.scim("get", "/Users");
    running.simulator.world.faults.add({ kind: "drop-before" });
    expect((await readUser()).body.userName).toBe("ada@example.com");
    expect((await running.scim("get", "/Users")).body.totalResults).toBe(list.body.totalResults);
    expectScimError(await running.scim("get", `/Users/AC${"0".repeat(32)}`), 503);
  });
});

describe("when Twilio refuses", () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  async function start(options: Parameters<typeof startBridgeOnSimulator>[0]): Promise<BridgeOnSimulator> {
    const running = await startBridgeOnSimulator(options);
    stops.push(running.stop);
    return running;
  }

  it("the credentials in the middle of the run, writes are 503 and reads go on", async () => {
    const before = await startSimulator({ accounts: 10 });
    const running = await start({ running: before });
    const subject = before.world.accounts
      .list()
      .find(({ isOwner, status }) => !isOwner && status === "active");
    const sid = subject?.sid ?? "";
    await before.close();
    const changed = await startSimulator({ accounts: 10, port: before.port, authToken: "f".repeat(32) });
    stops.push(changed.close);

    const refused = [
      await running.scim("patch", `/Users/${sid}`).send(SUSPEND),
      await running.scim("delete", `/Users/${sid}`),
      await running.scim("post", "/Users").send({ userName: "ada@example.com" }),
      await running.scim("get", `/Users/AC${"0".repeat(32)}`),
    ];
    for (const response of refused) {
      expectScimError(response, 503);
      expect(response.body.detail).toMatch(/credentials/i);
    }
    await running.bridge.sync.pass();
    expect(running.bridge.sync.status.lastError).toBe("credentialsRefused");
    expect((await running.scim("get", `/Users/${sid}`)).body.active).toBe(true);
    expect(changed.world.accounts.get(sid).status).toBe("active");
    expect(changed.world.accounts.list()).toHaveLength(11);
  });

  it("another subaccount, that is 403 with the reason, and the userName is free again", async () => {
    const running = await start({ simulator: { accounts: 10 } });
    const { world } = running.simulator;
    world.settings.set({ subaccountLimit: 0 });
    const before = world.accounts.list();
    const create = () => running.scim("post", "/Users").send({ userName: "ada@example.com" });
    for (const response of [await create(), await create()]) {
      expectScimError(response, 403);
      expect(response.body.detail).toMatch(/subaccount/i);
      expect(response.body.detail).toMatch(/21480/);
    }
    expect(world.accounts.list()).toEqual(before);
    const found = await running.scim("get", '/Users?filter=userName eq "ada@example.com"');
    expect(found.body.totalResults).toBe(0);

    world.settings.set({ subaccountLimit: 1000 });
    expect((await create()).status).toBe(201);
  });

  it("a second subaccount to a trial account, that is 403", async () => {
    const running = await start({ simulator: { accounts: 0, parentType: "Trial" } });
    const first = await running.scim("post", "/Users").send({ userName: "ada@example.com" });
    expect(first.status).toBe(201);
    expectScimError(await running.scim("post", "/Users").send({ userName: "bob@example.com" }), 403);
    expect(running.simulator.world.accounts.list()).toHaveLength(2);
    await running.scim("delete", `/Users/${first.body.id}`).expect(204);
    await running.scim("post", "/Users").send({ userName: "bob@example.com" }).expect(201);
  });

  it("everything, as the owner account is suspended, that is an error and never a success", async () => {
    const running = await start({ simulator: { accounts: 10 } });
    const { accounts } = running.simulator.world;
    const subject = accounts.list().find(({ isOwner, status }) => !isOwner && status === "active");
    accounts.suspend(running.simulator.accountSid);
    const patched = await running.scim("patch", `/Users/${subject?.sid}`).send(SUSPEND);
    expectScimError(patched, 403);
    expectScimError(await running.scim("post", "/Users").send({ userName: "ada@example.com" }), 403);
    expect((await running.scim("get", `/Users/${subject?.sid}`)).body.active).toBe(true);
  });

  it("a change of an account that was closed in the console, that is 404 and the account is gone", async () => {
    const running = await start({ simulator: { accounts: 10 } });
    const { body } = await running.scim("post", "/Users").send({ userName: "ada@example.com" });
    running.simulator.world.accounts.close(body.id);
    expectScimError(await running.scim("patch", `/Users/${body.id}`).send(SUSPEND), 404);
    expectScimError(await running.scim("get", `/Users/${body.id}`), 404);
    await running.scim("post", "/Users").send({ userName: "ada@example.com" }).expect(201);
  });
});
