import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { digestOf } from "../../src/access/token.js";
import { startSimulator } from "../../src/simulator/simulator.js";
import { SCIM_JSON, startBridgeOnSimulator, TOKEN } from "../support/bridge-on-simulator.js";
import { createHastyClock } from "../support/hasty-clock.js";
import { type TokensBeside, tokensBeside } from "../support/tokens-beside.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";
import { rawExchange } from "./raw-exchange.js";
import { expectScimError } from "./scim-error.js";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

const UNKNOWN = `AC${"0".repeat(32)}`;

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

type Method = "get" | "head" | "options" | "post" | "put" | "patch" | "delete";

describe("tokens of the database", () => {
  const clock = createHastyClock();
  let beside: TokensBeside;
  let running: QuietBridge;
  const tokens = { read: "", provision: "", admin: "", expired: "", revoked: "" };

  beforeAll(async () => {
    beside = tokensBeside(clock);
    // Before the bridge has ever run.
    tokens.read = await beside.create("reports", "--scope", "read");
    running = await startQuietBridge({ env: { DATABASE_URL: beside.url }, parts: { clock } });
    tokens.provision = await beside.create("okta");
    tokens.admin = await beside.create("operator", "--scope", "admin", "--expires", "90d");
    tokens.expired = await beside.createExpired("forgotten");
    tokens.revoked = await beside.create("leaver");
    await beside.revoke("leaver");
  });
  afterAll(async () => {
    await running.stop();
    beside.remove();
  });
  // Failures of one test do not count in the next.
  beforeEach(() => clock.skip(MINUTE_MS));

  const send = (method: Method, path: string, authorization?: string) => {
    const request = supertest(running.bridge.app)[method](path).set("Content-Type", SCIM_JSON);
    return authorization === undefined ? request : request.set("Authorization", authorization);
  };
  const users = (authorization?: string) => send("get", "/scim/v2/Users", authorization);
  const status = async (token: string) => (await users(`Bearer ${token}`)).status;

  async function rawStatus(headers: Record<string, string>): Promise<number> {
    const { port } = running;
    return (await rawExchange(port, { method: "GET", target: "/scim/v2/Users", headers })).status;
  }

  it.each<[string, (token: string) => string]>([
    ["Bearer", (token) => `Bearer ${token}`],
    ["bEaReR", (token) => `bEaReR ${token}`],
    ["Bearer and several blanks", (token) => `Bearer   ${token}`],
    ["Basic with any user", (token) => basic("okta", token)],
    ["Basic with no user", (token) => basic("", token)],
    ["BASIC", (token) => basic("okta", token).replace("Basic", "BASIC")],
    ["no scheme", (token) => token],
  ])("let in with %s", async (_how, header) => {
    for (const token of [tokens.read, tokens.provision, tokens.admin]) {
      expect((await users(header(token))).status).toBe(200);
    }
  });

  it.each<[string, (token: string) => string]>([
    ["an expired token", () => `Bearer ${tokens.expired}`],
    ["a revoked token", () => `Bearer ${tokens.revoked}`],
    ["a revoked token as Basic's password", () => basic("okta", tokens.revoked)],
    ["a revoked token with no scheme", () => tokens.revoked],
    ["the prefix alone", () => "Bearer tsb_"],
    ["a token without its prefix", (token) => `Bearer ${token.slice(4)}`],
    ["a token with its prefix twice", (token) => `Bearer tsb_${token}`],
    ["a token with another prefix", (token) => `Bearer ${token.replace("tsb_", "tsc_")}`],
    ["a token of zeros", () => `Bearer tsb_${"A".repeat(43)}`],
    ["a token in lower case", (token) => `Bearer ${token.toLowerCase()}`],
    ["a token in upper case", (token) => `Bearer ${token.toUpperCase()}`],
    ["a token less its last character", (token) => `Bearer ${token.slice(0, -1)}`],
    ["a token and another character", (token) => `Bearer ${token}A`],
    ["a token and a padding", (token) => `Bearer ${token}=`],
    ["a token the other way round", (token) => `Bearer ${[...token].reverse().join("")}`],
    ["what the database keeps of a token", (token) => `Bearer ${digestOf(token)}`],
    ["what the database keeps of a token, as one", (token) => `Bearer tsb_${digestOf(token)}`],
    ["the name of a token", () => "Bearer okta"],
    ["the name of the variable", () => "Bearer SCIM_TOKEN"],
    ["undefined", () => "Bearer undefined"],
    ["two tokens with a comma", (token) => `Bearer ${token},${token}`],
    ["two tokens with a blank", (token) => `Bearer ${token} ${token}`],
    ["two credentials in one header", (token) => `Bearer ${token}, Basic ${token}`],
    ["a token in quotes", (token) => `Bearer "${token}"`],
    ["a token as a parameter", (token) => `Bearer token=${token}`],
    ["a tab for the blank", (token) => `Bearer\t${token}`],
    ["a token and a no-break space", (token) => `Bearer ${token}\u00a0`],
    ["the scheme alone", () => "Bearer"],
    ["Basic alone", () => "Basic"],
    ["the scheme next to the token", (token) => `Bearer${token}`],
    ["the scheme and a colon", (token) => `Bearer: ${token}`],
    ["the scheme Token", (token) => `Token ${token}`],
    ["the scheme Negotiate", (token) => `Negotiate ${token}`],
    ["Digest", (token) => `Digest username="okta", response="${token}"`],
    ["Basic with a wrong password", () => basic("okta", "wrong")],
    ["Basic with no password", () => basic("okta", "")],
    ["Basic with the token as the user", (token) => basic(token, "")],
    ["Basic with the token as user and password", (token) => basic("okta", `${token}:${token}`)],
    ["Basic with a NUL behind the token", (token) => basic("okta", `${token}\0`)],
    ["Basic with a line end behind the token", (token) => basic("okta", `${token}\r\n`)],
    ["Basic with a blank before the token", (token) => basic("okta", ` ${token}`)],
    ["Basic with the bare token", (token) => `Basic ${token}`],
    ["Basic with what is not base64 in it", (token) => basic("okta", token).replace("Basic ", "Basic !")],
    ["Basic in two pieces", (token) => `${basic("okta", token)} ${basic("okta", token).slice(6)}`],
    ["Bearer with Basic's credentials", (token) => basic("okta", token).replace("Basic", "Bearer")],
    ["credentials of 9 KB", (token) => `Bearer ${token}${"A".repeat(9 * 1024)}`],
    ["Basic's credentials of 9 KB that end with the token", (token) => basic("x".repeat(7 * 1024), token)],
  ])("do not let in %s", async (_what, header) => {
    const response = await users(header(tokens.provision));
    expectScimError(response, 401);
    expect(response.headers["www-authenticate"]).toMatch(/^Bearer realm=/);
    for (const token of Object.values(tokens)) expect(response.text).not.toContain(token);
  });

  it.each<[string, (good: string) => Record<string, string>]>([
    ["the same token twice", (good) => ({ Authorization: good, authorization: good })],
    ["a wrong one behind it", (good) => ({ Authorization: good, authorization: "Bearer wrong" })],
    ["a wrong one before it", (good) => ({ Authorization: "Bearer wrong", AUTHORIZATION: good })],
    ["an empty one behind it", (good) => ({ Authorization: good, authorization: "" })],
    ["an empty one before it", (good) => ({ Authorization: "", authorization: good })],
  ])("do not let in a request with two headers: %s", async (_what, headers) => {
    expect(await rawStatus(headers(`Bearer ${tokens.provision}`))).toBe(401);
  });

  it.each<[string, number, (good: string) => Record<string, string>]>([
    ["a NUL", 400, (good) => ({ Authorization: `${good}\0` })],
    ["a control character", 400, (good) => ({ Authorization: `${good}\u0001` })],
    ["a folded line", 400, (good) => ({ Authorization: good.replace(" ", "\r\n ") })],
    ["a blank before the colon", 400, (good) => ({ "Authorization ": good })],
    ["more than headers may have", 431, (good) => ({ Authorization: good + "A".repeat(20 * 1024) })],
  ])("do not let in a request that is not HTTP: %s", async (_what, status, headers) => {
    expect(await rawStatus(headers(`Bearer ${tokens.provision}`))).toBe(status);
  });

  it("are not taken from the query, the body, a cookie or another header", async () => {
    const { provision } = tokens;
    const query = `access_token=${provision}&token=${provision}&authorization=Bearer%20${provision}`;
    const response = await send("post", `/scim/v2/Users?${query}`)
      .set({
        Cookie: `access_token=${provision}`,
        "Proxy-Authorization": `Bearer ${provision}`,
        "X-Forwarded-Authorization": `Bearer ${provision}`,
        "X-Api-Key": provision,
      })
      .send({ userName: "a@example.com", access_token: provision });
    expectScimError(response, 401);
  });

  it.each<[Method, string]>([
    ["post", "/scim/v2/Users"],
    ["put", `/scim/v2/Users/${UNKNOWN}`],
    ["patch", `/scim/v2/Users/${UNKNOWN}`],
    ["delete", `/scim/v2/Users/${UNKNOWN}`],
    ["delete", `/SCIM/V2/users/${UNKNOWN}/`],
    ["post", "/scim/v2/Groups"],
    ["put", "/scim/v2/Groups/none"],
    ["patch", "/scim/v2/Groups/none"],
    ["delete", "/scim/v2/Groups/none"],
    ["post", "/scim/v2/Bulk"],
    ["post", "/scim/v2/Users/%2Esearch"],
    ["post", "/scim/v2/Bulk/.search"],
    ["post", `/scim/v2/Users/${UNKNOWN}/.search`],
    ["post", `/admin/accounts/${UNKNOWN}/refresh`],
    ["get", "/admin"],
  ])("with the scope read may not %s %s", async (method, path) => {
    const response = await send(method, path, `Bearer ${tokens.read}`).set("X-HTTP-Method-Override", "GET");
    expectScimError(response, 403);
    const needed = path.startsWith("/admin") ? "admin" : "provision";
    expect(response.body.detail).toBe(
      `This needs the scope ${needed}, and the token "reports" has the scope read.`,
    );
  });

  it("with the scope read change nothing by a method that a header asks for", async () => {
    const user = (await send("get", "/scim/v2/Users?count=1", `Bearer ${tokens.read}`)).body.Resources[0];
    running.takeTraffic();
    const path = `/scim/v2/Users/${user.id}?_method=DELETE`;
    const response = await send("get", path, `Bearer ${tokens.read}`).set("X-HTTP-Method-Override", "DELETE");
    expect([response.status, running.takeTraffic().writes]).toEqual([200, 0]);
  });

  it.each<[Method, string, number]>([
    ["get", "/scim/v2/Users", 200],
    ["head", "/scim/v2/Users", 200],
    ["options", "/scim/v2/Users", 204],
    ["get", "/scim/v2/Groups", 200],
    ["get", "/scim/v2/Schemas", 200],
    ["get", "/scim/v2", 200],
    ["post", "/scim/v2/.search", 200],
    ["post", "/scim/v2/Users/.search", 200],
    ["post", "/scim/v2/groups/.SEARCH/", 200],
  ])("with the scope read may %s %s", async (method, path, expected) => {
    const request = send(method, path, `Bearer ${tokens.read}`);
    expect((await (method === "post" ? request.send({ count: 1 }) : request)).status).toBe(expected);
  });

  it.each(["/admin", "/admin/", "/ADMIN/x", "/admin/accounts", `/admin/accounts/${UNKNOWN}/refresh`])(
    "with the scope provision may not reach %s",
    async (path) => {
      for (const method of ["get", "post", "delete"] as const) {
        expectScimError(await send(method, path, `Bearer ${tokens.provision}`), 403);
        expectScimError(await send(method, path, `Bearer ${TOKEN}`), 403);
      }
    },
  );

  it("with the scopes provision and admin may create, change and close, and admin may use /admin", async () => {
    for (const token of [tokens.provision, tokens.admin]) {
      const userName = `${token.slice(4, 12)}@example.com`;
      const created = await send("post", "/scim/v2/Users", `Bearer ${token}`).send({ userName });
      expect(created.status).toBe(201);
      const path = `/scim/v2/Users/${created.body.id}`;
      const suspend = { Operations: [{ op: "replace", value: { active: false } }] };
      expect((await send("patch", path, `Bearer ${token}`).send(suspend)).status).toBe(200);
      expect((await send("delete", path, `Bearer ${token}`)).status).toBe(204);
    }
    const { Resources } = (await send("get", "/scim/v2/Users?count=1", `Bearer ${tokens.admin}`)).body;
    const refresh = `/admin/accounts/${Resources[0].id}/refresh`;
    expect((await send("post", refresh, `Bearer ${tokens.admin}`)).status).toBe(200);
  });

  it("are named in the audit, with scheme and address", async () => {
    const request = send("post", "/scim/v2/Users", `Bearer ${tokens.provision}`);
    await request.set("X-Request-Id", "audited").send({ userName: "audited@example.com" });
    expect(running.logged.filter(({ msg }) => msg === "audit").at(-1)).toMatchObject({
      audit: {
        actor: {
          name: "okta",
          scheme: "token",
          requestId: "audited",
          address: expect.stringMatching(/127\.0\.0\.1$/),
        },
      },
    });
  });

  it("work from the moment they are made, several at once, and are refused a second after they are revoked", async () => {
    const old = await beside.create("rotated");
    expect(await status(old)).toBe(200);
    const next = await beside.create("rotated-2027");
    expect([await status(next), await status(old)]).toEqual([200, 200]);
    await beside.revoke("rotated");
    clock.skip(SECOND_MS);
    expect([await status(next), await status(old)]).toEqual([200, 401]);
    const again = await beside.create("rotated");
    expect([await status(again), await status(old)]).toEqual([200, 401]);
  });

  it("end when they expire, while the bridge runs", async () => {
    const token = await beside.create("a-day", "--expires", "1d");
    expect(await status(token)).toBe(200);
    clock.skip(DAY_MS);
    expect(await status(token)).toBe(401);
    await beside.revoke("a-day");
  });

  it("tell when they were used last", async () => {
    const token = await beside.create("watched");
    const lastUsed = async () => {
      const { terminal } = await beside.run("list", "--json");
      const listed: { name: string; lastUsed: string | null }[] = JSON.parse(terminal.output);
      return listed.find(({ name }) => name === "watched")?.lastUsed;
    };
    expect(await lastUsed()).toBeNull();
    const before = clock.now();
    await status(token);
    // The use is written behind the answer, and another request comes behind that.
    await status(token);
    expect(Date.parse((await lastUsed()) ?? "")).toBeGreaterThanOrEqual(before);
  });

  it("are told of in /readyz, /metrics and the log when they expire within 30 days", async () => {
    await beside.create("soon", "--expires", "30d");
    await beside.create("later", "--expires", "31d");
    clock.skip(SECOND_MS);
    const { body, text } = await supertest(running.bridge.app).get("/readyz");
    expect(body.tokens).toEqual({ expiring: ["soon"], expired: ["forgotten"] });
    const metrics = (await supertest(running.bridge.app).get("/metrics")).text;
    expect(metrics).toMatch(/^twilio_scim_bridge_token_expires_seconds\{token="soon"\} 2591\d{3}$/m);
    expect(metrics).toMatch(/^twilio_scim_bridge_token_expires_seconds\{token="forgotten"\} -\d+$/m);
    expect(metrics).not.toContain('{token="okta"}');
    for (const token of Object.values(tokens)) expect(metrics + text).not.toContain(token);
    await beside.revoke("soon");
    await beside.revoke("later");
  });

  it("are refused with 429 after a hundred failures in a minute, which spares the good one", async () => {
    for (let n = 0; n < 100; n++) expect(await status(`guess-${n}`)).toBe(401);
    const limited = await users("Bearer guess");
    expectScimError(limited, 429);
    expect(limited.headers["retry-after"]).toMatch(/^([1-9]|[1-5]\d|60)$/);
    expect(await status(tokens.provision)).toBe(200);
    expect(await status(TOKEN)).toBe(200);
    // Whoever waits for the challenge has not guessed.
    expectScimError(await users(), 401);
    clock.skip(MINUTE_MS);
    expect(await status("guess")).toBe(401);
  });

  it("are refused with 429 after twenty failures of one token in a minute, and others are not", async () => {
    for (let n = 0; n < 20; n++) expect(await status(tokens.revoked)).toBe(401);
    expect(await status(tokens.revoked)).toBe(429);
    expect(await status("another")).toBe(401);
    expect(await status(tokens.read)).toBe(200);
  });

  it("are counted in /metrics when they fail, by reason", async () => {
    const count = async (reason: string) => {
      const { text } = await supertest(running.bridge.app).get("/metrics");
      const line = `twilio_scim_bridge_failed_authentications_total{reason="${reason}"} `;
      return Number(
        text
          .split("\n")
          .find((one) => one.startsWith(line))
          ?.slice(line.length) ?? 0,
      );
    };
    const reasons = ["missing", "unreadable", "unknown"];
    const before = await Promise.all(reasons.map(count));
    for (const header of [undefined, "Token x", "Bearer wrong", `Bearer ${tokens.read}`]) await users(header);
    expect(await Promise.all(reasons.map(count))).toEqual(before.map((failures) => failures + 1));
  });

  it("stand in no line of the log, wherever a client puts them", async () => {
    const { provision } = tokens;
    await send("delete", `/scim/v2/Users/${provision}`, `Bearer ${provision}`).set("X-Request-Id", provision);
    await users(`Bearer ${provision}!`).set("X-Request-Id", provision);
    expect(running.logged.at(-1)).toMatchObject({ requestId: "[secret]", status: 401 });
    const log = JSON.stringify(running.logged);
    for (const token of Object.values(tokens)) expect(log).not.toContain(token.slice(4));
  });
});

