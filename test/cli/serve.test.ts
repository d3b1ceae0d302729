import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runCommandLine } from "../../src/cli/command-line.js";
import { CONFIG_VARIABLES } from "../../src/config.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { createFakeTerminal, whileRunning } from "./fake-terminal.js";

const TOKEN = "a-token-for-tests-only";

/** The types of all sources are stripped as the process starts, which a busy machine takes its time for. */
const PROCESS_TIMEOUT_MS = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("serve", () => {
  let simulator: Simulator;
  let folder: string;

  beforeEach(async () => {
    simulator = await startSimulator({ accounts: 5 });
    folder = await mkdtemp(join(tmpdir(), "serve-"));
  });
  afterEach(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  const env = (more: Record<string, string> = {}) => ({
    TWILIO_ACCOUNT_SID: simulator.accountSid,
    TWILIO_AUTH_TOKEN: simulator.authToken,
    TWILIO_API_URL: simulator.url,
    SCIM_TOKEN: TOKEN,
    DATABASE_URL: `file:${join(folder, "bridge.db")}`,
    LOG_LEVEL: "silent",
    ...more,
  });

  async function run(variables: Record<string, string>) {
    const terminal = createFakeTerminal(variables, folder);
    return { code: await runCommandLine(["serve"], terminal), terminal };
  }

  const ask = (port: number, token = TOKEN) =>
    fetch(`http://127.0.0.1:${port}/scim/v2/Users`, { headers: { Authorization: `Bearer ${token}` } });

  it("does not start with nothing configured, and lists all that is missing", async () => {
    const { code, terminal } = await run({});
    expect([code, terminal.output]).toEqual([2, ""]);
    for (const name of ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"]) {
      expect(terminal.errors).toMatch(new RegExp(`^- ${name} is missing; expected: .+\\.$`, "m"));
    }
    expect(terminal.errors).toContain("twilio-scim-bridge serve --help");
    expect(terminal.errors).not.toMatch(/demo|simulator/i);
  });

  it("lists all that is malformed, and no value of it", async () => {
    const malformed = {
      TWILIO_ACCOUNT_SID: "ACvalue-1",
      TWILIO_AUTH_TOKEN: "value 2",
      SCIM_TOKEN: "value-3",
      PORT: "value-4",
      PUBLIC_URL: "value-5",
      TRUST_PROXY: "true",
      OWNER_ACCOUNT: "value-6",
      PROTECTED_ACCOUNTS: "value-7",
      ACCOUNT_SYNC_SECONDS: "0",
      LOG_LEVEL: "value-8",
      DATABASE_URL: "value-9",
    };
    const { code, terminal } = await run(malformed);
    expect(code).toBe(2);
    for (const name of Object.keys(malformed)) {
      expect(terminal.errors).toMatch(new RegExp(`^- ${name} cannot be read; expected: .+\\.$`, "m"));
    }
    expect(terminal.errors).not.toMatch(/value.\d/);
  });

  it("explains each variable in its help", async () => {
    const terminal = createFakeTerminal();
    await runCommandLine(["serve", "--help"], terminal);
    for (const { name, purpose } of CONFIG_VARIABLES) {
      expect(terminal.output).toMatch(new RegExp(`^  ${name}( |$)`, "m"));
      expect(terminal.output).toContain(purpose);
    }
  });

  it("reads .env, over which the environment has precedence", async () => {
    const port = await freePort();
    const { SCIM_TOKEN, ...others } = env({ PORT: String(port) });
    const lines = Object.entries({ ...others, SCIM_TOKEN: "the-token-of-the-file" }).map(
      ([name, value]) => `${name}="${value}"`,
    );
    await writeFile(join(folder, ".env"), `# a comment\n${lines.join("\n")}\n`);
    const terminal = createFakeTerminal({ SCIM_TOKEN }, folder);
    const code = await whileRunning(["serve"], terminal, async () => {
      expect((await ask(port)).status).not.toBe(401);
      expect((await ask(port, "the-token-of-the-file")).status).toBe(401);
    });
    expect(code).toBe(0);
  });

  it("says so when there is a .env that cannot be read", async () => {
    await mkdir(join(folder, ".env"));
    const { code, terminal } = await run(env());
    expect(code).toBe(2);
    expect(terminal.errors).toMatch(/\.env cannot be read \(EISDIR\)/);
  });

  it("says so when its port is taken, and lets go of the database", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    for (let attempt = 0; attempt < 2; attempt++) {
      const { code, terminal } = await run(env({ PORT: String(port) }));
      expect([code, terminal.errors]).toEqual([
        1,
        `Port ${port} is taken by another program. Choose another one.\n`,
      ]);
    }
    other.close();
  });

  it("says so when its host is no address of this machine", async () => {
    for (const HOST of ["192.0.2.1", "nowhere.invalid"]) {
      const { code, terminal } = await run(env({ HOST, PORT: "0" }));
      expect(code).toBe(1);
      expect(terminal.errors).not.toMatch(/\n +at /);
      expect(terminal.errors).toMatch(/\S/);
    }
  });

  it("says so when its database cannot be used", async () => {
    await writeFile(join(folder, "file"), "no database, and longer than the header of one is: ".repeat(20));
    for (const path of [join(folder, "file"), join(folder, "file", "bridge.db"), folder]) {
      const { code, terminal } = await run(env({ DATABASE_URL: `file:${path}`, PORT: "0" }));
      expect(code).toBe(1);
      expect(terminal.errors).toContain(path);
      expect(terminal.errors).not.toMatch(/\n +at /);
    }
  });

  it("ends with 0 when it is asked to", async () => {
    const port = await freePort();
    const terminal = createFakeTerminal(env({ PORT: String(port) }), folder);
    const code = await whileRunning(["serve"], terminal, async () => {
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    });
    expect([code, terminal.errors]).toEqual([0, ""]);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "as a process of its own, serves, and ends with 0 at %s",
    async (signal) => {
      const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
      const child = spawn(
        process.execPath,
        [
          "--import",
          new URL("../support/typescript-loader.mjs", import.meta.url).href,
          path("../../src/main.ts"),
          "serve",
        ],
        {
          cwd: folder,
          env: { PATH: process.env.PATH, ...env({ PORT: "0", LOG_LEVEL: "info" }) },
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      const exited = once(child, "exit");
      const lines: Record<string, unknown>[] = [];
      let statusWhileServing: number | undefined;
      // A program that hears no signal must not outlive the test.
      const lastResort = setTimeout(() => child.kill("SIGKILL"), PROCESS_TIMEOUT_MS / 2);
      for await (const text of createInterface({ input: child.stdout })) {
        const line = JSON.parse(text);
        lines.push(line);
        if (line.msg !== "serving") continue;
        const answer = await ask(line.port);
        statusWhileServing = answer.status;
        await answer.text();
        child.kill(signal);
      }
      clearTimeout(lastResort);
      expect(await exited).toEqual([0, null]);
      expect([200, 503]).toContain(statusWhileServing);
      expect(lines.map(({ msg }) => msg)).toEqual(
        expect.arrayContaining(["serving", "request", "stopping", "stopped"]),
      );
      const text = JSON.stringify(lines);
      for (const secret of [TOKEN, simulator.authToken]) expect(text).not.toContain(secret);
    },
    PROCESS_TIMEOUT_MS,
  );
});
