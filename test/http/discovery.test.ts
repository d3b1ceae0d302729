import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import {
  type BridgeOnSimulator,
  SCIM_JSON,
  startBridgeOnSimulator,
  TOKEN,
} from "../support/bridge-on-simulator.js";
import { startQuietBridge } from "./quiet-bridge.js";
import { rawExchange } from "./raw-exchange.js";
import { expectScimError } from "./scim-error.js";

const CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const OKTA_ENTITLEMENT = "urn:okta:scim:schemas:core:1.0:Entitlement";
const SCHEMAS = [
  "urn:ietf:params:scim:schemas:core:2.0:Group",
  "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
  "urn:ietf:params:scim:schemas:core:2.0:Schema",
  "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
  CORE_USER,
  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
  "urn:ietf:params:scim:schemas:extension:twilio:2.0:User",
  OKTA_ENTITLEMENT,
];
const AUTHORIZATION = { Authorization: `Bearer ${TOKEN}` };

describe("discovery", () => {
  let running: BridgeOnSimulator;

  beforeAll(async () => {
    running = await startBridgeOnSimulator();
    running.takeTraffic();
  });
  afterEach(() => expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 }));
  afterAll(() => running.stop());

  it("tells what the service can do, and only what it can", async () => {
    const { status, body } = await running.scim("get", "/ServiceProviderConfig");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
      patch: { supported: true },
      bulk: { supported: true },
      filter: { supported: true, maxResults: expect.any(Number) },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: true },
      authenticationSchemes: expect.arrayContaining([expect.objectContaining({ type: "oauthbearertoken" })]),
      meta: { resourceType: "ServiceProviderConfig" },
    });
  });

  it("gives a list no more than it says", async () => {
    const { body } = await running.scim("get", "/ServiceProviderConfig");
    expect(body.filter.maxResults).toBe(1000);
  });

  it("lists the schemas, and gives each by its URN, in any case", async () => {
    const { body } = await running.scim("get", "/Schemas");
    expect(body).toMatchObject({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: SCHEMAS.length,
      itemsPerPage: SCHEMAS.length,
      startIndex: 1,
    });
    expect(body.Resources.map(({ id }: { id: string }) => id).sort()).toEqual(SCHEMAS);
    for (const id of SCHEMAS) {
      for (const asked of [id, id.toUpperCase(), encodeURIComponent(id)]) {
        const one = await running.scim("get", `/Schemas/${asked}`);
        expect(one.body).toMatchObject({ id, meta: { resourceType: "Schema" } });
        expect(one.body.meta.location).toMatch(new RegExp(`^http://[^/]+/scim/v2/Schemas/${id}$`));
      }
    }
  });

  it("does not advertise a password", async () => {
    const { text } = await running.scim("get", "/Schemas");
    expect(text.toLowerCase()).not.toContain('"password"');
  });

  it("lists the resource types, and gives each by its name, in any case", async () => {
    const { body } = await running.scim("get", "/ResourceTypes");
    expect(body).toMatchObject({
      totalResults: 4,
      Resources: [
        { id: "User", endpoint: "/Users", schema: CORE_USER },
        { id: "Group", endpoint: "/Groups", schema: "urn:ietf:params:scim:schemas:core:2.0:Group" },
        { id: "AccountType", endpoint: "/AccountTypes", schema: OKTA_ENTITLEMENT },
        { id: "AccountService", endpoint: "/AccountServices", schema: OKTA_ENTITLEMENT },
      ],
    });
    const extensions = body.Resources[0].schemaExtensions.map(({ schema }: { schema: string }) => schema);
    expect(extensions.sort()).toEqual(SCHEMAS.filter((id) => id.includes(":extension:")));
    for (const asked of ["User", "user", "USER", "%55ser"]) {
      const one = await running.scim("get", `/ResourceTypes/${asked}`);
      expect(one.body).toMatchObject({ id: "User", meta: { resourceType: "ResourceType" } });
    }
  });

  const DOCUMENTS = [
    "/Schemas",
    `/Schemas/${CORE_USER}`,
    "/ResourceTypes",
    "/ResourceTypes/User",
    "/ServiceProviderConfig",
  ];

  it.each([...DOCUMENTS, "/Schemas/none"])("refuses a filter at %s", async (path) => {
    for (const query of ["filter=id+pr", "filter=(", "attributes=id&filter=x", "filter=a&filter=b"]) {
      expectScimError(await running.scim("get", `${path}?${query}`), 403);
      const head = await supertest(running.bridge.app).head(`/scim/v2${path}?${query}`).set(AUTHORIZATION);
      expect(head.status).toBe(403);
    }
  });

  it.each(DOCUMENTS)("passes over every other parameter at %s", async (path) => {
    const parameters = [
      "attributes=id&excludedAttributes=meta",
      "sortBy=nonsense&sortOrder=upwards",
      "startIndex=7&count=1",
      "startIndex=x&count=-1&cursor=y",
      "filter=",
      "filters=id+pr",
    ];
    const ask = async (target: string) => {
      const request = supertest(running.bridge.app).get(`/scim/v2${target}`);
      const { status, body } = await request.set({ ...AUTHORIZATION, Host: "scim.example.com" });
      return { status, body };
    };
    const plain = await ask(path);
    expect(plain.status).toBe(200);
    for (const query of parameters) expect(await ask(`${path}?${query}`)).toEqual(plain);
  });

  it.each([
    "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Device",
    "/Schemas/User",
    "/Schemas/__proto__",
    "/Schemas/%00",
    "/Schemas/%zz",
    "/ResourceTypes/Users",
    "/ResourceTypes/constructor",
    "/ResourceTypes/User/x",
    "/ServiceProviderConfigs",
  ])("answers 404 at %s", async (path) => {
    expectScimError(await running.scim("get", path), 404);
  });

  it.each([...DOCUMENTS, "/AccountTypes", "/AccountServices"])("cannot be written to at %s", async (path) => {
    for (const method of ["post", "put", "patch", "delete"] as const) {
      const response = await running.scim(method, path).send(method === "delete" ? undefined : {});
      expectScimError(response, 405);
      expect(response.headers.allow).toBe("GET, HEAD, OPTIONS");
    }
  });
});

