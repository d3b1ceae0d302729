import { describe, expect, it } from "@jest/globals";
import type { Account } from "../../src/directory/account.js";
import type { UsageGateway } from "../../src/directory/ports.js";
import { createTwilioClient } from "../../src/twilio/twilio-client.js";
import { createTwilioUsageGateway } from "../../src/twilio/twilio-usage-gateway.js";
import { createUsageCatalogue } from "../../src/twilio/usage-catalogue.js";
import { sidOf, thrownBy } from "./gateway-on-simulator.js";
import { NOW_MS, RecordingClock } from "./recording-clock.js";
import { RECORD_SID, type ScriptedAnswer, startScriptedTwilio } from "./scripted-twilio.js";

const USAGE = { priority: "usage" } as const;
const SID = sidOf(RECORD_SID);
const OWNER = sidOf(`AC${"0".repeat(32)}`);

const ACCOUNT: Account = {
  sid: SID,
  friendlyName: "Ada",
  status: "active",
  type: "Full",
  ownerAccountSid: OWNER,
  dateCreated: Date.UTC(2026, 0, 1),
  dateUpdated: Date.UTC(2026, 0, 1),
};

/** A usage record, as far as the bridge reads it. */
const TOTAL = {
  category: "totalprice",
  account_sid: RECORD_SID,
  start_date: "2026-01-01",
  end_date: "2026-11-24",
  price: "0",
  price_unit: "usd",
} as const;
const SMS = { ...TOTAL, category: "sms", price: "1.5" } as const;

const BROKEN_RECORDS: readonly unknown[] = [
  null,
  7,
  {},
  { ...SMS, account_sid: undefined },
  { ...SMS, account_sid: OWNER },
  { ...SMS, category: undefined },
  { ...SMS, category: "" },
  { ...SMS, category: 1 },
  { ...SMS, start_date: undefined },
  { ...SMS, start_date: null },
  { ...SMS, start_date: "2026-02-30" },
  { ...SMS, start_date: "2026-11-25" },
  { ...SMS, end_date: undefined },
  { ...SMS, end_date: "today" },
  { ...SMS, price: undefined },
  { ...SMS, price: "" },
  { ...SMS, price: "free" },
  { ...SMS, price: true },
  { ...SMS, price: { amount: 1 } },
];

const BROKEN_PAGES: readonly unknown[] = [
  [],
  null,
  "text",
  {},
  { accounts: [], next_page_uri: null },
  { usage_records: {}, next_page_uri: null },
  { usage_records: [] },
  { usage_records: [], next_page_uri: "" },
  { usage_records: [], next_page_uri: 1 },
  { usage_records: [], next_page_uri: "https://elsewhere.example/" },
];

function page(records: readonly unknown[], nextPageUri: string | null = null): ScriptedAnswer {
  return { body: { usage_records: records, next_page_uri: nextPageUri } };
}

function gatewayTo(apiUrl: string): UsageGateway {
  return createTwilioUsageGateway({
    client: createTwilioClient({
      apiUrl,
      credentials: { accountSid: OWNER, username: OWNER, password: "the-token-of-the-owner" },
      maxConcurrency: 8,
      clock: new RecordingClock(),
      random: () => 0.5,
    }),
    catalogue: createUsageCatalogue(),
  });
}

/** What a Twilio that always answers so makes of a first reading. */
async function readFrom(answer: (url: string) => ScriptedAnswer) {
  // No `Date`: then Twilio's time is ours.
  const twilio = await startScriptedTwilio(({ url = "" }, response) => {
    response.sendDate = false;
    return answer(url);
  });
  const reading = gatewayTo(twilio.url).readUsage(ACCOUNT, undefined, USAGE);
  const [result] = await Promise.allSettled([reading]);
  await twilio.stop();
  return { result, requests: twilio.requests };
}

describe("usage that can not be read", () => {
  it.each(BROKEN_RECORDS)("is asked for again, and then Twilio is unavailable: record %j", async (record) => {
    const { result, requests } = await readFrom(() => page([TOTAL, record]));
    expect(result).toMatchObject({ reason: { name: "DirectoryError", code: "twilioUnavailable" } });
    expect(requests).toHaveLength(6);
  });

  it.each(BROKEN_PAGES)("is asked for again, and then Twilio is unavailable: page %j", async (body) => {
    const { result, requests } = await readFrom(() => ({ body }));
    expect(result).toMatchObject({ reason: { name: "DirectoryError", code: "twilioUnavailable" } });
    expect(requests).toHaveLength(6);
  });

  it("is a list that runs in a circle", async () => {
    const { result } = await readFrom((url) => page([TOTAL], url.replace(/&again$/, "&again")));
    expect(result).toMatchObject({ reason: { code: "twilioUnavailable" } });
  });
});

