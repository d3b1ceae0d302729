import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import {
  type BridgeOnSimulator,
  type BridgeOnSimulatorOptions,
  startBridgeOnSimulator,
} from "../support/bridge-on-simulator.js";
import { type InterruptedStore, interrupted } from "../support/interrupted-store.js";
import { fails } from "../support/interruptions.js";
import { expectScimError } from "./scim-error.js";

const GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group";
const UNKNOWN = "/Groups/2819c223-7f76-453a-919d-413861904646";
const BASE_URL = "https://bridge.example.com/scim/v2";
const MIB = 1024 * 1024;

const patch = (...Operations: object[]) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations,
});
const values = (ids: readonly string[]) => ids.map((value) => ({ value }));

let simulator: Simulator;
let running: BridgeOnSimulator;
/** Active subaccounts. */
let ada: string;
let bob: string;

async function start(options: BridgeOnSimulatorOptions = {}): Promise<BridgeOnSimulator> {
  const env = { PUBLIC_URL: "https://bridge.example.com", ...options.env };
  return startBridgeOnSimulator({ ...options, running: simulator, env });
}

beforeEach(async () => {
  simulator = await startSimulator({ accounts: 10 });
  const active = simulator.world.accounts
    .list()
    .filter(({ isOwner, status }) => !isOwner && status === "active");
  [ada = "", bob = ""] = active.map(({ sid }) => sid);
});
afterEach(() => simulator.close());

async function create(body: object = {}) {
  const response = await running
    .scim("post", "/Groups")
    .send({ schemas: [GROUP_SCHEMA], displayName: "Tour Guides", ...body });
  expect(response.status).toBe(201);
  return response;
}

const read = async (id: string) => (await running.scim("get", `/Groups/${id}`)).body;
const memberIds = async (id: string) =>
  ((await read(id)).members ?? []).map(({ value }: { value: string }) => value);
const user = async (id: string) => (await running.scim("get", `/Users/${id}`)).body;
const groupsOf = async (id: string) => (await user(id)).groups;
const everyGroup = async () => (await running.scim("get", "/Groups?count=1000")).body;

