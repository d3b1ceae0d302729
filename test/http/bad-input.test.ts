import { once } from "node:events";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import {
  type BridgeOnSimulator,
  SCIM_JSON,
  startBridgeOnSimulator,
  TOKEN,
} from "../support/bridge-on-simulator.js";
import { type QuietBridge, startQuietBridge } from "./quiet-bridge.js";
import { rawExchange } from "./raw-exchange.js";
import { ROUTES, targetOf } from "./routes.js";
import { expectScimError } from "./scim-error.js";

const AUTHORIZATION = { Authorization: `Bearer ${TOKEN}` };
const USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";
const MIB = 1024 * 1024;
/** Nothing of it may be done: the account would be suspended. */
const SUSPEND = { Operations: [{ op: "replace", path: "active", value: false }] };

let running: QuietBridge;
let port: number;
/** An active subaccount, so that only the request can be what is wrong. */
let sid: string;
/** A group with nobody in it. */
let group: string;
let before: Awaited<ReturnType<typeof everything>>;

/** All that Twilio and the directory hold. */
async function everything() {
  const { body } = await running.scim("get", "/Users?count=1000");
  const groups = (await running.scim("get", "/Groups")).body;
  return { directory: body, groups, twilio: running.simulator.world.accounts.list() };
}

beforeAll(async () => {
  running = await startQuietBridge({ env: { PUBLIC_URL: "https://bridge.example.com" } });
  ({ port } = running);
  const subject = running.simulator.world.accounts
    .list()
    .find(({ isOwner, status }) => !isOwner && status === "active");
  sid = subject?.sid ?? "";
  group = (await running.scim("post", "/Groups").send({ displayName: "Nobody" })).body.id;
});
beforeEach(async () => {
  before = await everything();
  running.takeTraffic();
});
afterEach(async () => {
  expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
  expect(await everything()).toEqual(before);
});
afterAll(() => running.stop());

/** Sends a body as it is. */
function send(method: "post" | "put" | "patch", body: string | Buffer, headers: Record<string, string> = {}) {
  const path = method === "post" ? "/scim/v2/Users" : `/scim/v2/Users/${sid}`;
  const request = supertest(running.bridge.app)[method](path).set(AUTHORIZATION);
  return request
    .set({ "Content-Type": SCIM_JSON, ...headers })
    .serialize((text: unknown) => String(text))
    .send(body);
}

const METHODS = ["post", "put", "patch"] as const;

describe.each(METHODS)("the body of a %s", (method) => {
  it.each([
    ["JSON that is cut", '{"userName":'],
    ["no JSON", "userName=ada"],
    ["two documents", '{"userName":"ada"} {"userName":"bob"}'],
    ["JSON with a comment", '{"userName":"ada" /* sic */}'],
    ["an array", '[{"userName":"ada","Operations":[{"op":"replace","value":{"active":false}}]}]'],
    ["a string", '"ada"'],
    ["a number", "7"],
    ["true", "true"],
    ["null", "null"],
    ["nothing but blanks", "   "],
    ["no member at all", "{}"],
  ])("is refused when it is %s", async (_what, body) => {
    expectScimError(await send(method, body), 400, "invalidSyntax");
  });

  it.each([
    ["with a media type", { "Content-Type": SCIM_JSON }],
    ["without one", {}],
    ["in chunks", { "Content-Type": SCIM_JSON, "Transfer-Encoding": "chunked" }],
  ])("is refused when it is empty, %s", async (_how, headers: Record<string, string>) => {
    const target = method === "post" ? "/scim/v2/Users" : `/scim/v2/Users/${sid}`;
    const isChunked = "Transfer-Encoding" in headers;
    const answer = await rawExchange(port, {
      method: method.toUpperCase(),
      target,
      headers: { ...AUTHORIZATION, ...headers, ...(!isChunked && { "Content-Length": "0" }) },
      body: isChunked ? "0\r\n\r\n" : "",
    });
    expectScimError(answer, 400, "invalidSyntax");
  });

  it.each([
    "text/plain",
    "text/json",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json-patch+json",
    "application/jsonx",
    "application",
    ";",
  ])("is refused with 415 when it is %s", async (type) => {
    expectScimError(await send(method, JSON.stringify(SUSPEND), { "Content-Type": type }), 415);
  });

  it.each([
    ["character set", { "Content-Type": "application/json; charset=latin1" }],
    ["compression", { "Content-Encoding": "compress" }],
  ])("is refused with 415 for a %s that is not supported", async (_what, headers) => {
    expectScimError(await send(method, JSON.stringify(SUSPEND), headers), 415);
  });

  it("is refused when it is not compressed the way its headers say", async () => {
    const gzip = { "Content-Encoding": "gzip" };
    const whole = gzipSync(JSON.stringify(SUSPEND));
    expectScimError(await send(method, JSON.stringify(SUSPEND), gzip), 400, "invalidSyntax");
    expectScimError(await sendBytes(method, whole.subarray(0, whole.length / 2), gzip), 400, "invalidSyntax");
  });

  it("is refused with 413 when it has 2 MiB", async () => {
    expectScimError(await send(method, oversized(2 * MIB)), 413);
  });

  it("is refused with 413 when it has 2 MiB in chunks that do not tell", async () => {
    const answer = await rawExchange(port, {
      method: method.toUpperCase(),
      target: method === "post" ? "/scim/v2/Users" : `/scim/v2/Users/${sid}`,
      headers: { ...AUTHORIZATION, "Content-Type": SCIM_JSON, "Transfer-Encoding": "chunked" },
      body: `${(2 * MIB).toString(16)}\r\n${oversized(2 * MIB)}\r\n0\r\n\r\n`,
    });
    expectScimError(answer, 413);
  });

  it("is refused with 413 when it has 16 MiB once it is unpacked", async () => {
    const bomb = gzipSync(oversized(16 * MIB), { level: 1 });
    expect(bomb.length).toBeLessThan(MIB);
    expectScimError(await sendBytes(method, bomb, { "Content-Encoding": "gzip" }), 413);
  });
});

