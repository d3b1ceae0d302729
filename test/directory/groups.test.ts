import { describe, expect, it } from "@jest/globals";
import type { Group } from "../../src/directory/group.js";
import type { MemberChange } from "../../src/directory/ports.js";
import type { GroupLookup } from "../../src/directory/query.js";
import { readyCore, startCore, surroundings } from "../support/core.js";
import { account, OWNER, sid } from "../support/example-accounts.js";
import { fails, hold } from "../support/interruptions.js";
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

describe("groups, while not all accounts are known", () => {
  it("are neither told nor written", async () => {
    const { groups } = (await startCore(await surroundings())).directory;
    const notReady = expect.objectContaining({ code: "directoryNotReady" });
    const content = { attributes: { displayName: "Sales" }, members: [] };
    await expect(groups.get("1")).rejects.toEqual(notReady);
    await expect(groups.list(EVERY_GROUP)).rejects.toEqual(notReady);
    await expect(groups.create(content)).rejects.toEqual(notReady);
    await expect(groups.update("1", () => content)).rejects.toEqual(notReady);
    await expect(groups.delete("1")).rejects.toEqual(notReady);
  });
});

describe("the members of a group", () => {
  it("are accounts that are seen and not closed; other ids are passed over, and each counts once", async () => {
    const core = await readyCore([...FIVE, account(6, { status: "closed" })], { showsOwner: false });
    const ids = [sid(2), sid(1), sid(2), sid(6), sid(7), OWNER, "nobody", "", sid(3).toLowerCase()];
    const group = await createGroup(core, "Sales", ids);
    expect(await membersOf(core, group)).toEqual([sid(1), sid(2)]);
    expect(await membersOf(core, await updateGroup(core, group.id, { members: [sid(4), ...ids] }))).toEqual([
      sid(1),
      sid(2),
      sid(4),
    ]);
    expect(await storedMembersOf(core, group)).toEqual([sid(1), sid(2), sid(4)]);
  });

  it("are no closed accounts where those are shown", async () => {
    const core = await readyCore([account(1), account(2, { status: "closed" })], { showsClosed: true });
    expect(await membersOf(core, await createGroup(core, "Sales", [sid(1), sid(2), OWNER]))).toEqual([
      sid(1),
      OWNER,
    ]);
  });

  it("show the group, in the order of lists, whatever the order in which they entered", async () => {
    const core = await readyCore(FIVE);
    const first = await createGroup(core, "First");
    await core.clock.advance(1);
    const second = await createGroup(core, "Second", [sid(1), sid(2)]);
    await updateGroup(core, first.id, { members: [sid(1)] });
    expect(groupsOf(core, sid(1))).toEqual(["First", "Second"]);
    expect(groupsOf(core, sid(2))).toEqual(["Second"]);
    await updateGroup(core, second.id, { members: [sid(2)] });
    expect(groupsOf(core, sid(1))).toEqual(["First"]);
    await core.directory.groups.delete(first.id);
    expect(groupsOf(core, sid(1))).toEqual([]);
  });

  it("show the new name and the new externalId, all of them", async () => {
    const core = await readyCore(FIVE);
    const { id } = await createGroup(core, "Sales", [sid(1), sid(2)], "x");
    const members = [sid(2), sid(3)];
    await core.directory.groups.update(id, () => ({
      attributes: { displayName: "Sale", externalId: "x" },
      members,
    }));
    expect([1, 2, 3].map((number) => groupsOf(core, sid(number)))).toEqual([[], ["Sale"], ["Sale"]]);
    await core.directory.groups.update(id, () => ({
      attributes: { displayName: "Sale", externalId: "y" },
      members,
    }));
    expect(core.directory.index.get(sid(2))?.groups).toEqual([
      { id, attributes: { displayName: "Sale", externalId: "y" } },
    ]);
  });

  it("are left alone when others enter and leave, in memory and in the database", async () => {
    const around = await surroundings(FIVE);
    const changes: MemberChange[] = [];
    const saveGroup = (group: Group, change: MemberChange) => {
      changes.push(change);
      return around.store.saveGroup(group, change);
    };
    const core = await startCore({ ...around, store: { ...around.store, saveGroup } });
    await core.sync.pass();
    const { id } = await createGroup(core, "Sales", [sid(1), sid(2), sid(3)]);
    const before = [1, 2].map((number) => core.directory.index.get(sid(number)));
    await updateGroup(core, id, { members: [sid(4), sid(2), sid(1)] });
    expect([1, 2].map((number) => core.directory.index.get(sid(number)))).toEqual(before);
    for (const [at, user] of before.entries()) expect(core.directory.index.get(sid(at + 1))).toBe(user);
    expect(changes).toEqual([
      { added: [sid(1), sid(2), sid(3)], removed: [] },
      { added: [sid(4)], removed: [sid(3)] },
    ]);
  });

  it("hold on to nothing of the group but what they show", async () => {
    const core = await readyCore(FIVE);
    const { id, attributes } = await createGroup(core, "Sales", [sid(1)]);
    await updateGroup(core, id, { members: [sid(1), sid(2)] });
    for (const number of [1, 2]) {
      const [shown] = core.directory.index.get(sid(number))?.groups ?? [];
      expect(Object.entries(shown ?? {})).toEqual(Object.entries({ id, attributes }));
    }
  });

  it("have no other lastModified for it: the group has", async () => {
    const core = await readyCore(FIVE);
    const before = core.directory.index.get(sid(1))?.lastModified;
    await createGroup(core, "Sales", [sid(1)]);
    expect(core.directory.index.get(sid(1))?.lastModified).toBe(before);
  });
});

