import { describe, expect, it } from "@jest/globals";
import { readyCore, startCore, surroundings } from "../support/core.js";
import { account, attributes, OWNER, ownerAccount, sid, userNames } from "../support/example-accounts.js";
import { fails, hold, passes } from "../support/interruptions.js";

const everything = { narrowings: [], matches: undefined, offset: 0, limit: 10 };

describe("a directory that has not seen all accounts", () => {
  it("answers nothing but when to come back", async () => {
    const around = await surroundings([account(1)]);
    const { directory } = await startCore(around);
    const notReady = expect.objectContaining({ code: "directoryNotReady", retryAfterSeconds: 5 });
    await expect(directory.list(everything)).rejects.toEqual(notReady);
    await expect(directory.get(sid(1))).rejects.toEqual(notReady);
    expect(() => directory.reserveUserName("ada")).toThrow(notReady);
    expect(around.gateway.calls).toEqual([]);
  });

  it("refuses to create an account, and asks nothing of Twilio", async () => {
    const around = await surroundings();
    const core = await startCore(around);
    await expect(core.create(attributes("ada"))).rejects.toMatchObject({ code: "directoryNotReady" });
    expect(around.gateway.calls).toEqual([]);
    expect(await around.store.openIntents()).toEqual([]);
  });

  it("answers nothing yet while the last page of the first pass is missing", async () => {
    const around = await surroundings([account(1), account(2)], { pageSize: 2 });
    const held = hold();
    around.gateway.interrupt("page", passes, held.beforeEffect);
    const core = await startCore(around);
    const pass = core.sync.pass();
    await held.arrived;
    await expect(core.directory.list(everything)).rejects.toMatchObject({ code: "directoryNotReady" });
    held.release();
    await pass;
    expect((await core.directory.list(everything)).total).toBe(3);
  });

  it("answers at once after a restart on a complete snapshot", async () => {
    const around = await surroundings([account(1)]);
    await (await startCore(around)).sync.pass();
    const restarted = await startCore(around);
    expect((await restarted.directory.list(everything)).total).toBe(2);
  });

  it("says once that its snapshot is complete", async () => {
    const around = await surroundings([account(1)]);
    const core = await startCore(around);
    await core.sync.pass();
    await core.sync.pass();
    expect(around.store.calls.filter((call) => call === "markComplete")).toHaveLength(1);
  });

  it("does not take the snapshot of an incomplete pass for the whole", async () => {
    const around = await surroundings([account(1)]);
    around.store.interrupt("markComplete", fails("storageUnavailable"));
    await (await startCore(around)).sync.pass();
    const restarted = await startCore(around);
    expect(restarted.directory.isReady).toBe(false);
  });
});

describe("a user by id", () => {
  it("is served from memory", async () => {
    const core = await readyCore([account(1)]);
    expect((await core.directory.get(sid(1))).account).toEqual(account(1));
    expect(core.gateway.calls).toEqual([]);
  });

  it("is fetched where the account is new, and found in lists from then on", async () => {
    const core = await readyCore();
    core.gateway.add(account(7));
    expect((await core.directory.get(sid(7))).attributes.userName).toBe("Account 7");
    expect(core.named("account 7").account.sid).toBe(sid(7));
    await core.directory.save();
    const restarted = await startCore(core);
    expect(restarted.named("account 7").account.sid).toBe(sid(7));
  });

  it("is unknown where Twilio has no such account", async () => {
    const core = await readyCore();
    await expect(core.directory.get(sid(7))).rejects.toMatchObject({ code: "accountNotFound" });
  });

  it("is no unknown one where Twilio can not be asked", async () => {
    const core = await readyCore();
    core.gateway.interrupt("fetch", fails("twilioUnavailable"));
    await expect(core.directory.get(sid(7))).rejects.toMatchObject({ code: "twilioUnavailable" });
  });

  it("is unknown where the account is closed or hidden, without a call to Twilio", async () => {
    const closed = account(1, { status: "closed" });
    const core = await readyCore([closed], { showsOwner: false });
    for (const hidden of [sid(1), OWNER]) {
      await expect(core.directory.get(hidden)).rejects.toMatchObject({ code: "accountNotFound" });
    }
    expect(core.gateway.calls).toEqual([]);
  });

  it("is unknown where the account turns out to be closed", async () => {
    const core = await readyCore();
    core.gateway.add(account(7, { status: "closed" }));
    await expect(core.directory.get(sid(7))).rejects.toMatchObject({ code: "accountNotFound" });
  });

  it("that was fetched before a pass saw a newer state does not undo it", async () => {
    const core = await readyCore();
    core.gateway.add(account(7));
    const held = hold();
    core.gateway.interrupt("fetch", held.beforeAnswer);
    const reading = core.directory.get(sid(7));
    await held.arrived;
    core.gateway.edit(sid(7), { status: "suspended" });
    await core.sync.pass();
    held.release();
    expect((await reading).account.status).toBe("suspended");
  });

  it("that was fetched before a suspension does not undo it", async () => {
    const core = await readyCore();
    core.gateway.add(account(7));
    const held = hold();
    core.gateway.interrupt("fetch", held.beforeAnswer);
    const reading = core.directory.get(sid(7));
    await held.arrived;
    await core.sync.pass();
    await core.suspend(sid(7));
    held.release();
    expect((await reading).account.status).toBe("suspended");
  });
});