describe("groups over HTTP", () => {
  beforeEach(async () => {
    running = await start();
    simulator.world.traffic.reset();
  });
  afterEach(() => running.stop());

  /** Twilio knows nothing of groups, so nothing about them is a reason to ask it. */
  const expectNothingAsked = () => expect(simulator.world.traffic.report().routes).toEqual({});

  it("creates one: 201 with its location and version, as it is read from then on", async () => {
    const response = await create({ externalId: "701984", members: values([ada, bob]) });
    const { body, headers } = response;
    expect(body).toMatchObject({
      schemas: [GROUP_SCHEMA],
      displayName: "Tour Guides",
      externalId: "701984",
      meta: { resourceType: "Group", location: `${BASE_URL}/Groups/${body.id}` },
    });
    for (const sid of [ada, bob]) {
      expect(body.members).toContainEqual({
        value: sid,
        $ref: `${BASE_URL}/Users/${sid}`,
        type: "User",
      });
    }
    expect(body.members).toHaveLength(2);
    expect(headers.location).toBe(body.meta.location);
    expect(headers.etag).toBe(body.meta.version);
    expect(headers["content-type"]).toMatch(/^application\/scim\+json(;|$)/);

    const again = await running.scim("get", `/Groups/${body.id}`);
    expect([again.status, again.body, again.headers.etag]).toEqual([200, body, headers.etag]);
    expect((await everyGroup()).Resources).toEqual([body]);
    expect(await groupsOf(ada)).toEqual([
      { value: body.id, $ref: body.meta.location, display: "Tour Guides", type: "direct" },
    ]);
    expectNothingAsked();
  });

  it("replaces one: 200 with what it is then, and its new version", async () => {
    const created = await create({ externalId: "701984", members: values([ada]) });
    const { id } = created.body;
    const response = await running
      .scim("put", `/Groups/${id}`)
      .send({ ...created.body, displayName: "Guides", externalId: null, members: values([bob]) });
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ id, displayName: "Guides", members: [{ value: bob }] });
    expect(response.body).not.toHaveProperty("externalId");
    expect(response.headers.etag).toBe(response.body.meta.version);
    expect(response.headers.etag).not.toBe(created.headers.etag);
    expect(await read(id)).toEqual(response.body);
    expect(await groupsOf(ada)).toBeUndefined();
    expectNothingAsked();
  });

  it("patches one: 204 with the version and nothing else, or 200 with what is asked for", async () => {
    const { id } = (await create({ members: values([ada]) })).body;
    const add = patch({ op: "Add", path: "members", value: [{ $ref: null, value: bob }] });
    const added = await running.scim("patch", `/Groups/${id}`).send(add);
    expect([added.status, added.text, added.headers["content-type"]]).toEqual([204, "", undefined]);
    expect(added.headers.etag).toBe((await read(id)).meta.version);
    expect(new Set(await memberIds(id))).toEqual(new Set([ada, bob]));

    const rename = patch({ op: "replace", value: { id, displayName: "Guides" } });
    const renamed = await running.scim("patch", `/Groups/${id}?attributes=displayName`).send(rename);
    expect(renamed.status).toBe(200);
    expect(renamed.body).toEqual({ schemas: [GROUP_SCHEMA], id, displayName: "Guides" });

    const remove = patch({ op: "remove", path: `members[value eq "${ada}"]` });
    await running.scim("patch", `/Groups/${id}`).send(remove).expect(204);
    expect(await memberIds(id)).toEqual([bob]);
    expectNothingAsked();
  });

  it("deletes one: 204, then 404 for everything, and its name is free", async () => {
    const { id } = (await create({ members: values([ada]) })).body;
    await running.scim("delete", `/Groups/${id}`).expect(204);
    expectScimError(await running.scim("get", `/Groups/${id}`), 404);
    expectScimError(await running.scim("delete", `/Groups/${id}`), 404);
    expect(await groupsOf(ada)).toBeUndefined();
    await create();
    expectNothingAsked();
  });

  it("answers 404 for a group that there is not", async () => {
    expectScimError(await running.scim("get", UNKNOWN), 404);
    expectScimError(await running.scim("put", UNKNOWN).send({ displayName: "x" }), 404);
    expectScimError(await running.scim("patch", UNKNOWN).send(patch({ op: "remove", path: "members" })), 404);
    expectScimError(await running.scim("delete", UNKNOWN), 404);
    expectScimError(await running.scim("get", `/Groups/${ada}`), 404);
    expectNothingAsked();
  });

  it("answers 409 uniqueness for a displayName that is taken, in any case", async () => {
    await create();
    const other = await create({ displayName: "Pilots", members: values([ada]) });
    const address = `/Groups/${other.body.id}`;
    const taken = { displayName: "TOUR guides" };
    const rename = patch({ op: "Replace", path: "displayName", value: "tour guides" });
    const before = await everyGroup();
    expectScimError(await running.scim("post", "/Groups").send(taken), 409, "uniqueness");
    expectScimError(await running.scim("put", address).send(taken), 409, "uniqueness");
    expectScimError(await running.scim("patch", address).send(rename), 409, "uniqueness");
    expect(await everyGroup()).toEqual(before);
    await running.scim("put", address).send({ displayName: "PILOTS" }).expect(200);
  });

  it("makes one group and one 409 of two creations of one name at the same time", async () => {
    const responses = await Promise.all(
      ["twins", "TWINS"].map((displayName) => running.scim("post", "/Groups").send({ displayName })),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([201, 409]);
    expect((await everyGroup()).totalResults).toBe(1);
  });

  it("answers the way Entra ID asks: by name without members, which it then adds and removes", async () => {
    const query = { excludedAttributes: "members", filter: 'displayName eq "Tour Guides"' };
    const none = await running.scim("get", "/Groups").query(query);
    expect([none.status, none.body.totalResults]).toEqual([200, 0]);
    const { id } = (
      await create({
        schemas: [GROUP_SCHEMA, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        externalId: "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
        meta: { resourceType: "Group" },
      })
    ).body;
    const change = async (op: string, ids: string[]) =>
      running
        .scim("patch", `/Groups/${id}`)
        .send(patch({ op, path: "members", value: ids.map((value) => ({ $ref: null, value })) }))
        .expect(204);
    await change("Add", [ada, bob]);
    const found = await running.scim("get", "/Groups").query(query);
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id, displayName: "Tour Guides" }] });
    expect(found.body.Resources[0]).not.toHaveProperty("members");
    await change("Remove", [ada]);
    expect(await memberIds(id)).toEqual([bob]);
    expectNothingAsked();
  });

  it("passes over members who are not known, without asking Twilio for them", async () => {
    const strangers = [`AC${"0".repeat(32)}`, "nobody"];
    const { id } = (await create({ members: values([...strangers, ada]) })).body;
    expect(await memberIds(id)).toEqual([ada]);
    await running
      .scim("patch", `/Groups/${id}`)
      .send(patch({ op: "add", path: "members", value: values([...strangers, bob]) }))
      .expect(204);
    expect(new Set(await memberIds(id))).toEqual(new Set([ada, bob]));
    expectNothingAsked();
  });

  it("heeds versions: 304 for a read that brings nothing new, 412 for a write on an old one", async () => {
    const created = await create({ members: values([ada]) });
    const { etag } = created.headers;
    const address = `/Groups/${created.body.id}`;
    for (const tag of [etag ?? "", (etag ?? "").replace(/^W\/|"/g, "")]) {
      const same = await running.scim("get", address).set("If-None-Match", tag);
      expect([same.status, same.text, same.headers.etag]).toEqual([304, "", etag]);
    }
    const rename = patch({ op: "replace", path: "displayName", value: "Guides" });
    const renamed = await running
      .scim("patch", address)
      .set("If-Match", etag ?? "")
      .send(rename);
    expect(renamed.status).toBe(204);
    expect((await running.scim("get", address).set("If-None-Match", etag ?? "")).status).toBe(200);
    expectScimError(
      await running
        .scim("patch", address)
        .set("If-Match", etag ?? "")
        .send(rename),
      412,
    );
    expectScimError(
      await running
        .scim("put", address)
        .set("If-Match", etag ?? "")
        .send({ displayName: "x" }),
      412,
    );
    expectScimError(await running.scim("delete", address).set("If-Match", etag ?? ""), 412);
    await running
      .scim("delete", address)
      .set("If-Match", renamed.headers.etag ?? "")
      .expect(204);
  });

  it("keeps a suspended member, and lets one that is closed by DELETE go", async () => {
    const { id, meta } = (await create({ members: values([ada, bob]) })).body;
    await running.scim("patch", `/Users/${bob}`).send(patch({ op: "replace", value: { active: false } }));
    expect(new Set(await memberIds(id))).toEqual(new Set([ada, bob]));
    await running.scim("delete", `/Users/${ada}`).expect(204);
    const after = await read(id);
    expect(after.members).toMatchObject([{ value: bob }]);
    expect(after.meta.version).not.toBe(meta.version);
    const found = await running.scim("get", "/Groups").query({ filter: `members.value eq "${ada}"` });
    expect(found.body.totalResults).toBe(0);
    const add = patch({ op: "add", path: "members", value: values([ada]) });
    await running.scim("patch", `/Groups/${id}`).send(add).expect(204);
    expect(await memberIds(id)).toEqual([bob]);
  });

  it("lets a member go that is closed in Twilio's console, with the next sync", async () => {
    const { id } = (await create({ members: values([ada, bob]) })).body;
    simulator.world.accounts.close(ada);
    await running.bridge.sync.pass();
    expect(await memberIds(id)).toEqual([bob]);
  });

  it("takes twenty thousand members in one body, of whom those who are known enter", async () => {
    const sids = Array.from({ length: 20_000 }, (_, number) => `AC${number.toString(16).padStart(32, "0")}`);
    const members = [...sids, ada, bob].map((value) => ({
      value,
      $ref: `${BASE_URL}/Users/${value}`,
      type: "User",
      display: "somebody.with.a.long.name@example.com",
    }));
    const body = { displayName: "Everyone", members };
    expect(JSON.stringify(body).length).toBeGreaterThan(3 * MIB);
    const { id } = (await create(body)).body;
    expect(new Set(await memberIds(id))).toEqual(new Set([ada, bob]));
    for (const operation of [
      { op: "remove", path: "members", value: members },
      { op: "add", path: "members", value: members },
      { op: "replace", value: { displayName: "Everyone else", members } },
    ]) {
      await running.scim("patch", `/Groups/${id}`).send(patch(operation)).expect(204);
    }
    await running.scim("put", `/Groups/${id}`).send(body).expect(200);
    expect(new Set(await memberIds(id))).toEqual(new Set([ada, bob]));
    expectNothingAsked();
  });

  it("answers 413 for a body of more than 8 MiB, and does nothing", async () => {
    const { id } = (await create({ members: values([ada]) })).body;
    const before = await everyGroup();
    const display = "x".repeat(8 * MIB);
    const body = { displayName: "New", members: [{ value: bob, display }] };
    const add = patch({ op: "add", path: "members", value: body.members });
    expectScimError(await running.scim("post", "/Groups").send(body), 413);
    expectScimError(await running.scim("put", `/Groups/${id}`).send(body), 413);
    expectScimError(await running.scim("patch", `/Groups/${id}`).send(add), 413);
    expect(await everyGroup()).toEqual(before);
  });
});

