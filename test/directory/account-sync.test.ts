import { describe, expect, it } from "@jest/globals";
import type { Account } from "../../src/directory/account.js";
import { readyCore, startCore, surroundings } from "../support/core.js";
import { account, attributes, sid, userNames } from "../support/example-accounts.js";
import { fails, hangs, hold, passes } from "../support/interruptions.js";

const numbered = (count: number) => Array.from({ length: count }, (_, at) => account(at + 1));

describe("a pass", () => {
  it("tells of new, changed and renamed accounts", async () => {
    const core = await readyCore([account(1), account(2)]);
    core.gateway.edit(sid(1), { status: "suspended" });
    core.gateway.edit(sid(2), { friendlyName: "Support" });
    core.gateway.add(account(3));
    await core.sync.pass();
    expect(core.named("Account 1").account.status).toBe("suspended");
    expect(userNames(core.users)).toEqual(["Parent", "Account 1", "Support", "Account 3"]);
  });

  it.each<[string, (a: Account, b: Account) => number]>([
    ["oldest first", (a, b) => a.dateCreated - b.dateCreated],
    ["newest first", (a, b) => b.dateCreated - a.dateCreated],
    ["by SID backwards", (a, b) => (a.sid < b.sid ? 1 : -1)],
  ])("gives names in order of creation over all pages, when Twilio lists %s", async (_order, order) => {
    const dateCreated = account(9).dateCreated;
    const around = await surroundings(
      [
        account(5, { friendlyName: "Sales", dateCreated: dateCreated + 1 }),
        account(4, { friendlyName: "SALES", dateCreated }),
        account(3, { friendlyName: "sales", dateCreated }),
        account(2, { friendlyName: "Sales", dateCreated: dateCreated + 2 }),
      ],
      { pageSize: 2 },
    );
    around.gateway.order = order;
    const core = await startCore(around);
    await core.sync.pass();
    expect(userNames(core.users)).toEqual([
      "Parent",
      "sales",
      `SALES (${sid(4)})`,
      `Sales (${sid(5)})`,
      `Sales (${sid(2)})`,
    ]);
  });

  it("frees the names that accounts gave up before it names the new ones", async () => {
    const core = await readyCore([account(1, { friendlyName: "Sales" })]);
    core.gateway.edit(sid(1), { friendlyName: "Support" });
    core.gateway.add(account(2, { friendlyName: "Sales" }));
    await core.sync.pass();
    expect(core.named("Sales").account.sid).toBe(sid(2));
  });

  it("asked for a page before a suspension: the page does not undo it", async () => {
    const core = await readyCore([account(1)]);
    const held = hold();
    core.gateway.interrupt("page", held.beforeAnswer);
    const pass = core.sync.pass();
    await held.arrived;
    await core.suspend(sid(1));
    held.release();
    await pass;
    expect(core.named("Account 1").account.status).toBe("suspended");
    expect((await startCore(core)).named("Account 1").account.status).toBe("suspended");
  });

  it("asked for a page before a rename: the page does not undo it", async () => {
    const core = await readyCore([account(1)]);
    const held = hold();
    core.gateway.interrupt("page", held.beforeAnswer);
    const pass = core.sync.pass();
    await held.arrived;
    await core.write(sid(1), attributes("ada", { displayName: "Ada" }));
    held.release();
    await pass;
    expect(core.named("ada").attributes.displayName).toBe("Ada");
  });

  it("asked for a page before a closing: the page does not bring the account back", async () => {
    const core = await readyCore([account(1)]);
    const held = hold();
    core.gateway.interrupt("page", held.beforeAnswer);
    const pass = core.sync.pass();
    await held.arrived;
    await core.close(sid(1));
    held.release();
    await pass;
    expect(userNames(core.users)).toEqual(["Parent"]);
  });

  it("asked for its pages before a creation: the account is not missed", async () => {
    const core = await readyCore([account(1)]);
    const held = hold();
    core.gateway.interrupt("page", held.beforeAnswer);
    const pass = core.sync.pass();
    await held.arrived;
    await core.create(attributes("ada"));
    held.release();
    await pass;
    expect(core.named("ada").account.status).toBe("active");
    expect(core.gateway.calls.filter(({ request }) => request === "fetch")).toEqual([]);
  });

  it("that meets a created account before its userName is kept gives the name to nobody else", async () => {
    const core = await readyCore();
    const held = hold();
    core.gateway.interrupt("create", held.beforeAnswer);
    const creating = core.create(attributes("ada"));
    await held.arrived;
    await core.sync.pass();
    held.release();
    const user = await creating;
    expect(core.named("ada")).toBe(user);
    expect(userNames(core.users)).toEqual(["Parent", "ada"]);
  });
});

