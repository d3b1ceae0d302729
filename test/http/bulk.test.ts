import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import {
  type BridgeOnSimulator,
  SCIM_JSON,
  startBridgeOnSimulator,
  TOKEN,
} from "../support/bridge-on-simulator.js";
import { expectScimError } from "./scim-error.js";

const BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

const suspend = (sid: string) => ({
  method: "PATCH",
  path: `/Users/${sid}`,
  data: { Operations: [{ op: "replace", path: "active", value: false }] },
});
const create = (bulkId: string, userName: string, said: object = {}) => ({
  method: "POST",
  path: "/Users",
  bulkId,
  data: { userName, ...said },
});
const close = (sid: string) => ({ method: "DELETE", path: `/Users/${sid}` });

describe("POST /Bulk", () => {
  let running: BridgeOnSimulator;
  /** Active subaccounts. */
  let sids: readonly [string, string, string];

  beforeEach(async () => {
    running = await startBridgeOnSimulator({
      simulator: { accounts: 20 },
      env: { PUBLIC_URL: "https://bridge.example.com" },
      parts: { random: () => 0.5 },
    });
    const [first, second, third] = running.simulator.world.accounts
      .list()
      .filter(({ isOwner, status }) => !isOwner && status === "active")
      .map(({ sid }) => sid);
    if (!first || !second || !third) throw new Error("There are too few active accounts.");
    sids = [first, second, third];
    running.takeTraffic();
  });
  afterEach(() => running.stop());

  const truth = (sid: string) => running.simulator.world.accounts.get(sid);
  const send = (...Operations: object[]) =>
    running.scim("post", "/Bulk").send({ schemas: [BULK_REQUEST], Operations });
  const statusesOf = (body: { Operations: { status: string }[] }) =>
    body.Operations.map(({ status }) => status);

  it("creates, groups, suspends and closes, with one request to Twilio for each change of an account", async () => {
    const [first, second] = sids;
    const response = await send(
      create("ada", "ada@example.com", { displayName: "Ada" }),
      create("bob", "bob@example.com", { displayName: "Bob", active: false }),
      {
        method: "POST",
        path: "/Groups",
        bulkId: "guides",
        data: {
          displayName: "Tour Guides",
          members: [{ value: "bulkId:ada" }, { value: "bulkId:bob" }, { value: first }],
        },
      },
      suspend(first),
      close(second),
    );
    expect(response.status).toBe(200);
    expect(response.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    expect(response.body.schemas).toEqual([BULK_RESPONSE]);
    expect(statusesOf(response.body)).toEqual(["201", "201", "201", "200", "204"]);
    // Bob is created and then suspended.
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 5 });

    const [ada, bob, guides, suspended, closed] = response.body.Operations;
    const sidOf = ({ location }: { location: string }) =>
      location.replace("https://bridge.example.com/scim/v2/Users/", "");
    expect(truth(sidOf(ada))).toMatchObject({ friendlyName: "Ada", status: "active" });
    expect(truth(sidOf(bob))).toMatchObject({ friendlyName: "Bob", status: "suspended" });
    expect(sidOf(suspended)).toBe(first);
    expect(truth(first).status).toBe("suspended");
    expect(sidOf(closed)).toBe(second);
    expect(truth(second).status).toBe("closed");

    const group = await running.scim("get", guides.location.replace(/^.*\/scim\/v2/, ""));
    const members = group.body.members.map(({ value }: { value: string }) => value);
    expect(new Set(members)).toEqual(new Set([sidOf(ada), sidOf(bob), first]));
    expect(group.body.meta.version).toBe(guides.version);
  });

  it("goes on past what fails at Twilio, and tells it from what does not", async () => {
    const [first, second, third] = sids;
    running.simulator.world.faults.add({ kind: "status", status: 503, accountSid: first });
    const response = await send(
      suspend(first),
      suspend(second),
      create("ada", "ada@example.com"),
      close(running.simulator.accountSid),
      close(third),
    );
    expect(response.status).toBe(200);
    expect(statusesOf(response.body)).toEqual(["503", "200", "201", "403", "204"]);
    for (const index of [0, 3]) {
      const { response: error, status } = response.body.Operations[index];
      expect(error).toEqual({
        schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
        status,
        detail: expect.stringMatching(/\S/),
      });
    }
    expect([first, second, third].map((sid) => truth(sid).status)).toEqual(["active", "suspended", "closed"]);
    expect(truth(running.simulator.accountSid).status).toBe("active");
  });

  it("makes one account of a creation whose answer is lost, and puts it into the group", async () => {
    running.simulator.world.faults.add({ kind: "drop-after", route: "accounts.create", count: 1 });
    const before = running.simulator.world.accounts.list().length;
    const { body } = await send(create("ada", "ada@example.com"), {
      method: "POST",
      path: "/Groups",
      bulkId: "guides",
      data: { displayName: "Tour Guides", members: [{ value: "bulkId:ada" }] },
    });
    expect(statusesOf(body)).toEqual(["201", "201"]);
    expect(running.simulator.world.accounts.list()).toHaveLength(before + 1);
    const { body: groups } = await running.scim("get", "/Groups");
    expect(groups.Resources[0].members).toMatchObject([{ value: body.Operations[0].location.slice(-34) }]);
  });

  it("writes one audit line for each operation, on behalf of the request", async () => {
    const [first, second] = sids;
    await send(suspend(first), close(second)).set("X-Request-Id", "bulk-1");
    const audits = running.logged.filter(({ msg }) => msg === "audit").map(({ audit }) => audit);
    const actor = { name: "SCIM_TOKEN", requestId: "bulk-1" };
    expect(audits).toMatchObject([
      { actor, accountSid: first, actions: ["suspend"], outcome: "done" },
      { actor, accountSid: second, actions: ["close"], outcome: "done" },
    ]);
  });

  it("answers 413 for more than 1 MiB, and for more than 1000 operations, with the limit", async () => {
    const [first] = sids;
    const large = await send(suspend(first), create("ada", "a".repeat(1024 * 1024)));
    expectScimError(large, 413);
    expect(large.body.detail).toContain("1048576");
    const many = await send(suspend(first), ...Array(1000).fill({ method: "GET" }));
    expectScimError(many, 413);
    expect(many.body.detail).toContain("1000");
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
    const { body } = await running.scim("get", "/ServiceProviderConfig");
    expect(body.bulk).toEqual({ supported: true, maxOperations: 1000, maxPayloadSize: 1048576 });
  });

  it("takes a body of 1 MiB", async () => {
    const [first] = sids;
    const body = JSON.stringify({ Operations: [close(first)] });
    const padded = body + " ".repeat(1024 * 1024 - body.length);
    const response = await running
      .scim("post", "/Bulk")
      .serialize((text: unknown) => String(text))
      .send(padded);
    expect([response.status, statusesOf(response.body)]).toEqual([200, ["204"]]);
  });

  it("answers 400 for what is no bulk request", async () => {
    const [first] = sids;
    for (const body of [{}, { Operations: [] }, { schemas: ["urn:x"], Operations: [suspend(first)] }]) {
      expectScimError(await running.scim("post", "/Bulk").send(body), 400, "invalidSyntax");
    }
    const broken = running.scim("post", "/Bulk").serialize((text: unknown) => String(text));
    expectScimError(await broken.send('{"Operations":['), 400, "invalidSyntax");
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
  });

  it("answers 401 without the token, 415 for another media type, and does nothing", async () => {
    const [first] = sids;
    const body = JSON.stringify({ Operations: [suspend(first)] });
    const bare = supertest(running.bridge.app).post("/scim/v2/Bulk").set("Content-Type", SCIM_JSON);
    expectScimError(await bare.send(body), 401);
    const text = running.scim("post", "/Bulk").set("Content-Type", "text/plain");
    expectScimError(await text.send(body), 415);
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
  });

  it("is the only thing that can be done there: 405 with what can", async () => {
    for (const method of ["get", "put", "patch", "delete"] as const) {
      const response = await running.scim(method, "/Bulk");
      expectScimError(response, 405);
      expect(response.headers.allow).toBe("POST, OPTIONS");
    }
    const options = await supertest(running.bridge.app)
      .options("/scim/v2/Bulk")
      .set("Authorization", `Bearer ${TOKEN}`);
    expect([options.status, options.headers.allow]).toEqual([204, "POST, OPTIONS"]);
  });
});