describe("groups in the database", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "groups-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("survive a restart, with their versions and with who was closed meanwhile gone", async () => {
    const env = { DATABASE_URL: `file:${join(folder, "bridge.db")}` };
    running = await start({ env });
    const { id } = (await create({ externalId: "701984", members: values([ada]) })).body;
    await create({ displayName: "Pilots", members: values([ada, bob]) });
    await running
      .scim("patch", `/Groups/${id}`)
      .send(
        patch(
          { op: "replace", path: "displayName", value: "Guides" },
          { op: "add", path: "members", value: values([bob]) },
          { op: "remove", path: `members[value eq "${ada}"]` },
        ),
      )
      .expect(204);
    const gone = await create({ displayName: "Gone" });
    await running.scim("delete", `/Groups/${gone.body.id}`).expect(204);
    const before = await everyGroup();
    const users = (await running.scim("get", "/Users?count=1000")).body;
    expect(before.totalResults).toBe(2);
    await running.stop();

    running = await start({ env });
    expect(inOrder(await everyGroup())).toEqual(inOrder(before));
    expect((await running.scim("get", "/Users?count=1000")).body).toEqual(users);
    expectScimError(await running.scim("post", "/Groups").send({ displayName: "GUIDES" }), 409, "uniqueness");
    await running.stop();

    simulator.world.accounts.close(bob);
    running = await start({ env });
    expect(await memberIds(id)).toEqual([]);
    await running.stop();
  });

  it("are not what a write says that could not be saved: 503, and nothing has changed", async () => {
    const stores: InterruptedStore[] = [];
    running = await start({
      parts: {
        async openStore({ databaseUrl }, log) {
          const store = interrupted(await openSqliteStore({ url: databaseUrl, log }));
          stores.push(store);
          return store;
        },
      },
    });
    const [store] = stores;
    const { id } = (await create({ members: values([ada]) })).body;
    const before = [await everyGroup(), await groupsOf(ada), await groupsOf(bob)];
    const add = patch({ op: "add", path: "members", value: values([bob]) });
    store?.interrupt("saveGroup", ...Array.from({ length: 3 }, () => fails("storageUnavailable")));
    store?.interrupt("deleteGroup", fails("storageUnavailable"));
    for (const refused of [
      await running.scim("post", "/Groups").send({ displayName: "New" }),
      await running.scim("put", `/Groups/${id}`).send({ displayName: "New" }),
      await running.scim("patch", `/Groups/${id}`).send(add),
      await running.scim("delete", `/Groups/${id}`),
    ]) {
      expectScimError(refused, 503);
      expect(refused.headers["retry-after"]).toMatch(/^\d+$/);
    }
    expect([await everyGroup(), await groupsOf(ada), await groupsOf(bob)]).toEqual(before);

    await running.scim("patch", `/Groups/${id}`).send(add).expect(204);
    expect(new Set(await memberIds(id))).toEqual(new Set([ada, bob]));
    await running.stop();
  });
});

/** A list of groups without the order of their members, which means nothing. */
function inOrder(list: { Resources: { members?: { value: string }[] }[] }) {
  const Resources = list.Resources.map(({ members = [], ...others }) => ({
    ...others,
    members: members.toSorted((a, b) => (a.value < b.value ? -1 : 1)),
  }));
  return { ...list, Resources };
}