describe("a pass that fails at a page", () => {
  it("makes nothing vanish, and the status tells until one has succeeded", async () => {
    const around = await surroundings(numbered(5), { pageSize: 2 });
    const core = await startCore(around);
    await core.sync.pass();
    expect(core.sync.status).toMatchObject({ lastCompleteAt: around.clock.now(), lastError: undefined });
    const lastCompleteAt = around.clock.now();
    await around.clock.advance(1000);
    around.gateway.interrupt("page", passes, fails("twilioUnavailable"));
    await core.sync.pass();
    expect(core.users).toHaveLength(6);
    expect(core.sync.status).toMatchObject({ lastCompleteAt, lastError: "twilioUnavailable" });
    expect(core.log.at("error")).toHaveLength(1);
    await core.sync.pass();
    expect(core.sync.status).toMatchObject({ lastCompleteAt: around.clock.now(), lastError: undefined });
  });

  it("leaves the directory unready where it is the first one, and shows no part of it", async () => {
    const around = await surroundings(numbered(5), { pageSize: 2 });
    around.gateway.interrupt("page", passes, passes, fails("credentialsRefused"));
    const core = await startCore(around);
    await core.sync.pass();
    expect(core.directory.isReady).toBe(false);
    expect(core.sync.status).toMatchObject({ lastCompleteAt: undefined, lastError: "credentialsRefused" });
    expect((await startCore(around)).directory.isReady).toBe(false);
  });

  it("has saved what it had learned, so that a name it saw given up can be taken", async () => {
    const around = await surroundings([account(1), account(2, { friendlyName: "Sales" })], { pageSize: 2 });
    const core = await startCore(around);
    await core.sync.pass();
    around.gateway.edit(sid(2), { status: "closed" });
    around.gateway.interrupt("page", passes, fails("twilioUnavailable"));
    await core.sync.pass();
    expect((await core.create(attributes("sales"))).attributes.userName).toBe("sales");
  });
});

describe("a name that the directory knows to be free and the database does not yet", () => {
  it("can be taken by a new user while the pass goes on", async () => {
    const around = await surroundings([account(1), account(2, { friendlyName: "Sales" })], { pageSize: 2 });
    const core = await startCore(around);
    await core.sync.pass();
    around.gateway.edit(sid(2), { status: "closed" });
    const held = hold();
    around.gateway.interrupt("page", passes, held.beforeEffect);
    const pass = core.sync.pass();
    await held.arrived;
    expect((await core.create(attributes("sales"))).attributes.userName).toBe("sales");
    held.release();
    await pass;
    expect(core.sync.status.lastError).toBeUndefined();
  });

  it("can be written to another user while the pass goes on", async () => {
    const around = await surroundings([account(1), account(2, { friendlyName: "Sales" })], { pageSize: 2 });
    const core = await startCore(around);
    await core.sync.pass();
    around.gateway.edit(sid(2), { status: "closed" });
    const held = hold();
    around.gateway.interrupt("page", passes, held.beforeEffect);
    const pass = core.sync.pass();
    await held.arrived;
    expect((await core.write(sid(1), attributes("sales"))).attributes.userName).toBe("sales");
    held.release();
    await pass;
  });

  it("can be taken after a closing that the database could not note", async () => {
    const core = await readyCore([account(2, { friendlyName: "Sales" })]);
    core.store.interrupt("saveAccounts", fails("storageUnavailable"));
    await core.close(sid(2));
    expect((await core.create(attributes("sales"))).attributes.userName).toBe("sales");
  });
});

