import { describe, expect, it } from "@jest/globals";
import type { AccountSid } from "../../src/directory/account.js";
import { ActivitySync } from "../../src/directory/activity-sync.js";
import { DirectoryError } from "../../src/directory/errors.js";
import { Core, readyCore, startCore } from "../support/core.js";
import { account, sid } from "../support/example-accounts.js";
import { FakeUsageGateway } from "../support/fake-usage-gateway.js";
import { hold } from "../support/interruptions.js";
import { activityWith } from "./users-of-index.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function startActivity(core: Core, usage = new FakeUsageGateway(core.clock), workers = 4) {
  const { directory, clock, log, slices } = core;
  const options = { directory, clock, log, slices, intervalMs: HOUR_MS, workers };
  const sync = new ActivitySync({ ...options, gateway: usage });
  sync.start();
  return { sync, usage };
}

const activityOf = (core: Core, account: AccountSid) => core.directory.index.get(account)?.activity;
const readingsOf = (usage: FakeUsageGateway, of: AccountSid) =>
  usage.calls.filter(({ sid }) => sid === of).length;
const unavailable = () => new DirectoryError("twilioUnavailable", "Twilio is down.");

describe("the reading of activity", () => {
  it("reads every account at the start, closed ones and the owner included", async () => {
    const core = await readyCore([
      account(1),
      account(2, { status: "suspended" }),
      account(3, { status: "closed" }),
    ]);
    const usage = new FakeUsageGateway(core.clock);
    usage.charge(sid(1), 3);
    const { sync } = startActivity(core, usage);
    await core.clock.rest();
    expect(usage.calls).toHaveLength(4);
    expect(activityOf(core, sid(1))).toMatchObject({
      state: "current",
      usage: { services: [{ service: "sms" }] },
    });
    expect(sync.progress).toMatchObject({ accounts: 4, read: 4, stale: 0 });
    await sync.stop();
  });

  it("waits for the first pass over the accounts", async () => {
    const core = await readyCore([account(1)]);
    const fresh = await startCore({ clock: core.clock, gateway: core.gateway, store: core.store });
    const { sync, usage } = startActivity(fresh);
    expect(usage.calls).toHaveLength(0);
    await core.clock.advance(2_000);
    expect(usage.calls).toHaveLength(2);
    await sync.stop();
  });

  it("reads a busy account every hour, a dormant one less and less often, down to once a day", async () => {
    const core = await readyCore([account(1), account(2), account(3)]);
    const usage = new FakeUsageGateway(core.clock);
    usage.charge(sid(1), 0);
    usage.charge(sid(2), 10);
    usage.charge(sid(3), 300);
    const { sync } = startActivity(core, usage);
    await core.clock.advance(DAY_MS - 2 * MINUTE_MS);
    expect(readingsOf(usage, sid(1))).toBe(24);
    expect(readingsOf(usage, sid(2))).toBe(5);
    expect(readingsOf(usage, sid(3))).toBe(1);
    await core.clock.advance(5 * MINUTE_MS);
    expect(readingsOf(usage, sid(3))).toBe(2);
    await sync.stop();
  });

  it("reads a closed account once more, and then never", async () => {
    const core = await readyCore([account(1)]);
    const { sync, usage } = startActivity(core);
    await core.clock.advance(MINUTE_MS);
    await core.close(sid(1));
    await core.clock.advance(10 * DAY_MS);
    expect(readingsOf(usage, sid(1))).toBe(2);
    await sync.stop();
  });

  it("reads an account at once that is new or renamed, and a minute after it was reactivated", async () => {
    const core = await readyCore([account(1), account(2, { status: "suspended" })]);
    const { sync, usage } = startActivity(core);
    await core.clock.advance(MINUTE_MS);
    usage.calls.length = 0;
    const { account: made } = await core.create({ userName: "new@example.com" });
    core.gateway.edit(sid(1), { friendlyName: "Renamed" });
    await core.reactivate(sid(2));
    await core.sync.pass();
    await core.clock.rest();
    const read = () => new Set(usage.calls.map((call) => call.sid));
    expect(read()).toEqual(new Set([made.sid, sid(1)]));
    await core.clock.advance(MINUTE_MS - 1);
    expect(read()).not.toContain(sid(2));
    await core.clock.advance(1);
    expect(read()).toContain(sid(2));
    await sync.stop();
  });

  it("does not read an account again because it was suspended", async () => {
    const core = await readyCore([account(1)]);
    const { sync, usage } = startActivity(core);
    await core.clock.rest();
    usage.calls.length = 0;
    await core.suspend(sid(1));
    await core.clock.rest();
    expect(usage.calls).toEqual([]);
    await sync.stop();
  });

  it("gives what is known to the next reading", async () => {
    const core = await readyCore([account(1)]);
    const { sync, usage } = startActivity(core);
    await core.clock.rest();
    const known = activityOf(core, sid(1))?.usage;
    await sync.refresh(sid(1));
    expect(usage.calls.at(-1)).toEqual({ sid: sid(1), known, priority: "lookup" });
    await sync.stop();
  });

  it("moves lastModified when what is shown changes, and not when only the time of the reading does", async () => {
    const core = await readyCore([account(1)]);
    const { sync, usage } = startActivity(core);
    await core.clock.rest();
    const before = core.directory.index.get(sid(1));
    await core.clock.advance(MINUTE_MS);
    await sync.refresh(sid(1));
    const again = core.directory.index.get(sid(1));
    expect(again?.activity.asOf).toBe(core.clock.now());
    expect(again?.lastModified).toBe(before?.lastModified);
    usage.charge(sid(1), 0);
    await sync.refresh(sid(1));
    expect(core.directory.index.get(sid(1))?.lastModified).toBe(core.clock.now());
    await sync.stop();
  });
});