describe("a bridge without SCIM_TOKEN", () => {
  it("warns at the start that no provider can sign in, unless there is a valid token", async () => {
    const clock = createHastyClock();
    const beside = tokensBeside(clock);
    const simulator = await startSimulator({ accounts: 3 });
    await beside.createExpired("forgotten");
    const env = { DATABASE_URL: beside.url, PORT: "0", SCIM_TOKEN: "" };

    async function start() {
      const running = await startBridgeOnSimulator({ running: simulator, env, parts: { clock } });
      await running.bridge.listen();
      const warnings = running.logged.filter(({ msg }) => String(msg).startsWith("no provider can sign in"));
      const status = async (token: string) => {
        const users = supertest(running.bridge.app).get("/scim/v2/Users");
        return (await users.set("Authorization", `Bearer ${token}`)).status;
      };
      return { warnings, status, stop: running.stop };
    }

    const first = await start();
    expect(first.warnings).toHaveLength(1);
    expect([await first.status("undefined"), await first.status("")]).toEqual([401, 401]);
    const token = await beside.create("okta");
    expect(await first.status(token)).toBe(200);
    await first.stop();

    const second = await start();
    expect(second.warnings).toEqual([]);
    expect(await second.status(token)).toBe(200);
    await second.stop();
    await simulator.close();
    beside.remove();
  });
});
