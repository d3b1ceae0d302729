import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { dryRun } from "../../src/lifecycle/dry-run.js";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";
import { expectScimError } from "./scim-error.js";

const SEARCH = { schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], count: 5 };
const disable = (value: unknown) => ({ Operations: [{ op: "replace", path: "active", value }] });

/** An account that is active, and not the owner. */
function activeAccount({ simulator }: BridgeOnSimulator, at = 0) {
  const account = simulator.world.accounts
    .list()
    .filter(({ status, isOwner }) => status === "active" && !isOwner)
    .at(at);
  if (account === undefined) throw new Error("there is no such account");
  return account;
}

describe("DRY_RUN", () => {
  let running: BridgeOnSimulator;
  afterEach(() => running.stop());

  async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    running = await startBridgeOnSimulator({
      env: { DRY_RUN: "on", PUBLIC_URL: "https://bridge.example.com", ...env },
    });
    running.takeTraffic();
  }

  const usersNow = async () => (await running.scim("get", "/Users?count=100")).body;

  it("answers a change as if it were done, marked as dry, and does nothing", async () => {
    await start();
    const { sid } = activeAccount(running);
    const before = await usersNow();

    const suspended = await running.scim("patch", `/Users/${sid}`).send(disable(false));
    expect([suspended.status, suspended.body.active, suspended.headers["x-dry-run"]]).toEqual([
      200,
      false,
      "true",
    ]);
    const written = await running.scim("put", `/Users/${sid}`).send({
      userName: "ada@example.com",
      displayName: "Ada",
      externalId: "7",
    });
    expect(written.body).toMatchObject({ userName: "ada@example.com", displayName: "Ada", externalId: "7" });
    const closed = await running.scim("delete", `/Users/${sid}`);
    expect([closed.status, closed.headers["x-dry-run"]]).toEqual([204, "true"]);

    expect(running.takeTraffic().writes).toBe(0);
    expect(await usersNow()).toEqual(before);
    const audited = running.logged.flatMap(({ audit }) => (audit === undefined ? [] : [audit]));
    const outcomes = running.logged.flatMap(({ audit, msg }) => (msg === "audit" ? [audit] : []));
    expect(outcomes).toHaveLength(3);
    for (const entry of outcomes) expect(entry).toMatchObject({ outcome: "done" });
    for (const entry of audited) expect(entry).toMatchObject({ dryRun: true });
  });

  it("applies every rule", async () => {
    await start({ MAX_CLOSURES_PER_HOUR: "0" });
    const { sid } = activeAccount(running);
    const other = await running.scim("get", `/Users/${activeAccount(running, 1).sid}`);
    const owner = running.simulator.accountSid;
    expectScimError(await running.scim("patch", `/Users/${owner}`).send(disable(false)), 403);
    expectScimError(
      await running.scim("patch", `/Users/${sid}`).send(disable("banana")),
      400,
      "invalidValue",
    );
    expectScimError(
      await running.scim("put", `/Users/${sid}`).send({ userName: other.body.userName }),
      409,
      "uniqueness",
    );
    expectScimError(await running.scim("delete", `/Users/${sid}`), 429);
    expectScimError(await running.scim("delete", `/Users/AC${"0".repeat(32)}`), 404);
  });

  it("counts nothing at a brake", async () => {
    await start({ MAX_CLOSURES_PER_HOUR: "1" });
    const { sid } = activeAccount(running);
    for (let i = 0; i < 3; i++) expect((await running.scim("delete", `/Users/${sid}`)).status).toBe(204);
  });

  it("refuses a creation that would have succeeded with 403, since there is no id to give", async () => {
    await start();
    const { userName } = (await running.scim("get", `/Users/${activeAccount(running).sid}`)).body;
    expectScimError(await running.scim("post", "/Users").send({ userName }), 409, "uniqueness");
    const created = await running.scim("post", "/Users").send({ userName: "new@example.com" });
    expectScimError(created, 403);
    expect([created.body.detail, created.headers["x-dry-run"]]).toEqual([
      expect.stringContaining("DRY_RUN"),
      "true",
    ]);
    expectScimError(await running.scim("post", "/Groups").send({ displayName: "New" }), 403);
    expect(running.takeTraffic().writes).toBe(0);
    expect((await running.scim("get", "/Groups")).body.totalResults).toBe(0);
  });

  it("marks no read, and warns at the start", async () => {
    await start();
    const list = await running.scim("get", "/Users");
    const search = await running.scim("post", "/Users/.search").send(SEARCH);
    expect([list, search].map(({ status, headers }) => [status, headers["x-dry-run"]])).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    expect(running.config.warnings).toEqual(
      expect.arrayContaining([expect.stringContaining("DRY_RUN is on")]),
    );
  });

  it("shows what a group would become, and leaves it as it is", async () => {
    running = await startBridgeOnSimulator();
    const { sid } = activeAccount(running);
    const { body: group } = await running.scim("post", "/Groups").send({ displayName: "Team" });
    await running.bridge.directory.save();
    // What a dry run does with groups, on a group that there is.
    const { directory } = running.bridge;
    const { groups } = dryRun({ directory, brakes: { assertFree: async () => undefined } });
    const changed = await groups.update(group.id, () => ({
      attributes: { displayName: "Crew" },
      members: [sid, "nobody"],
    }));
    expect([changed.attributes.displayName, [...changed.members]]).toEqual(["Crew", [sid]]);
    await groups.delete(group.id);
    const after = (await running.scim("get", `/Groups/${group.id}`)).body;
    expect([after.displayName, after.members]).toEqual(["Team", undefined]);
  });
});

describe("READ_ONLY", () => {
  let running: BridgeOnSimulator;
  beforeEach(async () => {
    running = await startBridgeOnSimulator({ env: { READ_ONLY: "on" } });
  });
  afterEach(() => running.stop());

  it("answers 403 to whatever would change something, before it is looked at", async () => {
    const { sid } = activeAccount(running);
    running.takeTraffic();
    const writes = [
      running.scim("post", "/Users").send({ userName: "new@example.com" }),
      running.scim("put", `/Users/${sid}`).send({}),
      running.scim("patch", `/Users/${sid}`).send("{"),
      running.scim("delete", `/Users/${sid}`),
      running.scim("post", "/Groups").send({ displayName: "New" }),
      running.scim("delete", "/Groups/unknown"),
      running.scim("post", "/Bulk").send({ Operations: [] }),
    ];
    for (const answer of await Promise.all(writes)) expectScimError(answer, 403);
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
  });

  it("lets reads through, searches by POST among them", async () => {
    expect((await running.scim("get", "/Users")).status).toBe(200);
    expect((await running.scim("post", "/Users/.search").send(SEARCH)).status).toBe(200);
    expect((await running.scim("post", "/.search").send(SEARCH)).status).toBe(200);
  });

  it("still wants to know who asks", async () => {
    const unknown = await running.scim("delete", "/Users/unknown").set("Authorization", "Bearer nobody");
    expectScimError(unknown, 401);
  });
});