function sendBytes(method: "post" | "put" | "patch", bytes: Buffer, headers: Record<string, string>) {
  const path = method === "post" ? "/scim/v2/Users" : `/scim/v2/Users/${sid}`;
  const request = supertest(running.bridge.app)[method](path).set(AUTHORIZATION);
  return request
    .set({ "Content-Type": SCIM_JSON, ...headers })
    .serialize((body: unknown) => body as string)
    .send(bytes);
}

/** A user, or a PATCH, of so many bytes. */
function oversized(bytes: number): string {
  const frame = JSON.stringify({ userName: "ada", active: false, ...SUSPEND, title: "" });
  return frame.replace('"title":""', `"title":"${"x".repeat(bytes - frame.length)}"`);
}

describe("a user that is written", () => {
  const user = (members: object) => ({ schemas: [USER_SCHEMA], userName: "ada@example.com", ...members });

  it.each([
    ["without a userName", { schemas: [USER_SCHEMA], active: false }],
    ["with an empty userName", user({ userName: "" })],
    ["with a userName of blanks", user({ userName: "   " })],
    ["with null for a userName", user({ userName: null })],
    ["with an object for a userName", user({ userName: { value: "ada" } })],
    ["with a userName of 100,000 characters", user({ userName: "x".repeat(100_000) })],
    ['with active "banana"', user({ active: "banana" })],
    ['with active "no"', user({ active: "no" })],
    ['with active "0"', user({ active: "0" })],
    ["with active 0", user({ active: 0 })],
    ["with active []", user({ active: [false] })],
    ["with active {}", user({ active: {} })],
    ["with a name that is an array of texts", user({ name: ["Ada", "Lovelace"] })],
    ["with 100,000 levels in an attribute", user({ title: "DEEP" })],
  ])("is refused by POST and PUT %s", async (_what, body) => {
    const text = JSON.stringify(body).replace('"DEEP"', deep(100_000));
    expectScimError(await send("post", text), 400, "invalidValue");
    expectScimError(await send("put", text), 400, "invalidValue");
  });
});

/** An object in an object in an object ... */
function deep(levels: number): string {
  return `${'{"name":'.repeat(levels)}1${"}".repeat(levels)}`;
}

