import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { readConfig, secretsOf } from "../../src/config.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { createUsageCatalogue } from "../../src/twilio/usage-catalogue.js";
import { twilioGateways } from "../../src/twilio-gateways.js";
import { type CertificateAuthority, createCertificateAuthority } from "../support/certificates.js";
import { startConnectProxy } from "../support/connect-proxy.js";
import { createHastyClock } from "../support/hasty-clock.js";

describe("requests to Twilio", () => {
  let folder: string;
  let authority: CertificateAuthority;
  let simulator: Simulator;
  /** The simulator behind TLS, with a certificate of the private authority. */
  let secured: Server;
  let port: number;
  let connections = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "proxy-and-ca-"));
    authority = createCertificateAuthority(folder);
    simulator = await startSimulator({ accounts: 3 });
    secured = createServer(authority.issue("twilio"), (asked, answer) => {
      const { method, url = "/", headers } = asked;
      const passed = request(new URL(url, simulator.url), { method, headers }, (given) => {
        answer.writeHead(given.statusCode ?? 500, given.headers);
        given.pipe(answer);
      });
      asked.pipe(passed);
    });
    secured.on("connection", () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => secured.listen(0, "127.0.0.1", resolve));
    ({ port } = secured.address() as AddressInfo);
  });
  afterAll(async () => {
    secured.closeAllConnections();
    secured.close();
    await simulator.close();
    rmSync(folder, { recursive: true });
  });

  function configure(env: Record<string, string>) {
    return readConfig({
      TWILIO_ACCOUNT_SID: simulator.accountSid,
      TWILIO_AUTH_TOKEN: simulator.authToken,
      TWILIO_API_URL: `https://localhost:${port}`,
      SCIM_TOKEN: "a-token-for-tests-only",
      ...env,
    });
  }

  function fetchOwner(env: Record<string, string>) {
    const config = configure(env);
    const catalogue = createUsageCatalogue();
    const { accounts } = twilioGateways(config, { clock: createHastyClock(), random: () => 0, catalogue });
    return accounts.fetch(config.twilio.accountSid, { priority: "lookup" });
  }

  const withCa = () => ({ TWILIO_CA_FILE: authority.caFile });

  it("believe a private certificate authority only where the configuration names it", async () => {
    expect((await fetchOwner(withCa())).sid).toBe(simulator.accountSid);
    await expect(fetchOwner({})).rejects.toMatchObject({ code: "twilioUnavailable" });
  });

  it("go through the proxy, with its credentials, over one connection that is kept", async () => {
    const proxy = await startConnectProxy();
    const config = configure({
      ...withCa(),
      HTTPS_PROXY: `http://user:pass%20word@127.0.0.1:${proxy.port}`,
    });
    const { accounts } = twilioGateways(config, {
      clock: createHastyClock(),
      random: () => 0,
      catalogue: createUsageCatalogue(),
    });
    for (let count = 0; count < 3; count++) {
      const { sid } = await accounts.fetch(config.twilio.accountSid, { priority: "lookup" });
      expect(sid).toBe(simulator.accountSid);
    }
    const basic = Buffer.from("user:pass word").toString("base64");
    expect(proxy.asked).toEqual([{ target: `localhost:${port}`, credentials: `Basic ${basic}` }]);
    expect(secretsOf(config)).toEqual(expect.arrayContaining(["pass%20word", "pass word", basic]));
    await proxy.stop();
  });

  it("believe nobody else behind the proxy", async () => {
    const proxy = await startConnectProxy();
    const failing = fetchOwner({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
    await expect(failing).rejects.toMatchObject({ code: "twilioUnavailable" });
    await proxy.stop();
  });

  it.each(["localhost", "*", ".localhost", "other.example,LOCALHOST"])(
    "go around the proxy where NO_PROXY is %s",
    async (NO_PROXY) => {
      const proxy = await startConnectProxy();
      const https_proxy = `http://127.0.0.1:${proxy.port}`;
      expect((await fetchOwner({ ...withCa(), https_proxy, NO_PROXY })).sid).toBe(simulator.accountSid);
      expect(proxy.asked).toEqual([]);
      await proxy.stop();
    },
  );

  it.each(["host", "other.localhost", "localhost.example"])(
    "go through the proxy all the same where NO_PROXY is %s",
    async (NO_PROXY) => {
      const proxy = await startConnectProxy();
      const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
      await fetchOwner({ ...withCa(), HTTPS_PROXY, NO_PROXY });
      expect(proxy.asked).toHaveLength(1);
      await proxy.stop();
    },
  );

  it.each([403, 404, 407, 502])("never take a proxy's %d for Twilio's answer", async (status) => {
    const proxy = await startConnectProxy(status);
    const before = connections;
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    await expect(fetchOwner({ ...withCa(), HTTPS_PROXY })).rejects.toMatchObject({
      code: "twilioUnavailable",
    });
    expect(connections).toBe(before);
    await proxy.stop();
  });

  it("fail as an outage where there is no proxy", async () => {
    const proxy = await startConnectProxy();
    await proxy.stop();
    const HTTPS_PROXY = `http://127.0.0.1:${proxy.port}`;
    await expect(fetchOwner({ ...withCa(), HTTPS_PROXY })).rejects.toMatchObject({
      code: "twilioUnavailable",
    });
  });
});