describe("the name of a group", () => {
  it("belongs to one group at a time, without case", async () => {
    const core = await readyCore();
    const sales = await createGroup(core, "Straße");
    const other = await createGroup(core, "Support");
    const taken = { code: "groupNameTaken" };
    core.store.calls.length = 0;
    await expect(createGroup(core, "STRASSE")).rejects.toMatchObject(taken);
    await expect(updateGroup(core, other.id, { displayName: "strasse" })).rejects.toMatchObject(taken);
    expect(core.store.calls).toEqual([]);
    expect(namesOf(await listGroups(core)).sort()).toEqual(["Straße", "Support"]);
    await updateGroup(core, sales.id, { displayName: "STRASSE" });
    expect(namesOf(await listGroups(core)).sort()).toEqual(["STRASSE", "Support"]);
  });

  it("is free once its group has another one, or is deleted", async () => {
    const core = await readyCore();
    const first = await createGroup(core, "Sales");
    await updateGroup(core, first.id, { displayName: "Support" });
    const second = await createGroup(core, "sales");
    await core.directory.groups.delete(second.id);
    await createGroup(core, "SALES");
    expect(namesOf(await listGroups(core)).sort()).toEqual(["SALES", "Support"]);
  });

  it("goes to one of two who ask for it at the same time", async () => {
    const core = await readyCore();
    const outcomes = await Promise.allSettled([createGroup(core, "Sales"), createGroup(core, "SALES")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(namesOf(await listGroups(core))).toEqual(["Sales"]);
  });

  it("is refused where the database knows another group of that name", async () => {
    const core = await readyCore();
    core.store.interrupt("saveGroup", fails("groupNameTaken"));
    await expect(createGroup(core, "Sales")).rejects.toMatchObject({ code: "groupNameTaken" });
    expect(namesOf(await listGroups(core))).toEqual([]);
  });
});

describe("a write of a group", () => {
  it("that changes nothing is none, and gives the same group", async () => {
    const core = await readyCore(FIVE);
    await createGroup(core, "Sales", [sid(1), sid(2)], "x");
    const [group] = await listGroups(core);
    if (group === undefined) throw new Error("The group is not listed.");
    core.store.calls.length = 0;
    await core.clock.advance(1000);
    const same = await core.directory.groups.update(group.id, () => ({
      attributes: { displayName: "Sales", externalId: "x" },
      members: [sid(2), sid(1), sid(9)],
    }));
    expect(same).toBe(group);
    expect(await core.directory.groups.get(group.id)).toBe(group);
    expect(core.store.calls).toEqual([]);
  });

  it("has a time of its own, whatever the clock says", async () => {
    const core = await readyCore(FIVE);
    const now = core.clock.now();
    const group = await createGroup(core, "Sales");
    expect(group).toMatchObject({ created: now, lastModified: now });
    const times: number[] = [];
    for (const number of [1, 2, 3]) {
      if (number === 3) await core.clock.advance(1000);
      times.push((await updateGroup(core, group.id, { members: [sid(number)] })).lastModified);
    }
    expect(times).toEqual([now + 1, now + 2, now + 1000]);
    const after = { created: now, lastModified: now + 1000 };
    expect(await core.directory.groups.get(group.id)).toMatchObject(after);
    expect(await (await startCore(core)).directory.groups.get(group.id)).toMatchObject(after);
  });

  it("waits for those before it, and begins from what they have left", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales");
    const add = (number: number) =>
      core.directory.groups.update(group.id, ({ attributes, members }) => ({
        attributes,
        members: [...members, sid(number)],
      }));
    const held = hold();
    core.store.interrupt("saveGroup", held.beforeEffect);
    const adding = [add(1), add(2), add(3)];
    await held.arrived;
    expect(await membersOf(core, group)).toEqual([]);
    held.release();
    await Promise.all(adding);
    expect(await membersOf(core, group)).toEqual([sid(1), sid(2), sid(3)]);
  });

  it("is refused by whom it asks, and holds up nobody", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1)]);
    const refusal = new Error("The precondition failed.");
    const known = await core.directory.groups.get(group.id);
    const refuse = (current: Group) => {
      expect(current).toBe(known);
      throw refusal;
    };
    await expect(core.directory.groups.update(group.id, refuse)).rejects.toBe(refusal);
    await expect(core.directory.groups.delete(group.id, refuse)).rejects.toBe(refusal);
    expect(await membersOf(core, group)).toEqual([sid(1)]);
    await updateGroup(core, group.id, { members: [sid(2)] });
    expect(await membersOf(core, group)).toEqual([sid(2)]);
    expect(await storedMembersOf(core, group)).toEqual([sid(2)]);
  });

  it("is refused where there is no such group, or none any more", async () => {
    const core = await readyCore();
    const { groups } = core.directory;
    const notFound = { code: "groupNotFound" };
    await expect(groups.get("1")).rejects.toMatchObject(notFound);
    const held = hold();
    core.store.interrupt("saveGroup", held.beforeEffect);
    const creating = createGroup(core, "Sales");
    await held.arrived;
    await expect(updateGroup(core, "1", { displayName: "Sales" })).rejects.toMatchObject(notFound);
    await expect(groups.delete("1")).rejects.toMatchObject(notFound);
    held.release();
    const { id } = await creating;
    const deleting = groups.delete(id);
    await expect(updateGroup(core, id, { displayName: "Support" })).rejects.toMatchObject(notFound);
    await deleting;
    expect(await core.store.loadGroups()).toEqual([]);
  });

  it("that the database fails leaves everything as it was", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    const unavailable = { code: "storageUnavailable" };
    const told = async () => ({
      groups: await core.directory.groups.list(EVERY_GROUP),
      users: [1, 2, 3].map((number) => core.directory.index.get(sid(number))),
    });
    const before = await told();
    const failure = fails("storageUnavailable");
    core.store.interrupt("saveGroup", failure, failure);
    core.store.interrupt("deleteGroup", failure);
    await expect(createGroup(core, "Support", [sid(3)])).rejects.toMatchObject(unavailable);
    const change = { displayName: "Sale", members: [sid(2), sid(3)] };
    await expect(updateGroup(core, group.id, change)).rejects.toMatchObject(unavailable);
    await expect(core.directory.groups.delete(group.id)).rejects.toMatchObject(unavailable);
    expect(await told()).toEqual(before);
    await createGroup(core, "Support");
    await updateGroup(core, group.id, change);
    expect(namesOf(await listGroups(core)).sort()).toEqual(["Sale", "Support"]);
  });
});

