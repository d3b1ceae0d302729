import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { LONG_TEST_MS, START_MS, send, twilioClient } from "./simulator-client.js";

const LIST = "/2010-04-01/Accounts.json";

describe("the list of accounts", () => {
  let simulator: Simulator;

  beforeEach(async () => {
    simulator = await startSimulator({ accounts: 120, now: () => START_MS });
  });
  afterEach(() => simulator.close());

  const sidsByPage = async (first: string): Promise<string[][]> => {
    const pages: string[][] = [];
    for (let uri: string | null = first; uri !== null; ) {
      const { json } = await send(simulator, "GET", uri);
      pages.push(json.accounts.map((account: { sid: string }) => account.sid));
      uri = json.next_page_uri;
    }
    return pages;
  };

  it("is read whole by the twilio package, owner included, each account once", async () => {
    const accounts = await twilioClient(simulator).api.v2010.accounts.list({ pageSize: 50 });
    const sids = accounts.map((account) => account.sid);
    expect(sids).toEqual(simulator.world.accounts.list().map((account) => account.sid));
    expect(new Set(sids).size).toBe(121);
    expect(sids).toContain(simulator.accountSid);
    const requests = simulator.world.traffic.report().routes["accounts.list"]?.requests;
    expect(requests).toBe(3);
  });

  it("has 50 a page unless asked otherwise, and from 1 to 1000", async () => {
    for (const [asked, used] of [
      ["", 50],
      ["?PageSize=7", 7],
      ["?PageSize=0", 1],
      ["?PageSize=-5", 1],
      ["?PageSize=1001", 1000],
      ["?PageSize=many", 50],
    ] as const) {
      const { json } = await send(simulator, "GET", LIST + asked);
      expect({ asked, size: json.page_size, length: json.accounts.length }).toEqual({
        asked,
        size: used,
        length: Math.min(used, 121),
      });
    }
  });

  it("tells no total and links host-relative pages both ways", async () => {
    const first = (await send(simulator, "GET", `${LIST}?PageSize=50`)).json;
    expect(Object.keys(first).sort()).toEqual([
      "accounts",
      "end",
      "first_page_uri",
      "next_page_uri",
      "page",
      "page_size",
      "previous_page_uri",
      "start",
      "uri",
    ]);
    expect(first).toMatchObject({ page: 0, start: 0, end: 49, previous_page_uri: null });
    expect(first.uri).toBe(`${LIST}?PageSize=50&Page=0`);
    const second = (await send(simulator, "GET", first.next_page_uri)).json;
    expect(second).toMatchObject({ page: 1, start: 50, end: 99, first_page_uri: first.uri });
    const third = (await send(simulator, "GET", second.next_page_uri)).json;
    expect(third).toMatchObject({ page: 2, start: 100, end: 120, next_page_uri: null });
    expect(third.accounts).toHaveLength(21);
    const back = (await send(simulator, "GET", third.previous_page_uri)).json;
    expect(back.accounts).toEqual(second.accounts);
    const start = (await send(simulator, "GET", back.previous_page_uri)).json;
    expect(start.accounts).toEqual(first.accounts);
    expect(start.previous_page_uri).toBeNull();
  });

  it("does not take Page for a place: without a token it is the first page", async () => {
    const first = (await send(simulator, "GET", `${LIST}?PageSize=10`)).json;
    const numbered = (await send(simulator, "GET", `${LIST}?PageSize=10&Page=3`)).json;
    expect(numbered.accounts).toEqual(first.accounts);
    expect(numbered.page).toBe(3);
  });

  it("refuses a PageToken it never gave: 21481", async () => {
    for (const token of ["nonsense", "PAnonsense", "PA", "PAMQ==", "PAMR", "PB!"]) {
      const { status, json } = await send(simulator, "GET", `${LIST}?PageToken=${encodeURIComponent(token)}`);
      expect({ token, status, code: json.code }).toEqual({ token, status: 400, code: 21481 });
    }
  });

  it("filters by the exact friendly name, case included", async () => {
    simulator.world.accounts.create({ friendlyName: "Quite Exact" });
    simulator.world.accounts.create({ friendlyName: "Quite exact" });
    simulator.world.accounts.create({ friendlyName: "Quite Exact too" });
    const found = await twilioClient(simulator).api.v2010.accounts.list({ friendlyName: "Quite Exact" });
    expect(found.map((account) => account.friendlyName)).toEqual(["Quite Exact"]);
  });

  it("filters by status on every page", async () => {
    const truth = simulator.world.accounts.list();
    for (const status of ["active", "suspended", "closed"] as const) {
      const expected = truth.filter((account) => account.status === status).map((account) => account.sid);
      expect(expected.length).toBeGreaterThan(3);
      expect((await sidsByPage(`${LIST}?Status=${status}&PageSize=3`)).flat()).toEqual(expected);
    }
    expect((await send(simulator, "GET", `${LIST}?Status=Active`)).json.code).toBe(21475);
  });

  it(
    "neither skips nor repeats an account when others appear and vanish between pages",
    async () => {
      const kept = simulator.world.accounts.list().map((account) => account.sid);
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 3, max: 60 }),
          fc.array(fc.boolean(), { maxLength: 8 }),
          async (pageSize, creations) => {
            const made: string[] = [];
            const seen: string[] = [];
            let uri: string | null = `${LIST}?PageSize=${pageSize}`;
            for (let page = 0; uri !== null; page += 1) {
              const { json } = await send(simulator, "GET", uri);
              seen.push(...json.accounts.map((account: { sid: string }) => account.sid));
              uri = json.next_page_uri;
              if (creations[page] === true) {
                made.push(simulator.world.accounts.create({ friendlyName: "Newcomer" }).sid);
              } else if (creations[page] === false) {
                const going = made.pop();
                if (going !== undefined) simulator.world.accounts.delete(going);
              }
            }
            for (const sid of made) simulator.world.accounts.delete(sid);
            expect(seen).toEqual(kept);
          },
        ),
        { numRuns: 15 },
      );
    },
    LONG_TEST_MS,
  );

  it("goes on from the same place when the last account of the page before was deleted", async () => {
    const truth = simulator.world.accounts.list().map((account) => account.sid);
    const first = (await send(simulator, "GET", `${LIST}?PageSize=10`)).json;
    simulator.world.accounts.delete(first.accounts.at(-1).sid);
    const second = (await send(simulator, "GET", first.next_page_uri)).json;
    expect(second.accounts[0].sid).toBe(truth[10]);
  });
});
