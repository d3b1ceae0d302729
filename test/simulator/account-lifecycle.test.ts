import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { DAY_MS, failureOf, START_MS, send, twilioClient } from "./simulator-client.js";

describe("an account", () => {
  let simulator: Simulator;
  let twilio: ReturnType<typeof twilioClient>["api"]["v2010"];

  beforeEach(async () => {
    simulator = await startSimulator({ accounts: 0, now: () => START_MS });
    twilio = twilioClient(simulator).api.v2010;
  });
  afterEach(() => simulator.close());

  const console = () => simulator.world.accounts;
  const pathOf = (sid: string) => `/2010-04-01/Accounts/${sid}.json`;

  it("is created with every property of Twilio's schema", async () => {
    const { status, json } = await send(simulator, "POST", "/2010-04-01/Accounts.json", {
      form: { FriendlyName: "Zoë's Café" },
    });
    expect(status).toBe(201);
    const { subresource_uris: uris, ...account } = json;
    expect(account).toEqual({
      auth_token: expect.stringMatching(/^[0-9a-f]{32}$/),
      date_created: "Tue, 24 Nov 2026 07:15:00 +0000",
      date_updated: "Tue, 24 Nov 2026 07:15:00 +0000",
      friendly_name: "Zoë's Café",
      owner_account_sid: simulator.accountSid,
      sid: expect.stringMatching(/^AC[0-9a-f]{32}$/),
      status: "active",
      type: "Full",
      uri: pathOf(json.sid),
    });
    expect(Object.keys(uris)).toHaveLength(20);
    expect(uris.usage).toBe(`/2010-04-01/Accounts/${json.sid}/Usage.json`);
    expect((await send(simulator, "GET", pathOf(json.sid))).json).toEqual(json);
  });

  it("gets Twilio's default name when none is given", async () => {
    expect((await twilio.accounts.create()).friendlyName).toBe("SubAccount Created at 2026-11-24 07:15 am");
    simulator.world.clock.advance(6 * 3_600_000);
    expect((await twilio.accounts.create()).friendlyName).toBe("SubAccount Created at 2026-11-24 01:15 pm");
  });

  it("takes a name of 64 code points and no longer one", async () => {
    const longest = "\u{1F4DE}".repeat(64);
    const created = await twilio.accounts.create({ friendlyName: longest });
    expect(created.friendlyName).toBe(longest);
    const tooLong = "x".repeat(65);
    expect(await failureOf(twilio.accounts.create({ friendlyName: tooLong }))).toMatchObject({ status: 400 });
    expect(await failureOf(twilio.accounts(created.sid).update({ friendlyName: tooLong }))).toMatchObject({
      status: 400,
    });
    expect(console().get(created.sid).friendlyName).toBe(longest);
    expect(console().list()).toHaveLength(2);
  });

  it("ignores a body that is not a form, as Twilio does, and refuses one of more than 1 MiB", async () => {
    const post = async (body: string, contentType: string) => {
      const authorization = `Basic ${btoa(`${simulator.accountSid}:${simulator.authToken}`)}`;
      const headers = { authorization, "content-type": contentType };
      return fetch(`${simulator.url}/2010-04-01/Accounts.json`, { method: "POST", headers, body });
    };
    const ignored = await post("FriendlyName=Ada", "application/json");
    expect([ignored.status, await ignored.json()]).toEqual([
      201,
      expect.objectContaining({ friendly_name: expect.stringMatching(/^SubAccount Created at/) }),
    ]);
    const form = "application/x-www-form-urlencoded";
    expect((await post(`FriendlyName=Ada&Padding=${"x".repeat(1_048_576)}`, form)).status).toBe(413);
    expect((await post("FriendlyName=Ada", form)).status).toBe(201);
    expect(
      console()
        .list()
        .map((account) => account.friendlyName),
    ).toEqual(["Ada", expect.stringMatching(/^SubAccount/), "Owner Account"]);
  });

  it("goes between active and suspended, and closed is final: 21479", async () => {
    const { sid } = await twilio.accounts.create({ friendlyName: "Ada" });
    expect((await twilio.accounts(sid).update({ status: "suspended" })).status).toBe("suspended");
    expect((await twilio.accounts(sid).update({ status: "suspended" })).status).toBe("suspended");
    expect((await twilio.accounts(sid).update({ status: "active" })).status).toBe("active");
    expect((await twilio.accounts(sid).update({ status: "closed" })).status).toBe("closed");
    for (const status of ["active", "suspended", "closed"] as const) {
      const failure = await failureOf(twilio.accounts(sid).update({ status }));
      expect({ asked: status, ...failure }).toEqual({ asked: status, status: 400, code: 21479 });
    }
    expect(console().get(sid).status).toBe("closed");
  });

  it("is renamed and suspended in one request, or neither", async () => {
    const { sid } = await twilio.accounts.create({ friendlyName: "Before" });
    const rejected = await send(simulator, "POST", pathOf(sid), {
      form: { FriendlyName: "After", Status: "banana" },
    });
    expect([rejected.status, rejected.json.code]).toEqual([400, 21475]);
    expect(console().get(sid)).toMatchObject({ friendlyName: "Before", status: "active" });
    simulator.world.clock.advance(60_000);
    const both = await twilio.accounts(sid).update({ friendlyName: "After", status: "suspended" });
    expect(both).toMatchObject({ friendlyName: "After", status: "suspended" });
    expect(console().get(sid).updatedAt).toBe("2026-11-24T07:16:00.000Z");
  });

  it("is not touched by an update that changes nothing", async () => {
    const { sid } = await twilio.accounts.create({ friendlyName: "Same" });
    simulator.world.clock.advance(60_000);
    await twilio.accounts(sid).update({ friendlyName: "Same", status: "active" });
    expect(console().get(sid).updatedAt).toBe("2026-11-24T07:15:00.000Z");
  });

  it("stays suspended when Twilio suspended it: 21478, but can be closed", async () => {
    const { sid } = await twilio.accounts.create({ friendlyName: "Owes money" });
    console().suspendByTwilio(sid);
    expect(await failureOf(twilio.accounts(sid).update({ status: "active" }))).toEqual({
      status: 400,
      code: 21478,
    });
    expect((await twilio.accounts(sid).update({ status: "suspended" })).status).toBe("suspended");
    expect(console().get(sid).suspendedByTwilio).toBe(true);
    expect((await twilio.accounts(sid).update({ status: "closed" })).status).toBe("closed");
  });

  it("cannot have its status changed when it is the owner: 21477, though it can be renamed", async () => {
    const owner = twilio.accounts(simulator.accountSid);
    expect(await failureOf(owner.update({ status: "suspended" }))).toEqual({ status: 400, code: 21477 });
    expect((await owner.update({ friendlyName: "Head Office" })).friendlyName).toBe("Head Office");
    expect((await owner.fetch()).ownerAccountSid).toBe(simulator.accountSid);
  });

  it("is suspended with its owner, which then changes and creates nothing: 21476", async () => {
    const { sid } = await twilio.accounts.create({ friendlyName: "Ada" });
    console().suspend(simulator.accountSid);
    expect((await twilio.accounts(sid).fetch()).status).toBe("suspended");
    expect(await failureOf(twilio.accounts(sid).update({ status: "closed" }))).toMatchObject({ code: 21476 });
    expect(await failureOf(twilio.accounts.create({ friendlyName: "Bob" }))).toMatchObject({ code: 21476 });
    console().reactivate(simulator.accountSid);
    expect((await twilio.accounts(sid).fetch()).status).toBe("active");
  });

  it("is one of a limited number, closed ones not counted: 21480", async () => {
    simulator.world.settings.set({ subaccountLimit: 2 });
    const { sid } = await twilio.accounts.create({ friendlyName: "One" });
    await twilio.accounts(sid).update({ status: "suspended" });
    await twilio.accounts.create({ friendlyName: "Two" });
    expect(await failureOf(twilio.accounts.create({ friendlyName: "Three" }))).toEqual({
      status: 400,
      code: 21480,
    });
    await twilio.accounts(sid).update({ status: "closed" });
    expect((await twilio.accounts.create({ friendlyName: "Three" })).status).toBe("active");
  });

  it("is the only one of a Trial owner", async () => {
    console().edit(simulator.accountSid, { type: "Trial" });
    expect((await twilio.accounts.create({ friendlyName: "One" })).type).toBe("Trial");
    expect(await failureOf(twilio.accounts.create({ friendlyName: "Two" }))).toMatchObject({ code: 21480 });
  });

  it("stays listed for 30 days after closing and is gone then", async () => {
    const { sid } = await twilio.accounts.create({ friendlyName: "Ada" });
    await twilio.accounts(sid).update({ status: "closed" });
    simulator.world.clock.advance(30 * DAY_MS - 1);
    expect((await twilio.accounts(sid).fetch()).status).toBe("closed");
    expect((await twilio.accounts.list({ status: "closed" })).map((account) => account.sid)).toEqual([sid]);
    simulator.world.clock.advance(1);
    expect(await failureOf(twilio.accounts(sid).fetch())).toEqual({ status: 404, code: 20404 });
    expect(await twilio.accounts.list({ status: "closed" })).toEqual([]);
    const usage = await send(simulator, "GET", `/2010-04-01/Accounts/${sid}/Usage/Records.json`);
    expect([usage.status, usage.json.code]).toEqual([404, 20404]);
  });

  it("is not found when it never was: Twilio's error body", async () => {
    const path = pathOf(`AC${"0".repeat(32)}`);
    for (const method of ["GET", "POST"]) {
      const { status, json } = await send(simulator, method, path, method === "POST" ? { form: {} } : {});
      expect(status).toBe(404);
      expect(json).toEqual({
        code: 20404,
        message: `The requested resource ${path} was not found`,
        more_info: "https://www.twilio.com/docs/errors/20404",
        status: 404,
      });
    }
  });

  it("lives at no other paths and takes no other methods", async () => {
    const unknown = [
      "/",
      "/2010-04-01/Accounts",
      "/2010-04-01/Accounts/.json",
      "/2010-04-01/Accounts/AC.json",
      `/2010-04-01/Accounts/${simulator.accountSid}`,
      `/2010-04-01/Accounts/${simulator.accountSid}/Usage/Records/Hourly.json`,
      `/2010-04-01/Accounts/${simulator.accountSid}/Usage/Records/toString.json`,
    ];
    for (const path of unknown) {
      const { status, json } = await send(simulator, "GET", path);
      expect({ path, status, code: json.code }).toEqual({ path, status: 404, code: 20404 });
    }
    const { status, json, headers } = await send(simulator, "DELETE", pathOf(simulator.accountSid));
    expect([status, json.code, headers.get("allow")]).toEqual([405, 20004, "GET, POST"]);
  });
});