describe("an account whose activity cannot be read", () => {
  it("keeps what is known of it as stale, is tried again later and later, and holds up nobody", async () => {
    const core = await readyCore([account(1), account(2)]);
    const usage = new FakeUsageGateway(core.clock);
    usage.charge(sid(1), 1);
    const { sync } = startActivity(core, usage, 1);
    await core.clock.rest();
    usage.fail(sid(1), new DirectoryError("usageRefused", "Suspended.", { twilioCode: 20005 }));
    await core.clock.advance(HOUR_MS + MINUTE_MS);
    expect(activityOf(core, sid(1))).toMatchObject({
      state: "stale",
      usage: { services: [{ service: "sms" }] },
    });
    expect(core.log.lines).toContainEqual(
      expect.objectContaining({
        level: "warn",
        fields: expect.objectContaining({
          accountSid: sid(1),
          err: expect.objectContaining({ twilioCode: 20005 }),
        }),
      }),
    );
    const readings = readingsOf(usage, sid(1));
    await core.clock.advance(35 * MINUTE_MS);
    expect(readingsOf(usage, sid(1))).toBe(readings + 3);
    expect(activityOf(core, sid(2))?.state).toBe("current");
    usage.fail(sid(1), undefined);
    await core.clock.advance(DAY_MS);
    expect(activityOf(core, sid(1))?.state).toBe("current");
    await sync.stop();
  });

  it("does not keep others waiting while its answer does not come", async () => {
    const core = await readyCore([account(1), account(2)]);
    const usage = new FakeUsageGateway(core.clock);
    const release = usage.hold(sid(1));
    const { sync } = startActivity(core, usage, 2);
    await core.clock.rest();
    expect(activityOf(core, sid(2))?.state).toBe("current");
    expect(activityOf(core, sid(1))?.state).toBe("pending");
    release();
    await core.clock.rest();
    expect(activityOf(core, sid(1))?.state).toBe("current");
    await sync.stop();
  });

  it("makes the workers pause when Twilio fails for one account after the other", async () => {
    const accounts = Array.from({ length: 50 }, (_, n) => account(n + 1));
    const core = await readyCore(accounts);
    const usage = new FakeUsageGateway(core.clock);
    for (const { sid } of accounts) usage.fail(sid, unavailable());
    const { sync } = startActivity(core, usage, 1);
    await core.clock.rest();
    expect(usage.calls.length).toBeLessThan(10);
    for (const { sid } of accounts) usage.fail(sid, undefined);
    await core.clock.advance(HOUR_MS);
    expect(sync.progress).toMatchObject({ accounts: 51, read: 51, stale: 0 });
    await sync.stop();
  });
});

