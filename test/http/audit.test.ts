import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import type { AuditRow } from "../../src/lifecycle/audit-store.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { twilioGateways } from "../../src/twilio-gateways.js";
import {
  type BridgeOnSimulator,
  type BridgeOnSimulatorOptions,
  startBridgeOnSimulator,
  TOKEN,
} from "../support/bridge-on-simulator.js";
import { type InterruptedStore, interrupted } from "../support/interrupted-store.js";
import { fails, hold, passes } from "../support/interruptions.js";
import { expectScimError } from "./scim-error.js";

const ADMIN = "the-token-of-the-administrator";

describe("the audit of a bridge", () => {
  let running: BridgeOnSimulator;
  let store: InterruptedStore;
  /** The rows that the database had when Twilio got each request that changes something. */
  let atTwilio: (readonly AuditRow[])[];
  let ada: string;

  const rowsNow = () => store.audit.page({ limit: 1000 });

  async function start(options: BridgeOnSimulatorOptions = {}): Promise<BridgeOnSimulator> {
    return startBridgeOnSimulator({
      ...options,
      env: { ADMIN_TOKEN: ADMIN, PUBLIC_URL: "https://bridge.example.com", ...options.env },
      parts: {
        async openStore({ databaseUrl: url }, log) {
          store = interrupted(await openSqliteStore({ url, log }));
          return store;
        },
        createGateways(config, parts) {
          const { accounts, usage } = twilioGateways(config, parts);
          const noted = async <T>(send: () => Promise<T>) => {
            atTwilio.push(await rowsNow());
            return send();
          };
          return {
            usage,
            accounts: {
              ...accounts,
              create: (...asked) => noted(() => accounts.create(...asked)),
              update: (...asked) => noted(() => accounts.update(...asked)),
            },
          };
        },
      },
    });
  }

  beforeEach(async () => {
    atTwilio = [];
    running = await start();
    const { body } = await running.scim("post", "/Users").send({ userName: "ada@example.com" });
    ada = body.id;
  });
  afterEach(() => running.stop());

  const suspend = (id = ada) =>
    running.scim("patch", `/Users/${id}`).send({ Operations: [{ op: "replace", value: { active: false } }] });

  const admin = (query = "") =>
    supertest(running.bridge.app).get(`/admin/audit${query}`).set("Authorization", `Bearer ${ADMIN}`);

  /** The oldest first. */
  async function rows(query = "?count=1000"): Promise<AuditRow[]> {
    const { body } = await admin(query).expect(200);
    return body.rows.toReversed();
  }

  it("has what is asked for in the database before Twilio gets the request, and the outcome before the answer", async () => {
    await suspend().expect(200);
    await running.scim("delete", `/Users/${ada}`).expect(204);
    expect(atTwilio.map(([newest]) => newest)).toMatchObject([
      { kind: "asked", actions: ["create"] },
      { kind: "asked", actions: ["suspend"], accountSid: ada },
      { kind: "asked", actions: ["close"], accountSid: ada },
    ]);
    const held = hold();
    const bob = (await running.scim("post", "/Users").send({ userName: "bob@example.com" })).body.id;
    store.interrupt("appendToAudit", passes, held.beforeEffect);
    let isAnswered = false;
    const answer = suspend(bob).then(({ status }) => {
      isAnswered = true;
      return status;
    });
    await held.arrived;
    expect(isAnswered).toBe(false);
    expect((await rowsNow())[0]).toMatchObject({ kind: "asked" });
    held.release();
    expect(await answer).toBe(200);
    expect((await rowsNow())[0]).toMatchObject({ kind: "outcome", outcome: "done" });
  });

  it("tells who asked, by which way and from where, of which user", async () => {
    await suspend().set("X-Request-Id", "from-okta-7");
    const [asked, outcome] = (await rows()).slice(-2);
    const common = {
      actor: { name: "SCIM_TOKEN", scheme: "static", requestId: "from-okta-7" },
      accountSid: ada,
      identity: "ada@example.com",
      actions: ["suspend"],
      from: { status: "active" },
      to: { status: "suspended" },
      dryRun: false,
    };
    expect(asked).toMatchObject({ ...common, kind: "asked" });
    expect(outcome).toMatchObject({ ...common, kind: "outcome", asked: asked?.number, outcome: "done" });
    expect(asked?.actor.address).toMatch(/127\.0\.0\.1$|^::1$/);
  });

  it("is also on the standard output, row by row", async () => {
    await suspend();
    const written = running.logged.filter(({ msg }) => msg === "audit" || msg === "audit asked");
    expect(written.map(({ row }) => row)).toEqual(
      (await store.audit.page({ limit: 1000 })).toReversed().map(({ number }) => ({
        number,
        mac: expect.stringMatching(/^[0-9a-f]{64}$/),
      })),
    );
  });

  it("answers 503 where it cannot be kept that something is asked for, and sends nothing", async () => {
    const hiking = await running.scim("post", "/Groups").send({ displayName: "Hiking" }).expect(201);
    running.takeTraffic();
    const group = `/Groups/${hiking.body.id}`;
    const before = await running.scim("get", "/?count=1000");
    for (const send of [
      () => suspend(),
      () => running.scim("put", `/Users/${ada}`).send({ userName: "ada@example.com", title: "Dr" }),
      () => running.scim("delete", `/Users/${ada}`),
      () => running.scim("post", "/Users").send({ userName: "bob@example.com" }),
      () => running.scim("post", "/Groups").send({ displayName: "Rowing" }),
      () => running.scim("put", group).send({ displayName: "Rowing" }),
      () => running.scim("delete", group),
    ]) {
      store.interrupt("appendToAudit", fails("storageUnavailable"));
      const answer = await send();
      expectScimError(answer, 503);
      expect(answer.headers["retry-after"]).toMatch(/^\d+$/);
      store.interruptNothing();
    }
    expect(running.takeTraffic().writes).toBe(0);
    expect((await running.scim("get", "/?count=1000")).body).toEqual(before.body);
  });

  it("answers 503 where the outcome cannot be kept, and keeps it later: the truth is not lost", async () => {
    store.interrupt("appendToAudit", passes, fails("storageUnavailable"));
    expectScimError(await suspend(), 503);
    const { body } = await running.scim("get", `/Users/${ada}`);
    expect(body.active).toBe(false);
    await suspend().expect(200);
    const outcomes = (await rows()).filter(({ kind }) => kind === "outcome").slice(-2);
    expect(outcomes).toMatchObject([{ actions: ["suspend"], outcome: "done" }, { outcome: "unchanged" }]);
  });

  it("tells of what was refused and failed, with Twilio's code", async () => {
    const { world, accountSid: owner } = running.simulator;
    await running.scim("delete", `/Users/${owner}`).expect(403);
    await running.scim("delete", `/Users/AC${"0".repeat(32)}`).expect(404);
    world.settings.set({ subaccountLimit: 0 });
    await running.scim("post", "/Users").send({ userName: "bob@example.com" });
    expect((await rows()).filter(({ kind }) => kind === "outcome").slice(1)).toMatchObject([
      { actions: ["close"], accountSid: owner, outcome: "refused", reason: "accountProtected" },
      { actions: ["close"], outcome: "refused", reason: "accountNotFound" },
      { actions: ["create"], outcome: "refused", reason: "subaccountLimit", twilioCode: 21480 },
    ]);
  });

  it("tells of changes to groups, with the members who enter and leave, each operation of a bulk request too", async () => {
    const { body } = await running
      .scim("post", "/Groups")
      .send({ displayName: "Hiking", members: [{ value: ada }] });
    const path = `/Groups/${body.id}`;
    await running.scim("put", path).send({ displayName: "Rowing" }).expect(200);
    await running.scim("put", path).send({ displayName: "Rowing" }).expect(200);
    await running.scim("post", "/Bulk").send({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
      Operations: [
        {
          method: "PATCH",
          path,
          data: { Operations: [{ op: "add", path: "members", value: [{ value: ada }] }] },
        },
        { method: "DELETE", path },
      ],
    });
    await running.scim("delete", path).expect(404);
    const groupId = body.id;
    expect((await rows()).slice(2)).toMatchObject([
      { kind: "asked", actions: ["createGroup"], to: { displayName: "Hiking", membersAdded: 1 } },
      { kind: "outcome", actions: ["createGroup"], groupId, outcome: "done" },
      { kind: "asked", actions: ["updateGroup"], groupId, from: { displayName: "Hiking" } },
      {
        kind: "outcome",
        to: { displayName: "Rowing", membersAdded: 0, membersRemoved: 1 },
        outcome: "done",
      },
      { kind: "outcome", actions: ["updateGroup"], outcome: "unchanged" },
      { kind: "asked", actions: ["updateGroup"], to: { membersAdded: 1, membersRemoved: 0 } },
      { kind: "outcome", outcome: "done" },
      { kind: "asked", actions: ["deleteGroup"], from: { displayName: "Rowing" }, to: { membersRemoved: 1 } },
      { kind: "outcome", outcome: "done" },
      { kind: "outcome", actions: ["deleteGroup"], outcome: "refused", reason: "groupNotFound" },
    ]);
  });

  it("tells what was done in Twilio's console, but not what the first pass finds", async () => {
    expect((await rows()).filter(({ actor }) => actor.name === "twilio")).toEqual([]);
    running.simulator.world.accounts.suspendByTwilio(ada);
    await running.bridge.sync.pass();
    await running.bridge.sync.pass();
    expect(await rows("?actor=twilio")).toMatchObject([
      { kind: "outcome", actions: ["suspend"], accountSid: ada, identity: "ada@example.com" },
    ]);
  });

  it("is read by administrators, filtered and page by page, the newest first", async () => {
    await suspend();
    await running.scim("delete", `/Users/${ada}`);
    const all = (await rows()).toReversed();
    expect(all.map(({ number }) => number)).toEqual([6, 5, 4, 3, 2, 1]);
    const paged: AuditRow[] = [];
    let cursor = "";
    for (let page = 0; page < 3; page++) {
      const { body } = await admin(`?count=2&cursor=${cursor}`).expect(200);
      paged.push(...body.rows);
      cursor = body.nextCursor;
      // What is written meanwhile is on no later page.
      if (page === 0) await running.scim("post", "/Users").send({ userName: "bob@example.com" });
    }
    expect(paged).toEqual(all);
    expect(cursor).toBeNull();
    expect((await rows("?action=close")).map(({ number }) => number)).toEqual([5, 6]);
    expect(await rows(`?account=${ada}&action=create`)).toMatchObject([{ number: 2 }]);
    expect(await rows("?actor=nobody")).toEqual([]);
    expect(await rows("?since=1h")).toHaveLength(8);
    expect(await rows("?since=2100-01-01")).toEqual([]);
  });

  it("refuses what it cannot read", async () => {
    for (const query of ["since=yesterday", "account=AC1", "action=destroy", "count=0", "count=x"]) {
      expectScimError(await admin(`?${query}`), 400, "invalidValue");
    }
    expectScimError(await admin("?cursor=x"), 400, "invalidCursor");
  });

  it("is not for the identity provider", async () => {
    const { app } = running.bridge;
    await supertest(app).get("/admin/audit").expect(401);
    await supertest(app).get("/admin/audit").set("Authorization", `Bearer ${TOKEN}`).expect(403);
    await supertest(app).delete("/admin/audit").set("Authorization", `Bearer ${ADMIN}`).expect(405);
  });

  it("says at the next start that nobody knows what became of what was under way", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bridge-audit-"));
    const env = { DATABASE_URL: `file:${join(folder, "bridge.db")}` };
    const first = await start({ env });
    const { body } = await first.scim("post", "/Users").send({ userName: "eve@example.com" });
    // From the request to the end of the bridge, nothing but what is asked for gets into the database.
    store.interrupt("appendToAudit", passes, ...Array.from({ length: 9 }, () => fails("storageUnavailable")));
    await first.scim("delete", `/Users/${body.id}`);
    await first.bridge.stop();
    const second = await start({ env, running: first.simulator });
    expect(await store.audit.page({ limit: 2 })).toMatchObject([
      { kind: "outcome", accountSid: body.id, outcome: "unknown", reason: "interrupted" },
      { kind: "asked", accountSid: body.id, actions: ["close"] },
    ]);
    await second.stop();
    await first.simulator.close();
    rmSync(folder, { recursive: true });
  });
});
