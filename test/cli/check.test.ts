import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { runCommandLine } from "../../src/cli/command-line.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { createFakeTerminal } from "./fake-terminal.js";

const TOKEN = "a-token-for-tests-only";

describe("check", () => {
  let simulator: Simulator;
  let folder: string;

  beforeAll(async () => {
    simulator = await startSimulator({ accounts: 5 });
  });
  afterAll(() => simulator.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "check-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function check(more: Record<string, string | undefined> = {}) {
    const env = {
      TWILIO_ACCOUNT_SID: simulator.accountSid,
      TWILIO_AUTH_TOKEN: simulator.authToken,
      TWILIO_API_URL: simulator.url,
      SCIM_TOKEN: TOKEN,
      DATABASE_URL: `file:${join(folder, "data", "bridge.db")}`,
      ...more,
    };
    const terminal = createFakeTerminal(env, folder);
    const code = await runCommandLine(["check"], terminal);
    const { output } = terminal;
    for (const [name, value] of Object.entries(env)) {
      if (value !== undefined && /TOKEN|SECRET/.test(name)) expect(output).not.toContain(value);
    }
    expect(terminal.errors).toBe("");
    return { code, output };
  }

  it("says that all works, and changes nothing", async () => {
    const { accounts } = simulator.world;
    const before = accounts.list();
    const { code, output } = await check();
    const open = before.filter(({ isOwner, status }) => !isOwner && status !== "closed").length;
    expect(code).toBe(0);
    expect(output).not.toContain("✗");
    expect(output).toContain("✓ The configuration is complete.");
    expect(output).toContain(
      `Twilio accepts the credentials of "${accounts.get(simulator.accountSid).friendlyName}"`,
    );
    expect(output).toContain(`${open} are open`);
    expect(output).toContain("will be made at the first start");
    expect(accounts.list()).toEqual(before);
    expect(await readdir(folder)).toEqual([]);
  });

  it("lists what is wrong with the configuration", async () => {
    const { code, output } = await check({ SCIM_TOKEN: "short", TWILIO_ACCOUNT_SID: undefined });
    expect(code).toBe(2);
    expect(output).toMatch(/✗ TWILIO_ACCOUNT_SID is missing/);
    expect(output).toMatch(/✗ SCIM_TOKEN cannot be read/);
  });

  it.each([
    ["a wrong token", () => ({ TWILIO_AUTH_TOKEN: "0".repeat(32) })],
    ["an account that there is not", () => ({ TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}` })],
    [
      "a Standard key",
      () => ({
        TWILIO_AUTH_TOKEN: undefined,
        TWILIO_API_KEY: simulator.standardKey.sid,
        TWILIO_API_SECRET: simulator.standardKey.secret,
      }),
    ],
  ])("says that Twilio refuses %s, and what to compare", async (_what, env) => {
    const { code, output } = await check(env());
    expect(code).toBe(1);
    expect(output).toMatch(/✗ Twilio refuses the credentials \(20\d\d\d\)\. Compare TWILIO_ACCOUNT_SID/);
    if ("TWILIO_API_KEY" in env()) expect(output).toContain("it has to be a Main key");
  });

  it("says that a Main key works", async () => {
    const { sid, secret } = simulator.mainKey;
    const { code, output } = await check({
      TWILIO_AUTH_TOKEN: undefined,
      TWILIO_API_KEY: sid,
      TWILIO_API_SECRET: secret,
    });
    expect(code).toBe(0);
    expect(output).toContain("✓ Twilio accepts the credentials");
  });

  it("says that the credentials are a subaccount's, and of which account", async () => {
    const subaccount = simulator.world.accounts
      .list()
      .find(({ isOwner, status }) => !isOwner && status === "active");
    const { code, output } = await check({
      TWILIO_ACCOUNT_SID: subaccount?.sid,
      TWILIO_AUTH_TOKEN: subaccount?.authToken,
    });
    expect(code).toBe(1);
    expect(output).toContain(`✗ ${subaccount?.sid} is itself a subaccount, of ${simulator.accountSid}.`);
  });

  it("says that the owner account is suspended", async () => {
    simulator.world.accounts.suspend(simulator.accountSid);
    const { code, output } = await check();
    simulator.world.accounts.reactivate(simulator.accountSid);
    expect(code).toBe(1);
    expect(output).toMatch(/✗ The owner account \S+ is suspended/);
  });

  it("says that a trial account can have one subaccount", async () => {
    const trial = await startSimulator({ accounts: 1, parentType: "Trial" });
    const { accountSid, authToken, url } = trial;
    const { code, output } = await check({
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_AUTH_TOKEN: authToken,
      TWILIO_API_URL: url,
    });
    await trial.close();
    expect(code).toBe(0);
    expect(output).toMatch(/trial account.*one subaccount/);
  });

  it("says that Twilio cannot be reached, and where it was looked for", async () => {
    const gone = await startSimulator({ accounts: 0 });
    await gone.close();
    const { code, output } = await check({ TWILIO_API_URL: gone.url });
    expect(code).toBe(1);
    expect(output).toContain(`✗ Twilio could not be reached at ${gone.url}`);
  }, 30_000);

  it("says that there is no Twilio at an address where something else answers", async () => {
    const { code, output } = await check({ TWILIO_API_URL: `${simulator.url}/elsewhere` });
    expect(code).toBe(1);
    expect(output).toContain("✗");
  }, 30_000);

  it("warns of a database in memory", async () => {
    const { code, output } = await check({ DATABASE_URL: ":memory:" });
    expect(code).toBe(0);
    expect(output).toMatch(/! DATABASE_URL keeps nothing/);
    expect(output).toMatch(/in memory/);
  });

  it("warns of a variable whose name is misspelt", async () => {
    const { output } = await check({ PROTECTED_ACCOUNT: "x" });
    expect(output).toMatch(/! PROTECTED_ACCOUNT is not read; is PROTECTED_ACCOUNTS meant\?/);
  });

  it("says that the database cannot be made below a file, nor be a folder", async () => {
    await writeFile(join(folder, "file"), "");
    await mkdir(join(folder, "folder"));
    for (const path of [
      join(folder, "file", "bridge.db"),
      join(folder, "file", "data", "bridge.db"),
      join(folder, "folder"),
    ]) {
      const { code, output } = await check({ DATABASE_URL: `file:${path}` });
      expect(code).toBe(1);
      expect(output).toContain(`✗ The database ${path}`);
    }
  });

  it("says that a database that is there can be used", async () => {
    await writeFile(join(folder, "bridge.db"), "");
    const { code, output } = await check({ DATABASE_URL: `file:${join(folder, "bridge.db")}` });
    expect(code).toBe(0);
    expect(output).toMatch(/✓ The database .* can be used/);
  });
});