/** Every path whose answer says where something is. */
const PATHS = [
  "/Users?count=1",
  "/Schemas",
  "/ResourceTypes",
  "/ResourceTypes/User",
  "/ServiceProviderConfig",
];

/** The addresses in `meta.location`, without what follows the host. */
function originsIn(text: string): Set<string | undefined> {
  const locations = [...text.matchAll(/"location":"([^"]*)"/g)].map(([, location]) => location);
  expect(locations).not.toHaveLength(0);
  return new Set(locations.map((location) => location?.split("/scim/v2/")[0]));
}

function create(port: number, userName: string, headers: Record<string, string>) {
  const body = JSON.stringify({ userName });
  const described = { "Content-Type": SCIM_JSON, "Content-Length": String(body.length) };
  return rawExchange(port, {
    method: "POST",
    target: "/scim/v2/Users",
    headers: { ...AUTHORIZATION, ...described, ...headers },
    body,
  });
}

describe("meta.location", () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  async function listening(env: Record<string, string> = {}) {
    const running = await startQuietBridge({ env });
    stops.push(running.stop);
    const { port } = running;
    const origins = async (headers: Record<string, string>) => {
      const found = new Set<string | undefined>();
      for (const path of PATHS) {
        const answer = await rawExchange(port, {
          method: "GET",
          target: `/scim/v2${path}`,
          headers: { ...AUTHORIZATION, ...headers },
        });
        expect(answer.status).toBe(200);
        for (const origin of originsIn(answer.text)) found.add(origin);
      }
      return [...found];
    };
    return { running, port, origins };
  }

  it("has the host that the request was sent to", async () => {
    const { origins } = await listening();
    expect(await origins({ Host: "scim.example.com" })).toEqual(["http://scim.example.com"]);
    expect(await origins({ Host: "10.0.0.7:8443" })).toEqual(["http://10.0.0.7:8443"]);
    expect(await origins({ Host: "[::1]:8080" })).toEqual(["http://[::1]:8080"]);
  });

  it("has PUBLIC_URL where there is one, whatever the request says", async () => {
    const { origins } = await listening({
      PUBLIC_URL: "https://scim.example.com/twilio/",
      TRUST_PROXY: "loopback",
    });
    const forwarded = { "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http" };
    expect(await origins({ Host: "evil.example", ...forwarded })).toEqual([
      "https://scim.example.com/twilio",
    ]);
  });

  it("does not believe X-Forwarded headers of itself", async () => {
    const { origins } = await listening();
    const forwarded = {
      "X-Forwarded-Host": "evil.example",
      "X-Forwarded-Proto": "https",
      Forwarded: "host=evil.example",
    };
    expect(await origins({ Host: "scim.example.com", ...forwarded })).toEqual(["http://scim.example.com"]);
  });

  it("believes a proxy that TRUST_PROXY names", async () => {
    const { origins } = await listening({ TRUST_PROXY: "loopback" });
    const forwarded = { "X-Forwarded-Host": "scim.example.com", "X-Forwarded-Proto": "https" };
    expect(await origins({ Host: "10.0.0.7", ...forwarded })).toEqual(["https://scim.example.com"]);
  });

  it("does not believe another proxy than TRUST_PROXY names", async () => {
    const { origins } = await listening({ TRUST_PROXY: "192.0.2.1" });
    const forwarded = { "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https" };
    expect(await origins({ Host: "scim.example.com", ...forwarded })).toEqual(["http://scim.example.com"]);
  });

  it.each(["javascript", 'https"><script>', "HTTPS, http", "", "file"])(
    "is of http or https even when a trusted proxy passes on %p",
    async (protocol) => {
      const { origins } = await listening({ TRUST_PROXY: "1" });
      const [origin, ...others] = await origins({ Host: "scim.example.com", "X-Forwarded-Proto": protocol });
      expect(origin).toMatch(/^https?:\/\/scim\.example\.com$/);
      expect(others).toEqual([]);
    },
  );

  it.each([
    "evil.example/path",
    "evil.example?x",
    "user@evil.example",
    'evil.example"onload=x',
    "evil.example<script>",
    "evil.example\\x",
    "evil example",
    "evil.example:99999999",
    "%00",
    "",
    "[::1",
  ])("is localhost for the host %p, which is none", async (host) => {
    const { origins, port } = await listening({ TRUST_PROXY: "1" });
    expect(await origins({ Host: host })).toEqual([`http://localhost:${port}`]);
    if (host === "") return;
    expect(await origins({ Host: "scim.example.com", "X-Forwarded-Host": host })).toEqual([
      `http://localhost:${port}`,
    ]);
  });

  it("is each request's own when two hosts ask at once", async () => {
    const { running } = await listening();
    const hosts = Array.from({ length: 20 }, (_, number) => `host-${number}.example.com`);
    const answers = await Promise.all(
      hosts.flatMap((host) =>
        PATHS.map(async (path) => {
          const request = supertest(running.bridge.app).get(`/scim/v2${path}`);
          const { text } = await request.set({ ...AUTHORIZATION, Host: host });
          return { host, origins: [...originsIn(text)] };
        }),
      ),
    );
    expect(answers).toEqual(answers.map(({ host }) => ({ host, origins: [`http://${host}`] })));
  });

  it("shows nobody another's host, as long as creations take, with a token or without", async () => {
    const { running, port } = await listening();
    const held = running.simulator.world.faults.add({ kind: "hold", route: "accounts.create" });
    const users = Array.from({ length: 3 }, (_, number) => `user-${number}`);
    const creations = users.map((name) => create(port, name, { Host: `${name}.example.com` }));
    await running.simulator.world.faults.whenFired(held.id, users.length);

    const unauthenticated = async (target: string) => {
      const { text } = await rawExchange(port, {
        method: "GET",
        target,
        headers: { Host: "stranger.example.com" },
      });
      return text;
    };
    const config = await unauthenticated("/scim/v2/ServiceProviderConfig");
    expect([...originsIn(config)]).toEqual(["http://stranger.example.com"]);
    for (const path of ["/scim/v2/Users", "/scim/v2/Schemas", "/healthz"]) {
      expect(await unauthenticated(path)).not.toContain("example.com");
    }
    running.simulator.world.faults.release(held.id);

    for (const [index, answer] of (await Promise.all(creations)).entries()) {
      expect(answer.headers.get("location")).toMatch(`http://${users[index]}.example.com/scim/v2/Users/AC`);
      expect([...originsIn(answer.text)]).toEqual([`http://${users[index]}.example.com`]);
    }
  });

  it.each<[string, Record<string, string>, string]>([
    ["the host", {}, "http://scim.example.com"],
    ["PUBLIC_URL", { PUBLIC_URL: "https://public.example.com/x" }, "https://public.example.com/x"],
  ])("is the Location of what was created, by %s", async (_by, env, origin) => {
    const { running, port } = await listening(env);
    const answer = await create(port, "ada@example.com", { Host: "scim.example.com" });
    expect(answer.status).toBe(201);
    const { id } = answer.body as { id: string };
    const location = `${origin}/scim/v2/Users/${id}`;
    expect(answer.headers.get("location")).toBe(location);
    expect(answer.body).toMatchObject({ meta: { location } });
    expect((await running.scim("get", `/Users/${id}`)).status).toBe(200);
  });
});