describe("an account whose row is not saved yet", () => {
  it("is saved before it becomes a member", async () => {
    const core = await readyCore();
    core.gateway.add(account(7));
    await core.directory.get(sid(7));
    const group = await createGroup(core, "Sales", [sid(7)]);
    expect(await storedMembersOf(core, group)).toEqual([sid(7)]);
  });

  it("is saved also where it was found while others were being saved", async () => {
    const core = await readyCore();
    for (const number of [7, 8]) core.gateway.add(account(number));
    await core.directory.get(sid(7));
    const held = hold();
    core.store.interrupt("saveAccounts", held.beforeAnswer);
    const creating = createGroup(core, "Sales", [sid(7), sid(8)]);
    await held.arrived;
    await core.directory.get(sid(8));
    held.release();
    expect(await storedMembersOf(core, await creating)).toEqual([sid(7), sid(8)]);
  });

  it("is no hindrance to groups of which it is no member", async () => {
    const core = await readyCore([account(1)]);
    core.gateway.add(account(7));
    await core.directory.get(sid(7));
    core.store.interrupt("saveAccounts", fails("userNameTaken"), fails("userNameTaken"));
    const group = await createGroup(core, "Sales", [sid(1)]);
    expect(await storedMembersOf(core, group)).toEqual([sid(1)]);
  });

  it("becomes no member where it cannot be saved", async () => {
    const core = await readyCore();
    core.gateway.add(account(7));
    await core.directory.get(sid(7));
    core.store.interrupt("saveAccounts", fails("storageUnavailable"));
    await expect(createGroup(core, "Sales", [sid(7)])).rejects.toMatchObject({ code: "storageUnavailable" });
    expect(namesOf(await listGroups(core))).toEqual([]);
    expect(groupsOf(core, sid(7))).toEqual([]);
  });
});

