import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { DAY_MS, START_MS, send } from "./simulator-client.js";

describe("the window of usage records", () => {
  let simulator: Simulator;
  let sid: string;

  /** An account that lives from 2026-11-04 on, 20 days. */
  beforeEach(async () => {
    simulator = await startSimulator({ accounts: 0, now: () => START_MS });
    simulator.world.clock.advance(-20 * DAY_MS);
    sid = simulator.world.accounts.create({ friendlyName: "Ada" }).sid;
    simulator.world.clock.advance(20 * DAY_MS);
  });
  afterEach(() => simulator.close());

  const ask = (list: string, query: string) =>
    send(
      simulator,
      "GET",
      `/2010-04-01/Accounts/${sid}/Usage/Records${list}.json?Category=totalprice&${query}`,
    );

  it("is 404 when it ends before it starts or lies outside the account's life", async () => {
    const outside = [
      "StartDate=2026-11-20&EndDate=2026-11-19",
      "StartDate=2026-10-01&EndDate=2026-11-03",
      "EndDate=2026-11-03",
      "StartDate=2026-11-25",
      "StartDate=2026-11-25&EndDate=2026-12-31",
      "StartDate=-40days&EndDate=-30days",
    ];
    for (const list of ["", "/AllTime", "/Daily", "/Monthly", "/Yearly"]) {
      for (const query of outside) {
        const { status, json } = await ask(list, query);
        expect({ list, query, status, code: json.code }).toEqual({ list, query, status: 404, code: 20404 });
      }
    }
    expect((await ask("/LastMonth", "")).json.code).toBe(20404);
  });

  it("may reach over the account's life at both ends", async () => {
    for (const query of [
      "StartDate=2026-10-01&EndDate=2026-11-04",
      "StartDate=2026-11-24&EndDate=2026-12-31",
      "StartDate=2020-01-01",
    ]) {
      expect((await ask("/Daily", query)).status).toBe(200);
      expect((await ask("", query)).status).toBe(200);
    }
  });

  it("takes offsets from today", async () => {
    const { json } = await ask("", "StartDate=-5days&EndDate=-1day");
    expect(json.usage_records[0]).toMatchObject({ start_date: "2026-11-19", end_date: "2026-11-23" });
    const ahead = await ask("", "StartDate=2026-11-20&EndDate=%2B30days");
    expect(ahead.json.usage_records[0].end_date).toBe("2026-12-24");
  });

  it("refuses what is no date: 400 without a code", async () => {
    for (const [parameter, value] of [
      ["StartDate", "yesterday"],
      ["StartDate", "2026-02-29"],
      ["EndDate", "2026-13-01"],
      ["EndDate", "24.11.2026"],
      ["StartDate", "2026-11-20T00:00:00Z"],
    ] as const) {
      for (const list of ["", "/Daily", "/Today"]) {
        const { status, json } = await ask(list, `${parameter}=${value}`);
        expect(status).toBe(400);
        expect(json).toEqual({ message: `Invalid ${parameter}`, status: 400 });
      }
    }
  });

  it("knows leap days", async () => {
    simulator.world.clock.set(Date.UTC(2028, 2, 5));
    const { json } = await ask("/Daily", "StartDate=2028-02-28&EndDate=2028-03-01");
    const days = json.usage_records.map((row: { start_date: string }) => row.start_date);
    expect(days).toEqual(["2028-03-01", "2028-02-29", "2028-02-28"]);
  });

  it("of a closed account ends on the day of closing, and its usage stays readable", async () => {
    simulator.world.ledger.add({ accountSid: sid, day: "2026-11-24", category: "calls", price: "1" });
    simulator.world.accounts.close(sid);
    simulator.world.clock.advance(10 * DAY_MS);
    const daily = await ask("/Daily", "");
    expect(daily.status).toBe(200);
    expect(daily.json.usage_records[0]).toMatchObject({ start_date: "2026-11-24", price: "1" });
    expect((await ask("/Daily", "StartDate=2026-11-25")).json.code).toBe(20404);
    const plain = (await ask("", "")).json.usage_records[0];
    expect(plain).toMatchObject({ end_date: "2026-12-04", price: "1" });
  });

  it("of a suspended account is readable or refused with 20005, as set", async () => {
    simulator.world.accounts.suspend(sid);
    expect((await ask("/Daily", "")).status).toBe(200);
    simulator.world.settings.set({ suspendedUsage: "refused" });
    const { status, json } = await ask("/Daily", "");
    expect([status, json.code]).toEqual([403, 20005]);
    simulator.world.accounts.reactivate(sid);
    expect((await ask("/Daily", "")).status).toBe(200);
  });
});
