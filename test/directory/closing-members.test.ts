import { describe, expect, it } from "@jest/globals";
import { type Core, readyCore, startCore } from "../support/core.js";
import { account, sid } from "../support/example-accounts.js";
import { fails, hold, type Interruption, passes } from "../support/interruptions.js";
import {
  createGroup,
  EVERY_GROUP,
  findGroups,
  groupsOf,
  listGroups,
  membersOf,
  namesOf,
  storedMembersOf,
  updateGroup,
} from "./groups-of-core.js";

const FIVE = [1, 2, 3, 4, 5].map((number) => account(number));

describe("an account that is closed", () => {
  it("leaves its groups in memory and in the database, and dates them", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    const other = await createGroup(core, "Support", [sid(2)]);
    await core.clock.advance(60_000);
    await core.close(sid(1));
    const { dateUpdated } = core.gateway.account(sid(1));
    expect(dateUpdated).toBeGreaterThan(group.lastModified);
    expect(await core.directory.groups.get(group.id)).toMatchObject({
      members: new Set([sid(2)]),
      lastModified: dateUpdated,
    });
    expect(await core.directory.groups.get(other.id)).toBe(other);
    expect(groupsOf(core, sid(1))).toEqual([]);
    expect(await findGroups(core, "member", sid(1))).toEqual([]);
    expect(await storedMembersOf(core, group)).toEqual([sid(2)]);
    const restarted = await startCore(core);
    expect(await restarted.directory.groups.list(EVERY_GROUP)).toEqual(
      await core.directory.groups.list(EVERY_GROUP),
    );
  });

  it("does not make a group older than its last write", async () => {
    const core = await readyCore(FIVE);
    core.gateway.clockOffset = -60_000;
    const group = await createGroup(core, "Sales", [sid(1)]);
    await core.close(sid(1));
    expect(await core.directory.groups.get(group.id)).toEqual({ ...group, members: new Set() });
  });

  it("leaves also where the sync learns of it, with many others", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2), sid(3)]);
    await core.clock.advance(60_000);
    for (const number of [1, 3]) core.gateway.edit(sid(number), { status: "closed" });
    await core.sync.pass();
    expect(await membersOf(core, group)).toEqual([sid(2)]);
    expect(await storedMembersOf(core, group)).toEqual([sid(2)]);
    expect(await core.directory.groups.get(group.id)).toMatchObject({
      lastModified: core.gateway.account(sid(1)).dateUpdated,
    });
  });

  it("leaves also where Twilio has forgotten it", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    core.gateway.delete(sid(1));
    await core.sync.pass();
    expect(await core.directory.groups.get(group.id)).toEqual({ ...group, members: new Set([sid(2)]) });
    expect(await storedMembersOf(core, group)).toEqual([sid(2)]);
  });

  it("is a member again neither when it is entered once more nor in a group to come", async () => {
    const core = await readyCore(FIVE, { showsClosed: true });
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    await core.close(sid(1));
    await updateGroup(core, group.id, { members: [sid(1), sid(2), sid(3)] });
    expect(await membersOf(core, group)).toEqual([sid(2), sid(3)]);
    expect(await membersOf(core, await createGroup(core, "Support", [sid(1)]))).toEqual([]);
    expect(groupsOf(core, sid(1))).toEqual([]);
  });

  it("stays a member while it is suspended", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1)]);
    await core.suspend(sid(1));
    expect(await membersOf(core, group)).toEqual([sid(1)]);
    expect(groupsOf(core, sid(1))).toEqual(["Sales"]);
  });
});

describe("an account that Twilio denied for a moment", () => {
  async function deny(core: Core) {
    core.gateway.interrupt("update", fails("accountNotFound"));
    await expect(core.suspend(sid(1))).rejects.toMatchObject({ code: "accountNotFound" });
    await core.directory.get(sid(1));
  }

  it("has left its groups, and may enter them again", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    await deny(core);
    expect(await membersOf(core, group)).toEqual([sid(2)]);
    await updateGroup(core, group.id, { members: [sid(1), sid(2)] });
    expect(await membersOf(core, group)).toEqual([sid(1), sid(2)]);
    expect(groupsOf(core, sid(1))).toEqual(["Sales"]);
    expect(await storedMembersOf(core, group)).toEqual([sid(1), sid(2)]);
  });

  it("shows no group that it was entering meanwhile", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(2)]);
    const held = hold();
    core.store.interrupt("saveGroup", held.beforeAnswer);
    const entering = updateGroup(core, group.id, { members: [sid(1), sid(2)] });
    await held.arrived;
    await deny(core);
    held.release();
    expect([...(await entering).members]).toEqual([sid(2)]);
    expect(groupsOf(core, sid(1))).toEqual([]);
  });
});

