import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { createOAuthClients, type NewClient, type OAuthClients } from "../../src/access/oauth-clients.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import type { Store } from "../../src/storage/store.js";
import { createHastyClock } from "../support/hasty-clock.js";
import {
  type Claims,
  createSigningKey,
  type LocalIssuer,
  signWith,
  startLocalIssuer,
} from "../support/local-issuer.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";
import { rawExchange } from "./raw-exchange.js";

const FORM = "application/x-www-form-urlencoded";
const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TENANT = "11111111-2222-3333-4444-555555555555";
const SUBJECT = "0b6e1f53-70b2-4a55-9a31-6e8c8f5c9a10";
const AUDIENCE = "api://7f5b8c1e-0000-4000-8000-000000000000";

/** Far from each other, so that the failures of one test do not count in the next. */
let tests = 0;

describe("the token endpoint", () => {
  const clock = createHastyClock();
  let issuer: LocalIssuer;
  let running: QuietBridge;
  let store: Store;
  let clients: OAuthClients;
  let address: string;

  beforeAll(async () => {
    issuer = await startLocalIssuer(`/${TENANT}/v2.0`);
    running = await startQuietBridge({
      env: { TRUST_PROXY: "loopback" },
      parts: {
        clock,
        openStore: async ({ databaseUrl: url }, log) => {
          store = await openSqliteStore({ url, log });
          return store;
        },
      },
    });
    clients = createOAuthClients({ store: store.clients, clock, newId: randomUUID, randomBytes });
  });
  beforeEach(() => {
    address = `10.0.0.${++tests}`;
  });
  afterAll(async () => {
    await running.stop();
    await issuer.close();
  });

  async function createClient(asked: Partial<NewClient> = {}) {
    const created = await clients.create({
      name: randomUUID(),
      scope: "provision",
      binding: undefined,
      ...asked,
    });
    if (created === undefined) throw new Error("The name is taken.");
    return { id: created.client.id, name: created.client.name, secret: created.secret ?? "" };
  }

  const federated = () =>
    createClient({
      binding: { issuer: issuer.issuer, subject: SUBJECT, audience: AUDIENCE, tenant: TENANT },
    });

  const nowSeconds = () => Math.floor(clock.now() / 1000);
  const claims = (): Claims => ({
    aud: AUDIENCE,
    sub: SUBJECT,
    oid: SUBJECT,
    tid: TENANT,
    ver: "2.0",
    appidacr: "2",
    exp: nowSeconds() + 3600,
  });

  const form = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();
  const ask = (body: string, headers: Record<string, string> = {}) =>
    supertest(running.bridge.app)
      .post("/oauth/token")
      .set({ "Content-Type": FORM, "X-Forwarded-For": address, ...headers })
      .send(body);
  const withSecret = (client_id: string, client_secret: string, more: Record<string, string> = {}) =>
    ask(form({ grant_type: "client_credentials", client_id, client_secret, ...more }));
  const withAssertion = (client_id: string, client_assertion: string, more: Record<string, string> = {}) =>
    ask(
      form({
        grant_type: "client_credentials",
        client_id,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion,
        scope: "scim",
        ...more,
      }),
    );
  const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  const users = (token: string) =>
    supertest(running.bridge.app).get("/scim/v2/Users?count=0").auth(token, { type: "bearer" });

  function expectError(answer: supertest.Response, status: number, error: string): void {
    expect([answer.status, answer.body]).toEqual([
      status,
      { error, error_description: expect.stringMatching(/\S/) },
    ]);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.headers["content-type"]).toMatch(/^application\/json/);
    expect(answer.headers["www-authenticate"]?.startsWith("Basic ")).toBe(status === 401 ? true : undefined);
  }

  describe("gives a token", () => {
    it("for a secret in the body, in the form of RFC 6749, and SCIM takes it for an hour", async () => {
      const { id, secret } = await createClient();
      const { status, body, headers } = await withSecret(id, secret, { scope: "scim" });
      expect([status, headers["cache-control"]]).toEqual([200, "no-store"]);
      expect(body).toEqual({
        access_token: expect.stringMatching(/^tsba_[\w-]{43}$/),
        token_type: "Bearer",
        expires_in: 3600,
        scope: "scim",
      });
      expect((await users(body.access_token)).status).toBe(200);
      clock.skip(3_599_000);
      const kept = await withSecret(id, secret);
      clock.skip(2_000);
      expect((await users(body.access_token)).status).toBe(401);
      expect((await users(kept.body.access_token)).status).toBe(200);
    });

    it("for Basic, also with all characters encoded, and with the same client_id in the body", async () => {
      const { id, secret } = await createClient();
      const encode = (text: string) =>
        [...text].map((letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
      for (const authorization of [basic(id, secret), basic(encode(id), encode(secret))]) {
        const answer = await ask("grant_type=client_credentials", { Authorization: authorization });
        expect(answer.status).toBe(200);
      }
      const body = form({ grant_type: "client_credentials", client_id: id });
      expect((await ask(body, { Authorization: basic(id, secret) })).status).toBe(200);
    });

    it("for what Entra ID sends with workload identity federation", async () => {
      const { id } = await federated();
      const { status, body } = await withAssertion(id, await issuer.sign(claims()));
      expect([status, body.scope, body.token_type]).toEqual([200, "scim", "Bearer"]);
      expect((await users(body.access_token)).status).toBe(200);
    });

    it("for an assertion without jti again, since Entra ID sends one as long as it is valid", async () => {
      const { id } = await federated();
      const assertion = await issuer.sign({ ...claims(), uti: "x" });
      for (let n = 0; n < 2; n++) expect((await withAssertion(id, assertion)).status).toBe(200);
    });

    it.each([["skew"], ["kid"]])("for an assertion within the %s that is allowed", async (what) => {
      const { id } = await federated();
      const said = what === "skew" ? { ...claims(), exp: nowSeconds() - 50 } : claims();
      if (what === "kid") {
        issuer.keys.push(await createSigningKey("key-2", "RS256"));
        clock.skip(31_000);
      }
      expect((await withAssertion(id, await issuer.sign(said))).status).toBe(200);
    });

    it("and takes empty parameters for missing ones, and leaves unknown ones alone", async () => {
      const { id, secret } = await createClient();
      expect((await withSecret(id, secret, { scope: "", client_assertion: "", resource: "x" })).status).toBe(
        200,
      );
    });

    it("that is kept as a digest only", async () => {
      const { id, secret } = await createClient();
      const { body } = await withSecret(id, secret);
      const written = JSON.stringify([running.logged, await store.clients.listClients()]);
      for (const hidden of [secret, body.access_token]) expect(written).not.toContain(hidden);
    });
  });

  describe("refuses the client", () => {
    it("that is not known, and one with another's secret, alike", async () => {
      const [one, other] = [await createClient(), await createClient()];
      const answers = [await withSecret("nobody", one.secret), await withSecret(one.id, other.secret)];
      for (const answer of answers) expectError(answer, 401, "invalid_client");
      expect(answers[0]?.body).toEqual(answers[1]?.body);
    });

    it("that is revoked, and its tokens from then on", async () => {
      const { id, secret, name } = await createClient();
      const { body } = await withSecret(id, secret);
      expect(await clients.revoke(name)).toBe(true);
      expect((await users(body.access_token)).status).toBe(401);
      expectError(await withSecret(id, secret), 401, "invalid_client");
    });

    const secrets: [string, (id: string, secret: string) => [string, string]][] = [
      ["with a part of its secret", (id, secret) => [id, secret.slice(0, -1)]],
      ["with its secret in upper case", (id, secret) => [id, secret.toUpperCase()]],
      ["with a blank after its secret", (id, secret) => [id, `${secret} `]],
      ["with its id in upper case", (id, secret) => [`X${id}`, secret]],
      ["with its secret encoded twice", (id, secret) => [id, `%74${secret.slice(1)}`]],
      ["without a secret", (id) => [id, ""]],
      ["without an id", (_id, secret) => ["", secret]],
    ];
    it.each(secrets)("%s", async (_how, change) => {
      const { id, secret } = await createClient();
      expectError(await withSecret(...change(id, secret)), 401, "invalid_client");
    });

    it.each([
      ["Bearer", (id: string, secret: string) => `Bearer ${id}:${secret}`],
      ["Basic that is no base64", (id: string, secret: string) => `Basic ${id}:${secret}`],
      ["Basic without a colon", (id: string, secret: string) => `Basic ${btoa(id + secret)}`],
      ["Basic with a stray percent sign", (id: string, secret: string) => basic(id, `${secret}%zz`)],
      ["Basic with half a character", (id: string, secret: string) => basic(id, `${secret}%c3`)],
      [
        "Basic with parts encoded twice",
        (id: string, secret: string) => basic(id, `%2574${secret.slice(1)}`),
      ],
      ["an empty scheme", () => "Basic"],
    ])("that comes with %s", async (_how, authorization) => {
      const { id, secret } = await createClient();
      const answer = await ask("grant_type=client_credentials", { Authorization: authorization(id, secret) });
      expectError(answer, 401, "invalid_client");
    });

    const assertions: [string, (said: Claims) => Promise<string> | string][] = [
      ["another tenant", (said) => issuer.sign({ ...said, tid: "22222222-2222-3333-4444-555555555555" })],
      ["no tenant", (said) => issuer.sign({ ...said, tid: undefined })],
      ["another issuer", (said) => issuer.sign({ ...said, iss: issuer.issuer.replace(TENANT, "common") })],
      ["another subject", (said) => issuer.sign({ ...said, sub: "another" })],
      ["its subject in oid only", (said) => issuer.sign({ ...said, sub: undefined })],
      ["another audience", (said) => issuer.sign({ ...said, aud: `${AUDIENCE}/.default` })],
      ["other audiences too", (said) => issuer.sign({ ...said, aud: [AUDIENCE, "api://another"] })],
      ["an end in the past", (said) => issuer.sign({ ...said, exp: nowSeconds() - 62 })],
      ["no end", (said) => issuer.sign({ ...said, exp: undefined })],
      ["a beginning in the future", (said) => issuer.sign({ ...said, nbf: nowSeconds() + 65 })],
      ["an id that is no text", (said) => issuer.sign({ ...said, jti: 7 })],
      ["the type of another token", (said) => issuer.sign(said, { typ: "at+jwt" })],
      ["a kid that is not known", (said) => issuer.sign(said, { kid: "key-9" })],
      [
        "a stranger's signature",
        async (said) => signWith(await createSigningKey("key-1"), { iss: issuer.issuer, ...said }),
      ],
      ["the form of no JWT", () => "nonsense"],
    ];
    it.each(assertions)("whose assertion has %s", async (_what, sign) => {
      const { id } = await federated();
      expectError(await withAssertion(id, await sign(claims())), 401, "invalid_client");
    });

    it("that uses an assertion with a jti twice", async () => {
      const { id } = await federated();
      const assertion = await issuer.sign({ ...claims(), jti: "one" });
      expect((await withAssertion(id, assertion)).status).toBe(200);
      expectError(await withAssertion(id, assertion), 401, "invalid_client");
      expect((await withAssertion(id, await issuer.sign({ ...claims(), jti: "two" }))).status).toBe(200);
    });

    it("that has a secret and comes with an assertion, and the other way round", async () => {
      const [own, foreign] = [await createClient(), await federated()];
      expectError(await withAssertion(own.id, await issuer.sign(claims())), 401, "invalid_client");
      expectError(await withSecret(foreign.id, own.secret), 401, "invalid_client");
    });

    it("with 429 where it failed too often, and lets it in all the same when it is right", async () => {
      const { id, secret } = await createClient();
      let last = await withSecret(id, "wrong");
      for (let n = 0; n < 20; n++) last = await withSecret(id, "wrong");
      expectError(last, 429, "invalid_client");
      expect(last.headers["retry-after"]).toBe("60");
      address = "10.1.0.1";
      expectError(await withSecret(id, "wrong"), 429, "invalid_client");
      expectError(await withSecret("nobody", "wrong"), 401, "invalid_client");
      expect((await withSecret(id, secret)).status).toBe(200);
    });
  });

  describe("refuses the request", () => {
    const rights = { grant_type: "client_credentials", client_id: "an-id", client_secret: "a-secret" };
    const assertion = { client_assertion_type: ASSERTION_TYPE, client_assertion: "a.b.c" };
    const bodies: [string, string, string][] = [
      ["without a grant", "invalid_request", form({ ...rights, grant_type: "" })],
      ["for another grant", "unsupported_grant_type", form({ ...rights, grant_type: "password" })],
      ["for another scope", "invalid_scope", form({ ...rights, scope: "scim admin" })],
      ["with a secret and an assertion", "invalid_request", form({ ...rights, ...assertion })],
      [
        "with an assertion of another type",
        "invalid_request",
        form({ ...assertion, client_assertion_type: "saml" }),
      ],
      [
        "with an assertion without type",
        "invalid_request",
        form({ client_id: "x", client_assertion: "a.b.c" }),
      ],
      ["with a type and no assertion", "invalid_request", form({ client_assertion_type: ASSERTION_TYPE })],
      ["with an assertion and no client", "invalid_request", form(assertion)],
      ["with a parameter twice", "invalid_request", `${form(rights)}&client_id=another`],
      ["with an unknown parameter twice", "invalid_request", `${form(rights)}&x=1&x=1`],
      ["with a parameter twice, encoded", "invalid_request", `${form(rights)}&client%5Fsecret=another`],
      ["with a parameter twice, once empty", "invalid_request", `${form(rights)}&client_secret=`],
      ["with a stray percent sign", "invalid_request", `${form(rights)}&x=%`],
      ["with half a character", "invalid_request", `${form(rights)}&x=%c3`],
    ];
    it.each(bodies)("%s", async (_what, error, body) => expectError(await ask(body), 400, error));

    it("with two methods at once, or another client in the body", async () => {
      const { id, secret } = await createClient();
      for (const more of [{ client_secret: secret }, assertion, { client_id: "another" }]) {
        const body = form({ grant_type: "client_credentials", ...more });
        expectError(await ask(body, { Authorization: basic(id, secret) }), 400, "invalid_request");
      }
    });

    it.each(["application/json", "text/plain", "multipart/form-data; boundary=x", "application/scim+json"])(
      "of the type %s",
      async (type) => {
        expectError(await ask(JSON.stringify(rights), { "Content-Type": type }), 400, "invalid_request");
      },
    );

    it("with parameters in the address", async () => {
      const answer = await supertest(running.bridge.app)
        .post(`/oauth/token?${form(rights)}`)
        .set("Content-Type", FORM);
      expectError(answer, 400, "invalid_request");
    });

    it("that is too large, or compressed", async () => {
      expectError(await ask(`${form(rights)}&x=${"x".repeat(16 * 1024)}`), 413, "invalid_request");
      expectError(await ask(form(rights), { "Content-Encoding": "gzip" }), 415, "invalid_request");
    });

    it.each(["get", "put", "delete", "patch"] as const)("with %s", async (method) => {
      const answer = await supertest(running.bridge.app)[method](`/oauth/token?${form(rights)}`);
      expectError(answer, 405, "invalid_request");
      expect(answer.headers.allow).toBe("POST, OPTIONS");
    });

    it("with two Authorization headers", async () => {
      const { id, secret } = await createClient();
      const body = "grant_type=client_credentials";
      const { status } = await rawExchange(running.port, {
        method: "POST",
        target: "/oauth/token",
        headers: {
          "Content-Type": FORM,
          "Content-Length": String(body.length),
          Authorization: basic(id, secret),
          authorization: basic("another", secret),
        },
        body,
      });
      expect(status).toBe(400);
    });
  });

  it("answers 503 while the issuer's keys cannot be read, and does not count that as a failure", async () => {
    const down = await startLocalIssuer();
    down.answer = { status: 500, body: "" };
    const { id } = await createClient({
      binding: { issuer: down.issuer, subject: SUBJECT, audience: AUDIENCE, tenant: TENANT },
    });
    const answer = await withAssertion(id, await down.sign(claims()));
    expectError(answer, 503, "temporarily_unavailable");
    expect(answer.headers["retry-after"]).toBe("5");
    await down.close();
  });
});