describe("a PATCH", () => {
  const withActive = (value: unknown) => ({ Operations: [{ op: "replace", path: "active", value }] });

  it.each<[string, string, object]>([
    ["without Operations", "invalidSyntax", { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"] }],
    ["with null for Operations", "invalidSyntax", { Operations: null }],
    ["with one operation outside of an array", "invalidSyntax", { Operations: SUSPEND.Operations[0] }],
    ["with an operation that is a text", "invalidSyntax", { Operations: ["suspend"] }],
    ["with an operation that is null", "invalidSyntax", { Operations: [null] }],
    ["with schemas of something else", "invalidSyntax", { schemas: [USER_SCHEMA], ...SUSPEND }],
    ["with an unknown op", "invalidSyntax", { Operations: [{ op: "move", path: "active", value: false }] }],
    ["without an op", "invalidSyntax", { Operations: [{ path: "active", value: false }] }],
    [
      "with an op that is no text",
      "invalidSyntax",
      { Operations: [{ op: ["replace"], path: "active", value: false }] },
    ],
    ["without a value", "invalidValue", { Operations: [{ op: "replace", path: "active" }] }],
    ["without path and value", "invalidValue", { Operations: [{ op: "replace" }] }],
    [
      "without a path, and a value that is no object",
      "invalidValue",
      { Operations: [{ op: "replace", value: false }] },
    ],
    ["that removes everything", "noTarget", { Operations: [{ op: "remove" }] }],
    ["that removes the userName", "mutability", { Operations: [{ op: "remove", path: "userName" }] }],
    ['with active "banana"', "invalidValue", withActive("banana")],
    ["with active 0", "invalidValue", withActive(0)],
    ["with active 1", "invalidValue", withActive(1)],
    ["with active {}", "invalidValue", withActive({})],
    [
      'with active "banana" in a value without a path',
      "invalidValue",
      { Operations: [{ op: "replace", value: { active: "banana" } }] },
    ],
    [
      "with a path to nothing",
      "invalidPath",
      { Operations: [{ op: "replace", path: "activ", value: false }] },
    ],
    ["with an empty path", "invalidPath", { Operations: [{ op: "replace", path: "", value: false }] }],
    [
      "with a path that is no text",
      "invalidPath",
      { Operations: [{ op: "replace", path: ["active"], value: false }] },
    ],
    [
      "with a path into a prototype",
      "invalidPath",
      { Operations: [{ op: "add", path: "__proto__.active", value: false }] },
    ],
    [
      "with a path to a constructor",
      "invalidPath",
      { Operations: [{ op: "add", path: "constructor.prototype", value: {} }] },
    ],
    [
      "with a filter that is cut",
      "invalidFilter",
      { Operations: [{ op: "replace", path: 'emails[type eq "work', value: "a@example.com" }] },
    ],
    ["that changes the id", "mutability", { Operations: [{ op: "replace", path: "id", value: "AC1" }] }],
    [
      "that changes meta",
      "mutability",
      { Operations: [{ op: "replace", path: "meta.location", value: "x" }] },
    ],
    [
      "that is right first and wrong then",
      "invalidValue",
      { Operations: [...SUSPEND.Operations, { op: "replace", path: "active", value: "banana" }] },
    ],
    [
      "with more operations than anybody needs",
      "invalidSyntax",
      { Operations: Array.from({ length: 2000 }, () => SUSPEND.Operations[0]) },
    ],
  ])("is refused %s: %s", async (_what, scimType, body) => {
    expectScimError(await send("patch", JSON.stringify(body)), 400, scimType);
  });

  it("is refused with 100,000 levels in its value", async () => {
    const atPath = `{"Operations":[{"op":"replace","path":"active","value":${deep(100_000)}}]}`;
    const withoutPath = `{"Operations":[{"op":"replace","value":{"title":${deep(100_000)}}}]}`;
    expectScimError(await send("patch", atPath), 400, "invalidValue");
    expectScimError(await send("patch", withoutPath), 400, "invalidValue");
  });
});

describe("a list", () => {
  it.each([
    "userName",
    "userName eq",
    'userName eq "ada',
    "userName = 'ada'",
    'userName is "ada"',
    'eq "ada"',
    'userName eq "ada" and',
    'userName eq "ada" or or userName eq "bob"',
    '(userName eq "ada"',
    'userName eq "ada")',
    'not userName eq "ada"',
    'emails[type eq "work"',
    'emails[type eq "work"].value eq',
    'userName eq "ada" userName eq "bob"',
    'userName eq {"a":1}',
    "';--",
    "\u0000",
    "(".repeat(7000),
    `${"not (".repeat(1500)}active eq true${")".repeat(1500)}`,
  ])("is refused for the filter %p", async (filter) => {
    const response = await running.scim("get", `/Users?filter=${encodeURIComponent(filter)}`);
    expectScimError(response, 400, "invalidFilter");
  });

  it.each(["one", "1.5", "1e3", "0x10", "NaN", "Infinity", "--1", "1;2", "١"])(
    "is refused for startIndex or count %p",
    async (text) => {
      for (const name of ["startIndex", "count"]) {
        const response = await running.scim("get", `/Users?${name}=${encodeURIComponent(text)}`);
        expectScimError(response, 400, "invalidValue");
        expect(response.body.detail).toContain(name);
      }
    },
  );

  it.each([
    ["startIndex=1&startIndex=5", "invalidValue"],
    ["count=1&count=5", "invalidValue"],
    ["count=1&count=1", "invalidValue"],
    ["filter=active%20eq%20true&filter=active%20eq%20false", "invalidFilter"],
    ["attributes=id&excludedAttributes=name", "invalidValue"],
  ])("is refused for the query %s", async (query, scimType) => {
    expectScimError(await running.scim("get", `/Users?${query}`), 400, scimType);
  });

  it.each<[string, (total: number) => object]>([
    ["startIndex=0", (total) => ({ startIndex: 1, itemsPerPage: total })],
    ["startIndex=-7", (total) => ({ startIndex: 1, itemsPerPage: total })],
    ["startIndex=2", (total) => ({ startIndex: 2, itemsPerPage: total - 1 })],
    ["startIndex=%2B2", (total) => ({ startIndex: 2, itemsPerPage: total - 1 })],
    ["startIndex=500", () => ({ startIndex: 500, itemsPerPage: 0 })],
    ["startIndex=99999999999999999999999999", () => ({ itemsPerPage: 0 })],
    ["count=0", () => ({ startIndex: 1, itemsPerPage: 0 })],
    ["count=-1", () => ({ startIndex: 1, itemsPerPage: 0 })],
    ["count=3", () => ({ startIndex: 1, itemsPerPage: 3 })],
    ["count=99999999999999999999999999", (total) => ({ startIndex: 1, itemsPerPage: total })],
    ["startIndex=&count=", (total) => ({ startIndex: 1, itemsPerPage: total })],
    ["__proto__=1&constructor=2&filter[a]=4", (total) => ({ startIndex: 1, itemsPerPage: total })],
    ["attributes=__proto__,constructor", (total) => ({ startIndex: 1, itemsPerPage: total })],
    ["%zz=%zz", (total) => ({ startIndex: 1, itemsPerPage: total })],
  ])("understands the query %s", async (query, expected) => {
    const { totalResults } = before.directory;
    const { status, body } = await running.scim("get", `/Users?${query}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ totalResults, ...expected(totalResults) });
    expect(body.Resources ?? []).toHaveLength(body.itemsPerPage);
  });

  it("finds nobody by the name of a member of every object", async () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const { status } = await running.scim("get", `/Users?filter=${encodeURIComponent(`${name} pr`)}`);
      expect([200, 400]).toContain(status);
      const { body } = await running.scim(
        "get",
        `/Users?filter=${encodeURIComponent(`userName eq "${name}"`)}`,
      );
      expect(body).toMatchObject({ totalResults: 0 });
    }
  });
});

describe("an id that is no SID", () => {
  const IDS = [
    "#",
    "%23",
    "..",
    "%2e%2e",
    "..%2f..%2fAccounts",
    "%00",
    "AC%00",
    "%",
    "%zz",
    "%c3%28",
    "%ff",
    "me",
    "null",
    "undefined",
    "__proto__",
    "AC123",
    `AC${"0".repeat(31)}`,
    `AC${"0".repeat(33)}`,
    `AC${"g".repeat(32)}`,
    `AC${"0".repeat(32)}.json`,
    `AC${"0".repeat(32)}%0a`,
    `AC${"0".repeat(32)}%20`,
    `AC${"0".repeat(32)};x`,
    `AC${"0".repeat(32)}#x`,
    `AC${"0".repeat(32)}/x`,
    `AC${"0".repeat(32)}%2fx`,
    `%20AC${"0".repeat(32)}`,
    `SK${"0".repeat(32)}`,
    "x".repeat(8000),
  ];

  it.each(IDS)("is 404 for %s, whatever is asked", async (id) => {
    for (const method of ["GET", "DELETE", "PUT", "PATCH"]) {
      const body = method === "PUT" ? '{"userName":"ada"}' : JSON.stringify(SUSPEND);
      const answer = await rawExchange(port, {
        method,
        target: `/scim/v2/Users/${id}`,
        headers: {
          ...AUTHORIZATION,
          ...(method.startsWith("P") && { "Content-Type": SCIM_JSON, "Content-Length": String(body.length) }),
        },
        ...(method.startsWith("P") && { body }),
      });
      expectScimError(answer, 404);
    }
  });

  it("does not reach an account past a fragment", async () => {
    const answer = await rawExchange(port, {
      method: "DELETE",
      target: `/scim/v2/Users/${sid}#x`,
      headers: AUTHORIZATION,
    });
    expectScimError(answer, 404);
  });
});

describe("a route that there is not", () => {
  it.each([
    "/scim/v2/Bulk/x",
    "/scim/v2/ServiceProviderConfig/.search",
    "/scim/v2/User",
    "/scim/v2/Users//",
    "/scim/v2//Users",
    "/scim/v2/ServiceProviderConfig/x",
    "/scim/v2/../v2/Users",
    "/scim/v2/%55sers%2f",
    "/scim",
    "/scim/v1/Users",
    "/Users",
    "/",
    "/favicon.ico",
    "/.env",
    "/%zz",
    "/healthz/x",
    "/__simulator",
  ])("is 404 for GET and POST at %s", async (target) => {
    expectScimError(await rawExchange(port, { method: "GET", target, headers: AUTHORIZATION }), 404);
    const headers = { ...AUTHORIZATION, "Content-Type": SCIM_JSON, "Content-Length": "2" };
    expectScimError(await rawExchange(port, { method: "POST", target, headers, body: "{}" }), 404);
  });
});

describe("a method that a route has not", () => {
  const EVERY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "LOCK", "LINK"];
  it.each(ROUTES)("is 405 at $path, with what it has", async (route) => {
    for (const method of EVERY.filter((method) => !route.methods.includes(method))) {
      const answer = await rawExchange(port, {
        method,
        target: targetOf(route, { user: sid, group }),
        headers: { ...AUTHORIZATION, "Content-Length": "0" },
      });
      if (method === "HEAD") expect([answer.status, answer.text]).toEqual([405, ""]);
      else expectScimError(answer, 405);
      expect(answer.headers.get("allow")?.split(", ")).toEqual([...route.methods, "OPTIONS"]);
    }
  });

  it.each(ROUTES)("is told by OPTIONS at $path", async (route) => {
    const target = targetOf(route, { user: sid, group });
    const answer = await rawExchange(port, { method: "OPTIONS", target, headers: AUTHORIZATION });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("allow")?.split(", ")).toEqual([...route.methods, "OPTIONS"]);
  });

  it("cannot be put in place of another by a header or a parameter", async () => {
    const headers = { ...AUTHORIZATION, "X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE" };
    const answer = await rawExchange(port, {
      method: "GET",
      target: `/scim/v2/Users/${sid}?_method=DELETE`,
      headers,
    });
    expect(answer.status).toBe(200);
  });
});

describe("an upload that is broken off", () => {
  it("does nothing, and leaves a line in the log", async () => {
    const body = JSON.stringify(SUSPEND);
    const socket = connect(port, "127.0.0.1");
    socket.write(
      [
        `PATCH /scim/v2/Users/${sid} HTTP/1.1`,
        "Host: localhost",
        `Authorization: ${AUTHORIZATION.Authorization}`,
        `Content-Type: ${SCIM_JSON}`,
        "Expect: 100-continue",
        `Content-Length: ${body.length}`,
        "",
        "",
      ].join("\r\n"),
    );
    await once(socket, "data"); // "100 Continue": the headers have arrived
    const lines = running.logged.length;
    socket.end(body.slice(0, -5));
    await once(socket, "close");
    const [line] = running.logged.slice(lines).filter(({ path }) => path === `/scim/v2/Users/${sid}`);
    expect(line).toMatchObject({ method: "PATCH" });
  });
});

describe("the names of an object's own innards in a body", () => {
  const POLLUTED: readonly [string, string][] = [
    ["a prototype", '"__proto__":{"admin":true,"active":false}'],
    ["a constructor", '"constructor":{"prototype":{"admin":true}}'],
    ["methods", '"toString":"x","hasOwnProperty":"x","valueOf":null'],
    ["40,000 levels of what is unknown", `"unknown":${deep(40_000)}`],
  ];
  let own: BridgeOnSimulator;

  beforeAll(async () => {
    own = await startBridgeOnSimulator();
  });
  afterAll(() => own.stop());

  it.each(POLLUTED)("say nothing in a user: %s", async (what, members) => {
    const userName = `user-${what.length}@example.com`;
    const posted = await own
      .scim("post", "/Users")
      .serialize(String)
      .send(`{"userName":"${userName}",${members}}`);
    expect(posted.status).toBe(201);
    const put = await own
      .scim("put", `/Users/${posted.body.id}`)
      .serialize(String)
      .send(`{"userName":"${userName}","name":{"givenName":"Ada",${members}},${members}}`);
    expect(put.status).toBe(200);
    const read = await own.scim("get", `/Users/${posted.body.id}`);
    expect(read.body).toMatchObject({ userName, active: true, name: { givenName: "Ada" } });
    expect(read.text).not.toMatch(/admin|prototype|toString|unknown/);
    expect({}).not.toHaveProperty("admin");
  });
});
