import type { IncomingHttpHeaders } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { SCIM_JSON, TOKEN } from "../support/bridge-on-simulator.js";
import { createHastyClock } from "../support/hasty-clock.js";
import { KeptConnection } from "./kept-connection.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";
import { rawExchange } from "./raw-exchange.js";
import { ROUTES, SCIM_ROUTES, targetOf } from "./routes.js";

const AUTHORIZATION = { Authorization: `Bearer ${TOKEN}` };

describe("media types, paths and names", () => {
  let running: QuietBridge;
  let port: number;
  /** A user and a group that no test changes. */
  let ids: { user: string; group: string };
  let created = 0;

  beforeAll(async () => {
    // Time stands still, so that the same request has the same answer.
    const clock = { ...createHastyClock(), now: () => Date.UTC(2026, 8, 30) };
    running = await startQuietBridge({ parts: { clock } });
    ({ port } = running);
    const [user] = (await running.scim("get", "/Users?count=1")).body.Resources;
    const group = await running.scim("post", "/Groups").send({ displayName: "Nobody" });
    ids = { user: user.id, group: group.body.id };
  });
  afterAll(() => running.stop());

  const newUserName = () => `user-${created++}@example.com`;

  function post(body: object, headers: Record<string, string>, path = "/scim/v2/Users") {
    const request = supertest(running.bridge.app)
      .post(path)
      .set({ ...AUTHORIZATION, ...headers });
    return request.serialize((value: unknown) => JSON.stringify(value)).send(body);
  }

  it("answers everything in application/scim+json, that nobody on the way may keep", async () => {
    const { body: user } = await post({ userName: newUserName() }, { "Content-Type": SCIM_JSON });
    const answers = [
      await running.scim("get", "/Users"),
      await running.scim("get", `/Users/${user.id}`),
      await running.scim("put", `/Users/${user.id}`).send({ userName: newUserName() }),
      await running
        .scim("patch", `/Users/${user.id}`)
        .send({ Operations: [{ op: "add", path: "title", value: "Dr" }] }),
      await running.scim("get", "/Schemas"),
      await running.scim("get", "/ResourceTypes"),
      await running.scim("get", "/ServiceProviderConfig"),
      await running.scim("get", "/nothing"),
    ];
    for (const { headers, body } of answers) {
      expect(headers["content-type"]).toBe("application/scim+json; charset=utf-8");
      expect(headers["cache-control"]).toBe("no-store");
      expect(headers.etag).toBe(body.meta?.version);
      expect(headers).not.toHaveProperty("x-powered-by");
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
  });

  it.each([
    "application/scim+json",
    "application/json",
    "application/scim+json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
    "APPLICATION/SCIM+JSON",
    "Application/Json; Charset=UTF-8",
    "application/json ; odata.metadata=minimal",
  ])("takes a body in %s", async (type) => {
    const userName = `älter-${newUserName()}`;
    const response = await post({ userName }, { "Content-Type": type });
    expect([response.status, response.body.userName]).toEqual([201, userName]);
    const path = `/Users/${response.body.id}`;
    const title = "Größe";
    for (const [method, body] of [
      ["put", { userName, title }],
      ["patch", { Operations: [{ op: "replace", path: "title", value: title }] }],
    ] as const) {
      const request = running.scim(method, path).set("Content-Type", type);
      const changed = await request.serialize((value: unknown) => JSON.stringify(value)).send(body);
      expect([changed.status, changed.body.title]).toEqual([200, title]);
    }
  });

  it("takes a body without a media type for JSON", async () => {
    const body = JSON.stringify({ userName: newUserName() });
    const headers = { ...AUTHORIZATION, "Content-Length": String(body.length) };
    const answer = await rawExchange(port, { method: "POST", target: "/scim/v2/Users", headers, body });
    expect(answer.status).toBe(201);
  });

  it("takes a body with a byte order mark", async () => {
    const request = supertest(running.bridge.app).post("/scim/v2/Users").set(AUTHORIZATION);
    const body = `\uFEFF${JSON.stringify({ userName: newUserName() })}`;
    const response = await request.set("Content-Type", "application/json").serialize(String).send(body);
    expect(response.status).toBe(201);
  });

  it.each(["/scim/v2/users", "/scim/v2/USERS/", "/SCIM/V2/Users", "/Scim/v2/uSERS/"])(
    "finds the users at %s",
    async (path) => {
      const request = supertest(running.bridge.app).get(`${path}?count=0`).set(AUTHORIZATION);
      expect((await request).body).toMatchObject({
        schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      });
      const user = await post({ userName: newUserName() }, { "Content-Type": SCIM_JSON }, path);
      expect(user.status).toBe(201);
      const byId = supertest(running.bridge.app)
        .get(`${path.replace(/\/$/, "")}/${user.body.id}/`)
        .set(AUTHORIZATION);
      expect((await byId).body.id).toBe(user.body.id);
    },
  );

  it("finds attributes by their names in any case, in bodies, filters and projections", async () => {
    const userName = newUserName();
    const made = await post(
      {
        SCHEMAS: [],
        USERNAME: userName,
        Name: { GIVENNAME: "Ada" },
        EMAILS: [{ VALUE: userName, Type: "work" }],
      },
      { "Content-Type": SCIM_JSON },
    );
    expect(made.body).toMatchObject({
      userName,
      name: { givenName: "Ada" },
      emails: [{ value: userName, type: "work" }],
    });
    await running
      .scim("patch", `/Users/${made.body.id}`)
      .send({ operations: [{ OP: "REPLACE", PATH: "ACTIVE", VALUE: "FALSE" }] })
      .expect(200);
    const filter = encodeURIComponent(`EMAILS[TYPE EQ "work"].VALUE EQ "${userName}" AND Active eq FALSE`);
    const found = await running.scim("get", `/Users?filter=${filter}&attributes=USERNAME`);
    const { schemas } = made.body;
    expect(found.body.Resources).toEqual([{ schemas, id: made.body.id, userName }]);
  });

  it.each([
    "aadOptscim062020",
    "aadOptscim062020=true",
    "AADOPTSCIM062020=True",
    "aadOptscim062020&aadOptscim062020=false",
    "unknown=1",
    "constructor=1&__proto__=x&[]=%",
  ])("takes no offence at ?%s, whatever is asked", async (query) => {
    const made = await post(
      { userName: newUserName() },
      { "Content-Type": SCIM_JSON },
      `/scim/v2/Users?${query}`,
    );
    expect(made.status).toBe(201);
    const path = `/Users/${made.body.id}?${query}`;
    const statuses = [
      (await running.scim("put", path).send({ userName: newUserName() })).status,
      (
        await running
          .scim("patch", path)
          .send({ Operations: [{ op: "Replace", path: "active", value: "False" }] })
      ).status,
      (await running.scim("delete", path)).status,
    ];
    expect(statuses).toEqual([200, 200, 204]);
    const ask = (target: string) => supertest(running.bridge.app).get(target).set(AUTHORIZATION);
    for (const route of SCIM_ROUTES.filter(({ methods }) => methods.includes("GET"))) {
      const target = targetOf(route, ids);
      const [plain, asked] = [await ask(target), await ask(`${target}?${query}`)];
      expect([asked.status, withoutPorts(asked.body)]).toEqual([200, withoutPorts(plain.body)]);
    }
    const filter = 'filter=userName eq "nobody"';
    for (const both of [`${query}&${filter}`, `${filter}&${query}`]) {
      expect((await running.scim("get", `/Users?${both}`)).body.totalResults).toBe(0);
    }
  });

  it.each([{}, { "Accept-Encoding": "gzip, br" }])(
    "answers HEAD as GET wherever there is GET, without the body, to a client with %p",
    async (accepted) => {
      const connection = new KeptConnection(port);
      const headers = { ...AUTHORIZATION, ...accepted };
      for (const route of ROUTES.filter(({ methods }) => methods.includes("GET"))) {
        const path = targetOf(route, ids);
        const get = await connection.exchange({ method: "GET", path, headers });
        const head = await connection.exchange({ method: "HEAD", path, headers });
        expect([path, get.status, head.status, head.bytes.length]).toEqual([path, 200, 200, 0]);
        expect([path, lasting(head.headers)]).toEqual([path, lasting(get.headers)]);
      }
      connection.close();
    },
  );

  it("answers HEAD with the error that GET has, without the body", async () => {
    for (const target of [
      `/scim/v2/Users/AC${"0".repeat(32)}`,
      "/scim/v2/Users?filter=x",
      "/scim/v2/nothing",
    ]) {
      const get = await rawExchange(port, { method: "GET", target, headers: AUTHORIZATION });
      const head = await rawExchange(port, { method: "HEAD", target, headers: AUTHORIZATION });
      expect([head.status, head.text]).toEqual([get.status, ""]);
      expect(head.headers.get("content-length")).toBe(get.headers.get("content-length"));
    }
  });

  it("gives no body with 204", async () => {
    const { body } = await post({ userName: newUserName() }, { "Content-Type": SCIM_JSON });
    const target = `/scim/v2/Users/${body.id}`;
    const answer = await rawExchange(port, { method: "DELETE", target, headers: AUTHORIZATION });
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(answer.headers.has("content-type")).toBe(false);
  });

  it("sends a request's own id back, and makes one where it has none that can be trusted", async () => {
    const idOf = async (given: string | undefined) => {
      const request = running.scim("get", "/Users?count=0");
      const { headers } = await (given === undefined ? request : request.set("X-Request-Id", given));
      return headers["x-request-id"];
    };
    expect(await idOf("okta-7f.3:a/b+c=")).toBe("okta-7f.3:a/b+c=");
    const made = await Promise.all([undefined, 'x"}{', "a b", "x".repeat(129)].map(idOf));
    for (const id of made) expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Set(made).size).toBe(made.length);
  });
});

/** The headers that do not differ from one answer to the next. How HEAD's length is told when it is not known is open. */
function lasting(headers: IncomingHttpHeaders): Partial<IncomingHttpHeaders> {
  const { date, "x-request-id": id, "transfer-encoding": encoding, ...rest } = headers;
  return rest;
}

/** supertest listens on another port for each request. */
function withoutPorts(body: unknown): string {
  return JSON.stringify(body).replace(/127\.0\.0\.1:\d+/g, "127.0.0.1");
}
