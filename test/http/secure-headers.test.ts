import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import express from "express";
import helmet from "helmet";
import supertest from "supertest";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";

describe("helmet's headers", () => {
  let running: BridgeOnSimulator;
  let expected: Record<string, string>;

  beforeAll(async () => {
    running = await startBridgeOnSimulator({ env: { ADMIN_TOKEN: "an-admin-token-for-tests-only" } });
    const app = express().disable("x-powered-by");
    app.use(helmet({ strictTransportSecurity: false }), (_request, response) => void response.end());
    const {
      date: _now,
      connection: _kept,
      "content-length": _none,
      ...sent
    } = (await supertest(app).get("/")).headers;
    expected = sent;
  });
  afterAll(() => running.stop());

  it.each([
    "/scim/v2/Users",
    "/scim/v2/ServiceProviderConfig",
    "/scim/v2/nothing",
    "/admin/accounts/x/refresh",
    "/nothing",
  ])("are in the answer to %s, let in or not", async (path) => {
    expect(Object.keys(expected)).toContain("content-security-policy");
    const { headers } = await supertest(running.bridge.app).get(path);
    expect(headers).toMatchObject(expected);
    if (path.startsWith("/scim/v2")) {
      expect((await running.scim("get", path.slice("/scim/v2".length))).headers).toMatchObject(expected);
    }
  });
});
