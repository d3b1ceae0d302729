import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { failureOf, type Login, ownerLogin, START_MS, send, twilioClient } from "./simulator-client.js";

describe("credentials", () => {
  let simulator: Simulator;
  let ada: Login;
  let bob: Login;

  beforeEach(async () => {
    simulator = await startSimulator({ accounts: 0, now: () => START_MS });
    const login = (friendlyName: string) => {
      const { sid, authToken } = simulator.world.accounts.create({ friendlyName });
      return { sid, secret: authToken };
    };
    ada = login("Ada");
    bob = login("Bob");
  });
  afterEach(() => simulator.close());

  const accountPath = (sid: string) => `/2010-04-01/Accounts/${sid}.json`;
  const usagePath = (sid: string) => `/2010-04-01/Accounts/${sid}/Usage/Records/Daily.json`;

  /** What each kind of request comes to: the status, and the code where it is an error. */
  const attempts = async (login: Login | null) => {
    const outcome = async (method: string, path: string, form?: Record<string, string>) => {
      const { status, json } = await send(simulator, method, path, { login, ...(form ? { form } : {}) });
      return status < 300 ? String(status) : `${status}/${json.code}`;
    };
    return {
      list: await outcome("GET", "/2010-04-01/Accounts.json"),
      fetchAda: await outcome("GET", accountPath(ada.sid)),
      fetchBob: await outcome("GET", accountPath(bob.sid)),
      usageOfAda: await outcome("GET", usagePath(ada.sid)),
      usageOfBob: await outcome("GET", usagePath(bob.sid)),
      usageOfOwner: await outcome("GET", usagePath(simulator.accountSid)),
      renameAda: await outcome("POST", accountPath(ada.sid), { FriendlyName: "Ada 2" }),
      create: await outcome("POST", "/2010-04-01/Accounts.json", { FriendlyName: "Eve" }),
    };
  };

  it("of the owner do everything", async () => {
    expect(await attempts(ownerLogin(simulator))).toEqual({
      list: "200",
      fetchAda: "200",
      fetchBob: "200",
      usageOfAda: "200",
      usageOfBob: "200",
      usageOfOwner: "200",
      renameAda: "200",
      create: "201",
    });
  });

  it("of a Main API key manage accounts and are refused what belongs to subaccounts", async () => {
    const { sid, secret } = simulator.mainKey;
    expect(await attempts({ sid, secret })).toEqual({
      list: "200",
      fetchAda: "200",
      fetchBob: "200",
      usageOfAda: "401/20003",
      usageOfBob: "401/20003",
      usageOfOwner: "200",
      renameAda: "200",
      create: "201",
    });
    const accounts = await twilioClient(simulator, simulator.mainKey).api.v2010.accounts.list();
    expect(accounts).toHaveLength(4);
  });

  it("of a Standard API key are refused accounts", async () => {
    const { sid, secret } = simulator.standardKey;
    expect(await attempts({ sid, secret })).toEqual({
      list: "401/20003",
      fetchAda: "401/20003",
      fetchBob: "401/20003",
      usageOfAda: "401/20003",
      usageOfBob: "401/20003",
      usageOfOwner: "200",
      renameAda: "401/20003",
      create: "401/20003",
    });
    expect(simulator.world.accounts.list()).toHaveLength(3);
  });

  it("of a subaccount see only that subaccount and change nothing", async () => {
    expect(await attempts(ada)).toEqual({
      list: "200",
      fetchAda: "200",
      fetchBob: "404/20404",
      usageOfAda: "200",
      usageOfBob: "404/20404",
      usageOfOwner: "404/20404",
      renameAda: "403/20403",
      create: "400/21101",
    });
    const listed = await twilioClient(simulator, ada).api.v2010.accounts.list();
    expect(listed.map((account) => account.sid)).toEqual([ada.sid]);
    expect(simulator.world.accounts.get(ada.sid).friendlyName).toBe("Ada");
  });

  it("of a suspended or closed subaccount read no usage: 20005", async () => {
    simulator.world.accounts.suspend(ada.sid);
    expect(await attempts(ada)).toMatchObject({ fetchAda: "200", usageOfAda: "403/20005" });
    simulator.world.accounts.close(ada.sid);
    expect(await attempts(ada)).toMatchObject({ list: "403/20005", usageOfAda: "403/20005" });
  });

  it("that are wrong or missing get nowhere: 401/20003", async () => {
    const wrong = [
      null,
      { sid: simulator.accountSid, secret: "0".repeat(32) },
      { sid: simulator.accountSid, secret: "" },
      { sid: ada.sid, secret: bob.secret },
      { sid: simulator.mainKey.sid, secret: simulator.standardKey.secret },
      { sid: "", secret: simulator.authToken },
    ];
    for (const login of wrong) {
      const outcomes = Object.values(await attempts(login));
      expect(new Set(outcomes)).toEqual(new Set(["401/20003"]));
    }
    const { json, headers } = await send(simulator, "GET", "/2010-04-01/Accounts.json", { login: null });
    expect(json).toEqual({
      code: 20003,
      message: "Authenticate",
      more_info: "https://www.twilio.com/docs/errors/20003",
      status: 401,
    });
    expect(headers.get("www-authenticate")).toBe('Basic realm="Twilio API"');
  });

  it("are told by the twilio package to be wrong", async () => {
    const client = twilioClient(simulator, { sid: simulator.accountSid, secret: "wrong" });
    expect(await failureOf(client.api.v2010.accounts.list())).toEqual({ status: 401, code: 20003 });
  });
});
