import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { SCIM_JSON, TOKEN } from "../support/bridge-on-simulator.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";
import { rawExchange } from "./raw-exchange.js";
import { expectScimError } from "./scim-error.js";

const AUTHORIZATION = { Authorization: `Bearer ${TOKEN}` };
const KIB_64 = 64 * 1024;
const MIB = 1024 * 1024;

let running: QuietBridge;
let port: number;
let sockets: Socket[];

beforeAll(async () => {
  running = await startQuietBridge({ env: { ADMIN_TOKEN: "an-admin-token-for-tests-only" } });
  ({ port } = running);
  sockets = [];
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(() => running.stop());

describe("500 clients that do nothing", () => {
  /** Resolves once all are connected and have said that much. */
  async function crowd(said: string): Promise<void> {
    sockets = Array.from({ length: 500 }, () => connect(port, "127.0.0.1"));
    await Promise.all(
      sockets.map(async (socket) => {
        socket.on("error", () => undefined);
        await once(socket, "connect");
        if (said !== "") await new Promise((resolve) => socket.write(said, resolve));
      }),
    );
  }

  const HEAD = `POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${SCIM_JSON}\r\n`;

  it.each([
    ["say nothing", ""],
    ["stop within the request line", "GET /scim/v2/Us"],
    ["stop within the headers", `${HEAD}X-Slow: `],
    ["stop within the body", `${HEAD}Authorization: Bearer ${TOKEN}\r\nContent-Length: 500000\r\n\r\n{"user`],
    ["stop within the body, without a token", `${HEAD}Content-Length: 500000\r\n\r\n{"user`],
  ])("and %s keep nobody else waiting", async (_what, said) => {
    await crowd(said);
    for (let count = 0; count < 5; count++) {
      const answer = await rawExchange(port, {
        method: "GET",
        target: "/scim/v2/Users?count=1",
        headers: AUTHORIZATION,
      });
      expect(answer.status).toBe(200);
    }
  });
});

describe("a body that is too long", () => {
  it.each([
    ["POST", "/scim/v2/Users", MIB],
    ["PUT", "/scim/v2/Users/{user}", MIB],
    ["PATCH", "/scim/v2/Users/{user}", MIB],
    ["POST", "/scim/v2/Users/.search", KIB_64],
    ["POST", "/scim/v2/Groups", 8 * MIB],
    ["PUT", "/scim/v2/Groups/{group}", 8 * MIB],
    ["PATCH", "/scim/v2/Groups/{group}", 8 * MIB],
    ["POST", "/scim/v2/Groups/.search", KIB_64],
    ["POST", "/scim/v2/.search", KIB_64],
    ["POST", "/scim/v2/Bulk", MIB],
  ])("is refused at %s %s when it has more than %d bytes", async (method, path, limit) => {
    const name = `${method} ${path}`;
    const { body: user } = await running.scim("post", "/Users").send({ userName: name });
    const { body: group } = await running.scim("post", "/Groups").send({ displayName: name });
    const target = path.replace("{user}", user.id).replace("{group}", group.id);
    const statusOf = async (length: number) => {
      const headers = { ...AUTHORIZATION, "Content-Type": SCIM_JSON, "Content-Length": String(length) };
      return (await rawExchange(port, { method, target, headers, body: "{".padEnd(length) })).status;
    };
    expect(await statusOf(limit + 1)).toBe(413);
    expect(await statusOf(limit)).toBe(400);
  });

  it.each([
    ["POST", "/scim/v2/Users", "without a token"],
    ["POST", "/scim/v2/Bulk", "without a token"],
    ["POST", "/admin/accounts/x/refresh", "without a token"],
  ])("is not waited for at %s %s %s", async (method, target) => {
    const headers = { "Content-Type": SCIM_JSON, "Content-Length": String(64 * MIB) };
    const answer = await rawExchange(port, { method, target, headers, body: " ".repeat(KIB_64) });
    expectScimError(answer, 401);
  });
});