describe("a lookup of groups", () => {
  async function withGroups() {
    const core = await readyCore(FIVE, { showsOwner: false });
    await createGroup(core, "Sales", [sid(1), sid(2)], "ext-1");
    await core.clock.advance(1);
    await createGroup(core, "Straße", [sid(2)], "ext-1");
    await core.clock.advance(1);
    return { core, third: await createGroup(core, "Third", [], "Ext-1") };
  }

  it("finds by displayName without case, and by everything else exactly", async () => {
    const { core, third } = await withGroups();
    expect(await findGroups(core, "displayName", "STRASSE")).toEqual(["Straße"]);
    expect(await findGroups(core, "displayName", "")).toEqual([]);
    expect(await findGroups(core, "externalId", "ext-1")).toEqual(["Sales", "Straße"]);
    expect(await findGroups(core, "externalId", "Ext-1")).toEqual(["Third"]);
    expect(await findGroups(core, "id", third.id)).toEqual(["Third"]);
    expect(await findGroups(core, "id", third.id.toUpperCase())).toEqual([]);
    expect(await findGroups(core, "member", sid(2))).toEqual(["Sales", "Straße"]);
    expect(await findGroups(core, "member", sid(2).toLowerCase())).toEqual([]);
    expect(await findGroups(core, "member", OWNER)).toEqual([]);
    expect(await findGroups(core, "member", "Sales")).toEqual([]);
  });

  it("gives what answers to any of several, once and in the order of lists", async () => {
    const { core, third } = await withGroups();
    const lookups: GroupLookup[] = [
      { attribute: "id", value: third.id },
      { attribute: "member", value: sid(1) },
      { attribute: "displayName", value: "sales" },
    ];
    expect(namesOf(await listGroups(core, { narrowings: [lookups] }))).toEqual(["Sales", "Third"]);
    const page = { ...EVERY_GROUP, narrowings: [lookups], offset: 1, limit: 1 };
    expect(await core.directory.groups.list(page)).toMatchObject({ groups: [{ id: third.id }], total: 2 });
  });

  it("finds a group by what was written last, and no longer by what was before", async () => {
    const { core, third } = await withGroups();
    await core.directory.groups.update(third.id, () => ({
      attributes: { displayName: "Fourth" },
      members: [],
    }));
    expect(await findGroups(core, "displayName", "third")).toEqual([]);
    expect(await findGroups(core, "externalId", "Ext-1")).toEqual([]);
    expect(await findGroups(core, "displayName", "fourth")).toEqual(["Fourth"]);
    await core.directory.groups.delete(third.id);
    expect(await findGroups(core, "displayName", "fourth")).toEqual([]);
    expect(await findGroups(core, "id", third.id)).toEqual([]);
  });

  it("narrows a list, whose other conditions decide, and whose pages follow each other", async () => {
    const { core } = await withGroups();
    const matches = (group: Group) => group.members.size < 2;
    expect(namesOf(await listGroups(core, { matches }))).toEqual(["Straße", "Third"]);
    const [first] = await listGroups(core, { limit: 1 });
    if (first === undefined) throw new Error("No group is listed.");
    const rest = await core.directory.groups.list({ ...EVERY_GROUP, after: first, limit: 1 });
    expect([namesOf(rest.groups), rest.total]).toEqual([["Straße"], 3]);
    const matching = await core.directory.groups.list({ ...EVERY_GROUP, matches, after: first, offset: 1 });
    expect([namesOf(matching.groups), matching.total]).toEqual([["Third"], 2]);
  });
});

