import { describe, expect, it } from "@jest/globals";
import type { AccountSid } from "../../src/directory/account.js";
import type { Lookup, UserQuery } from "../../src/directory/query.js";
import { Core, readyCore, startCore } from "../support/core.js";
import { account, attributes, sid, userNames } from "../support/example-accounts.js";
import { fails, hold, type Interruption } from "../support/interruptions.js";
import { createGroup, findGroups, groupsOf, listGroups, membersOf, updateGroup } from "./groups-of-core.js";
import { activityWith, sidsOf } from "./users-of-index.js";

const OPTIONS = { showsOwner: false };
const FOUR = [1, 2, 3, 4].map((number) => account(number));
const SMS: Lookup = { attribute: "service", value: "sms" };
const UNAVAILABLE = { code: "storageUnavailable" };

const query = (said: Partial<UserQuery>): UserQuery => ({
  narrowings: [],
  matches: undefined,
  offset: 0,
  limit: 10,
  ...said,
});
const lookup = (attribute: Lookup["attribute"], value: string): Partial<UserQuery> => ({
  narrowings: [[{ attribute, value }]],
});

/** A bridge whose database knows something of everybody that is no part of an account. */
async function wellKnown(): Promise<Core> {
  const core = await readyCore(FOUR, OPTIONS);
  await core.write(sid(2), attributes("ada", { externalId: "7", title: "Countess" }));
  await createGroup(core, "Sales", [sid(2), sid(3)]);
  core.directory.activityLearned(sid(3), activityWith(["sms"]));
  await core.directory.save();
  return core;
}

/** Starts a bridge on the database of another one, whose `details` are interrupted, and tells of whom they are read. */
async function restart(core: Core, ...interruptions: Interruption[]) {
  const asked: (readonly AccountSid[])[] = [];
  const details = (sids: readonly AccountSid[]) => {
    asked.push(sids);
    return core.store.details(sids);
  };
  core.store.interrupt("details", ...interruptions);
  const restarted = new Core({ ...core, store: { ...core.store, details } }, OPTIONS);
  await restarted.directory.load();
  await core.clock.rest();
  asked.length = 0;
  return { core: restarted, asked };
}

/** Such a bridge while the details of all are being read, which goes on by `release()`. */
async function restartHeld(core: Core, moment: "beforeEffect" | "beforeAnswer" = "beforeEffect") {
  const held = hold();
  const restarted = await restart(core, held[moment]);
  await held.arrived;
  return { ...restarted, release: held.release };
}

/** Whether something is still waiting when all has run that can. */
async function isWaiting(core: Core, work: Promise<unknown>): Promise<boolean> {
  let isWaiting = true;
  const end = () => {
    isWaiting = false;
  };
  work.then(end, end);
  await core.clock.rest();
  return isWaiting;
}