describe("credentials that may not read usage", () => {
  it("make activity unavailable for all, which is said once, and nothing is read", async () => {
    const core = await readyCore([account(1), account(2)]);
    const usage = new FakeUsageGateway(core.clock);
    usage.mayRead = false;
    const { sync } = startActivity(core, usage);
    await core.clock.advance(DAY_MS);
    await core.create({ userName: "new@example.com" });
    expect(core.users.map(({ activity }) => activity.state)).toEqual(Array(4).fill("unavailable"));
    expect(core.log.lines.filter(({ message }) => message.includes("unavailable"))).toHaveLength(1);
    expect(usage.calls).toEqual([]);
    expect(sync.progress.state).toBe("unavailable");
    await sync.stop();
  });

  it("are tried again while Twilio cannot tell", async () => {
    const core = await readyCore([account(1)]);
    const usage = new FakeUsageGateway(core.clock);
    usage.mayRead = unavailable();
    const { sync } = startActivity(core, usage);
    await core.clock.advance(MINUTE_MS);
    expect(usage.calls).toEqual([]);
    usage.mayRead = true;
    await core.clock.advance(2 * MINUTE_MS);
    expect(usage.calls).toHaveLength(2);
    await sync.stop();
  });
});

describe("a restart", () => {
  it("goes on from what was saved, and reads only what is due", async () => {
    const core = await readyCore([account(1), account(2)]);
    const usage = new FakeUsageGateway(core.clock);
    usage.charge(sid(1), 0);
    usage.charge(sid(2), 100);
    const { sync } = startActivity(core, usage);
    await core.clock.advance(MINUTE_MS);
    await sync.stop();
    usage.calls.length = 0;

    await core.clock.advance(2 * HOUR_MS);
    const restarted = await startCore({ clock: core.clock, gateway: core.gateway, store: core.store });
    expect(activityOf(restarted, sid(1))).toEqual(activityOf(core, sid(1)));
    const { sync: again } = startActivity(restarted, usage);
    await core.clock.rest();
    expect(usage.calls.map((call) => call.sid)).toEqual([sid(1)]);
    await again.stop();
  });
});

describe("the progress", () => {
  it("is logged every ten seconds until all accounts have been read, with the time left", async () => {
    const core = await readyCore([account(1), account(2), account(3)]);
    const usage = new FakeUsageGateway(core.clock);
    const release = usage.hold(sid(3));
    const { sync } = startActivity(core, usage, 4);
    await core.clock.advance(20_000);
    const lines = () => core.log.lines.filter(({ message }) => message === "reading activity");
    expect(lines().map(({ fields }) => fields)).toEqual([
      { done: 3, total: 4, secondsLeft: 3 },
      { done: 3, total: 4, secondsLeft: 7 },
    ]);
    expect(sync.progress.state).toBe("filling");
    release();
    await core.clock.advance(DAY_MS);
    expect(lines()).toHaveLength(3);
    expect(sync.progress.state).toBe("filled");
    await sync.stop();
  });

  it("is told also while the database is still being read", async () => {
    const before = await readyCore([account(1), account(2)]);
    before.directory.activityLearned(sid(1), activityWith(["sms"], "stale"));
    await before.directory.save();
    const reading = hold();
    before.store.interrupt("details", reading.beforeEffect);
    const core = new Core(before, {});
    await core.directory.load();
    const usage = new FakeUsageGateway(core.clock);
    usage.mayRead = unavailable();
    const { sync } = startActivity(core, usage);
    expect(sync.progress).toEqual({ state: "starting", accounts: 3, read: 0, stale: 0 });
    reading.release();
    await core.directory.whole();
    expect(sync.progress).toMatchObject({ accounts: 3, read: 1, stale: 1 });
    await sync.stop();
  });
});

describe("a reading that somebody asks for", () => {
  it("shares nothing with a reading under way, and waits for it", async () => {
    const core = await readyCore([account(1)]);
    const usage = new FakeUsageGateway(core.clock);
    const release = usage.hold(sid(1));
    const { sync } = startActivity(core, usage);
    await core.clock.rest();
    const refreshed = sync.refresh(sid(1));
    await core.clock.rest();
    expect(readingsOf(usage, sid(1))).toBe(1);
    release();
    expect((await refreshed).state).toBe("current");
    expect(readingsOf(usage, sid(1))).toBe(2);
    await sync.stop();
  });

  it("of an account that there is not is refused, and one that fails says why", async () => {
    const core = await readyCore([account(1)]);
    const { sync, usage } = startActivity(core);
    await expect(sync.refresh(sid(99))).rejects.toMatchObject({ code: "accountNotFound" });
    usage.fail(sid(1), unavailable());
    await expect(sync.refresh(sid(1))).rejects.toMatchObject({ code: "twilioUnavailable" });
    expect(activityOf(core, sid(1))?.state).toBe("stale");
    await sync.stop();
  });
});
