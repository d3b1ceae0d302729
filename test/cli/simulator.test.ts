import { describe, expect, it } from "@jest/globals";
import { runCommandLine } from "../../src/cli/command-line.js";
import { createFakeTerminal, whileRunning } from "./fake-terminal.js";

/** The variables that the simulator's lines would set in a shell. */
function exported(output: string): Record<string, string> {
  return Object.fromEntries(
    [...output.matchAll(/^ +export (\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
}

interface Running {
  readonly env: Record<string, string>;
  list(): Promise<Response>;
}

/** Runs the simulator with these options, and returns its exit code. */
function simulate(options: readonly string[], use: (running: Running) => Promise<void>) {
  const terminal = createFakeTerminal();
  return whileRunning(["simulator", "--port", "0", ...options], terminal, () => {
    const env = exported(terminal.output);
    const { TWILIO_API_URL: url, TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: token } = env;
    const Authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString("base64")}`;
    return use({
      env,
      list: () => fetch(`${url}/2010-04-01/Accounts.json?PageSize=1000`, { headers: { Authorization } }),
    });
  });
}

describe("simulator", () => {
  it("prints an address and credentials with which it answers, until it is stopped", async () => {
    let ask: Running["list"] | undefined;
    const code = await simulate(["--accounts", "5"], async ({ env, list }) => {
      ask = list;
      const response = await list();
      expect(response.status).toBe(200);
      const { accounts } = (await response.json()) as { accounts: { sid: string }[] };
      expect(accounts).toHaveLength(6);
      expect(accounts.map(({ sid }) => sid)).toContain(env.TWILIO_ACCOUNT_SID);
    });
    expect(code).toBe(0);
    await expect(ask?.()).rejects.toThrow();
  });

  it("prints variables with which the bridge can be checked", async () => {
    await simulate(["--accounts", "5"], async ({ env }) => {
      const bridge = createFakeTerminal({
        ...env,
        SCIM_TOKEN: "a-token-for-tests-only",
        DATABASE_URL: ":memory:",
      });
      expect(await runCommandLine(["check"], bridge)).toBe(0);
    });
  });

  it("takes the credentials that it is given", async () => {
    const sid = `AC${"1".repeat(32)}`;
    await simulate(["--account-sid", sid, "--auth-token", "my-token"], async ({ env, list }) => {
      expect(env).toMatchObject({ TWILIO_ACCOUNT_SID: sid, TWILIO_AUTH_TOKEN: "my-token" });
      expect((await list()).status).toBe(200);
    });
  });

  it("is slow and narrow when told so", async () => {
    await simulate(["--latency-ms", "3", "--max-concurrency", "2"], async ({ env }) => {
      const settings = await (await fetch(`${env.TWILIO_API_URL}/__simulator/settings`)).json();
      expect(settings).toMatchObject({ latencyMs: 3, maxConcurrency: 2 });
    });
  });
});
