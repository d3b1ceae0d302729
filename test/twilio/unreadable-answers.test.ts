import { describe, expect, it } from "@jest/globals";
import {
  allPages,
  gatewayTo,
  LIFECYCLE,
  LOOKUP,
  SYNC,
  sidOf,
  thrownBy,
  thrownByEach,
} from "./gateway-on-simulator.js";
import { pageBody, RECORD, RECORD_SID, startScriptedTwilio } from "./scripted-twilio.js";

const SID = sidOf(RECORD_SID);

/** Fields without which nobody knows what the account is. */
const BROKEN_RECORDS: readonly object[] = [
  { ...RECORD, sid: undefined },
  { ...RECORD, sid: null },
  { ...RECORD, sid: "AC1" },
  { ...RECORD, friendly_name: undefined },
  { ...RECORD, friendly_name: null },
  { ...RECORD, friendly_name: 7 },
  { ...RECORD, status: undefined },
  { ...RECORD, status: "ACTIVE" },
  { ...RECORD, owner_account_sid: undefined },
  { ...RECORD, owner_account_sid: "" },
  { ...RECORD, date_created: undefined },
  { ...RECORD, date_created: null },
  { ...RECORD, date_created: "yesterday" },
  { ...RECORD, date_updated: undefined },
  { ...RECORD, date_updated: "" },
  { ...RECORD, date_updated: 1_772_446_830 },
];

const BROKEN_PAGES: readonly unknown[] = [
  [],
  [[]],
  [RECORD],
  null,
  7,
  true,
  "",
  "text",
  '"text"',
  {},
  RECORD,
  { accounts: {}, next_page_uri: null },
  { accounts: null, next_page_uri: null },
  { accounts: [RECORD] },
  { accounts: [RECORD], next_page_uri: 1 },
  { accounts: [RECORD, null], next_page_uri: null },
  { accounts: [RECORD, []], next_page_uri: null },
  { usage_records: [], next_page_uri: null },
  { errors: [] },
];

describe("an answer that can not be read", () => {
  it.each(BROKEN_RECORDS)("is no account: %j", async (body) => {
    const twilio = await startScriptedTwilio(() => ({ body }));
    const gateway = gatewayTo(twilio.url);
    expect(await thrownBy(gateway.fetch(SID, LOOKUP))).toMatchObject({ code: "twilioUnavailable" });
    expect(twilio.requests).toHaveLength(6);
    const updated = gateway.update(SID, { friendlyName: "Ada" }, LIFECYCLE);
    expect(await thrownBy(updated)).toMatchObject({ code: "outcomeUnknown" });
    await twilio.stop();
  });

  it.each(BROKEN_RECORDS)("spoils its page, which is not half read: %j", async (record) => {
    const twilio = await startScriptedTwilio(() => ({ body: pageBody([RECORD, record]) }));
    const gateway = gatewayTo(twilio.url);
    for (const error of await thrownByEach([
      allPages(gateway.pages(SYNC)),
      gateway.findByFriendlyName("Ada", LOOKUP),
    ])) {
      expect(error).toMatchObject({ name: "DirectoryError", code: "twilioUnavailable" });
    }
    await twilio.stop();
  });

  it.each(BROKEN_PAGES)("is no page: %j", async (body) => {
    const twilio = await startScriptedTwilio(() => ({ body }));
    const gateway = gatewayTo(twilio.url);
    for (const error of await thrownByEach([
      allPages(gateway.pages(SYNC)),
      gateway.findByFriendlyName("Ada", LOOKUP),
    ])) {
      expect(error).toMatchObject({ name: "DirectoryError", code: "twilioUnavailable" });
    }
    await twilio.stop();
  });

  it("is asked for again: the second page of a list comes whole the next time", async () => {
    let asked = 0;
    const twilio = await startScriptedTwilio(({ url = "" }) => {
      if (!url.includes("PageToken"))
        return { body: pageBody([RECORD], "/2010-04-01/Accounts.json?PageToken=2") };
      asked += 1;
      return { body: pageBody([asked === 1 ? { ...RECORD, status: null } : RECORD]) };
    });
    expect(await allPages(gatewayTo(twilio.url).pages(SYNC))).toHaveLength(2);
    expect(asked).toBe(2);
    await twilio.stop();
  });

  it("is not an account of a type that is new: that counts as one that is paid for", async () => {
    const twilio = await startScriptedTwilio(() => ({ body: { ...RECORD, type: "Partner" } }));
    expect(await gatewayTo(twilio.url).fetch(SID, LOOKUP)).toMatchObject({ type: "Full" });
    await twilio.stop();
  });

  it("is no end of a list: the pages before it are given, and then an error", async () => {
    const twilio = await startScriptedTwilio(({ url = "" }) =>
      url.includes("PageToken")
        ? { status: 404, body: "<html></html>" }
        : { body: pageBody([RECORD], "/2010-04-01/Accounts.json?PageToken=2") },
    );
    const pages = gatewayTo(twilio.url).pages(SYNC)[Symbol.asyncIterator]();
    expect(await pages.next()).toMatchObject({ done: false });
    expect(await thrownBy(pages.next())).toMatchObject({ code: "twilioUnavailable" });
    await twilio.stop();
  });
});

describe("a list", () => {
  it("that runs in a circle ends with an error", async () => {
    const places = ["a", "b", "c"];
    const twilio = await startScriptedTwilio(({ url = "" }) => {
      const place = places.findIndex((token) => url.endsWith(`PageToken=${token}`));
      const next = places[(place + 1) % places.length];
      return { body: pageBody([RECORD], `/2010-04-01/Accounts.json?PageToken=${next}`) };
    });
    const gateway = gatewayTo(twilio.url);
    for (const error of await thrownByEach([
      allPages(gateway.pages(SYNC)),
      gateway.findByFriendlyName("Ada", LOOKUP),
    ])) {
      expect(error).toMatchObject({ name: "DirectoryError", code: "twilioUnavailable" });
    }
    expect(twilio.requests).toHaveLength(8);
    await twilio.stop();
  });

  it("by name leaves out what Twilio's filter took for the same", async () => {
    const names = ["Ada", "ada", " Ada", "Ada ", "Adá", "Ada"];
    const records = names.map((name) => ({ ...RECORD, friendly_name: name }));
    const twilio = await startScriptedTwilio(() => ({ body: pageBody(records) }));
    const found = await gatewayTo(twilio.url).findByFriendlyName("Ada", LOOKUP);
    expect(found.map((account) => account.friendlyName)).toEqual(["Ada", "Ada"]);
    await twilio.stop();
  });
});

describe("a record of another account", () => {
  it("is no answer to a question about one", async () => {
    const twilio = await startScriptedTwilio(() => ({ body: RECORD }));
    const other = sidOf(`AC${"2".repeat(32)}`);
    const error = await thrownBy(gatewayTo(twilio.url).fetch(other, LOOKUP));
    await twilio.stop();
    expect(error).toMatchObject({ code: "twilioUnavailable" });
  });
});