describe("after a restart, before all details are read", () => {
  it("a user is given whole by id, and its details alone are read, once", async () => {
    const before = await wellKnown();
    const { core, asked } = await restartHeld(before);
    for (const number of [2, 3, 1, 2]) {
      expect(await core.directory.get(sid(number))).toEqual(before.directory.index.get(sid(number)));
    }
    expect(asked).toEqual([[sid(2)], [sid(3)], [sid(1)]]);
    expect(core.directory.isWhole).toBe(false);
  });

  it("a page shows whole users, and reads their details only", async () => {
    const before = await wellKnown();
    const { core, asked } = await restartHeld(before);
    const page = await core.directory.list(query({ offset: 1, limit: 2 }));
    expect(page).toEqual({ users: before.users.slice(1, 3), total: 4 });
    expect(asked).toEqual([[sid(2), sid(3)]]);
    await core.directory.list(query({ offset: 2, limit: 2 }));
    expect(asked.slice(1)).toEqual([[sid(4)]]);
  });

  it.each([
    { found: "userName", said: lookup("userName", "ADA"), sids: [sid(2)] },
    { found: "derived userName", said: lookup("userName", "account 4"), sids: [sid(4)] },
    { found: "externalId", said: lookup("externalId", "7"), sids: [sid(2)] },
    { found: "id", said: lookup("id", sid(3)), sids: [sid(3)] },
    { found: "status", said: { ...lookup("status", "active"), limit: 2 }, sids: [sid(1), sid(2)] },
  ])("who is found by $found is whole, and only their details are read", async ({ said, sids }) => {
    const before = await wellKnown();
    const { core, asked } = await restartHeld(before);
    const { users } = await core.directory.list(query(said));
    expect(users).toEqual(sids.map((sid) => before.directory.index.get(sid)));
    expect(asked).toEqual([sids]);
  });

  it("a page is whole also where others come to stand on it while it is read", async () => {
    const { core, asked } = await restartHeld(await wellKnown());
    const held = hold();
    core.store.interrupt("details", held.beforeAnswer);
    const listing = core.directory.list(query({ limit: 2 }));
    await held.arrived;
    await core.close(sid(1));
    held.release();
    expect(sidsOf(await listing)).toEqual({ sids: [sid(2), sid(3)], total: 3 });
    expect(asked).toEqual([[sid(1), sid(2)], [sid(1)], [sid(3)]]);
  });

  it.each([
    { what: "a filter", said: query({ matches: ({ user: { activity } }) => activity.usage !== undefined }) },
    { what: "a lookup by service", said: query({ narrowings: [[SMS]] }) },
    {
      what: "a lookup by service or id",
      said: query({ narrowings: [[SMS, { attribute: "id", value: sid(3) }]] }),
    },
  ])("$what waits for all details, and then finds who is to be found", async ({ said }) => {
    const before = await wellKnown();
    const { core, release } = await restartHeld(before);
    const listing = core.directory.list(said);
    expect(await isWaiting(core, listing)).toBe(true);
    release();
    expect(await listing).toEqual({ users: [before.directory.index.get(sid(3))], total: 1 });
    expect(core.directory.isWhole).toBe(true);
  });

  it("nobody is given a userName that somebody else has", async () => {
    const { core } = await restartHeld(await wellKnown());
    const taken = { code: "userNameTaken" };
    expect(() => core.directory.reserveUserName("ADA")).toThrow(expect.objectContaining(taken));
    await expect(core.write(sid(1), attributes("ADA"))).rejects.toMatchObject(taken);
    await expect(core.write(sid(1), attributes("account 4"))).rejects.toMatchObject(taken);
    core.gateway.add(account(7, { friendlyName: "Ada" }));
    expect((await core.directory.get(sid(7))).attributes.userName).toBe(`Ada (${sid(7)})`);
  });

  it("no account is created under a userName that somebody else has", async () => {
    const { core, release } = await restartHeld(await wellKnown());
    const creating = core.create(attributes("ADA"));
    release();
    await expect(creating).rejects.toMatchObject({ code: "userNameTaken" });
    expect(core.gateway.calls).toEqual([]);
  });

  it("users show their groups, and groups are told and written once all users are known", async () => {
    const before = await wellKnown();
    const [sales] = await listGroups(before);
    if (sales === undefined) throw new Error("No group is listed.");
    const { core, release } = await restartHeld(before);
    expect((await core.directory.get(sid(2))).groups).toEqual([
      { id: sales.id, attributes: { displayName: "Sales" } },
    ]);
    const finding = findGroups(core, "member", sid(3));
    expect(await isWaiting(core, finding)).toBe(true);
    release();
    expect(await finding).toEqual(["Sales"]);
    expect(groupsOf(core, sid(3))).toEqual(["Sales"]);
    await updateGroup(core, sales.id, { members: [sid(3), sid(4)] });
    expect(await membersOf(core, sales)).toEqual([sid(3), sid(4)]);
    expect(groupsOf(core, sid(2))).toEqual([]);
  });

  it("a member that is closed has left its groups", async () => {
    const { core, release } = await restartHeld(await wellKnown());
    await core.close(sid(2));
    release();
    expect(await findGroups(core, "member", sid(3))).toEqual(["Sales"]);
    expect(await findGroups(core, "member", sid(2))).toEqual([]);
    const [stored] = await core.store.loadGroups();
    expect(stored?.members).toEqual(new Set([sid(3)]));
  });

  it("a pass over the accounts begins once all users are known", async () => {
    const before = await wellKnown();
    const { core, release } = await restartHeld(before);
    const passing = core.sync.pass();
    expect(await isWaiting(core, passing)).toBe(true);
    expect(core.gateway.calls).toEqual([]);
    release();
    await passing;
    expect(core.sync.status.lastError).toBeUndefined();
    expect(core.users).toEqual(before.users);
  });
});

