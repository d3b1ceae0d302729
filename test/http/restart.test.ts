import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { createBridge } from "../../src/bridge.js";
import { createLog } from "../../src/log.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { type BridgeOnSimulator, startBridgeOnSimulator, TOKEN } from "../support/bridge-on-simulator.js";

const SILENT = createLog({ level: "silent", secrets: [], destination: { write() {} } });

describe("a restart on the same database", () => {
  let folder: string;
  let simulator: Simulator;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "restart-"));
    simulator = await startSimulator({ accounts: 30 });
  });
  afterEach(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  const env = () => ({
    DATABASE_URL: `file:${join(folder, "data", "bridge.db")}`,
    PUBLIC_URL: "https://scim.example.com",
  });
  const start = (): Promise<BridgeOnSimulator> => startBridgeOnSimulator({ running: simulator, env: env() });
  const list = async ({ scim }: BridgeOnSimulator) => (await scim("get", "/Users?count=1000")).body;

  it("shows every user as before: what was written, the derived names, and the status", async () => {
    const first = await start();
    const attributes = {
      userName: "ada@example.com",
      externalId: "00u1",
      name: { givenName: "Ada", familyName: "King" },
      emails: [{ value: "ada@example.com", type: "work", primary: true }],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
        department: "Analysis",
        manager: { value: "00u2" },
      },
    };
    const { body } = await first
      .scim("post", "/Users")
      .send({ ...attributes, displayName: "Ada", active: false });
    const closed = await first.scim("post", "/Users").send({ userName: "gone@example.com" });
    await first.scim("delete", `/Users/${closed.body.id}`).expect(204);
    const before = await list(first);
    await first.stop();

    const second = await start();
    expect(await list(second)).toEqual(before);
    expect((await second.scim("get", `/Users/${body.id}`)).body).toMatchObject({
      ...attributes,
      displayName: "Ada",
      active: false,
    });
    await second.scim("post", "/Users").send({ userName: "ADA@example.com" }).expect(409);
    await second.scim("post", "/Users").send({ userName: "gone@example.com" }).expect(201);
    await second.stop();
  });

  it("gives no derived userName to another account, whatever happened meanwhile", async () => {
    const { accounts } = simulator.world;
    const older = accounts.create({ friendlyName: "Twins" });
    const younger = accounts.create({ friendlyName: "Twins" });
    const first = await start();
    const nameOf = async ({ scim }: BridgeOnSimulator, sid: string) =>
      (await scim("get", `/Users/${sid}`)).body.userName;
    const names = [await nameOf(first, older.sid), await nameOf(first, younger.sid)];
    expect(new Set(names)).toEqual(new Set(["Twins", expect.stringMatching(/^Twins \(AC/)]));
    await first.stop();

    const [bare, other] = names[0] === "Twins" ? [older, younger] : [younger, older];
    accounts.close(bare.sid);
    const second = await start();
    expect(await nameOf(second, other.sid)).toBe(`Twins (${other.sid})`);
    expect((await second.scim("get", `/Users/${bare.sid}`)).status).toBe(404);
    await second.stop();
  });

  it("serves what it remembers at once, also while Twilio is down", async () => {
    const first = await start();
    await first.scim("post", "/Users").send({ userName: "ada@example.com" }).expect(201);
    const before = await list(first);
    await first.stop();
    simulator.world.faults.add({ kind: "status", status: 503 });
    simulator.world.traffic.reset();

    const bridge = await createBridge(first.config, SILENT);
    const agent = supertest(bridge.app);
    const atOnce = await agent.get("/scim/v2/Users?count=1000").auth("", TOKEN);
    expect([atOnce.status, atOnce.body]).toEqual([200, before]);
    const health = await agent.get("/readyz");
    expect([health.status, health.body]).toMatchObject([200, { ready: true, sync: { ageSeconds: null } }]);
    expect(simulator.world.traffic.report().routes).toEqual({});
    await bridge.stop();

    const down = await start();
    expect(down.bridge.sync.status.lastError).toBe("twilioUnavailable");
    expect(await list(down)).toEqual(before);
    await down.stop();
  });

  it("remembers no part: a database that never saw a whole pass serves nothing", async () => {
    simulator.world.faults.add({ kind: "status", status: 503 });
    const first = await start();
    await first.stop();
    const second = await start();
    expect((await second.scim("get", "/Users")).status).toBe(503);
    await second.stop();
  });

  it("takes in what was done in the console meanwhile", async () => {
    const first = await start();
    const { body } = await first
      .scim("post", "/Users")
      .send({ userName: "ada@example.com", displayName: "Ada" });
    await first.stop();
    const { accounts } = simulator.world;
    accounts.suspend(body.id);
    accounts.edit(body.id, { friendlyName: "Countess" });
    const made = accounts.create({ friendlyName: "Made meanwhile" });

    const second = await start();
    expect((await second.scim("get", `/Users/${body.id}`)).body).toMatchObject({
      userName: "ada@example.com",
      displayName: "Countess",
      active: false,
    });
    expect((await second.scim("get", `/Users/${made.sid}`)).body.userName).toBe("Made meanwhile");
    await second.stop();
  });

  it("is refused for another owner account, and leaves the database as it is", async () => {
    const first = await start();
    const before = await list(first);
    await first.stop();
    const { twilio } = first.config;
    const accountSid = `AC${"9".repeat(32)}` as typeof twilio.accountSid;
    const other = { ...first.config, twilio: { ...twilio, accountSid } };
    await expect(createBridge(other, SILENT)).rejects.toMatchObject({
      code: "storageUnavailable",
      message: expect.stringContaining(simulator.accountSid),
    });
    const again = await start();
    expect(await list(again)).toEqual(before);
    await again.stop();
  });

  it("is refused while another bridge has the database", async () => {
    const first = await start();
    await expect(createBridge(first.config, SILENT)).rejects.toMatchObject({ code: "storageUnavailable" });
    await first.stop();
  });

  it("keeps the database from other users of the machine", async () => {
    const first = await start();
    await first.scim("post", "/Users").send({ userName: "ada@example.com" }).expect(201);
    const data = join(folder, "data");
    const files = await readdir(data);
    expect(files).toContain("bridge.db");
    for (const file of files)
      expect([file, (await stat(join(data, file))).mode & 0o777]).toEqual([file, 0o600]);
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    await first.stop();
  });
});