describe("an account that is closed while a group is being written", () => {
  const ways = {
    closed: (core: Core) => core.close(sid(1)),
    "closed in the console": (core: Core) => {
      core.gateway.edit(sid(1), { status: "closed" });
      return core.sync.pass();
    },
    forgotten: (core: Core) => {
      core.gateway.delete(sid(1));
      return core.sync.pass();
    },
  };
  const moments = ["beforeEffect", "beforeAnswer"] as const;
  const cases = Object.entries(ways).flatMap(([how, vanish]) =>
    moments.map((moment) => ({ how, moment, vanish })),
  );
  type Case = (typeof cases)[number];

  /** Holds a write of a group, has the account vanish meanwhile, and compares memory and database in the end. */
  async function vanishDuring(
    core: Core,
    call: "saveGroup" | "deleteGroup" | "saveAccounts",
    { vanish, moment }: Pick<Case, "vanish" | "moment">,
    write: () => Promise<unknown>,
    outcome: Interruption = passes,
  ): Promise<void> {
    const held = hold();
    core.store.interrupt(call, (effect, signal) => held[moment](() => outcome(effect, signal), signal));
    const writing = write();
    await held.arrived;
    const vanishing = vanish(core);
    await core.clock.rest();
    held.release();
    await Promise.all([writing, vanishing]);
    await core.directory.save();
    const groups = await listGroups(core);
    for (const { members } of groups) expect(members).not.toContain(sid(1));
    expect(groupsOf(core, sid(1))).toEqual([]);
    expect(await core.store.loadGroups()).toEqual(groups);
    expect(await listGroups(await startCore(core))).toEqual(groups);
  }

  it.each(cases)("enters no new group ($how, $moment)", async (one) => {
    const core = await readyCore(FIVE);
    const write = () => createGroup(core, "Sales", [sid(1), sid(2)]);
    await vanishDuring(core, "saveGroup", one, write);
    expect(await findGroups(core, "member", sid(2))).toEqual(["Sales"]);
  });

  it.each(cases)("enters no group that there is ($how, $moment)", async (one) => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(2)]);
    const write = () => updateGroup(core, group.id, { members: [sid(1), sid(3)] });
    await vanishDuring(core, "saveGroup", one, write);
    expect(await membersOf(core, group)).toEqual([sid(3)]);
  });

  it.each(cases)("leaves a group that others enter, under a new name ($how, $moment)", async (one) => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    const other = await createGroup(core, "Support", [sid(1)]);
    const change = { displayName: "Sale", members: [sid(1), sid(2), sid(3)] };
    const write = () => updateGroup(core, group.id, change);
    await vanishDuring(core, "saveGroup", one, write);
    expect(await membersOf(core, group)).toEqual([sid(2), sid(3)]);
    expect(await membersOf(core, other)).toEqual([]);
    expect(groupsOf(core, sid(3))).toEqual(["Sale"]);
  });

  it.each(cases)("leaves a group that is renamed ($how, $moment)", async (one) => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    const write = () => updateGroup(core, group.id, { displayName: "Sale" });
    await vanishDuring(core, "saveGroup", one, write);
    expect(await membersOf(core, group)).toEqual([sid(2)]);
  });

  it.each(cases)("is in no group that is deleted ($how, $moment)", async (one) => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    const write = () => core.directory.groups.delete(group.id);
    await vanishDuring(core, "deleteGroup", one, write);
    expect(namesOf(await listGroups(core))).toEqual([]);
    expect(groupsOf(core, sid(2))).toEqual([]);
  });

  it.each(Object.entries(ways))("leaves a group that could not be saved (%s)", async (_how, vanish) => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    const write = () =>
      expect(updateGroup(core, group.id, { members: [sid(1), sid(2), sid(3)] })).rejects.toMatchObject({
        code: "storageUnavailable",
      });
    const failing = fails("storageUnavailable");
    await vanishDuring(core, "saveGroup", { vanish, moment: "beforeEffect" }, write, failing);
    expect(await membersOf(core, group)).toEqual([sid(2)]);
  });

  it.each(cases)("enters no group while the rows of others are saved ($how, $moment)", async (one) => {
    const core = await readyCore(FIVE);
    core.gateway.add(account(7));
    await core.directory.get(sid(7));
    const write = () => createGroup(core, "Sales", [sid(1), sid(7)]);
    await vanishDuring(core, "saveAccounts", one, write);
    expect(await findGroups(core, "member", sid(7))).toEqual(["Sales"]);
  });
});
