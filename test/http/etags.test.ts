import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import type { Store } from "../../src/storage/store.js";
import { type BridgeOnSimulator, startBridgeOnSimulator, TOKEN } from "../support/bridge-on-simulator.js";
import { type InterruptedStore, interrupted } from "../support/interrupted-store.js";
import { expectScimError } from "./scim-error.js";

const SUSPEND = { Operations: [{ op: "replace", path: "active", value: false }] };
const ANOTHER = 'W/"another"';

/** `W/"a"` as a strong tag, and without anything around it. */
const strong = (version: string) => version.replace(/^W\//, "");
const bare = (version: string) => strong(version).replaceAll('"', "");

describe("RFC 7644 §3.14: versions", () => {
  let running: BridgeOnSimulator;
  let store: Store & InterruptedStore;
  let user: { readonly path: string; readonly sid: string; readonly version: string };
  let group: { readonly path: string; readonly version: string };

  beforeEach(async () => {
    running = await startBridgeOnSimulator({
      env: { PUBLIC_URL: "https://bridge.example.com" },
      parts: {
        async openStore({ databaseUrl: url }, log) {
          const opened = interrupted(await openSqliteStore({ url, log }));
          store = opened;
          return opened;
        },
      },
    });
    const made = await running.scim("post", "/Users").send({ userName: "ada@example.com", title: "Dr" });
    user = { path: `/Users/${made.body.id}`, sid: made.body.id, version: made.body.meta.version };
    const grouped = await running.scim("post", "/Groups").send({ displayName: "Tour Guides" });
    group = { path: `/Groups/${grouped.body.id}`, version: grouped.body.meta.version };
    running.takeTraffic();
  });
  afterEach(() => running.stop());

  const resources = () => [user, group];
  const audits = () => running.logged.filter(({ msg }) => msg === "audit");

  /** What Twilio and the directory hold. */
  async function everything() {
    const { body } = await running.scim("get", "/?count=1000");
    return { scim: body, twilio: running.simulator.world.accounts.list() };
  }

  /** Every way to write to the user and to the group. */
  const writes = (): { send: () => supertest.Test; what: string }[] => [
    { what: "PUT a user", send: () => running.scim("put", user.path).send({ userName: "bob@example.com" }) },
    { what: "PATCH a user", send: () => running.scim("patch", user.path).send(SUSPEND) },
    { what: "DELETE a user", send: () => running.scim("delete", user.path) },
    { what: "PUT a group", send: () => running.scim("put", group.path).send({ displayName: "Hikers" }) },
    {
      what: "PATCH a group",
      send: () =>
        running.scim("patch", group.path).send({
          Operations: [{ op: "add", path: "members", value: [{ value: user.sid }] }],
        }),
    },
    { what: "DELETE a group", send: () => running.scim("delete", group.path) },
  ];

  it("are in the ETag of every answer with a resource, as in its meta", async () => {
    const answers = [
      await running.scim("post", "/Users").send({ userName: "bob@example.com" }),
      await running.scim("get", user.path),
      await running.scim("put", user.path).send({ userName: "ada@example.com", title: "Prof" }),
      await running.scim("patch", user.path).send(SUSPEND),
      await running.scim("post", "/Groups").send({ displayName: "Hikers" }),
      await running.scim("get", group.path),
      await running.scim("put", group.path).send({ displayName: "Guides" }),
      await running
        .scim("patch", `${group.path}?attributes=displayName,meta`)
        .send({ Operations: [{ op: "replace", path: "displayName", value: "Guides again" }] }),
    ];
    for (const { headers, body } of answers) {
      expect(headers.etag).toMatch(/^W\/"[^"]+"$/);
      expect(headers.etag).toBe(body.meta.version);
    }
  });

  it("are none of a list, so that no condition leaves it out", async () => {
    for (const condition of ["*", user.version]) {
      for (const path of ["/Users", "/Groups", "/", "/Schemas"]) {
        const { status, headers } = await running.scim("get", path).set("If-None-Match", condition);
        expect([status, headers.etag]).toEqual([200, undefined]);
      }
    }
  });

  it("are in the ETag of an answer that shows no version, or nothing at all", async () => {
    const shown = await running.scim("get", `${user.path}?attributes=userName`);
    expect(shown.body).not.toHaveProperty("meta");
    expect(shown.headers.etag).toBe(user.version);
    const patched = await running
      .scim("patch", group.path)
      .send({ Operations: [{ op: "replace", path: "displayName", value: "Guides" }] });
    expect(patched.status).toBe(204);
    const { body } = await running.scim("get", group.path);
    expect(patched.headers.etag).toBe(body.meta.version);
    expect(patched.headers.etag).not.toBe(group.version);
  });

  it("stay while nothing changes, and move with every change", async () => {
    const seen = new Set([user.version]);
    expect((await running.scim("get", user.path)).headers.etag).toBe(user.version);
    const same = await running.scim("patch", user.path).send({
      Operations: [{ op: "replace", path: "title", value: "Dr" }],
    });
    expect(same.headers.etag).toBe(user.version);
    seen.add((await running.scim("patch", user.path).send(SUSPEND)).headers.etag ?? "");
    const put = await running.scim("put", user.path).send({ userName: "ada@example.com" });
    seen.add(put.headers.etag ?? "");
    await running.scim("patch", group.path).send({
      Operations: [{ op: "add", path: "members", value: [{ value: user.sid }] }],
    });
    seen.add((await running.scim("get", user.path)).headers.etag ?? "");
    expect(seen.size).toBe(4);
  });

  it("are not in lists, which know no conditions", async () => {
    for (const path of ["/Users", "/Groups", "/"]) {
      const response = await running
        .scim("get", path)
        .set({ "If-None-Match": user.version, "If-Match": ANOTHER });
      expect(response.status).toBe(200);
      expect(response.headers).not.toHaveProperty("etag");
    }
    const searched = await running.scim("post", "/.search").set("If-None-Match", "*").send({});
    expect(searched.status).toBe(200);
  });

  it("make a GET and a HEAD 304 for a client that has this version already", async () => {
    for (const { path, version } of resources()) {
      const headers = [version, strong(version), bare(version), "*", `${ANOTHER}, ${version}`];
      for (const header of headers) {
        for (const method of ["get", "head"] as const) {
          const response = await supertest(running.bridge.app)
            [method](`/scim/v2${path}`)
            .set({ Authorization: `Bearer ${TOKEN}`, "If-None-Match": header });
          expect([method, header, response.status]).toEqual([method, header, 304]);
          expect(response.headers.etag).toBe(version);
          expect(response.text ?? "").toBe("");
          expect(response.headers).not.toHaveProperty("content-type");
        }
      }
    }
  });

  it("leave a GET and a HEAD as they are for a client that has another version", async () => {
    for (const { path, version } of resources()) {
      const plain = await running.scim("get", path);
      for (const header of [ANOTHER, bare(ANOTHER), "", bare(version).slice(1)]) {
        const response = await running.scim("get", path).set("If-None-Match", header);
        expect([response.status, response.body]).toEqual([200, plain.body]);
        const head = await supertest(running.bridge.app)
          .head(`/scim/v2${path}`)
          .set({ Authorization: `Bearer ${TOKEN}`, "If-None-Match": header });
        expect([head.status, head.headers.etag]).toEqual([200, version]);
      }
    }
  });

  it("are 404 and no 304 where there is nothing", async () => {
    for (const path of [`/Users/AC${"0".repeat(32)}`, "/Groups/2819c223-7f76-453a-919d-413861904646"]) {
      expectScimError(await running.scim("get", path).set("If-None-Match", "*"), 404);
    }
  });

  it.each(["If-Match", "If-None-Match"])("make every write 412 by %s, and nothing is done", async (name) => {
    const before = await everything();
    const audited = audits().length;
    store.calls.length = 0;
    for (const { send, what } of writes()) {
      const version = what.endsWith("user") ? user.version : group.version;
      const conditions = name === "If-Match" ? [ANOTHER, bare(ANOTHER), ""] : [version, strong(version), "*"];
      for (const condition of conditions) {
        const response = await send().set(name, condition);
        expect([what, condition, response.status]).toEqual([what, condition, 412]);
        expectScimError(response, 412);
        expect(response.headers).not.toHaveProperty("etag");
      }
    }
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
    expect(await everything()).toEqual(before);
    expect(store.calls).toEqual([]);
    expect(audits()).toHaveLength(audited);
  });

  it.each<[string, (version: string) => string]>([
    ["the version", (version) => version],
    ["its strong form", strong],
    ["its bare form", bare],
    ["*", () => "*"],
    ["one of several", (version) => `${ANOTHER}, ${version}`],
  ])("let every write pass by %s in If-Match", async (_form, condition) => {
    const current = async (path: string) => (await running.scim("get", path)).headers.etag ?? "";
    for (const { send, what } of writes()) {
      const path = what.endsWith("user") ? user.path : group.path;
      if (what === "DELETE a user") continue;
      const response = await send().set("If-Match", condition(await current(path)));
      expect([what, response.ok]).toEqual([what, true]);
    }
    const closed = await running
      .scim("delete", user.path)
      .set("If-Match", condition(await current(user.path)));
    expect(closed.status).toBe(204);
    expect(running.simulator.world.accounts.get(user.sid).status).toBe("closed");
  });

  it("let one of two writes at the same time pass, and the other is 412", async () => {
    for (const { path, version } of resources()) {
      const body = (name: string) =>
        path === user.path ? { userName: "ada@example.com", title: name } : { displayName: name };
      const answers = await Promise.all(
        ["one", "two"].map((name) => running.scim("put", path).set("If-Match", version).send(body(name))),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
      const done = answers.find(({ status }) => status === 200);
      expect((await running.scim("get", path)).body).toEqual(done?.body);
    }
  });

  it("tell of a change in Twilio's console, so that nobody overwrites it unseen", async () => {
    running.simulator.world.accounts.edit(user.sid, { friendlyName: "In the console" });
    await running.bridge.sync.pass();
    running.takeTraffic();
    const put = await running
      .scim("put", user.path)
      .set("If-Match", user.version)
      .send({ userName: "ada@example.com", displayName: "Mine" });
    expectScimError(put, 412);
    expect(running.takeTraffic()).toEqual({ reads: 0, writes: 0 });
  });

  it("say nothing about a creation", async () => {
    for (const name of ["If-Match", "If-None-Match"]) {
      const created = await running
        .scim("post", "/Users")
        .set(name, "*")
        .send({ userName: `${name}@example.com` });
      expect(created.status).toBe(201);
    }
  });
});