describe("an account that is missing from a complete pass", () => {
  /** Twilio has the account, but its list does not show it. */
  async function coreWithUnlisted(count = 1) {
    const core = await readyCore(numbered(20));
    const unlisted = numbered(count);
    const listOnce = async () => {
      for (const { sid } of unlisted) core.gateway.hide(sid);
      await core.sync.pass();
    };
    return { core, listOnce };
  }

  it("is fetched, and stays with what that told", async () => {
    const { core, listOnce } = await coreWithUnlisted();
    core.gateway.edit(sid(1), { status: "suspended" });
    await listOnce();
    expect(core.gateway.calls).toContainEqual({ request: "fetch", sid: sid(1) });
    expect(core.named("Account 1").account.status).toBe("suspended");
    expect(core.sync.status.lastError).toBeUndefined();
  });

  it("is gone where Twilio says that there is no such account", async () => {
    const core = await readyCore(numbered(20));
    core.gateway.delete(sid(1));
    await core.sync.pass();
    expect(core.users).toHaveLength(20);
    await expect(core.directory.get(sid(1))).rejects.toMatchObject({ code: "accountNotFound" });
  });

  it("is gone where Twilio says that it is closed", async () => {
    const { core, listOnce } = await coreWithUnlisted();
    core.gateway.edit(sid(1), { status: "closed" });
    await listOnce();
    expect(core.users).toHaveLength(20);
  });

  it("stays where Twilio cannot be asked, and the status tells", async () => {
    const { core, listOnce } = await coreWithUnlisted();
    core.gateway.interrupt("fetch", fails("twilioUnavailable"));
    await listOnce();
    expect(core.users).toHaveLength(21);
    expect(core.sync.status.lastError).toBe("twilioUnavailable");
  });

  it("stays where Twilio does not want to show it, and holds up nobody else's removal", async () => {
    const core = await readyCore(numbered(20));
    core.gateway.delete(sid(1));
    core.gateway.delete(sid(2));
    core.gateway.interrupt("fetch", fails("credentialsRefused"));
    await core.sync.pass();
    expect(core.users).toHaveLength(20);
    expect(core.sync.status.lastError).toBeUndefined();
    expect(core.log.lines).toContainEqual(
      expect.objectContaining({ level: "warn", fields: expect.objectContaining({ accountSid: sid(1) }) }),
    );
  });

  it("and cannot be fetched does not keep the rest of the pass from being saved", async () => {
    const { core, listOnce } = await coreWithUnlisted();
    core.gateway.edit(sid(2), { status: "suspended" });
    core.gateway.interrupt("fetch", fails("twilioUnavailable"));
    await listOnce();
    expect((await startCore(core)).named("Account 2").account.status).toBe("suspended");
  });

  it("is not asked for where something was learned of it since the pass began", async () => {
    const { core, listOnce } = await coreWithUnlisted();
    const held = hold();
    core.gateway.interrupt("page", held.beforeAnswer);
    const pass = listOnce();
    await held.arrived;
    await core.suspend(sid(1));
    held.release();
    await pass;
    expect(core.gateway.calls.filter(({ request }) => request === "fetch")).toEqual([]);
  });

  it("is warned of when more than a tenth is missing", async () => {
    const { core, listOnce } = await coreWithUnlisted(3);
    await listOnce();
    expect(core.log.at("warn")).toEqual([
      expect.objectContaining({ fields: expect.objectContaining({ missing: 3, known: 21 }) }),
    ]);
    expect(core.users).toHaveLength(21);
  });

  it("is not warned of when no more than a tenth is missing", async () => {
    const { core, listOnce } = await coreWithUnlisted(2);
    await listOnce();
    expect(core.log.at("warn")).toEqual([]);
  });
});

describe("the loop", () => {
  it("makes a pass at once and one after each interval, until it is stopped", async () => {
    const around = await surroundings(numbered(1));
    const core = await startCore(around, { intervalMs: 60_000 });
    const passes = () => around.gateway.calls.length;
    await core.sync.start();
    expect(passes()).toBe(1);
    await around.clock.advance(59_999);
    expect(passes()).toBe(1);
    await around.clock.advance(1);
    expect(passes()).toBe(2);
    await around.clock.advance(120_000);
    expect(passes()).toBe(4);
    await core.sync.stop();
    await around.clock.advance(120_000);
    expect(passes()).toBe(4);
  });

  it("runs once, however often it is started", async () => {
    const around = await surroundings(numbered(1));
    const core = await startCore(around);
    await Promise.all([core.sync.start(), core.sync.start()]);
    await around.clock.advance(60_000);
    expect(around.gateway.calls).toHaveLength(2);
    await core.sync.stop();
  });

  it("tries again after five seconds while nothing can be served", async () => {
    const around = await surroundings(numbered(1));
    around.gateway.interrupt("page", fails("twilioUnavailable"), fails("twilioUnavailable"));
    const core = await startCore(around, { intervalMs: 60_000 });
    await core.sync.start();
    await around.clock.advance(10_000);
    expect(core.directory.isReady).toBe(true);
    await around.clock.advance(59_999);
    expect(around.gateway.calls).toHaveLength(3);
    await core.sync.stop();
  });

  it("is stopped in the middle of a pass, which is no failure", async () => {
    const around = await surroundings(numbered(1));
    around.gateway.interrupt("page", hangs);
    const core = await startCore(around);
    const started = core.sync.start();
    await around.clock.rest();
    await core.sync.stop();
    await started;
    expect(core.sync.status.lastError).toBeUndefined();
    expect(core.log.at("error")).toEqual([]);
  });

  it("goes on after a failure that nobody foresaw", async () => {
    const around = await surroundings(numbered(1));
    around.gateway.interrupt("page", async () => {
      throw new TypeError("a bug");
    });
    const core = await startCore(around);
    await core.sync.start();
    expect(core.sync.status.lastError).toBe("internal");
    await around.clock.advance(5_000);
    expect(core.sync.status.lastError).toBeUndefined();
    await core.sync.stop();
  });
});
