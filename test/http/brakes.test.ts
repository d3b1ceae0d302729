import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { runCommandLine } from "../../src/cli/command-line.js";
import { createFakeTerminal } from "../cli/fake-terminal.js";
import { type BridgeOnSimulator, startBridgeOnSimulator, TOKEN } from "../support/bridge-on-simulator.js";
import { expectScimError } from "./scim-error.js";

const ADMIN = "the-token-of-the-administrator";
const DISABLE = { Operations: [{ op: "replace", path: "active", value: false }] };
const ENABLE = { Operations: [{ op: "replace", path: "active", value: true }] };

describe("brakes", () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function start(env: Readonly<Record<string, string>>): Promise<BridgeOnSimulator> {
    const running = await startBridgeOnSimulator({
      simulator: { accounts: 30 },
      env: { ADMIN_TOKEN: ADMIN, ...env },
    });
    ends.push(running.stop);
    return running;
  }

  const activeSids = ({ simulator }: BridgeOnSimulator) =>
    simulator.world.accounts
      .list()
      .filter(({ status, isOwner }) => status === "active" && !isOwner)
      .map(({ sid }) => sid);

  const admin = (running: BridgeOnSimulator, method: "get" | "post", path: string) =>
    supertest(running.bridge.app)[method](`/admin${path}`).auth(ADMIN, { type: "bearer" });

  it("answer 429 with Retry-After beyond the limit, and nothing reaches Twilio", async () => {
    const running = await start({ MAX_CLOSURES_PER_HOUR: "2" });
    const [first, second, third] = activeSids(running);
    for (const sid of [first, second])
      expect((await running.scim("delete", `/Users/${sid}`)).status).toBe(204);
    running.takeTraffic();
    const refused = await running.scim("delete", `/Users/${third}`);
    expectScimError(refused, 429);
    expect(refused.headers["retry-after"]).toMatch(/^(3[56]\d\d)$/);
    expect(refused.body.detail).toMatch(/closures.*MAX_CLOSURES_PER_HOUR.*brake release closures/);
    expect(running.takeTraffic().writes).toBe(0);
    expect((await running.scim("get", `/Users/${third}`)).body.active).toBe(true);
  });

  it("let through exactly as many of those that come at once as they may", async () => {
    const running = await start({ MAX_SUSPENSIONS_PER_HOUR: "4" });
    const sids = activeSids(running).slice(0, 10);
    const answers = await Promise.all(
      sids.map((sid) => running.scim("patch", `/Users/${sid}`).send(DISABLE)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array(4).fill(200),
      ...Array(6).fill(429),
    ]);
    expect(
      sids.filter((sid) => running.simulator.world.accounts.get(sid)?.status === "suspended"),
    ).toHaveLength(4);
  });

  it("count nothing for what is so already, for what is refused and for what fails at Twilio", async () => {
    const running = await start({ MAX_SUSPENSIONS_PER_HOUR: "1" });
    const [sid, other] = activeSids(running);
    const { faults } = running.simulator.world;
    const rule = faults.add({ kind: "status", status: 503, route: "accounts.update" });
    expect((await running.scim("patch", `/Users/${sid}`).send(DISABLE)).status).toBe(503);
    faults.clear(rule.id);
    const owner = await running.scim("patch", `/Users/${running.simulator.accountSid}`).send(DISABLE);
    expect(owner.status).toBe(403);
    for (let i = 0; i < 3; i++) {
      expect((await running.scim("patch", `/Users/${sid}`).send(DISABLE)).status).toBe(200);
    }
    expect((await running.scim("patch", `/Users/${other}`).send(DISABLE)).status).toBe(429);
  });

  it("hold creations and reactivations too, where they are asked to", async () => {
    const running = await start({ MAX_CREATIONS_PER_HOUR: "1", MAX_REACTIVATIONS_PER_HOUR: "0" });
    const [sid] = activeSids(running);
    const created = await running.scim("post", "/Users").send({ userName: "ada@example.com", active: false });
    expect([created.status, created.body.active]).toEqual([201, false]);
    expectScimError(await running.scim("post", "/Users").send({ userName: "bob@example.com" }), 429);
    await running.scim("patch", `/Users/${sid}`).send(DISABLE);
    expectScimError(await running.scim("patch", `/Users/${sid}`).send(ENABLE), 429);
    // The name that was refused is held by nobody.
    await admin(running, "post", "/brakes/creations/release");
    expect((await running.scim("post", "/Users").send({ userName: "bob@example.com" })).status).toBe(201);
  });

  it("hold each operation of a bulk request by itself", async () => {
    const running = await start({ MAX_CLOSURES_PER_HOUR: "1" });
    const [first, second, third] = activeSids(running);
    const { body } = await running.scim("post", "/Bulk").send({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
      Operations: [
        { method: "DELETE", path: `/Users/${first}` },
        { method: "DELETE", path: `/Users/${second}` },
        { method: "PATCH", path: `/Users/${third}`, data: DISABLE },
      ],
    });
    expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(["204", "429", "200"]);
  });

  it("are shown and released by an administrator", async () => {
    const running = await start({ MAX_CLOSURES_PER_HOUR: "0" });
    const [sid] = activeSids(running);
    expect((await running.scim("delete", `/Users/${sid}`)).status).toBe(429);
    expect((await admin(running, "get", "/brakes")).body.brakes[0]).toMatchObject({
      brake: "closures",
      limit: 0,
      engaged: true,
      releasedUntil: null,
    });
    const readyz = () => supertest(running.bridge.app).get("/readyz");
    const metrics = async () => (await supertest(running.bridge.app).get("/metrics")).text;
    expect((await readyz()).body.brakes).toEqual({ engaged: ["closures"] });
    expect(await metrics()).toMatch(/^twilio_scim_bridge_brake_engaged\{brake="closures"\} 1$/m);

    const released = await admin(running, "post", "/brakes/closures/release").send({ seconds: 60 });
    expect([released.status, released.body]).toMatchObject([200, { brake: "closures", engaged: false }]);
    expect(running.logged).toContainEqual(
      expect.objectContaining({ msg: "a brake is released", brake: "closures", releasedBy: "ADMIN_TOKEN" }),
    );
    expect((await readyz()).body.brakes).toEqual({ engaged: [] });
    expect(await metrics()).toMatch(/^twilio_scim_bridge_brake_engaged\{brake="closures"\} 0$/m);
    expect((await running.scim("delete", `/Users/${sid}`)).status).toBe(204);
  });

  it("cannot be released by the provider's token, by another name or for a time that makes no sense", async () => {
    const running = await start({});
    const byProvider = await supertest(running.bridge.app)
      .post("/admin/brakes/closures/release")
      .auth(TOKEN, { type: "bearer" });
    expectScimError(byProvider, 403);
    expectScimError(await admin(running, "post", "/brakes/deletions/release"), 404);
    for (const seconds of [0, -1, 1.5, "60", 604_801, null]) {
      expectScimError(
        await admin(running, "post", "/brakes/closures/release").send({ seconds }),
        400,
        "invalidValue",
      );
    }
    expectScimError(await admin(running, "get", "/brakes/closures/release"), 405);
  });

  it("are shown and released on the command line beside a running bridge", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bridge-brakes-"));
    ends.push(() => rmSync(folder, { recursive: true }));
    const env = { DATABASE_URL: `file:${folder}/bridge.db`, MAX_CLOSURES_PER_HOUR: "1" };
    const running = await start(env);
    const [first, second] = activeSids(running);
    await running.scim("delete", `/Users/${first}`);
    expect((await running.scim("delete", `/Users/${second}`)).status).toBe(429);

    const command = async (...args: string[]) => {
      const terminal = createFakeTerminal(env);
      const code = await runCommandLine(["brake", ...args], terminal);
      return { code, output: terminal.output, errors: terminal.errors };
    };
    const table = await command("status");
    expect(table.code).toBe(0);
    expect(table.output).toMatch(/^closures +1 +1 +engaged until \d{4}-/m);
    expect(table.output).toMatch(/^creations +off +- +free$/m);
    const [closures] = JSON.parse((await command("status", "--json")).output);
    expect(closures).toMatchObject({ brake: "closures", limit: 1, counted: 1, engaged: true });

    const released = await command("release", "closures", "--for", "30m");
    expect([released.code, released.output]).toEqual([
      0,
      expect.stringMatching(/^The brake on closures is released until \d{4}-/),
    ]);
    expect((await running.scim("delete", `/Users/${second}`)).status).toBe(204);
    for (const args of [[], ["release"], ["release", "all"], ["release", "closures", "--for", "8d"]]) {
      expect((await command(...args)).code).toBe(2);
    }
  });
});
