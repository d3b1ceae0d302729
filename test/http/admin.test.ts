import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { type BridgeOnSimulator, startBridgeOnSimulator, TOKEN } from "../support/bridge-on-simulator.js";
import { expectScimError } from "./scim-error.js";

const ADMIN = "the-token-of-the-administrator";

describe("/admin", () => {
  let running: BridgeOnSimulator;
  let sid: string;

  beforeAll(async () => {
    running = await startBridgeOnSimulator({ env: { ADMIN_TOKEN: ADMIN } });
    const active = running.simulator.world.accounts.list().find((a) => a.status === "active" && !a.isOwner);
    sid = active?.sid ?? "";
  });
  afterAll(() => running.stop());

  const refresh = (account: string, token = ADMIN) =>
    supertest(running.bridge.app)
      .post(`/admin/accounts/${account}/refresh`)
      .set("Authorization", `Bearer ${token}`);

  it("reads an account's activity now, which users then show", async () => {
    const { world } = running.simulator;
    const today = new Date(world.clock.now()).toISOString().slice(0, 10);
    world.ledger.add({ accountSid: sid, day: today, category: "sms-outbound-longcode", price: "0.0079" });
    const { status, body } = await refresh(sid);
    expect(status).toBe(200);
    expect(body).toMatchObject({ accountSid: sid, state: "current", lastActivity: today });
    expect(body.services).toContainEqual(expect.objectContaining({ service: "sms", lastActivity: today }));
    const user = await running.scim("get", `/Users/${sid}`);
    expect(user.body["urn:ietf:params:scim:schemas:extension:twilio:2.0:User"]).toMatchObject({
      lastActivity: `${today}T00:00:00Z`,
      activityState: "current",
    });
    expect(user.body.entitlements).toContainEqual({
      value: "service-sms",
      display: "SMS",
      type: "AccountService",
    });
  });

  it("is not for the identity provider's token, while SCIM is for the administrator's too", async () => {
    expectScimError(await refresh(sid, TOKEN), 403);
    const scim = await supertest(running.bridge.app).get("/scim/v2/Users").auth(ADMIN, { type: "bearer" });
    expect(scim.status).toBe(200);
  });

  it("answers 404 for what is no account, and 405 for other methods, which OPTIONS tells", async () => {
    expectScimError(await refresh("AC00000000000000000000000000000000"), 404);
    expectScimError(await refresh("nonsense"), 404);
    const read = await supertest(running.bridge.app)
      .get(`/admin/accounts/${sid}/refresh`)
      .auth(ADMIN, { type: "bearer" });
    expectScimError(read, 405);
    const options = await supertest(running.bridge.app)
      .options(`/admin/accounts/${sid}/refresh`)
      .auth(ADMIN, { type: "bearer" });
    expect([options.status, options.headers.allow]).toEqual([204, "POST, OPTIONS"]);
  });

  it("answers 503 when Twilio does not tell, and shows what was known as stale", async () => {
    const { faults } = running.simulator.world;
    const rule = faults.add({ kind: "status", status: 503, path: "/Usage/" });
    expectScimError(await refresh(sid), 503);
    faults.clear(rule.id);
    const { body } = await running.scim("get", `/Users/${sid}`);
    expect(body["urn:ietf:params:scim:schemas:extension:twilio:2.0:User"]).toMatchObject({
      activityState: "stale",
      lastActivity: expect.any(String),
    });
  });

  it("lets nobody in where there is no token for it", async () => {
    const without = await startBridgeOnSimulator({ running: running.simulator });
    const ask = (token: string) =>
      supertest(without.bridge.app).post(`/admin/accounts/${sid}/refresh`).auth(token, { type: "bearer" });
    const statuses = [(await ask(ADMIN)).status, (await ask("undefined")).status, (await ask(TOKEN)).status];
    await without.stop();
    expect(statuses).toEqual([401, 401, 403]);
  });
});

describe("/metrics", () => {
  let running: BridgeOnSimulator;
  beforeAll(async () => {
    running = await startBridgeOnSimulator({ env: { ADMIN_TOKEN: ADMIN } });
  });
  afterAll(() => running.stop());

  const metrics = () => supertest(running.bridge.app).get("/metrics");

  it("tells this machine how far activity is known", async () => {
    const { status, text, headers } = await metrics();
    expect(status).toBe(200);
    expect(headers["content-type"]).toMatch(/^text\/plain/);
    expect(text).toMatch(/^twilio_scim_bridge_activity_accounts\{state="pending"\} \d+$/m);
  });

  it("counts the usage categories that are not known", async () => {
    const { world } = running.simulator;
    const [category = ""] = world.categories.madeUp;
    const account = world.accounts.create({ friendlyName: "Odd" });
    const day = new Date(world.clock.now()).toISOString().slice(0, 10);
    world.ledger.add({ accountSid: account.sid, day, category, price: "1" });
    await supertest(running.bridge.app)
      .post(`/admin/accounts/${account.sid}/refresh`)
      .auth(ADMIN, { type: "bearer" });
    const { text } = await metrics();
    expect(text).toMatch(/^twilio_scim_bridge_unknown_usage_categories_total\{category=".+"\} [1-9]/m);
  });

  it.each(["x-forwarded-for", "forwarded", "via"])("wants a token from who comes with %s", async (header) => {
    expectScimError(await metrics().set(header, "127.0.0.1"), 401);
    const known = await metrics().set(header, "127.0.0.1").auth(ADMIN, { type: "bearer" });
    expect(known.status).toBe(200);
  });
});

describe("the reading of activity", () => {
  it("never keeps a suspension waiting for more than one request", async () => {
    const running = await startBridgeOnSimulator({
      simulator: { accounts: 60 },
      env: { PORT: "0", TWILIO_MAX_CONCURRENCY: "4" },
    });
    const { world } = running.simulator;
    const active = world.accounts.list().find(({ status, isOwner }) => status === "active" && !isOwner);
    // The first question is whether usage may be read at all.
    const held = world.faults.add({ kind: "hold", path: "/Usage/", skip: 1 });
    const { port } = await running.bridge.listen();
    // All places are taken by readings that do not end.
    await world.faults.whenFired(held.id, 4);
    world.traffic.reset();
    const suspended = patchInactive(port, active?.sid ?? "");
    // Two more exchanges with the bridge, and the suspension stands in its queue.
    for (let trip = 0; trip < 2; trip++) await fetch(`http://127.0.0.1:${port}/healthz`);
    world.faults.release(held.id);
    expect(await suspended).toBe(200);
    const { log } = world.traffic.report();
    const before = log.findIndex(({ route }) => route === "accounts.update");
    expect(before).toBeGreaterThanOrEqual(0);
    expect(before).toBeLessThanOrEqual(4);
    world.faults.clear();
    await running.stop();
  });
});

function patchInactive(port: number, sid: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ Operations: [{ op: "replace", path: "active", value: false }] });
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/scim+json" };
    const options = { port, method: "PATCH", path: `/scim/v2/Users/${sid}`, headers };
    request(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end(body);
  });
}
