import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { failureOf, START_MS, send, twilioClient } from "./simulator-client.js";

const LIST = "/2010-04-01/Accounts.json";

describe("a fault", () => {
  let simulator: Simulator;

  beforeEach(async () => {
    simulator = await startSimulator({ accounts: 0, now: () => START_MS });
  });
  afterEach(() => simulator.close());

  const create = (friendlyName: string) =>
    send(simulator, "POST", LIST, { form: { FriendlyName: friendlyName } });
  const names = () =>
    simulator.world.accounts
      .list()
      .filter((account) => !account.isOwner)
      .map((account) => account.friendlyName);

  it("429 is never processed, and says when to come back only if told to", async () => {
    simulator.world.faults.add({ kind: "429", count: 1 });
    simulator.world.faults.add({ kind: "429", count: 1, retryAfterSeconds: 3 });
    const without = await create("First");
    expect([without.status, without.json.code, without.headers.get("retry-after")]).toEqual([
      429,
      20429,
      null,
    ]);
    const withIt = await create("Second");
    expect([withIt.status, withIt.headers.get("retry-after")]).toEqual([429, "3"]);
    expect(names()).toEqual([]);
    expect((await create("Third")).status).toBe(201);
    expect(names()).toEqual(["Third"]);
  });

  it("status answers a 5xx in JSON or HTML, without effect unless told to", async () => {
    const { faults } = simulator.world;
    faults.add({ kind: "status", status: 503, count: 1 });
    const json = await create("Json");
    expect([json.status, json.json.status, json.json.code]).toEqual([503, 503, expect.any(Number)]);
    expect(names()).toEqual([]);
    faults.add({ kind: "status", status: 502, body: "html", effect: true, count: 1 });
    const html = await create("Html");
    expect([html.status, html.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(html.text).toMatch(/^<html>/);
    expect(names()).toEqual(["Html"]);
  });

  it("html-200 makes the twilio package fail to parse", async () => {
    simulator.world.faults.add({ kind: "html-200", method: "GET" });
    await expect(twilioClient(simulator).api.v2010.accounts.list()).rejects.toThrow(SyntaxError);
    const { status, text } = await send(simulator, "GET", LIST);
    expect([status, text.startsWith("<html>")]).toEqual([200, true]);
  });

  it("truncated-json processes the request and sends half of the answer", async () => {
    simulator.world.faults.add({ kind: "truncated-json", count: 1 });
    const { status, text, json } = await create("Half");
    expect([status, json]).toEqual([201, undefined]);
    expect(text.startsWith('{"auth_token"')).toBe(true);
    expect(names()).toEqual(["Half"]);
  });

  it("drop-before has no effect and drop-after has: the client cannot tell them apart", async () => {
    const { faults } = simulator.world;
    faults.add({ kind: "drop-before", count: 1 });
    const { accounts } = twilioClient(simulator).api.v2010;
    await expect(accounts.create({ friendlyName: "Lost" })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(names()).toEqual([]);
    faults.add({ kind: "drop-after", count: 1 });
    await expect(accounts.create({ friendlyName: "Made" })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(names()).toEqual(["Made"]);
    expect(simulator.world.traffic.report().log.map((entry) => entry.status)).toEqual([null, null]);
  });

  it("hang never answers; closing the simulator ends it", async () => {
    const { faults } = simulator.world;
    const { id } = faults.add({ kind: "hang", route: "accounts.create", effect: true });
    const waiting = create("Hung");
    const ended = expect(waiting).rejects.toThrow();
    await faults.whenFired(id);
    expect((await send(simulator, "GET", LIST)).status).toBe(200);
    expect(names()).toEqual(["Hung"]);
    expect(simulator.world.traffic.report().inFlight).toBe(1);
    await simulator.close();
    await ended;
  });

  it("hold keeps a request back before its effect until it is released", async () => {
    const { faults } = simulator.world;
    const { id } = faults.add({ kind: "hold", route: "accounts.create", count: 1 });
    const waiting = create("Held");
    await faults.whenFired(id);
    expect(names()).toEqual([]);
    faults.release(id);
    expect((await waiting).status).toBe(201);
    expect(names()).toEqual(["Held"]);
  });

  it("hold after the effect delivers a list that is older than what came meanwhile", async () => {
    const { faults } = simulator.world;
    const { id } = faults.add({ kind: "hold", route: "accounts.list", at: "after", count: 1 });
    const stale = send(simulator, "GET", LIST);
    await faults.whenFired(id);
    await send(simulator, "GET", "/2010-04-01/Accounts.json?Status=closed");
    await create("Newer");
    expect(simulator.world.traffic.report().inFlight).toBe(1);
    faults.clear();
    expect((await stale).json.accounts).toHaveLength(1);
  });

  it("latency combines with others", async () => {
    const { faults } = simulator.world;
    const latency = faults.add({ kind: "latency", ms: 1 });
    const failing = faults.add({ kind: "status", status: 500 });
    expect((await create("Slow")).status).toBe(500);
    expect(faults.list().map(({ id, fired }) => [id, fired])).toEqual([
      [latency.id, 1],
      [failing.id, 1],
    ]);
  });

  it("hits only what its matcher names", async () => {
    const { faults, accounts } = simulator.world;
    const ada = accounts.create({ friendlyName: "Ada" }).sid;
    const bob = accounts.create({ friendlyName: "Bob" }).sid;
    const outcomes = async () => ({
      list: (await send(simulator, "GET", LIST)).status,
      ada: (await send(simulator, "GET", `/2010-04-01/Accounts/${ada}.json`)).status,
      bob: (await send(simulator, "GET", `/2010-04-01/Accounts/${bob}.json`)).status,
      renameAda: (await send(simulator, "POST", `/2010-04-01/Accounts/${ada}.json`, { form: {} })).status,
      usage: (await send(simulator, "GET", `/2010-04-01/Accounts/${ada}/Usage/Records/Daily.json`)).status,
    });
    const fine = { list: 200, ada: 200, bob: 200, renameAda: 200, usage: 200 };
    const cases = [
      [{ accountSid: ada }, { ...fine, ada: 500, renameAda: 500, usage: 500 }],
      [{ method: "post" }, { ...fine, renameAda: 500 }],
      [{ route: "usage.Daily" }, { ...fine, usage: 500 }],
      [{ path: "Accounts\\.json$" }, { ...fine, list: 500 }],
      [
        { method: "GET", accountSid: ada, route: "accounts.fetch" },
        { ...fine, ada: 500 },
      ],
    ] as const;
    for (const [matcher, expected] of cases) {
      faults.add({ kind: "status", status: 500, ...matcher });
      expect({ matcher, outcomes: await outcomes() }).toEqual({ matcher, outcomes: expected });
      faults.clear();
    }
    expect(await outcomes()).toEqual(fine);
  });

  it("lets requests by first, and stops after its count", async () => {
    simulator.world.faults.add({ kind: "status", status: 500, skip: 2, count: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await send(simulator, "GET", LIST)).status);
    expect(statuses).toEqual([200, 200, 500, 500, 200, 200]);
    expect(simulator.world.faults.list()[0]).toMatchObject({ matched: 4, fired: 2 });
  });

  it("of a probability falls the same way for the same seed", async () => {
    const statuses = async (seed: number) => {
      const other = await startSimulator({ accounts: 0, seed, now: () => START_MS });
      other.world.faults.add({ kind: "status", status: 500, probability: 0.5 });
      const seen: number[] = [];
      for (let i = 0; i < 24; i += 1) seen.push((await send(other, "GET", LIST)).status);
      await other.close();
      return seen;
    };
    const first = await statuses(3);
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await statuses(3)).toEqual(first);
    expect(await statuses(4)).not.toEqual(first);
  });
});

describe("the ceiling on concurrent requests", () => {
  let simulator: Simulator;
  afterEach(() => simulator.close());

  it("answers 429/20429 beyond it, without processing, and counts on every answer", async () => {
    simulator = await startSimulator({ accounts: 0, maxConcurrency: 2, now: () => START_MS });
    const { faults, traffic } = simulator.world;
    const { id } = faults.add({ kind: "hold", count: 2 });
    const held = [send(simulator, "GET", LIST), send(simulator, "GET", LIST)];
    await faults.whenFired(id, 2);
    const refused = await send(simulator, "POST", LIST, { form: { FriendlyName: "Too many" } });
    expect([refused.status, refused.json.code]).toEqual([429, 20429]);
    expect(refused.headers.get("twilio-concurrent-requests")).toBe("3");
    expect(simulator.world.accounts.list()).toHaveLength(1);
    faults.clear();
    const answers = await Promise.all(held);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map(({ headers }) => headers.get("twilio-concurrent-requests")).sort()).toEqual([
      "1",
      "2",
    ]);
    expect(traffic.report().maxInFlight).toBe(3);
    const next = await send(simulator, "GET", LIST);
    expect([next.status, next.headers.get("twilio-concurrent-requests")]).toEqual([200, "1"]);
  });

  it("is seen by the twilio package as status 429", async () => {
    simulator = await startSimulator({ accounts: 0, maxConcurrency: 1, now: () => START_MS });
    const { faults } = simulator.world;
    const { id } = faults.add({ kind: "hold", count: 1 });
    const held = send(simulator, "GET", LIST);
    await faults.whenFired(id);
    expect(await failureOf(twilioClient(simulator).api.v2010.accounts.list())).toEqual({
      status: 429,
      code: 20429,
    });
    faults.clear();
    expect((await held).status).toBe(200);
  });
});