describe("a write before all details are read", () => {
  it.each(["beforeEffect", "beforeAnswer"] as const)("is not undone by them, held %s", async (moment) => {
    const { core, release } = await restartHeld(await wellKnown(), moment);
    await core.suspend(sid(1));
    await core.write(sid(2), attributes("bob"), false);
    await core.write(sid(3), attributes("carol"));
    await core.close(sid(4));
    const written = core.users;
    release();
    await core.directory.whole();
    expect(core.users).toEqual(written);
    expect(userNames(core.users)).toEqual(["Account 1", "bob", "carol"]);
    expect(core.users.map(({ account }) => account.status)).toEqual(["suspended", "suspended", "active"]);
    expect(core.named("carol").activity).toEqual(activityWith(["sms"]));
    expect((await core.directory.list(query(lookup("userName", "ada")))).users).toEqual([]);
    expect((await startCore(core, OPTIONS)).users).toEqual(core.users);
  });

  it("keeps what it does not change", async () => {
    const { core, release } = await restartHeld(await wellKnown());
    const { identity, groups } = await core.suspend(sid(2));
    expect(identity?.attributes).toEqual(attributes("ada", { externalId: "7", title: "Countess" }));
    expect(groups).toHaveLength(1);
    release();
    await core.directory.whole();
    expect(core.named("ada")).toMatchObject({ identity, groups, account: { status: "suspended" } });
  });

  it("that finds an account to be gone leaves it gone", async () => {
    const { core, release } = await restartHeld(await wellKnown(), "beforeAnswer");
    core.gateway.delete(sid(2));
    await expect(core.suspend(sid(2))).rejects.toMatchObject({ code: "accountNotFound" });
    release();
    await core.directory.whole();
    expect(userNames(core.users)).toEqual(["Account 1", "Account 3", "Account 4"]);
  });
});

describe("details that can not be read", () => {
  it.each([
    { what: "a user by id", read: (core: Core) => core.directory.get(sid(2)) },
    { what: "a page", read: (core: Core) => core.directory.list(query({ limit: 1 })) },
    { what: "a filter", read: (core: Core) => core.directory.list(query({ matches: () => true })) },
    { what: "a list of groups", read: (core: Core) => listGroups(core) },
  ])("make $what unavailable, not unknown, until the next try", async ({ read }) => {
    const failure = fails("storageUnavailable");
    const { core } = await restart(await wellKnown(), failure, failure);
    await expect(read(core)).rejects.toMatchObject(UNAVAILABLE);
    expect(await read(core)).toBeDefined();
  });

  it("let nothing be sent to Twilio", async () => {
    const failure = fails("storageUnavailable");
    const { core } = await restart(await wellKnown(), failure, failure, failure);
    await expect(core.suspend(sid(2))).rejects.toMatchObject(UNAVAILABLE);
    await expect(core.create(attributes("dora"))).rejects.toMatchObject(UNAVAILABLE);
    expect(core.gateway.calls).toEqual([]);
    expect((await core.suspend(sid(2))).account.status).toBe("suspended");
  });

  it("are reported, and read by the next who waits for all", async () => {
    const before = await wellKnown();
    const failure = fails("storageUnavailable");
    const { core } = await restart(before, failure, failure);
    expect(core.log.at("error").map(({ message }) => message)).toEqual([
      "the database could not be read to its end",
    ]);
    await expect(core.directory.whole()).rejects.toMatchObject(UNAVAILABLE);
    expect(core.directory.isWhole).toBe(false);
    await core.directory.whole();
    expect(core.directory.isWhole).toBe(true);
    expect(core.users).toEqual(before.users);
  });

  it("fail a pass, and the next one goes well", async () => {
    const before = await wellKnown();
    const failure = fails("storageUnavailable");
    const { core } = await restart(before, failure, failure);
    await core.sync.pass();
    expect(core.sync.status.lastError).toBe("storageUnavailable");
    expect(core.gateway.calls).toEqual([]);
    await core.sync.pass();
    expect(core.sync.status.lastError).toBeUndefined();
    expect(core.users).toEqual(before.users);
  });
});

describe("the details of very many", () => {
  it("are read a part at a time, each once, however many wait for all of them", async () => {
    const before = await readyCore(
      Array.from({ length: 450 }, (_, at) => account(at + 1)),
      OPTIONS,
    );
    const held = hold();
    const { core, asked } = await restart(before, held.beforeEffect);
    await core.directory.get(sid(450));
    const waiting = [core.directory.whole(), core.directory.whole()];
    held.release();
    await Promise.all(waiting);
    expect(asked.map((sids) => sids.length)).toEqual([1, 200, 50]);
    expect(core.users).toEqual(before.users);
  });
});