describe("usage that can be read", () => {
  it.each<unknown>(["1.5", 1.5, "1.50", "15e-1"])("has a price as text or number: %j", async (price) => {
    const { result } = await readFrom((url) => {
      if (url.includes("/Daily"))
        return page([{ ...SMS, price, start_date: "2026-03-05", end_date: "2026-03-05" }]);
      return page([
        { ...TOTAL, price },
        { ...SMS, price },
      ]);
    });
    expect(result).toMatchObject({
      value: {
        services: [{ service: "sms", lastActivity: "2026-03-05" }],
        spend: { total: "1.5", currency: "USD" },
      },
    });
  });

  it("comes from questions about the account alone, within its life, in pages as long as can be", async () => {
    const { requests } = await readFrom((url) => page(url.includes("Daily") ? [] : [TOTAL, SMS]));
    const base = `GET /2010-04-01/Accounts/${RECORD_SID}/Usage/Records`;
    const rest = "IncludeSubaccounts=false&PageSize=1000";
    const days = "StartDate=2026-01-01&EndDate=2026-11-24";
    expect(new Date(NOW_MS).toISOString()).toMatch(/^2026-11-24/);
    expect(requests).toEqual([
      `${base}.json?${rest}`,
      `${base}/Daily.json?Category=totalprice&${days}&${rest}`,
      `${base}/Daily.json?Category=sms&${days}&${rest}`,
    ]);
  });

  it("is of the category that was asked for, whatever Twilio made of the question", async () => {
    const { result } = await readFrom((url) => {
      if (!url.includes("/Daily")) return page([{ ...TOTAL, price: "2" }, SMS, { ...SMS, category: "mms" }]);
      const on = (day: string) => ({ start_date: day, end_date: day });
      return page([
        { ...TOTAL, price: "1", ...on("2026-05-05") },
        { ...SMS, ...on("2026-04-04") },
        { ...SMS, category: "MMS", ...on("2026-03-03") },
      ]);
    });
    expect(result).toMatchObject({
      value: {
        services: [
          { service: "mms", lastActivity: "2026-03-03" },
          { service: "sms", lastActivity: "2026-04-04" },
        ],
        lastActivity: "2026-05-05",
      },
    });
  });

  it("is asked for in Twilio's own spelling", async () => {
    const { requests } = await readFrom((url) =>
      page(url.includes("Daily") ? [] : [TOTAL, { ...SMS, category: "usage-RCS-messages" }]),
    );
    expect(requests.at(-1)).toContain("Category=usage-RCS-messages&");
  });

  it("is read until today by Twilio's clock", async () => {
    const twilio = await startScriptedTwilio(() => ({
      ...page([TOTAL]),
      headers: { Date: new Date(NOW_MS + 86_400_000).toUTCString() },
    }));
    const gateway = gatewayTo(twilio.url);
    await gateway.mayReadUsage(SID, USAGE);
    expect(await gateway.readUsage(ACCOUNT, undefined, USAGE)).toMatchObject({ readUntil: "2026-11-25" });
    await twilio.stop();
  });

  it("needs no days: a service whose days Twilio does not tell was used, nobody knows when", async () => {
    const { result } = await readFrom((url) => page(url.includes("Daily") ? [] : [TOTAL, SMS]));
    expect(result).toMatchObject({ value: { services: [{ service: "sms", display: "SMS" }] } });
  });
});

describe("a refusal", () => {
  it.each([
    [403, 20005, "usageRefused", true],
    [401, 10001, "usageRefused", true],
    [403, 20403, "usageRefused", false],
    [401, 20003, "credentialsRefused", false],
    [403, undefined, "credentialsRefused", false],
    [404, 20404, "accountNotFound", undefined],
    [404, undefined, "twilioUnavailable", undefined],
    [400, undefined, "twilioUnavailable", undefined],
  ])("of %i/%s means %s", async (status, code, expected, mayRead) => {
    const twilio = await startScriptedTwilio(() => ({ status, body: { code, message: "No.", status } }));
    const gateway = gatewayTo(twilio.url);
    expect(await thrownBy(gateway.readUsage(ACCOUNT, undefined, USAGE))).toMatchObject({ code: expected });
    const probe = gateway.mayReadUsage(SID, USAGE);
    if (mayRead === undefined) expect(await thrownBy(probe)).toMatchObject({ code: expected });
    else expect(await probe).toBe(mayRead);
    await twilio.stop();
  });
});
