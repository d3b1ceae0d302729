import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { createHastyClock } from "../support/hasty-clock.js";
import { type LocalIssuer, startLocalIssuer } from "../support/local-issuer.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";
import { expectScimError } from "./scim-error.js";

describe("a bridge with an issuer of JWTs", () => {
  const clock = createHastyClock();
  let issuer: LocalIssuer;
  let running: QuietBridge;

  beforeAll(async () => {
    issuer = await startLocalIssuer();
    running = await startQuietBridge({
      env: { JWT_ISSUER: issuer.issuer, JWT_AUDIENCE: "api://bridge", JWT_ALLOWED: "the-provider" },
      parts: { clock },
    });
  });
  afterAll(async () => {
    await running.stop();
    await issuer.close();
  });

  const users = (token: string) =>
    supertest(running.bridge.app).get("/scim/v2/Users?count=0").auth(token, { type: "bearer" });
  const sign = (azp: string) =>
    issuer.sign({ aud: "api://bridge", azp, exp: Math.floor(clock.now() / 1000) + 600 });

  it("answers 503 with Retry-After, not 401, before it could read the keys, and goes on with its own token", async () => {
    issuer.answer = { status: 500, body: "" };
    const answer = await users(await sign("the-provider"));
    expectScimError(answer, 503);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect((await running.scim("get", "/Users?count=0")).status).toBe(200);
    issuer.answer = undefined;
    clock.skip(5_000);
  });

  it("lets in who is in the list, and writes who it was into the log", async () => {
    const token = await sign("the-provider");
    expect((await users(token)).status).toBe(200);
    expect(running.logged).toContainEqual(expect.objectContaining({ client: "the-provider", status: 200 }));
    expect(JSON.stringify(running.logged)).not.toContain(token);
  });

  it("answers 401 with a challenge to others, and does not say why", async () => {
    const answer = await users(await sign("another"));
    expectScimError(answer, 401);
    expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /);
    expect(JSON.stringify(answer.body)).not.toMatch(/JWT_ALLOWED|azp/);
  });
});
