import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect as connectPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type SecureVersion, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import { ConfigError, readConfig } from "../../src/config.js";
import { readTlsPair } from "../../src/tls-files.js";
import { renewTls } from "../../src/tls-renewal.js";
import {
  type BridgeOnSimulator,
  SCIM_JSON,
  startBridgeOnSimulator,
  TOKEN,
} from "../support/bridge-on-simulator.js";
import { type CertificateAuthority, createCertificateAuthority } from "../support/certificates.js";
import { createHastyClock } from "../support/hasty-clock.js";
import { ManualClock } from "../support/manual-clock.js";
import { RecordedLog } from "../support/recorded-log.js";

describe("HTTPS by certificate files", () => {
  let folder: string;
  let authority: CertificateAuthority;
  let running: BridgeOnSimulator | undefined;
  let port: number;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tls-"));
    authority = createCertificateAuthority(folder);
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function serve(name: string) {
    const { certFile, keyFile } = authority.issue(name);
    running = await startBridgeOnSimulator({
      env: { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, PORT: "0" },
      parts: { clock: createHastyClock() },
    });
    ({ port } = await running.bridge.listen());
  }

  async function ask(method: string, path: string, body?: object): Promise<IncomingMessage> {
    const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": SCIM_JSON };
    const sent = request({ host: "127.0.0.1", port, method, path, headers, ca: authority.ca, agent: false });
    sent.end(body && JSON.stringify(body));
    const [answer] = await once(sent, "response");
    answer.resume();
    await once(answer, "end");
    return answer;
  }

  async function handshake(version: SecureVersion): Promise<TLSSocket> {
    const options = { minVersion: version, maxVersion: version, ciphers: "DEFAULT:@SECLEVEL=0" };
    const socket = connect({ host: "127.0.0.1", port, ca: authority.ca, ...options });
    await once(socket, "secureConnect");
    return socket;
  }

  it("serves reads and writes, with HSTS, and stops while connections are open", async () => {
    await serve("bridge");
    const idle = await handshake("TLSv1.3");
    const unfinished = connectPlain(port, "127.0.0.1");
    for (const socket of [idle, unfinished]) socket.on("error", () => undefined);
    const read = await ask("GET", "/scim/v2/Users");
    expect(read.statusCode).toBe(200);
    expect(read.headers["strict-transport-security"]).toMatch(/max-age=/);
    const user = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "ada" };
    const made = await ask("POST", "/scim/v2/Users", user);
    expect([made.statusCode, made.headers.location]).toEqual([
      201,
      expect.stringMatching(`^https://127.0.0.1:${port}/`),
    ]);
  });

  it("speaks TLS 1.2 and 1.3, and nothing older or plain", async () => {
    await serve("bridge");
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await handshake(version);
      expect(socket.getProtocol()).toBe(version);
      socket.destroy();
    }
    await expect(handshake("TLSv1.1")).rejects.toThrow(/protocol/i);
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  });

  it("sends no HSTS where it serves plain HTTP", async () => {
    running = await startBridgeOnSimulator();
    const { headers } = await running.scim("get", "/Users");
    expect(headers["strict-transport-security"]).toBeUndefined();
  });

  it("takes up other files, also for a server that is running, and keeps the old ones while the two do not fit", async () => {
    const first = authority.issue("first");
    const second = authority.issue("second");
    const files = { certFile: join(folder, "used.pem"), keyFile: join(folder, "used.key") };
    const write = (cert: string, key: string) => {
      writeFileSync(files.certFile, cert);
      writeFileSync(files.keyFile, key);
    };
    write(first.cert, first.key);
    const clock = new ManualClock();
    const log = new RecordedLog();
    const stopping = new AbortController();
    const renewed: string[] = [];
    const watching = renewTls({
      files,
      pair: readTlsPair(files),
      clock,
      log,
      signal: stopping.signal,
      renew: ({ cert }) => renewed.push(cert),
    });
    await clock.advance(120_000);
    expect(renewed).toEqual([]);
    write(second.cert, first.key);
    await clock.advance(60_000);
    expect(renewed).toEqual([]);
    expect(log.lines.map(({ level }) => level)).toEqual(["warn"]);
    write(second.cert, second.key);
    await clock.advance(120_000);
    expect(renewed).toEqual([second.cert]);
    stopping.abort();
    await watching;
  });

  it("needs both files, that fit each other", () => {
    const { certFile, keyFile } = authority.issue("one");
    const other = authority.issue("other");
    const enough = {
      TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
      TWILIO_AUTH_TOKEN: "the-auth-token",
      SCIM_TOKEN: "sixteen-letters!",
    };
    const problemsOf = (env: Record<string, string>) => {
      try {
        readConfig({ ...enough, ...env });
      } catch (error) {
        if (error instanceof ConfigError) return error.problems;
      }
      return [];
    };
    expect(problemsOf({ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile })).toEqual([]);
    expect(problemsOf({ TLS_CERT_FILE: certFile })).toEqual([
      "TLS_KEY_FILE is missing, which belongs to TLS_CERT_FILE; expected: both or none.",
    ]);
    expect(problemsOf({ TLS_KEY_FILE: keyFile })).toEqual([
      "TLS_CERT_FILE is missing, which belongs to TLS_KEY_FILE; expected: both or none.",
    ]);
    const together = "TLS_CERT_FILE and TLS_KEY_FILE cannot be used together";
    for (const path of [other.keyFile, certFile, join(folder, "nothing")]) {
      expect(problemsOf({ TLS_CERT_FILE: certFile, TLS_KEY_FILE: path })).toEqual([
        expect.stringContaining(together),
      ]);
    }
    for (const path of [keyFile, join(folder, "nothing")]) {
      expect(problemsOf({ TWILIO_CA_FILE: path })).toEqual([
        expect.stringContaining("TWILIO_CA_FILE cannot be used ("),
      ]);
    }
  });
});
