import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";

/** The types of all sources are stripped as each process starts, which a busy machine takes its time for. */
const TIMEOUT_MS = 120_000;

const LOADER = new URL("../support/typescript-loader.mjs", import.meta.url).href;
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

const SCIM_TOKEN = "scim-token-7c1e0f5a9b";
const ADMIN_TOKEN = "admin-token-3d8b6e2f41";
const PROXY_PASSWORD = "proxy-pass-e5a4c90b17";
/** What somebody sends who has no right to. It may be a token that is right elsewhere. */
const STRANGE_TOKEN = "strange-token-91f0d7b3aa";
const USER_PASSWORD = "users-password-5b2a8c6d1e";

describe("no secret", () => {
  let simulator: Simulator;
  let folder: string;
  let secrets: readonly string[];
  /** All that processes and answers have said. */
  let said: string[];

  beforeEach(async () => {
    simulator = await startSimulator({ accounts: 5 });
    folder = await mkdtemp(join(tmpdir(), "secrets-"));
    said = [];
    const { accountSid, authToken, mainKey, world } = simulator;
    secrets = [
      authToken,
      mainKey.secret,
      // Twilio tells those of subaccounts, which the bridge has no use for.
      ...world.accounts.list().map((account) => account.authToken),
      SCIM_TOKEN,
      ADMIN_TOKEN,
      PROXY_PASSWORD,
      STRANGE_TOKEN,
      USER_PASSWORD,
      // As they are sent by Basic authentication.
      ...[`${accountSid}:${authToken}`, `${mainKey.sid}:${mainKey.secret}`, `okta:${SCIM_TOKEN}`].map(base64),
      base64(`proxy:${PROXY_PASSWORD}`),
    ];
  });
  afterEach(async () => {
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  const variables = (more: Record<string, string> = {}) => ({
    PATH: process.env.PATH,
    TWILIO_ACCOUNT_SID: simulator.accountSid,
    TWILIO_AUTH_TOKEN: simulator.authToken,
    TWILIO_API_URL: simulator.url,
    HTTPS_PROXY: `http://proxy:${PROXY_PASSWORD}@127.0.0.1:9`,
    SCIM_TOKEN,
    ADMIN_TOKEN,
    DATABASE_URL: `file:${join(folder, "bridge.db")}`,
    PORT: "0",
    LOG_LEVEL: "trace",
    ...more,
  });

  function start(command: string, env: Record<string, string | undefined>): ChildProcess {
    const child = spawn(process.execPath, ["--import", LOADER, MAIN, command], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout?.on("data", (chunk) => said.push(String(chunk)));
    child.stderr?.on("data", (chunk) => said.push(String(chunk)));
    return child;
  }

  async function codeOf(command: string, env: Record<string, string | undefined>): Promise<number> {
    const [code] = await once(start(command, env), "close");
    return code;
  }

  function expectNoSecret() {
    const text = said.join("\n");
    const found = secrets.filter((secret) => [secret, base64(secret)].some((form) => text.includes(form)));
    expect(found).toEqual([]);
    return text;
  }

  it(
    "is in the output, the answers, the metrics or the process title of a whole run",
    async () => {
      const child = start("serve", variables());
      const port = await portOf(child);
      const url = `http://127.0.0.1:${port}`;
      const ask = async (method: string, path: string, authorization?: string, body?: object | string) => {
        const answer = await fetch(`${url}${path}`, {
          method,
          headers: {
            "Content-Type": "application/scim+json",
            ...(authorization !== undefined && { Authorization: authorization }),
          },
          ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
        });
        const text = await answer.text();
        said.push(JSON.stringify([...answer.headers]), text);
        return { status: answer.status, body: text.startsWith("{") ? JSON.parse(text) : {} };
      };
      const good = `Bearer ${SCIM_TOKEN}`;
      const users = "/scim/v2/Users";

      for (const authorization of [
        `Bearer ${STRANGE_TOKEN}`,
        `Basic ${base64(`okta:${STRANGE_TOKEN}`)}`,
        STRANGE_TOKEN,
        `Bearer ${SCIM_TOKEN}x`,
        `Digest ${SCIM_TOKEN}`,
        undefined,
      ]) {
        expect((await ask("GET", users, authorization)).status).toBe(401);
      }
      expect((await ask("GET", users, `Bearer ${ADMIN_TOKEN}`)).status).toBe(200);
      expect((await ask("GET", users, `Basic ${base64(`okta:${SCIM_TOKEN}`)}`)).status).toBe(200);

      const named = { userName: "ada@example.com", password: USER_PASSWORD };
      const made = await ask("POST", users, good, named);
      expect(made.status).toBe(201);
      const user = `${users}/${made.body.id}`;
      const suspend = { Operations: [{ op: "replace", path: "active", value: false }] };
      const rename = { Operations: [{ op: "replace", value: { password: USER_PASSWORD, title: "Dr" } }] };
      expect((await ask("PATCH", user, good, rename)).status).toBe(200);
      expect((await ask("POST", users, good, named)).status).toBe(409);
      expect((await ask("POST", users, good, `{"password": "${USER_PASSWORD}`)).status).toBe(400);
      await ask("GET", `${users}?filter=${encodeURIComponent(`password eq "${USER_PASSWORD}"`)}`, good);
      simulator.world.faults.add({ kind: "status", status: 500, body: "html", method: "POST" });
      expect((await ask("PATCH", user, good, suspend)).status).toBe(503);
      simulator.world.faults.clear();
      expect((await ask("PATCH", user, good, suspend)).status).toBe(200);
      expect((await ask("DELETE", user, good)).status).toBe(204);
      const refresh = `/admin/accounts/${simulator.accountSid}/refresh`;
      for (const authorization of [good, `Bearer ${ADMIN_TOKEN}`]) await ask("POST", refresh, authorization);
      for (const path of ["/metrics", "/readyz", "/healthz", `/nothing?token=${STRANGE_TOKEN}`]) {
        await ask("GET", path);
      }
      said.push(readFileSync(`/proc/${child.pid}/cmdline`, "utf8"));

      child.kill("SIGTERM");
      expect(await once(child, "close")).toEqual([0, null]);
      const text = expectNoSecret();
      for (const shown of ['"audit"', "twilio_scim_bridge_", '"stopped"', "main.ts"]) {
        expect(text).toContain(shown);
      }
    },
    TIMEOUT_MS,
  );

  it(
    "is in what check says, or a start that fails",
    async () => {
      const { mainKey } = simulator;
      const file = join(folder, "secret");
      await writeFile(file, `${ADMIN_TOKEN} and more\n`);
      const { TWILIO_AUTH_TOKEN: _token, ...keyless } = variables();
      const byKey = { ...keyless, TWILIO_API_KEY: mainKey.sid, TWILIO_API_SECRET: mainKey.secret };
      expect(await codeOf("check", byKey)).toBe(0);
      expect(await codeOf("check", variables({ TWILIO_AUTH_TOKEN: STRANGE_TOKEN }))).toBe(1);
      const broken = [
        { TWILIO_AUTH_TOKEN: `${STRANGE_TOKEN} with a space` },
        { SCIM_TOKEN: `${STRANGE_TOKEN}\t` },
        { ADMIN_TOKEN: SCIM_TOKEN },
        { HTTPS_PROXY: `socks://proxy:${PROXY_PASSWORD}@127.0.0.1` },
        { ADMIN_TOKEN: "", ADMIN_TOKEN_FILE: file },
        { ADMIN_TOKEN_FILE: file },
        { TWILIO_API_KEY: mainKey.sid, TWILIO_API_SECRET: mainKey.secret },
      ];
      const codes = await Promise.all(broken.map((more) => codeOf("serve", variables(more))));
      expect(codes).toEqual(broken.map(() => 2));
      const text = expectNoSecret();
      expect(text).toContain("ADMIN_TOKEN_FILE is set, and so is ADMIN_TOKEN");
    },
    TIMEOUT_MS,
  );
});

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** Resolves when the bridge serves. */
async function portOf({ stdout }: ChildProcess): Promise<number> {
  if (stdout === null) throw new Error("the process has no output");
  for await (const text of createInterface({ input: stdout })) {
    const line = JSON.parse(text);
    if (line.msg === "serving") return line.port;
  }
  throw new Error("the bridge does not serve");
}
