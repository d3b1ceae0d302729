import { afterEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { createNetworkCheck } from "../../src/http/allowed-networks.js";
import { type BridgeOnSimulator, startBridgeOnSimulator, TOKEN } from "../support/bridge-on-simulator.js";

describe("a network", () => {
  it.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.0.0.1", true],
    ["10.0.0.0/8", "::ffff:a00:1", true],
    ["10.0.0.0/8", "0:0:0:0:0:ffff:0a00:0001", true],
    ["10.0.0.0/8", "::ffff:11.0.0.1", false],
    ["10.0.0.0/8", "fd00::1", false],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["fd00::/8", "fd12::1", true],
    ["fd00::/8", "fd12::1%eth0", true],
    ["fd00::/8", "fe80::1", false],
    ["::/0", "2001:db8::1", true],
    ["::/0", "192.0.2.1", false],
    ["::/0", "::ffff:192.0.2.1", false],
    ["0.0.0.0/0", "192.0.2.1", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["0.0.0.0/0", "unknown", false],
    ["0.0.0.0/0", "192.0.2.1:80", false],
    ["0.0.0.0/0", undefined, false],
  ])("%s has %s: %s", (network, address, isIn) => {
    expect(createNetworkCheck([network])(address)).toBe(isIn);
  });
});

describe("ALLOWED_NETWORKS", () => {
  let running: BridgeOnSimulator;
  afterEach(() => running.stop());

  async function start(env: Record<string, string>) {
    running = await startBridgeOnSimulator({ env });
    return supertest(running.bridge.app);
  }

  it("refuses all others before their token is looked at, and logs it", async () => {
    const agent = await start({ ALLOWED_NETWORKS: "192.0.2.0/24" });
    for (const path of ["/scim/v2/Users", "/scim/v2/ServiceProviderConfig", "/readyz", "/metrics", "/x"]) {
      for (const authorization of [`Bearer ${TOKEN}`, "Bearer wrong"]) {
        const answer = await agent.get(path).set("Authorization", authorization);
        expect([path, answer.status]).toEqual([path, 403]);
        expect(answer.body).toMatchObject({ status: "403", detail: expect.any(String) });
        expect(answer.headers["www-authenticate"]).toBeUndefined();
      }
    }
    const lines = running.logged.filter(({ msg }) => msg === "request");
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatchObject({ path: "/scim/v2/Users", status: 403, ip: expect.stringMatching(/127/) });
  });

  it("leaves /healthz open", async () => {
    const agent = await start({ ALLOWED_NETWORKS: "192.0.2.0/24" });
    expect((await agent.get("/healthz")).status).toBe(200);
    for (const path of ["/healthz/../readyz", "/HEALTHZ", "/healthz/x"]) {
      expect([path, (await agent.get(path)).status]).toEqual([path, 403]);
    }
  });

  it("lets in who is in a network, also one that comes as IPv4 within IPv6", async () => {
    const agent = await start({ ALLOWED_NETWORKS: "fd00::/8,127.0.0.0/8" });
    expect((await agent.get("/scim/v2/Users").set("Authorization", `Bearer ${TOKEN}`)).status).toBe(200);
    expect((await agent.get("/scim/v2/Users")).status).toBe(401);
  });

  it("does not believe X-Forwarded-For of somebody who is no trusted proxy", async () => {
    const agent = await start({ ALLOWED_NETWORKS: "192.0.2.0/24" });
    for (const name of ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP"]) {
      const answer = await agent.get("/scim/v2/Users").set(name, "192.0.2.1");
      expect([name, answer.status]).toEqual([name, 403]);
    }
  });

  it("looks at the client's address behind a trusted proxy", async () => {
    const agent = await start({ ALLOWED_NETWORKS: "192.0.2.0/24", TRUST_PROXY: "loopback" });
    const statusOf = async (forwarded: string) =>
      (await agent.get("/scim/v2/Users").set("X-Forwarded-For", forwarded)).status;
    expect(await statusOf("192.0.2.1")).toBe(401);
    expect(await statusOf("198.51.100.1")).toBe(403);
    expect(await statusOf("192.0.2.1, 198.51.100.1")).toBe(403);
    expect(await statusOf("198.51.100.1, 192.0.2.1")).toBe(401);
    expect(await statusOf("anything")).toBe(403);
    expect((await agent.get("/scim/v2/Users")).status).toBe(403);
  });
});
