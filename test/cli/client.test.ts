import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { runCommandLine } from "../../src/cli/command-line.js";
import { type QuietBridge, startQuietBridge } from "../http/quiet-bridge.js";
import { createFakeTerminal } from "./fake-terminal.js";

const BINDING = [
  "--issuer=https://login.microsoftonline.com/tenant/v2.0",
  "--subject=object-id",
  "--audience=api://application",
] as const;

describe("the command client, beside a running bridge", () => {
  let folder: string;
  let running: QuietBridge;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "bridge-client-"));
    running = await startQuietBridge({ env: { DATABASE_URL: `file:${folder}/bridge.db` } });
  });
  afterAll(async () => {
    await running.stop();
    rmSync(folder, { recursive: true });
  });

  async function client(...args: string[]) {
    const terminal = createFakeTerminal({ DATABASE_URL: `file:${folder}/bridge.db` });
    const code = await runCommandLine(["client", ...args], terminal);
    return { code, output: terminal.output, errors: terminal.errors };
  }

  const ask = (id: string, secret: string) =>
    supertest(running.bridge.app)
      .post("/oauth/token")
      .auth(id, secret)
      .type("form")
      .send({ grant_type: "client_credentials" });
  const users = (token: string) =>
    supertest(running.bridge.app).get("/scim/v2/Users?count=0").auth(token, { type: "bearer" });

  it("makes a client that gets in at once, shows its secret only then, and ends it with its tokens", async () => {
    const made = await client("create", "--name", "okta", "--scope", "read");
    expect(made.code).toBe(0);
    const [, id = "", secret = ""] = /^client_id {6}(\S+)\nclient_secret {2}(\S+)\n$/.exec(made.output) ?? [];
    const { body } = await ask(id, secret);
    expect((await users(body.access_token)).status).toBe(200);
    const listed = await client("list");
    expect(listed.output).toMatch(new RegExp(`^okta +${id} +read `, "m"));
    expect(listed.output + (await client("list", "--json")).output).not.toContain(secret);
    expect((await client("revoke", "okta")).code).toBe(0);
    expect((await users(body.access_token)).status).toBe(401);
    expect((await ask(id, secret)).status).toBe(401);
  });

  it("makes a federated client, without a secret, and lists to whom it is bound", async () => {
    const made = await client("create", "--name=entra", "--federated", ...BINDING, "--tenant=tenant");
    expect([made.code, made.output]).toEqual([0, expect.stringMatching(/^client_id +\S+\n$/)]);
    const listed: unknown[] = JSON.parse((await client("list", "--json")).output);
    expect(listed).toContainEqual({
      name: "entra",
      clientId: expect.any(String),
      scope: "provision",
      created: expect.any(String),
      revoked: null,
      federated: {
        issuer: "https://login.microsoftonline.com/tenant/v2.0",
        subject: "object-id",
        audience: "api://application",
        tenant: "tenant",
      },
    });
  });

  it("gives a name once, and again when its client is revoked", async () => {
    expect((await client("create", "--name", "twice")).code).toBe(0);
    const again = await client("create", "--name", "twice");
    expect([again.code, again.output]).toEqual([1, ""]);
    expect(again.errors).toContain("Choose another name");
    await client("revoke", "twice");
    expect((await client("create", "--name", "twice")).code).toBe(0);
  });

  it("knows no client of another name", async () => {
    const { code, errors } = await client("revoke", "nobody");
    expect([code, errors]).toEqual([1, expect.stringContaining('There is no client "nobody"')]);
  });

  it.each([
    [["create"], "name"],
    [["create", "--name", "two words"], "name"],
    [["create", "--name", "x", "--scope", "root"], "--scope"],
    [["create", "--name", "x", ...BINDING], "--federated"],
    [["create", "--name", "x", "--federated"], "--issuer"],
    [["create", "--name", "x", "--federated", ...BINDING, "--issuer=http://login.example"], "https"],
    [["create", "--name", "x", "--federated", ...BINDING, "--audience=api://a/.default"], "/.default"],
    [["list", "--name", "x"], "--name"],
    [["revoke"], "name"],
  ])("does not take %j", async (args, says) => {
    const { code, output, errors } = await client(...args);
    expect([code, output]).toEqual([2, ""]);
    expect(errors).toContain(says);
  });
});
