import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import {
  type BridgeOnSimulator,
  SCIM_JSON,
  startBridgeOnSimulator,
  TOKEN,
} from "../support/bridge-on-simulator.js";
import { rawExchange } from "./raw-exchange.js";

const AUTHORIZATION = { Authorization: `Bearer ${TOKEN}` };

describe("media types, paths and names", () => {
  let running: BridgeOnSimulator;
  let port: number;
  let created = 0;

  beforeAll(async () => {
    running = await startBridgeOnSimulator({ env: { PORT: "0" } });
    ({ port } = await running.bridge.listen());
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
    for (const { headers } of answers) {
      expect(headers["content-type"]).toBe("application/scim+json; charset=utf-8");
      expect(headers["cache-control"]).toBe("no-store");
      expect(headers).not.toHaveProperty("etag");
      expect(headers).not.toHaveProperty("x-powered-by");
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
  });

  it.each(["application/json", "text/html", "application/xml;q=1, */*;q=0", "*/*", "nonsense"])(
    "answers in application/scim+json to a client that accepts %s",
    async (accept) => {
      const response = await running.scim("get", "/Users").set("Accept", accept);
      expect([response.status, response.type]).toEqual([200, SCIM_JSON]);
    },
  );

  it.each([
    "application/scim+json",
    "application/json",
    "application/scim+json; charset=utf-8",
    "application/json;charset=UTF-8",
    'application/json; charset="utf-8"',
    "APPLICATION/SCIM+JSON",
    "application/json ; odata.metadata=minimal",
  ])("takes a body in %s", async (type) => {
    const userName = `älter-${newUserName()}`;
    const response = await post({ userName }, { "Content-Type": type });
    expect([response.status, response.body.userName]).toEqual([201, userName]);
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

  it.each(["?aadOptscim062020", "?aadOptscim062020=true", "?unknown=1"])(
    "takes no offence at %s, whatever is asked",
    async (query) => {
      const made = await post(
        { userName: newUserName() },
        { "Content-Type": SCIM_JSON },
        `/scim/v2/Users${query}`,
      );
      expect(made.status).toBe(201);
      const path = `/Users/${made.body.id}${query}`;
      const statuses = [
        (await running.scim("get", `/Users${query}`)).status,
        (await running.scim("get", path)).status,
        (await running.scim("put", path).send({ userName: newUserName() })).status,
        (
          await running
            .scim("patch", path)
            .send({ Operations: [{ op: "Replace", path: "active", value: "False" }] })
        ).status,
        (await running.scim("delete", path)).status,
      ];
      expect(statuses).toEqual([200, 200, 200, 200, 204]);
    },
  );

  it("answers HEAD as GET, without the body", async () => {
    const { Resources } = (await running.scim("get", "/Users?count=1")).body;
    for (const target of [
      "/scim/v2/Users",
      `/scim/v2/Users/${Resources[0].id}`,
      "/scim/v2/Schemas",
      "/healthz",
    ]) {
      const get = await rawExchange(port, { method: "GET", target, headers: AUTHORIZATION });
      const head = await rawExchange(port, { method: "HEAD", target, headers: AUTHORIZATION });
      expect([head.status, head.text]).toEqual([200, ""]);
      for (const name of ["content-type", "content-length"]) {
        expect(head.headers.get(name)).toBe(get.headers.get(name));
      }
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
