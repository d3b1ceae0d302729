import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { DAY_MS, START_MS, send, twilioClient } from "./simulator-client.js";

interface Row {
  readonly category: string;
  readonly start_date: string;
  readonly end_date: string;
  readonly price: string | null;
  readonly [property: string]: unknown;
}

describe("usage records", () => {
  let simulator: Simulator;
  let sid: string;

  beforeEach(async () => {
    simulator = await startSimulator({ accounts: 0, now: () => START_MS });
    simulator.world.clock.advance(-100 * DAY_MS);
    sid = simulator.world.accounts.create({ friendlyName: "Ada" }).sid;
    simulator.world.clock.advance(100 * DAY_MS);
  });
  afterEach(() => simulator.close());

  const charge = (day: string, category: string, price: string | null, more: object = {}) =>
    simulator.world.ledger.add({ accountSid: sid, day, category, price, ...more });

  const rowsOf = async (list: string, query = "", of = sid): Promise<Row[]> => {
    const rows: Row[] = [];
    let uri: string | null = `/2010-04-01/Accounts/${of}/Usage/Records${list}.json?PageSize=1000&${query}`;
    while (uri !== null) {
      const { status, json } = await send(simulator, "GET", uri);
      expect(status).toBe(200);
      rows.push(...json.usage_records);
      uri = json.next_page_uri;
    }
    return rows;
  };
  const priced = (rows: Row[]) =>
    Object.fromEntries(rows.filter((row) => Number(row.price) !== 0).map((row) => [row.category, row.price]));

  it("have every property of Twilio's schema, with prices as strings", async () => {
    charge("2026-11-20", "calls-outbound", "0.0140", { count: 2, usage: 5 });
    const [row] = await rowsOf("/Daily", "Category=calls-outbound&StartDate=2026-11-20&EndDate=2026-11-20");
    const base = `/2010-04-01/Accounts/${sid}/Usage/Records`;
    expect(row).toEqual({
      account_sid: sid,
      api_version: "2010-04-01",
      as_of: "2026-11-24T07:15:00+00:00",
      category: "calls-outbound",
      count: "2",
      count_unit: "calls",
      description: "Outbound Voice Minutes",
      end_date: "2026-11-20",
      price: "0.014",
      price_unit: "usd",
      start_date: "2026-11-20",
      subresource_uris: {
        all_time: `${base}/AllTime.json?Category=calls-outbound`,
        daily: `${base}/Daily.json?Category=calls-outbound`,
        last_month: `${base}/LastMonth.json?Category=calls-outbound`,
        monthly: `${base}/Monthly.json?Category=calls-outbound`,
        this_month: `${base}/ThisMonth.json?Category=calls-outbound`,
        today: `${base}/Today.json?Category=calls-outbound`,
        yearly: `${base}/Yearly.json?Category=calls-outbound`,
        yesterday: `${base}/Yesterday.json?Category=calls-outbound`,
      },
      uri: `${base}/Daily.json?Category=calls-outbound&StartDate=2026-11-20&EndDate=2026-11-20`,
      usage: "5",
      usage_unit: "minutes",
    });
  });

  it("show totalprice as Twilio does: without a count, its usage the price", async () => {
    charge("2026-11-20", "calls-outbound", "1.5");
    const [row] = await rowsOf("", "Category=totalprice");
    expect(row).toMatchObject({
      description: "Total Price",
      count: null,
      count_unit: "",
      usage: "1.5",
      usage_unit: "usd",
      price: "1.5",
    });
  });

  it("hold one record a category in the plain list, ending with the window and not with the last charge", async () => {
    charge("2026-09-01", "sms-outbound-longcode", "3");
    const rows = await rowsOf("");
    expect(new Set(rows.map((row) => row.category)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(100);
    expect(new Set(rows.map((row) => `${row.start_date} ${row.end_date}`))).toEqual(
      new Set(["2026-08-16 2026-11-24"]),
    );
    expect(priced(rows)).toEqual({
      totalprice: "3",
      sms: "3",
      "sms-outbound": "3",
      "sms-outbound-longcode": "3",
    });
    expect(rows.find((row) => row.category === "mms")?.price).toBe("0");
    const window = await rowsOf("", "StartDate=2026-08-20&EndDate=2026-10-02");
    expect(new Set(window.map((row) => `${row.start_date} ${row.end_date}`))).toEqual(
      new Set(["2026-08-20 2026-10-02"]),
    );
  });

  it("are the same in AllTime, but for their own address", async () => {
    charge("2026-09-01", "mms-inbound-longcode", "0.01");
    const strip = (rows: Row[]) => rows.map(({ uri: _, ...row }) => row);
    expect(strip(await rowsOf("/AllTime"))).toEqual(strip(await rowsOf("")));
  });

  it("count a charge in every roll-up above its category and once in totalprice", async () => {
    charge("2026-11-01", "calls-inbound-tollfree-mobile", "0.1");
    charge("2026-11-02", "calls-inbound-local", "0.2");
    charge("2026-11-03", "calls-outbound", "0.4");
    charge("2026-11-04", "lookups", "0.8");
    expect(priced(await rowsOf(""))).toEqual({
      totalprice: "1.5",
      calls: "0.7",
      "calls-inbound": "0.3",
      "calls-inbound-tollfree": "0.1",
      "calls-inbound-tollfree-mobile": "0.1",
      "calls-inbound-local": "0.2",
      "calls-outbound": "0.4",
      lookups: "0.8",
    });
  });

  it("show an SMS of Verify under SMS too, and once in totalprice", async () => {
    charge("2026-11-01", "verify-voice-and-sms", "0.05");
    charge("2026-11-02", "authy-sms-outbound", "0.02");
    charge("2026-11-03", "sms-outbound-longcode", "0.01");
    expect(priced(await rowsOf(""))).toEqual({
      totalprice: "0.08",
      "account-security": "0.05",
      "verify-voice-and-sms": "0.05",
      "authy-sms-outbound": "0.02",
      sms: "0.08",
      "sms-outbound": "0.08",
      "sms-outbound-longcode": "0.08",
    });
  });

  it("can be in totalprice and in no other category", async () => {
    charge("2026-11-01", "totalprice", "9.99");
    expect(priced(await rowsOf(""))).toEqual({ totalprice: "9.99" });
  });

  it("list a category that Twilio never named, for the account that was charged for it", async () => {
    charge("2026-11-01", "dream-minutes", "1");
    const row = (await rowsOf("", "Category=DREAM-minutes")).at(0);
    expect(row).toMatchObject({ category: "dream-minutes", description: "dream minutes", price: "1" });
    const ofOwner = "Category=dream-minutes&IncludeSubaccounts=false";
    expect(await rowsOf("", ofOwner, simulator.accountSid)).toEqual([]);
  });

  it("add up without drift, and credits take away", async () => {
    for (let i = 0; i < 10; i += 1) charge("2026-11-01", "sms-inbound-longcode", "0.1");
    charge("2026-11-02", "sms-inbound-longcode", "0.000001");
    charge("2026-11-03", "sms-inbound-longcode", "-1.5");
    const [all] = await rowsOf("", "Category=sms");
    expect(all?.price).toBe("-0.499999");
    const days = await rowsOf("/Daily", "Category=sms&StartDate=2026-11-01&EndDate=2026-11-03");
    expect(days.map((row) => [row.start_date, row.price])).toEqual([
      ["2026-11-03", "-1.5"],
      ["2026-11-02", "0.000001"],
      ["2026-11-01", "1"],
    ]);
  });

  it("have a null price where all there was had none, and not once something was priced", async () => {
    charge("2026-11-01", "transcriptions", null);
    expect((await rowsOf("", "Category=transcriptions"))[0]?.price).toBeNull();
    expect((await rowsOf("", "Category=totalprice"))[0]?.price).toBe("0");
    charge("2026-11-02", "transcriptions", "0.3");
    expect((await rowsOf("", "Category=transcriptions"))[0]?.price).toBe("0.3");
    const days = await rowsOf("/Daily", "Category=transcriptions&StartDate=2026-11-01");
    expect(days.find((row) => row.start_date === "2026-11-01")?.price).toBeNull();
  });

  it("are in the account's currency", async () => {
    simulator.world.accounts.edit(sid, { currency: "eur" });
    const [row] = await rowsOf("", "Category=totalprice");
    expect(row).toMatchObject({ price_unit: "eur", usage_unit: "eur" });
  });

  it("are listed by Daily for every day lived in the window, newest first", async () => {
    charge("2026-11-22", "calls-outbound", "1");
    const rows = await rowsOf("/Daily", "Category=calls-outbound&StartDate=2026-11-21&EndDate=2026-11-23");
    expect(rows.map((row) => [row.start_date, row.end_date, row.price])).toEqual([
      ["2026-11-23", "2026-11-23", "0"],
      ["2026-11-22", "2026-11-22", "1"],
      ["2026-11-21", "2026-11-21", "0"],
    ]);
    const whole = await rowsOf("/Daily", "Category=totalprice&StartDate=2020-01-01&EndDate=2030-01-01");
    expect([whole.length, whole.at(0)?.end_date, whole.at(-1)?.start_date]).toEqual([
      101,
      "2026-11-24",
      "2026-08-16",
    ]);
  });

  it("leave out empty days and months where that is set", async () => {
    charge("2026-11-22", "calls-outbound", "1");
    charge("2026-09-03", "calls-outbound", null);
    simulator.world.settings.set({ emptyPeriods: "omitted" });
    const daily = await rowsOf("/Daily");
    expect(daily.map((row) => [row.start_date, row.category])).toEqual([
      ["2026-11-22", "totalprice"],
      ["2026-11-22", "calls"],
      ["2026-11-22", "calls-outbound"],
      ["2026-09-03", "totalprice"],
      ["2026-09-03", "calls"],
      ["2026-09-03", "calls-outbound"],
    ]);
    expect(await rowsOf("/Monthly", "Category=calls")).toHaveLength(2);
    expect((await rowsOf("", "Category=mms"))[0]?.price).toBe("0");
  });

  it("are listed by Monthly and Yearly, cut to the account's life", async () => {
    charge("2026-09-30", "calls-outbound", "1");
    charge("2026-10-01", "calls-outbound", "2");
    const months = await rowsOf("/Monthly", "Category=calls-outbound");
    expect(months.map((row) => [row.start_date, row.end_date, row.price])).toEqual([
      ["2026-11-01", "2026-11-24", "0"],
      ["2026-10-01", "2026-10-31", "2"],
      ["2026-09-01", "2026-09-30", "1"],
      ["2026-08-16", "2026-08-31", "0"],
    ]);
    const years = await rowsOf("/Yearly", "Category=calls-outbound", sid);
    expect(years.map((row) => [row.start_date, row.end_date, row.price])).toEqual([
      ["2026-08-16", "2026-11-24", "3"],
    ]);
  });

  it("are listed by Today, Yesterday, ThisMonth and LastMonth by the simulator's clock", async () => {
    charge("2026-10-31", "calls", "1");
    charge("2026-11-01", "calls", "2");
    charge("2026-11-23", "calls", "4");
    charge("2026-11-24", "calls", "8");
    const outcome = async (list: string) => {
      const [row] = await rowsOf(`/${list}`, "Category=calls");
      return [row?.start_date, row?.end_date, row?.price];
    };
    expect(await outcome("Today")).toEqual(["2026-11-24", "2026-11-24", "8"]);
    expect(await outcome("Yesterday")).toEqual(["2026-11-23", "2026-11-23", "4"]);
    expect(await outcome("ThisMonth")).toEqual(["2026-11-01", "2026-11-24", "14"]);
    expect(await outcome("LastMonth")).toEqual(["2026-10-01", "2026-10-31", "1"]);
    simulator.world.clock.advance(DAY_MS);
    expect(await outcome("Today")).toEqual(["2026-11-25", "2026-11-25", "0"]);
    expect(await outcome("Yesterday")).toEqual(["2026-11-24", "2026-11-24", "8"]);
  });

  it("of the owner include its subaccounts unless told not to", async () => {
    simulator.world.ledger.add({
      accountSid: simulator.accountSid,
      day: "2026-11-01",
      category: "dream-minutes",
      price: "100",
    });
    const ownOnly = await rowsOf("", "Category=totalprice&IncludeSubaccounts=false", simulator.accountSid);
    charge("2026-11-02", "dream-minutes", "0.5");
    const totals = async (query: string) => {
      const rows = await rowsOf("", `Category=dream-minutes&${query}`, simulator.accountSid);
      return rows.map((row) => row.price);
    };
    expect(await totals("")).toEqual(["100.5"]);
    expect(await totals("IncludeSubaccounts=true")).toEqual(["100.5"]);
    expect(await totals("IncludeSubaccounts=false")).toEqual(["100"]);
    charge("2026-11-03", "dream-minutes", "0.25");
    expect(await totals("")).toEqual(["100.75"]);
    const after = await rowsOf("", "Category=totalprice&IncludeSubaccounts=false", simulator.accountSid);
    expect(after).toEqual(ownOnly);
    const subaccounts = await rowsOf("", "Category=dream-minutes");
    expect(subaccounts.map((row) => row.price)).toEqual(["0.75"]);
  });

  it("are read by the twilio package, page by page", async () => {
    charge("2026-11-20", "calls-outbound", "2");
    charge("2026-11-10", "calls-outbound", "1");
    const records = await twilioClient(simulator)
      .api.v2010.accounts(sid)
      .usage.records.daily.list({
        category: "calls-outbound",
        startDate: new Date("2026-11-01T00:00:00Z"),
        includeSubaccounts: false,
        pageSize: 5,
      });
    expect(records).toHaveLength(24);
    expect(records.filter((record) => Number(record.price) !== 0).map((record) => record.price)).toEqual([
      "2",
      "1",
    ]);
    expect(simulator.world.traffic.report().routes["usage.Daily"]?.requests).toBe(5);
  });

  it("page without loss: the pages of a list are the list, whatever their size", async () => {
    charge("2026-11-20", "calls-outbound", "2");
    charge("2026-11-10", "dream-minutes", "1");
    const query = "StartDate=2026-11-09&EndDate=2026-11-11";
    const whole = await rowsOf("/Daily", query);
    const paged: Row[] = [];
    let uri: string | null = `/2010-04-01/Accounts/${sid}/Usage/Records/Daily.json?PageSize=97&${query}`;
    let previous: string | null = null;
    while (uri !== null) {
      const { json } = await send(simulator, "GET", uri);
      paged.push(...json.usage_records);
      uri = json.next_page_uri;
      previous = json.previous_page_uri;
    }
    expect(paged).toEqual(whole);
    const { json } = await send(simulator, "GET", previous ?? "");
    const lastPage = whole.length - (whole.length % 97);
    expect(json.usage_records).toEqual(whole.slice(lastPage - 97, lastPage));
    const bad = await send(
      simulator,
      "GET",
      `/2010-04-01/Accounts/${sid}/Usage/Records.json?PageToken=PAnope`,
    );
    expect([bad.status, bad.json.code]).toEqual([400, 21481]);
  });
});
