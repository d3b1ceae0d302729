import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { TOKEN } from "../support/bridge-on-simulator.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";
import { rawExchange } from "./raw-exchange.js";
import { expectScimError } from "./scim-error.js";

describe("/Me", () => {
  let running: QuietBridge;
  let port: number;

  beforeAll(async () => {
    running = await startQuietBridge();
    ({ port } = running);
  });
  afterAll(() => running.stop());

  const PATHS = ["/Me", "/Me/", "/me", "/ME?attributes=userName", "/Me/password", "/Me/a/b"];

  it.each(PATHS)("is not supported, whatever is asked: %s", async (path) => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]) {
      const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Length": "2" };
      const answer = await rawExchange(port, { method, target: `/scim/v2${path}`, headers, body: "{}" });
      expectScimError(answer, 501);
    }
  });

  it("tells HEAD the same, without a body", async () => {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const answer = await rawExchange(port, { method: "HEAD", target: "/scim/v2/Me", headers });
    expect([answer.status, answer.text]).toEqual([501, ""]);
  });

  it("wants a token all the same", async () => {
    for (const method of ["GET", "OPTIONS"]) {
      expectScimError(await rawExchange(port, { method, target: "/scim/v2/Me" }), 401);
    }
  });

  it.each(["/Mexico", "/Users/Me"])("is not %s", async (path) => {
    expectScimError(await running.scim("get", path), 404);
  });
});
