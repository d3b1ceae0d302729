import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { SCIM_JSON, TOKEN } from "../support/bridge-on-simulator.js";
import { KeptConnection, type KeptRequest } from "./kept-connection.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";
import { rawExchange } from "./raw-exchange.js";
import { SCIM_ROUTES, targetOf } from "./routes.js";
import { expectScimError } from "./scim-error.js";

const AUTHORIZATION = { Authorization: `Bearer ${TOKEN}` };

let running: QuietBridge;
let port: number;
/** An active subaccount. */
let sid: string;

beforeAll(async () => {
  running = await startQuietBridge();
  ({ port } = running);
  const subject = running.simulator.world.accounts
    .list()
    .find(({ isOwner, status }) => !isOwner && status === "active");
  sid = subject?.sid ?? "";
});
afterAll(() => running.stop());

describe("the Accept header", () => {
  const ask = (accept: string, path = "/Users") => running.scim("get", path).set("Accept", accept);

  it.each([
    "application/scim+json",
    "application/json",
    "application/*",
    "*/*",
    "APPLICATION/SCIM+JSON",
    "application/scim+json; charset=utf-8",
    "application/json;charset=iso-8859-1",
    'application/json; charset="utf-8"; odata.metadata=minimal; q=0.5',
    'application/json; profile="a,b;q=0"',
    'text/html; title="\\"", application/json',
    "application/scim+json;q=0.001",
    "application/scim+json; q=.1",
    "application/json;Q=1.000",
    "text/html, application/xml;q=0.9, */*;q=0.8",
    "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
    "text/html,application/json",
    " , application/json,,",
    "application/scim+json;q=0, */*",
    "application/json;q=0, application/scim+json",
    "application/*;q=0, application/json",
    "application/json;q=0, application/json;q=0.5",
    "application/json, application/json;profile=x;q=0",
  ])("allows application/scim+json with %s", async (accept) => {
    const response = await ask(accept);
    expect(response.status).toBe(200);
    expect(response.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
  });

  it.each([
    "",
    " ",
    ",",
    "nonsense",
    "*",
    "application",
    "application/",
    "/json",
    "text/html/x",
    "text html",
    'text/html; title="unclosed',
    '"text/html"',
    "text/html;q=nonsense",
    "text/html;q=",
    "text/html;q=-1",
    "text/html, nonsense",
    "{}",
  ])("is passed over when it is %p, which cannot be read", async (accept) => {
    const headers = { ...AUTHORIZATION, Accept: accept };
    const answer = await rawExchange(port, { method: "GET", target: "/scim/v2/Users?count=0", headers });
    expect(answer.status).toBe(200);
  });

  it("may be absent", async () => {
    const target = "/scim/v2/Users?count=0";
    expect((await rawExchange(port, { method: "GET", target, headers: AUTHORIZATION })).status).toBe(200);
  });

  it.each([
    "text/html",
    "text/*",
    "application/xml",
    "application/scim",
    "application/scim+xml",
    "application/jsonx",
    "application/json+scim",
    "text/json",
    "text/html, application/xhtml+xml, image/*;q=0.8",
    "application/json;q=0",
    "application/json; q = 0.000",
    "application/json;charset=utf-8;q=0",
    "*/*;q=0",
    "*/*;q=0., text/html",
    "application/xml;q=1, */*;q=0",
    "application/*;q=0, */*",
    "application/scim+json;q=0, application/json;q=0, */*",
    'text/html; title=", application/json"',
    'text/html; title="\\", application/json, \\""',
  ])("is answered 406 when it is %s", async (accept) => {
    const response = await ask(accept);
    expectScimError(response, 406);
    expect(response.body.detail).toMatch(/application\/scim\+json or application\/json/);
  });

  it("is looked at wherever SCIM is spoken, before anything is done", async () => {
    const made = await running.scim("post", "/Groups").send({ displayName: "Nobody" });
    const group = made.body.id;
    running.takeTraffic();
    for (const route of [...SCIM_ROUTES, { path: "/scim/v2/nothing", methods: ["GET", "POST"] }]) {
      for (const method of route.methods.filter((name) => name !== "HEAD")) {
        const answer = await rawExchange(port, {
          method,
          target: targetOf(route, { user: sid, group }),
          headers: { ...AUTHORIZATION, Accept: "text/html", "Content-Length": "0" },
        });
        expectScimError(answer, 406);
      }
    }
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
    expect(running.simulator.world.accounts.get(sid).status).toBe("active");
    expect((await running.scim("get", `/Groups/${group}`)).status).toBe(200);
  });

  it.each(["/Users", "/Schemas", "/nothing", "/ServiceProviderConfig/x", "/Me"])(
    "is looked at after the token at %s",
    async (path) => {
      const request = supertest(running.bridge.app).get(`/scim/v2${path}`).set("Accept", "text/html");
      expectScimError(await request, 401);
    },
  );

  it("is looked at in the service provider's configuration too, which needs no token", async () => {
    const request = supertest(running.bridge.app).get("/scim/v2/ServiceProviderConfig");
    expectScimError(await request.set("Accept", "text/html"), 406);
  });

  it.each(["/healthz", "/readyz", "/metrics"])("is not looked at by %s", async (path) => {
    expect((await supertest(running.bridge.app).get(path).set("Accept", "image/png")).status).toBe(200);
  });

  it.each(["utf-8", "iso-8859-1", "utf-8;q=0", "*;q=0"])(
    "is all that counts: Accept-Charset %s changes nothing",
    async (charset) => {
      const response = await ask("application/scim+json").set("Accept-Charset", charset);
      expect(response.status).toBe(200);
      expect(response.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    },
  );
});

describe("compression", () => {
  let connection: KeptConnection;
  beforeAll(() => {
    connection = new KeptConnection(port);
  });
  afterAll(() => connection.close());

  function ask(acceptEncoding: string | undefined, request: Partial<KeptRequest> = {}) {
    const accepted = acceptEncoding !== undefined && { "Accept-Encoding": acceptEncoding };
    const headers = { ...AUTHORIZATION, ...accepted, ...request.headers };
    return connection.exchange({ method: "GET", path: "/scim/v2/Schemas", ...request, headers });
  }

  it.each(["gzip", "gzip,deflate", "GZIP;q=0.5", "deflate;q=0.1, gzip", "gzip;q=1.0, identity;q=0.5, *;q=0"])(
    "makes a long answer shorter for %s, and changes nothing in it",
    async (acceptEncoding) => {
      const plain = await ask(undefined);
      const packed = await ask(acceptEncoding);
      expect(packed.headers).toMatchObject({
        "content-encoding": "gzip",
        "content-type": "application/scim+json; charset=utf-8",
        vary: "Accept-Encoding",
      });
      expect(packed.headers).not.toHaveProperty("content-length");
      expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 4);
      expect(gunzipSync(packed.bytes)).toEqual(plain.bytes);
    },
  );

  it.each([undefined, "", "identity", "gzip;q=0", "*;q=0", "nonsense", "zstd"])(
    "is left out for Accept-Encoding %p, and the answer says that it depends on it",
    async (acceptEncoding) => {
      const { status, headers, bytes } = await ask(acceptEncoding);
      expect(status).toBe(200);
      expect(headers).toMatchObject({ "content-length": String(bytes.length), vary: "Accept-Encoding" });
      expect(headers).not.toHaveProperty("content-encoding");
    },
  );

  it("is left out of an answer that is short already", async () => {
    const { headers, bytes } = await ask("gzip", { path: "/scim/v2/Users?count=0" });
    expect(bytes.length).toBeLessThan(1024);
    expect(headers).toMatchObject({ "content-length": String(bytes.length), vary: "Accept-Encoding" });
    expect(headers).not.toHaveProperty("content-encoding");
  });

  it("takes in errors and metrics", async () => {
    const missing = await ask("gzip", { path: `/scim/v2/${"x".repeat(2000)}` });
    expect([missing.status, missing.headers["content-encoding"]]).toEqual([404, "gzip"]);
    expect(JSON.parse(gunzipSync(missing.bytes).toString())).toMatchObject({ status: "404" });
    expect((await ask("gzip", { path: "/metrics" })).headers.vary).toBe("Accept-Encoding");
  });

  it("has nothing to do where there is no body", async () => {
    const made = await running.scim("post", "/Users").send({ userName: "ada@example.com" });
    const deleted = await ask("gzip", { method: "DELETE", path: `/scim/v2/Users/${made.body.id}` });
    const options = await ask("gzip", { method: "OPTIONS" });
    for (const { status, headers, bytes } of [deleted, options]) {
      expect([status, bytes.length]).toEqual([204, 0]);
      for (const name of ["content-encoding", "content-type", "content-length"]) {
        expect(headers).not.toHaveProperty(name);
      }
    }
    expect((await ask("gzip")).isReused).toBe(true);
  });

  it("leaves a 304 without a body, and lets it say what it depends on", async () => {
    const path = `/scim/v2/Users/${sid}`;
    const { headers: known } = await ask("gzip", { path });
    const { status, headers, bytes } = await ask("gzip", {
      path,
      headers: { "If-None-Match": known.etag ?? "" },
    });
    expect([status, bytes.length]).toEqual([304, 0]);
    expect(headers).toMatchObject({ etag: known.etag, vary: "Accept-Encoding" });
    expect(headers).not.toHaveProperty("content-encoding");
    expect((await ask("gzip")).isReused).toBe(true);
  });

  it("takes in what was written", async () => {
    const body = { userName: "grace@example.com", title: "x".repeat(2000) };
    const headers = { "Content-Type": SCIM_JSON };
    const answer = await ask("gzip", {
      method: "POST",
      path: "/scim/v2/Users",
      headers,
      body: JSON.stringify(body),
    });
    expect([answer.status, answer.headers["content-encoding"]]).toEqual([201, "gzip"]);
    expect(JSON.parse(gunzipSync(answer.bytes).toString())).toMatchObject(body);
  });
});