describe("a restart", () => {
  const accounts = [
    account(1, { friendlyName: "Sales" }),
    account(2, { friendlyName: "sales" }),
    account(3, { friendlyName: "Support" }),
    account(4, { friendlyName: "" }),
  ];

  it("gives the same users, userNames included, though the names at Twilio tell no more why", async () => {
    const around = await surroundings(accounts);
    const core = await startCore(around);
    await core.sync.pass();
    await core.write(sid(3), attributes("ada", { externalId: "1", displayName: "Ada" }));
    await core.close(sid(1));
    const before = core.users;
    expect(userNames(before)).toEqual(["Parent", `sales (${sid(2)})`, "ada", sid(4)]);
    const restarted = await startCore(around);
    expect(restarted.users).toEqual(before);
    await restarted.sync.pass();
    expect(restarted.users).toEqual(before);
  });

  it("remembers that Twilio has forgotten an account, and what was written about it", async () => {
    const around = await surroundings([...accounts, ownerAccount()]);
    const core = await startCore(around);
    await core.sync.pass();
    await core.write(sid(3), attributes("ada"));
    around.gateway.delete(sid(3));
    await core.sync.pass();
    const { users } = await around.store.load();
    expect(users.map((row) => row.account.sid)).not.toContain(sid(3));
    around.gateway.add(account(3, { friendlyName: "Support" }));
    await core.sync.pass();
    expect((await startCore(around)).named("Support").identity).toBeUndefined();
  });

  it("knows the status that a lifecycle change has left, without a pass in between", async () => {
    const around = await surroundings(accounts);
    const core = await startCore(around);
    await core.sync.pass();
    await core.suspend(sid(3));
    expect((await startCore(around)).named("Support").account.status).toBe("suspended");
  });
});

describe("the snapshot", () => {
  it("that could not be saved is saved by the next pass, though that one learns nothing new", async () => {
    const around = await surroundings([account(1)]);
    around.store.interrupt("saveAccounts", fails("storageUnavailable"));
    const core = await startCore(around);
    await core.sync.pass();
    expect(core.sync.status.lastError).toBe("storageUnavailable");
    expect((await around.store.load()).users).toEqual([]);
    await core.sync.pass();
    expect(core.sync.status.lastError).toBeUndefined();
    expect(await around.store.load()).toMatchObject({
      complete: true,
      users: [{ derivedUserName: "Parent" }, { derivedUserName: "Account 1" }],
    });
  });

  it("that could not be told of forgotten accounts is told by the next pass", async () => {
    const around = await surroundings([account(1)]);
    const core = await startCore(around);
    await core.sync.pass();
    around.gateway.delete(sid(1));
    around.store.interrupt("forgetAccounts", fails("storageUnavailable"));
    await core.sync.pass();
    await core.sync.pass();
    expect((await around.store.load()).users).toHaveLength(1);
  });

  it("takes in a name that went from the last account to the first, with two transactions between them", async () => {
    const many = Array.from({ length: 1200 }, (_, at) => account(at + 1));
    const around = await surroundings(many);
    const core = await startCore(around);
    await core.sync.pass();
    // All rows wait to be saved, the last account's first: its new name is claimed while the first one still has it.
    for (const { sid } of many) around.gateway.edit(sid, { status: "suspended" });
    around.store.interrupt("saveAccounts", fails("storageUnavailable"));
    await core.sync.pass();
    around.gateway.edit(sid(1), { friendlyName: "Free" });
    around.gateway.edit(sid(1200), { friendlyName: "Account 1" });
    await core.sync.pass();
    expect(core.sync.status.lastError).toBeUndefined();
    expect(core.named("Account 1").account.sid).toBe(sid(1200));
    expect((await startCore(around)).users).toEqual(core.users);
  });

  it("lets others have their turn between two transactions", async () => {
    const around = await surroundings(Array.from({ length: 600 }, (_, at) => account(at + 1)));
    const turns: string[] = [];
    around.store.interrupt(
      "saveAccounts",
      (effect) => {
        setImmediate(() => turns.push("somebody else"));
        turns.push("first transaction");
        return effect();
      },
      (effect) => {
        turns.push("second transaction");
        return effect();
      },
    );
    await (await startCore(around)).sync.pass();
    expect(turns).toEqual(["first transaction", "somebody else", "second transaction"]);
  });

  it("that is refused for a name is no success, and is saved by the next pass", async () => {
    const around = await surroundings([account(1)]);
    around.store.interrupt("saveAccounts", fails("userNameTaken"), fails("userNameTaken"));
    const core = await startCore(around);
    await core.sync.pass();
    expect(core.sync.status.lastError).toBe("userNameTaken");
    await core.sync.pass();
    expect(core.sync.status.lastError).toBeUndefined();
    expect((await around.store.load()).users).toHaveLength(2);
  });

  it("is saved one flush after the other, so that no older row lands on a newer one", async () => {
    const core = await readyCore([account(1)]);
    const held = hold();
    core.store.interrupt("saveAccounts", held.beforeEffect);
    const suspending = core.suspend(sid(1));
    await held.arrived;
    core.gateway.edit(sid(1), { status: "active", friendlyName: "Newer" });
    const passing = core.sync.pass();
    await core.clock.rest();
    held.release();
    await Promise.all([suspending, passing]);
    const { users } = await core.store.load();
    expect(users.map((row) => row.account.friendlyName)).toContain("Newer");
  });
});

describe("an account that Twilio denied for a moment", () => {
  it("keeps what is written to it once it is found again, over a restart too", async () => {
    const core = await readyCore([account(1)]);
    core.gateway.interrupt("update", fails("accountNotFound"));
    await expect(core.suspend(sid(1))).rejects.toMatchObject({ code: "accountNotFound" });
    await core.directory.get(sid(1));
    await core.write(sid(1), attributes("dora", { externalId: "7" }));
    await core.directory.save();
    const restarted = await startCore(core);
    expect(restarted.named("dora").attributes.externalId).toBe("7");
  });
});
