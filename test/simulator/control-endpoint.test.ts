import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { failureOf, START_MS, send, twilioClient } from "./simulator-client.js";

describe("the control endpoint", () => {
  let simulator: Simulator;

  beforeEach(async () => {
    simulator = await startSimulator({ accounts: 0, now: () => START_MS });
  });
  afterEach(() => simulator.close());

  const control = (method: string, path: string, json?: unknown) =>
    send(simulator, method, `/__simulator${path}`, {
      login: null,
      ...(json === undefined ? {} : { json }),
    });

  it("says where the simulator is and which credentials it takes", async () => {
    const { url, port, accountSid, authToken, mainKey, standardKey } = simulator;
    const expected = { url, port, accountSid, authToken, mainKey, standardKey };
    expect((await control("GET", "")).json).toEqual(expected);
    expect((await control("GET", "/")).json).toEqual(expected);
    expect(url).toBe(`http://127.0.0.1:${port}`);
  });

  it("reads and moves the clock, which answers are dated by", async () => {
    expect((await control("GET", "/clock")).json).toEqual({ now: "2026-11-24T07:15:00.000Z" });
    await control("POST", "/clock", { advanceMs: 86_400_000 });
    expect((await control("GET", "/clock")).json).toEqual({ now: "2026-11-25T07:15:00.000Z" });
    await control("POST", "/clock", { now: "2028-02-29T12:00:00Z" });
    const { headers } = await send(simulator, "GET", "/2010-04-01/Accounts.json");
    expect(headers.get("date")).toBe("Tue, 29 Feb 2028 12:00:00 GMT");
  });

  it("does to accounts what the console does", async () => {
    const { sid } = (
      await control("POST", "/accounts", { friendlyName: "Ada", type: "Trial", currency: "gbp" })
    ).json;
    const twilio = twilioClient(simulator).api.v2010;
    expect(await twilio.accounts(sid).fetch()).toMatchObject({ friendlyName: "Ada", type: "Trial" });
    const status = async (action: string) => {
      await control("POST", `/accounts/${sid}/${action}`);
      return (await twilio.accounts(sid).fetch()).status;
    };
    expect(await status("suspend")).toBe("suspended");
    expect(await status("reactivate")).toBe("active");
    expect(await status("suspend-by-twilio")).toBe("suspended");
    expect((await control("GET", `/accounts/${sid}`)).json.suspendedByTwilio).toBe(true);
    expect(await status("reactivate")).toBe("active");
    await control("POST", `/accounts/${sid}`, { friendlyName: "Ada L.", type: "Full", currency: "eur" });
    expect((await control("GET", `/accounts/${sid}`)).json).toMatchObject({
      friendlyName: "Ada L.",
      type: "Full",
      currency: "eur",
      suspendedByTwilio: false,
    });
    expect(await status("close")).toBe("closed");
    expect((await control("POST", `/accounts/${sid}/reactivate`)).status).toBe(409);
    expect((await control("DELETE", `/accounts/${sid}`)).status).toBe(200);
    expect(await failureOf(twilio.accounts(sid).fetch())).toEqual({ status: 404, code: 20404 });
    expect((await control("GET", "/accounts")).json).toHaveLength(1);
  });

  it("keeps the owner account in being", async () => {
    const owner = simulator.accountSid;
    expect((await control("DELETE", `/accounts/${owner}`)).status).toBe(409);
    expect((await control("POST", `/accounts/${owner}/close`)).status).toBe(409);
    expect((await control("GET", `/accounts/${owner}`)).json.status).toBe("active");
  });

  it("edits the raw ledger", async () => {
    const { sid } = (await control("POST", "/accounts", { friendlyName: "Ada" })).json;
    expect((await control("GET", `/ledger/${sid}`)).json).toEqual([]);
    const day = "2026-11-24";
    const added = (
      await control("POST", "/ledger", {
        accountSid: sid,
        day,
        category: "verify-voice-and-sms",
        price: 0.05,
      })
    ).json;
    expect(added).toEqual({
      id: expect.any(String),
      day,
      category: "verify-voice-and-sms",
      alsoIn: ["sms-outbound-longcode"],
      price: "0.05",
      usage: 1,
      count: 1,
    });
    await control("POST", "/ledger", {
      accountSid: sid,
      day,
      category: "calls",
      price: null,
      count: 2,
      usage: 9,
    });
    expect((await control("GET", `/ledger/${sid}`)).json).toHaveLength(2);
    expect((await control("DELETE", `/ledger/${sid}/${added.id}`)).status).toBe(200);
    expect((await control("GET", `/ledger/${sid}`)).json).toEqual([
      { id: expect.any(String), day, category: "calls", alsoIn: [], price: null, usage: 9, count: 2 },
    ]);
  });

  it("refuses charges that cannot be", async () => {
    const { sid } = (await control("POST", "/accounts", { friendlyName: "Ada" })).json;
    const charge = { accountSid: sid, day: "2026-11-24", category: "calls", price: "1" };
    for (const wrong of [
      { day: "2026-11-23" },
      { day: "2026-11-25" },
      { day: "today" },
      { price: "1.2345678" },
      { price: "a lot" },
      { category: "" },
      { surcharge: 1 },
    ]) {
      const { status, json } = await control("POST", "/ledger", { ...charge, ...wrong });
      expect({ wrong, status, error: json.error }).toEqual({ wrong, status: 400, error: expect.any(String) });
    }
    expect((await control("POST", "/ledger", { ...charge, accountSid: "AC0" })).status).toBe(404);
    expect((await control("GET", `/ledger/${sid}`)).json).toEqual([]);
  });

  it("sets, lists, releases and clears faults", async () => {
    const fault = { kind: "status", status: 503, route: "accounts.list", count: 1 };
    const { json } = await control("POST", "/faults", fault);
    expect(json).toEqual({ id: expect.any(String), rule: fault, matched: 0, fired: 0 });
    expect((await send(simulator, "GET", "/2010-04-01/Accounts.json")).status).toBe(503);
    expect((await control("GET", "/faults")).json).toEqual([{ ...json, matched: 1, fired: 1 }]);
    expect((await control("DELETE", `/faults/${json.id}`)).status).toBe(200);
    expect((await control("DELETE", `/faults/${json.id}`)).status).toBe(404);
    const hold = (await control("POST", "/faults", { kind: "hold" })).json;
    const held = send(simulator, "GET", "/2010-04-01/Accounts.json");
    await simulator.world.faults.whenFired(hold.id);
    await control("POST", `/faults/${hold.id}/release`);
    expect((await held).status).toBe(200);
    await control("DELETE", "/faults");
    expect((await control("GET", "/faults")).json).toEqual([]);
  });

  it("refuses faults that it does not know", async () => {
    for (const fault of [
      {},
      { kind: "explode" },
      { kind: "status", status: 200 },
      { kind: "429", path: "(" },
      { kind: "hang", probability: 2 },
      { kind: "drop-before", acountSid: "AC0" },
    ]) {
      const { status } = await control("POST", "/faults", fault);
      expect({ fault, status }).toEqual({ fault, status: 400 });
    }
    expect((await control("GET", "/faults")).json).toEqual([]);
  });

  it("changes settings while it runs", async () => {
    const before = (await control("GET", "/settings")).json;
    expect(before).toEqual({
      latencyMs: 0,
      maxConcurrency: null,
      subaccountLimit: 1000,
      suspendedUsage: "readable",
      emptyPeriods: "listed",
    });
    const { json } = await control("POST", "/settings", { subaccountLimit: 0, suspendedUsage: "refused" });
    expect(json).toEqual({ ...before, subaccountLimit: 0, suspendedUsage: "refused" });
    const { accounts } = twilioClient(simulator).api.v2010;
    expect(await failureOf(accounts.create({ friendlyName: "Ada" }))).toMatchObject({ code: 21480 });
    expect((await control("POST", "/settings", { latency: 5 })).status).toBe(400);
  });

  it("counts requests by route, itself not included, and forgets them on demand", async () => {
    const { accounts } = twilioClient(simulator).api.v2010;
    const { sid } = await accounts.create({ friendlyName: "Ada" });
    await accounts(sid).fetch();
    await failureOf(accounts(`AC${"0".repeat(32)}`).fetch());
    await send(simulator, "GET", `/2010-04-01/Accounts/${sid}/Usage/Records/Daily.json?Category=calls`);
    await send(simulator, "GET", "/nowhere");
    await send(simulator, "DELETE", `/2010-04-01/Accounts/${sid}.json`);
    const { json } = await control("GET", "/traffic");
    const requests = Object.entries<{ requests: number }>(json.routes).map(([route, traffic]) => [
      route,
      traffic.requests,
    ]);
    expect(Object.fromEntries(requests)).toEqual({
      "accounts.create": 1,
      "accounts.fetch": 2,
      "usage.Daily": 1,
      unknown: 1,
      "method-not-allowed": 1,
    });
    expect(json.routes["accounts.fetch"].statuses).toEqual({ "200": 1, "404": 1 });
    expect(json.routes["usage.Daily"].bytes).toBeGreaterThan(500);
    expect(json).toMatchObject({ inFlight: 0, maxInFlight: 1 });
    expect(json.log).toHaveLength(6);
    expect(json.log[3]).toEqual({
      method: "GET",
      url: `/2010-04-01/Accounts/${sid}/Usage/Records/Daily.json?Category=calls`,
      route: "usage.Daily",
      at: "2026-11-24T07:15:00.000Z",
      status: 200,
    });
    await control("DELETE", "/traffic");
    expect((await control("GET", "/traffic")).json).toEqual({
      inFlight: 0,
      maxInFlight: 0,
      routes: {},
      log: [],
    });
  });

  it("says what it does not understand", async () => {
    expect((await control("GET", "/nothing")).status).toBe(404);
    expect((await control("DELETE", "/clock")).status).toBe(405);
    expect((await control("POST", "/clock", { now: "noon" })).status).toBe(400);
    const response = await fetch(`${simulator.url}/__simulator/clock`, { method: "POST", body: "{" });
    expect(response.status).toBe(400);
    expect((await control("GET", "/accounts/AC0")).json).toEqual({ error: "There is no account AC0." });
  });
});
