import { afterEach, describe, expect, it } from "@jest/globals";
import { allPages, gatewayTo, LIFECYCLE, LOOKUP, SYNC, sidOf, thrownBy } from "./gateway-on-simulator.js";
import { pageBody, RECORD, RECORD_SID, startScriptedTwilio } from "./scripted-twilio.js";

const SID = sidOf(RECORD_SID);

describe("where requests go", () => {
  const variables = ["TWILIO_REGION", "TWILIO_EDGE", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"] as const;
  const before = variables.map((name) => [name, process.env[name]] as const);

  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it("is not for the process's environment to say", async () => {
    Object.assign(process.env, {
      TWILIO_REGION: "au1",
      TWILIO_EDGE: "sydney",
      TWILIO_ACCOUNT_SID: `AC${"9".repeat(32)}`,
      TWILIO_AUTH_TOKEN: "of-somebody-else",
    });
    const seen: (string | undefined)[] = [];
    const twilio = await startScriptedTwilio(({ headers, url = "" }) => {
      seen.push(headers.authorization);
      return { body: url.includes("PageToken") || url.includes(RECORD_SID) ? RECORD : pageBody([RECORD]) };
    });
    const gateway = gatewayTo(twilio.url);
    await gateway.fetch(SID, LOOKUP);
    await allPages(gateway.pages(SYNC));
    expect(twilio.requests).toHaveLength(2);
    const owner = Buffer.from(`AC${"0".repeat(32)}:the-token-of-the-owner`).toString("base64");
    expect(seen).toEqual([`Basic ${owner}`, `Basic ${owner}`]);
    await twilio.stop();
  });

  it.each(["/twilio", "/twilio/", "/a/b"])("may lie below a path: %s", async (prefix) => {
    const next = "/2010-04-01/Accounts.json?PageSize=1000&Page=1&PageToken=PAx%2By";
    const twilio = await startScriptedTwilio(({ method, url = "" }) => {
      if (method === "POST" || url.includes(RECORD_SID)) return { body: RECORD };
      return { body: pageBody([RECORD], url.includes("PageToken") ? null : next) };
    });
    const gateway = gatewayTo(twilio.url + prefix);
    await allPages(gateway.pages(SYNC));
    await gateway.fetch(SID, LOOKUP);
    await gateway.update(SID, { status: "active" }, LIFECYCLE);
    await gateway.create("Ada", LIFECYCLE);
    const base = prefix.replace(/\/$/, "");
    expect(twilio.requests).toEqual([
      `GET ${base}/2010-04-01/Accounts.json?PageSize=1000`,
      `GET ${base}${next}`,
      `GET ${base}/2010-04-01/Accounts/${RECORD_SID}.json`,
      `POST ${base}/2010-04-01/Accounts/${RECORD_SID}.json`,
      `POST ${base}/2010-04-01/Accounts.json`,
    ]);
    await twilio.stop();
  });

  it.each([301, 302, 303, 307, 308])("is not for a redirect to say: %i", async (status) => {
    const elsewhere = await startScriptedTwilio(() => ({ body: RECORD }));
    const twilio = await startScriptedTwilio(({ url }) => ({
      status,
      headers: { Location: `${elsewhere.url}${url}` },
      // As readable as a real answer, which it is not.
      body: RECORD,
    }));
    const gateway = gatewayTo(twilio.url);
    expect(await thrownBy(gateway.fetch(SID, LOOKUP))).toMatchObject({ code: "twilioUnavailable" });
    expect(await thrownBy(allPages(gateway.pages(SYNC)))).toMatchObject({ code: "twilioUnavailable" });
    const update = gateway.update(SID, { status: "closed" }, LIFECYCLE);
    expect(await thrownBy(update)).toMatchObject({ code: "outcomeUnknown" });
    expect(await thrownBy(gateway.create("Ada", LIFECYCLE))).toMatchObject({ code: "outcomeUnknown" });
    expect(elsewhere.requests).toEqual([]);
    await Promise.all([twilio.stop(), elsewhere.stop()]);
  });

  it.each([
    ["another host", (url: string) => url.replace("127.0.0.1", "localhost")],
    ["a host without a scheme", () => "//127.0.0.1:9/2010-04-01/Accounts.json"],
  ])("is not for the link to the next page to say: %s", async (_, linkTo) => {
    const elsewhere = await startScriptedTwilio(() => ({ body: pageBody([RECORD]) }));
    const twilio = await startScriptedTwilio(({ url = "" }) => ({
      body: pageBody(
        [RECORD],
        url.endsWith("?PageSize=1000") ? linkTo(`${elsewhere.url}/2010-04-01/x`) : null,
      ),
    }));
    await allPages(gatewayTo(twilio.url).pages(SYNC));
    expect(elsewhere.requests).toEqual([]);
    expect(twilio.requests).toHaveLength(2);
    await Promise.all([twilio.stop(), elsewhere.stop()]);
  });
});