describe("groups after a restart", () => {
  it("are the same, with the same order, times and members", async () => {
    const core = await readyCore(FIVE);
    const first = await createGroup(core, "Sales", [sid(2), sid(1)], "x");
    await core.clock.advance(5);
    await createGroup(core, "Support", [sid(1)]);
    await updateGroup(core, first.id, { displayName: "Sale", members: [sid(3), sid(1)] });
    const restarted = await startCore(core);
    expect(await restarted.directory.groups.list(EVERY_GROUP)).toEqual(
      await core.directory.groups.list(EVERY_GROUP),
    );
    expect(restarted.users).toEqual(core.users);
    expect(groupsOf(restarted, sid(1))).toEqual(["Sale", "Support"]);
    expect(await findGroups(restarted, "externalId", "x")).toEqual(["Sale"]);
    await expect(createGroup(restarted, "sale")).rejects.toMatchObject({ code: "groupNameTaken" });
  });

  it("lose the owner account while it is hidden, and have it again when it is shown", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), OWNER]);
    const hiding = await startCore(core, { showsOwner: false });
    expect(await membersOf(hiding, group)).toEqual([sid(1)]);
    expect(await findGroups(hiding, "member", OWNER)).toEqual([]);
    await updateGroup(hiding, group.id, { members: [sid(2)] });
    expect(await membersOf(await startCore(core), group)).toEqual([sid(2), OWNER]);
  });

  it("lose whom Twilio has closed meanwhile, once a pass tells", async () => {
    const core = await readyCore(FIVE);
    const group = await createGroup(core, "Sales", [sid(1), sid(2)]);
    core.gateway.edit(sid(1), { status: "closed" });
    const restarted = await startCore(core);
    await restarted.sync.pass();
    expect(await membersOf(restarted, group)).toEqual([sid(2)]);
    expect(await storedMembersOf(restarted, group)).toEqual([sid(2)]);
  });
});
