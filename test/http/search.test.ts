import { afterAll, afterEach, beforeAll, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import {
  type BridgeOnSimulator,
  SCIM_JSON,
  startBridgeOnSimulator,
  TOKEN,
} from "../support/bridge-on-simulator.js";
import { expectScimError } from "./scim-error.js";

const SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

type Resource = { readonly id: string; readonly meta: { readonly resourceType: string } };

describe("searches", () => {
  let running: BridgeOnSimulator;
  /** A user and a group with one name. */
  let ids: { readonly user: string; readonly group: string };

  beforeAll(async () => {
    running = await startBridgeOnSimulator({
      env: { OKTA_ENTITLEMENTS: "on", PUBLIC_URL: "https://bridge.example.com" },
    });
    const user = await running.scim("post", "/Users").send({
      userName: "smith@example.com",
      displayName: "Smith, James",
    });
    const group = await running.scim("post", "/Groups").send({
      displayName: "Smith Family",
      members: [{ value: user.body.id }],
    });
    ids = { user: user.body.id, group: group.body.id };
    running.takeTraffic();
  });
  afterEach(() => expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 }));
  afterAll(() => running.stop());

  const search = (path: string, said: object = {}) =>
    running.scim("post", `${path}/.search`).send({ schemas: [SEARCH_REQUEST], ...said });

  it("finds users and groups at the root, as the example of RFC 7644 §3.4.3", async () => {
    const response = await search("", {
      attributes: ["displayName", "userName"],
      filter: 'displayName sw "smith"',
      startIndex: 1,
      count: 10,
    });
    expect(response.status).toBe(200);
    expect(response.headers["content-type"]).toBe("application/scim+json; charset=utf-8");
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(response.body).toEqual({
      schemas: [LIST_RESPONSE],
      totalResults: 2,
      startIndex: 1,
      itemsPerPage: 2,
      Resources: [
        {
          schemas: expect.any(Array),
          id: ids.user,
          userName: "smith@example.com",
          displayName: "Smith, James",
        },
        { schemas: expect.any(Array), id: ids.group, displayName: "Smith Family" },
      ],
    });
  });

  it.each([
    ["/Users", ["User"]],
    ["/Groups", ["Group"]],
    ["/AccountTypes", ["AccountType"]],
    ["/AccountServices", ["AccountService"]],
    ["", ["User", "Group", "AccountType", "AccountService"]],
  ])("of %s/.search say what its GET says", async (path, resourceTypes) => {
    const posted = await search(path, { sortBy: "displayName", count: 1000 });
    const got = await running.scim("get", path).query({ sortBy: "displayName", count: "1000" });
    expect(got.status).toBe(200);
    expect(posted.body).toEqual(got.body);
    const found = new Set(got.body.Resources.map(({ meta }: Resource) => meta.resourceType));
    expect(found).toEqual(new Set(resourceTypes));
  });

  it("list the root with and without a slash at its end", async () => {
    const filter = 'meta.resourceType eq "Group"';
    for (const path of ["", "/"]) {
      const { status, body } = await running.scim("get", path).query({ filter });
      expect(status).toBe(200);
      expect(body.Resources.map(({ id }: Resource) => id)).toEqual([ids.group]);
    }
  });

  it("go through all pages by the same cursor in a GET and in a POST", async () => {
    const all = (await running.scim("get", "").query({ count: "1000" })).body;
    const found: string[] = [];
    let { body } = await running.scim("get", "?cursor&count=7");
    for (let page = 0; ; page++) {
      expect(body).not.toHaveProperty("startIndex");
      expect(body.totalResults).toBe(all.totalResults);
      found.push(...body.Resources.map(({ id }: Resource) => id));
      const { nextCursor: cursor } = body;
      if (cursor === undefined) break;
      expect(body.itemsPerPage).toBe(7);
      const next =
        page % 2 === 0 ? search("", { cursor, count: 7 }) : running.scim("get", `?cursor=${cursor}&count=7`);
      ({ body } = await next);
    }
    expect(found).toEqual(all.Resources.map(({ id }: Resource) => id));
  });

  it("begin a run with ?cursor and with ?cursor= alike, and page by index without", async () => {
    const [bare, empty, none] = [
      (await running.scim("get", "/Users?cursor&count=2")).body,
      (await running.scim("get", "/Users?cursor=&count=2")).body,
      (await running.scim("get", "/Users?count=2")).body,
    ];
    expect(bare.nextCursor).toMatch(/^[\w.~-]+$/);
    expect(empty.Resources).toEqual(bare.Resources);
    expect(empty.nextCursor).toMatch(/^[\w.~-]+$/);
    expect(none).not.toHaveProperty("nextCursor");
    expect(none.startIndex).toBe(1);
  });

  it("refuse a cursor that is none, or another list's, and a count that is none", async () => {
    const { nextCursor } = (await running.scim("get", "/Users?cursor&count=1")).body;
    expect(nextCursor).toBeDefined();
    expectScimError(await running.scim("get", "/Users?cursor=x"), 400, "invalidCursor");
    expectScimError(await running.scim("get", `/Groups?cursor=${nextCursor}`), 400, "invalidCursor");
    expectScimError(await search("/Users", { cursor: nextCursor, sortBy: "id" }), 400, "invalidCursor");
    expectScimError(await running.scim("get", "/Users?cursor&count=0"), 400, "invalidCount");
    expectScimError(await running.scim("get", "/Users?cursor&cursor"), 400, "invalidCursor");
  });

  it("have a limit and an answer for each mistake", async () => {
    expectScimError(await search("/Users", { filter: "title" }), 400, "invalidFilter");
    expectScimError(await search("/Users", { filter: "members pr" }), 400, "invalidFilter");
    expectScimError(await search("/Users", { sortBy: 7 }), 400, "invalidValue");
    expectScimError(await running.scim("post", "/.search").send([]), 400, "invalidSyntax");
    expectScimError(await search("", { schemas: ["urn:x"] }), 400, "invalidSyntax");
    expectScimError(await search("", { filter: `title eq "${"x".repeat(65_536)}"` }), 413);
  });

  it("take JSON of either kind, and no other body: 415", async () => {
    for (const type of [SCIM_JSON, "application/json", "application/json; charset=utf-8"]) {
      const request = running.scim("post", "/Users/.search").set("Content-Type", type);
      const { status } = await request.send(JSON.stringify({ count: 1 }));
      expect(status).toBe(200);
    }
    const form = running.scim("post", "/Users/.search").set("Content-Type", "text/plain");
    expectScimError(await form.send("count=1"), 415);
  });

  it("need the token", async () => {
    const agent = supertest(running.bridge.app);
    expectScimError(await agent.post("/scim/v2/.search").send({}), 401);
    expectScimError(await agent.post("/scim/v2/Groups/.search").send({}), 401);
    expectScimError(await agent.get("/scim/v2"), 401);
  });

  it("are all that can be done there: 405 with what can", async () => {
    for (const path of ["/.search", "/Users/.search", "/Groups/.search", "/AccountServices/.search"]) {
      for (const method of ["get", "put", "patch", "delete"] as const) {
        const response = await running.scim(method, path);
        expectScimError(response, 405);
        expect(response.headers.allow).toBe("POST, OPTIONS");
      }
    }
    for (const method of ["post", "put", "patch", "delete"] as const) {
      const response = await running.scim(method, "/");
      expectScimError(response, 405);
      expect(response.headers.allow).toBe("GET, HEAD, OPTIONS");
    }
    const head = await supertest(running.bridge.app)
      .head("/scim/v2/")
      .set("Authorization", `Bearer ${TOKEN}`);
    expect(head.status).toBe(200);
  });
});
