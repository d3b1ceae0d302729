import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { AskedEntry, AuditEntry } from "../../src/lifecycle/audit.js";
import type { AuditRow, ChainHead } from "../../src/lifecycle/audit-store.js";
import { type AuditLines, AuditTrail } from "../../src/lifecycle/audit-trail.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { account, sid } from "../support/example-accounts.js";
import { type InterruptedStore, interrupted } from "../support/interrupted-store.js";
import { fails, hold } from "../support/interruptions.js";
import { ManualClock } from "../support/manual-clock.js";
import { RecordedLog } from "../support/recorded-log.js";

const DAY_MS = 86_400_000;
const KEY = Buffer.alloc(32, 1);

const asked: AskedEntry = {
  actor: { name: "okta", scheme: "token", address: "192.0.2.1", requestId: "r-1" },
  actions: ["suspend"],
  accountSid: sid(1),
  from: { status: "active", userName: "ada" },
  to: { status: "suspended" },
};
const done: AuditEntry = { ...asked, outcome: "done", durationMs: 7 };

describe("the audit trail", () => {
  let store: InterruptedStore;
  let clock: ManualClock;
  let trail: AuditTrail;
  let lines: { kind: string; row: ChainHead | undefined }[];
  let log: RecordedLog;

  const recorder: AuditLines = {
    asked: (_entry, row) => void lines.push({ kind: "asked", row }),
    outcome: (_entry, row) => void lines.push({ kind: "outcome", row }),
    head: (row) => void lines.push({ kind: "head", row }),
  };

  function startTrail(): AuditTrail {
    return new AuditTrail({
      store: store.audit,
      key: KEY,
      lines: recorder,
      clock,
      log,
      retentionMs: 400 * DAY_MS,
    });
  }

  /** The oldest first. */
  async function rows(): Promise<AuditRow[]> {
    return (await store.audit.page({ limit: 1000 })).toReversed();
  }

  beforeEach(async () => {
    log = new RecordedLog();
    store = interrupted(await openSqliteStore({ url: ":memory:", log }));
    clock = new ManualClock();
    lines = [];
    trail = startTrail();
  });
  afterEach(async () => {
    await trail.stop();
    await store.close();
  });

  it("keeps what was asked and what became of it as rows that belong together, with all that is known", async () => {
    const number = await trail.ask(asked);
    await clock.advance(7);
    await trail.record(
      { ...done, outcome: "refused", reason: "suspendedByTwilio", twilioCode: 21478 },
      number,
    );
    expect(await rows()).toEqual([
      {
        number: 1,
        kind: "asked",
        time: "2026-01-15T12:00:00.000Z",
        ...asked,
        identity: "ada",
        dryRun: false,
      },
      {
        number: 2,
        kind: "outcome",
        asked: 1,
        time: "2026-01-15T12:00:00.007Z",
        ...asked,
        identity: "ada",
        outcome: "refused",
        reason: "suspendedByTwilio",
        twilioCode: 21478,
        durationMs: 7,
        dryRun: false,
      },
    ]);
    expect(lines).toMatchObject([
      { kind: "asked", row: { number: 1 } },
      { kind: "outcome", row: { number: 2 } },
    ]);
  });

  it("has a row in the database before it says so", async () => {
    const held = hold();
    store.interrupt("appendToAudit", held.beforeEffect);
    const asking = trail.ask(asked);
    await held.arrived;
    expect(lines).toEqual([]);
    held.release();
    await asking;
    expect(lines).toHaveLength(1);
  });

  it("writes rows that are made at the same time in one transaction", async () => {
    await Promise.all(Array.from({ length: 20 }, () => trail.ask(asked)));
    expect(store.calls.filter((call) => call === "appendToAudit")).toHaveLength(1);
    expect((await rows()).map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });

  it("says that what is asked cannot be kept, and keeps that it failed once that works again", async () => {
    store.interrupt("appendToAudit", fails("storageUnavailable"), fails("storageUnavailable"));
    await expect(trail.ask(asked)).rejects.toMatchObject({ code: "storageUnavailable" });
    const failed = trail.record({ ...done, outcome: "failed", reason: "storageUnavailable" }, undefined);
    await expect(failed).rejects.toMatchObject({ code: "storageUnavailable" });
    expect(lines).toEqual([
      { kind: "asked", row: undefined },
      { kind: "outcome", row: undefined },
    ]);
    await trail.ask({ ...asked, accountSid: sid(2) });
    expect(await rows()).toMatchObject([
      { number: 1, kind: "outcome", accountSid: sid(1), reason: "storageUnavailable" },
      { number: 2, kind: "asked", accountSid: sid(2) },
    ]);
  });

  it("keeps an outcome for which there was no database when it stops", async () => {
    const number = await trail.ask(asked);
    store.interrupt("appendToAudit", fails("storageUnavailable"));
    await expect(trail.record(done, number)).rejects.toBeDefined();
    await trail.stop();
    expect(await rows()).toMatchObject([{ kind: "asked" }, { kind: "outcome", asked: 1, outcome: "done" }]);
  });

  it("says at the next start that nobody knows what became of what a crash interrupted, once", async () => {
    await trail.record(done, await trail.ask(asked));
    await trail.ask({ ...asked, actions: ["close"], accountSid: sid(2) });
    for (let start = 0; start < 2; start++) await startTrail().load();
    const [, , , interruptedRow, ...more] = await rows();
    expect(interruptedRow).toMatchObject({
      asked: 3,
      actions: ["close"],
      accountSid: sid(2),
      actor: asked.actor,
      outcome: "unknown",
      reason: "interrupted",
    });
    expect(more).toEqual([]);
  });

  it("cuts rows that are older than they are kept, and goes on from a checkpoint", async () => {
    for (let day = 0; day < 4; day++) {
      await trail.record(done, undefined);
      await clock.advance(DAY_MS);
    }
    const last = await store.audit.head();
    await clock.advance(398 * DAY_MS);
    await trail.cut();
    expect((await rows()).map(({ number }) => number)).toEqual([3, 4]);
    await clock.advance(10 * DAY_MS);
    await trail.cut();
    expect(await rows()).toEqual([]);
    expect(await store.audit.head()).toEqual(last);
    await trail.record(done, undefined);
    expect((await rows()).map(({ number }) => number)).toEqual([5]);
  });

  it("tells the end of the chain at the start and every hour, and cuts every day", async () => {
    await trail.record(done, undefined);
    trail.start();
    await clock.advance(401 * DAY_MS);
    const heads = lines.filter(({ kind }) => kind === "head");
    expect(heads).toHaveLength(401 * 24 + 1);
    expect(heads.every(({ row }) => row?.number === 1)).toBe(true);
    expect(await rows()).toEqual([]);
  });

  describe("of what Twilio tells", () => {
    const before = account(1, { friendlyName: "Ada" });

    it("has a row for what others changed", async () => {
      const seen = (after: typeof before | undefined) => trail.seen({ before, after, userName: "ada" });
      seen({ ...before, status: "suspended" });
      seen({ ...before, friendlyName: "Countess" });
      seen({ ...before, status: "closed", friendlyName: "Gone" });
      seen(undefined);
      await trail.stop();
      const common = { kind: "outcome", actor: { name: "twilio" }, accountSid: sid(1), identity: "ada" };
      expect(await rows()).toMatchObject([
        { ...common, actions: ["suspend"], from: { status: "active" }, to: { status: "suspended" } },
        { ...common, actions: ["rename"], from: { friendlyName: "Ada" }, to: { friendlyName: "Countess" } },
        { ...common, actions: ["close", "rename"] },
        { ...common, actions: ["vanish"] },
      ]);
    });

    it("has none for what the bridge itself is doing, or for nothing that matters", async () => {
      const number = await trail.ask(asked);
      trail.seen({ before, after: { ...before, status: "suspended" }, userName: "ada" });
      await trail.record(done, number);
      trail.seen({ before, after: { ...before, dateUpdated: 0 }, userName: "ada" });
      await trail.stop();
      expect(await rows()).toHaveLength(2);
    });
  });
});
