import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";

const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

describe("the life of an account, over HTTP", () => {
  let running: BridgeOnSimulator;

  beforeEach(async () => {
    running = await startBridgeOnSimulator();
    running.takeTraffic();
  });
  afterEach(() => running.stop());

  async function create(body: object = {}) {
    const response = await running.scim("post", "/Users").send({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: "ada@example.com",
      ...body,
    });
    expect(response.status).toBe(201);
    return response;
  }

  const truth = (sid: string) => running.simulator.world.accounts.get(sid);

  it("creates an account, with one request to Twilio, and shows it at once", async () => {
    const response = await create({ displayName: "Ada's team" });
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 1 });
    expect(truth(response.body.id)).toMatchObject({ friendlyName: "Ada's team", status: "active" });
    expect(response.headers.location).toMatch(new RegExp(`^http://[^/]+/scim/v2/Users/${response.body.id}$`));
    expect(response.body.meta.location).toBe(response.headers.location);
    const found = await running.scim("get", "/Users").query({ filter: 'userName eq "ADA@EXAMPLE.COM"' });
    expect(found.body).toMatchObject({
      totalResults: 1,
      Resources: [{ id: response.body.id, active: true }],
    });
  });

  it("creates an account suspended when active is false", async () => {
    const { body } = await create({ active: false });
    expect(body.active).toBe(false);
    expect(truth(body.id).status).toBe("suspended");
  });

  it("answers 409 uniqueness for a userName that is taken, in any case, and creates nothing", async () => {
    await create();
    running.takeTraffic();
    const again = await running.scim("post", "/Users").send({ userName: "ADA@example.com" });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ status: "409", scimType: "uniqueness" });
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
  });

  it("makes one account and one 409 of two creations of one userName at the same time", async () => {
    const before = running.simulator.world.accounts.list().length;
    const responses = await Promise.all(
      [1, 2].map(() => running.scim("post", "/Users").send({ userName: "twin@example.com" })),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect(running.simulator.world.accounts.list()).toHaveLength(before + 1);
  });

  it.each([
    ["Okta, without a path", { op: "replace", value: { active: false } }],
    ["Entra ID, a string", { op: "Replace", path: "active", value: "False" }],
    ["Entra ID, a boolean", { op: "replace", path: "active", value: false }],
  ])("suspends by PATCH, as %s, with one request to Twilio", async (_client, operation) => {
    const { body } = await create();
    running.takeTraffic();
    const patched = await running
      .scim("patch", `/Users/${body.id}`)
      .send({ schemas: [PATCH_OP], Operations: [operation] });
    expect(patched.status).toBe(200);
    expect(patched.body.active).toBe(false);
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 1 });
    expect(truth(body.id).status).toBe("suspended");
    expect((await running.scim("get", `/Users/${body.id}`)).body.active).toBe(false);
  });

  it("asks nothing of Twilio for a status that is right already", async () => {
    const { body } = await create({ active: false });
    running.takeTraffic();
    const patched = await running
      .scim("patch", `/Users/${body.id}`)
      .send({ Operations: [{ op: "replace", value: { active: false } }] });
    expect(patched.status).toBe(200);
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
  });

  it("reactivates by PUT, and leaves the status alone when a PUT does not name it", async () => {
    const { body } = await create({ active: false });
    const without = await running
      .scim("put", `/Users/${body.id}`)
      .send({ userName: "ada@example.com", title: "Dr" });
    expect(without.body).toMatchObject({ active: false, title: "Dr" });
    const activated = await running
      .scim("put", `/Users/${body.id}`)
      .send({ userName: "ada@example.com", active: true });
    expect(activated.body).toMatchObject({ active: true });
    expect(activated.body).not.toHaveProperty("title");
    expect(truth(body.id).status).toBe("active");
  });

  it("answers 403 with Twilio's reason when Twilio itself has suspended the account", async () => {
    const { body } = await create();
    running.simulator.world.accounts.suspendByTwilio(body.id);
    await running.bridge.sync.pass();
    const patched = await running
      .scim("patch", `/Users/${body.id}`)
      .send({ Operations: [{ op: "replace", value: { active: true } }] });
    expect(patched.status).toBe(403);
    expect(patched.body.detail).toMatch(/21478/);
    expect(truth(body.id).status).toBe("suspended");
  });

  it("closes by DELETE: 204, then 404 for everything, and the userName is free", async () => {
    const { body } = await create();
    expect((await running.scim("delete", `/Users/${body.id}`)).status).toBe(204);
    expect(truth(body.id).status).toBe("closed");
    running.takeTraffic();
    const statuses = [
      (await running.scim("get", `/Users/${body.id}`)).status,
      (await running.scim("delete", `/Users/${body.id}`)).status,
      (await running.scim("put", `/Users/${body.id}`).send({ userName: "ada@example.com" })).status,
    ];
    expect(statuses).toEqual([404, 404, 404]);
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
    await create();
  });

  it("renames the account when displayName is written, and shows a rename in Twilio's console", async () => {
    const { body } = await create({ displayName: "Before" });
    await running
      .scim("patch", `/Users/${body.id}`)
      .send({ Operations: [{ op: "Replace", path: "displayName", value: "After" }] });
    expect(truth(body.id).friendlyName).toBe("After");
    running.simulator.world.accounts.edit(body.id, { friendlyName: "In the console" });
    await running.bridge.sync.pass();
    expect((await running.scim("get", `/Users/${body.id}`)).body.displayName).toBe("In the console");
  });

  it("never changes the owner account", async () => {
    const { accountSid } = running.simulator;
    const answers = [
      await running.scim("delete", `/Users/${accountSid}`),
      await running
        .scim("patch", `/Users/${accountSid}`)
        .send({ Operations: [{ op: "replace", value: { active: false } }] }),
      await running
        .scim("patch", `/Users/${accountSid}`)
        .send({ Operations: [{ op: "replace", path: "displayName", value: "Mine" }] }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
  });

  it("finds an account that was made in the console, with one question to Twilio", async () => {
    const made = running.simulator.world.accounts.create({ friendlyName: "From the console" });
    const responses = await Promise.all([1, 2, 3].map(() => running.scim("get", `/Users/${made.sid}`)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(running.takeTraffic()).toEqual({ reads: 1, writes: 0 });
  });

  it("answers 503, not 404, when Twilio is down", async () => {
    const { body } = await create();
    running.simulator.world.faults.add({ kind: "status", status: 503 });
    const answers = [
      await running.scim("delete", `/Users/${body.id}`),
      await running.scim("get", "/Users/AC00000000000000000000000000000000"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    for (const { headers } of answers) expect(headers["retry-after"]).toMatch(/^\d+$/);
    expect((await running.scim("get", `/Users/${body.id}`)).status).toBe(200);
    expect(truth(body.id).status).toBe("active");
  });
});
