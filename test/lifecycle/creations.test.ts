import { describe, expect, it } from "@jest/globals";
import type { Account } from "../../src/directory/account.js";
import { SETTLE_MS } from "../../src/lifecycle/open-creations.js";
import { type Core, readyCore, startCore } from "../support/core.js";
import { attributes, OWNER, sid } from "../support/example-accounts.js";
import { fails, hold, losesAnswer, losesRequest, passes } from "../support/interruptions.js";

const NEVER = new AbortController().signal;

const accountsNamed = ({ gateway }: Core, friendlyName: string): Account[] =>
  gateway.accounts.filter((account) => account.friendlyName === friendlyName);

/** Leaves an intent open whose account exists or does not, as after a crash. */
async function leaveOpen(core: Core, created: boolean, userName = "dora", active = true): Promise<void> {
  core.gateway.interrupt("create", created ? losesAnswer : losesRequest);
  core.gateway.interrupt("find", fails("twilioUnavailable"));
  await expect(core.create(attributes(userName), active)).rejects.toMatchObject({ code: "outcomeUnknown" });
}

describe("two POSTs of one userName at once", () => {
  it("make one account, and the other is told that the userName is taken", async () => {
    const core = await readyCore();
    const answers = await Promise.allSettled([
      core.create(attributes("dora")),
      core.create(attributes("DORA")),
    ]);
    expect(answers).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { code: "userNameTaken" } },
    ]);
    expect(core.gateway.writes).toHaveLength(1);
    expect(core.users).toHaveLength(2);
  });
});

describe("a creation that the database refuses to note", () => {
  it("sends nothing to Twilio, and leaves the userName free", async () => {
    const core = await readyCore();
    core.store.interrupt("openIntent", fails("storageUnavailable"));
    await expect(core.create(attributes("dora"))).rejects.toMatchObject({ code: "storageUnavailable" });
    expect(core.gateway.calls).toEqual([]);
    expect((await core.create(attributes("dora"))).attributes.userName).toBe("dora");
  });
});

describe("a creation whose answer was lost", () => {
  it("is answered with the account that it made", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", losesAnswer);
    const user = await core.create(attributes("dora"));
    expect(accountsNamed(core, "dora")).toEqual([user.account]);
    expect(core.gateway.writes).toHaveLength(1);
    expect(await core.store.openIntents()).toEqual([]);
  });

  it("is still answered with the account where it takes effect some seconds later", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", async (effect, signal) => {
      void core.clock.sleep(4000).then(effect);
      return losesRequest(effect, signal);
    });
    const user = await core.clock.runOut(core.create(attributes("dora")));
    expect(accountsNamed(core, "dora")).toEqual([user.account]);
  });

  it("is not held for without effect on the word of an answer that was long under way", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", async (effect, signal) => {
      void core.clock.sleep(1000).then(effect);
      return losesRequest(effect, signal);
    });
    core.gateway.interrupt("find", async (effect) => {
      const answer = await effect();
      await core.clock.sleep(7000);
      return answer;
    });
    const user = await core.clock.runOut(core.create(attributes("dora")));
    expect(accountsNamed(core, "dora")).toEqual([user.account]);
  });

  it("and that had no effect says so, leaves nothing behind and the userName free", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", losesRequest);
    await expect(core.clock.runOut(core.create(attributes("dora")))).rejects.toMatchObject({
      code: "twilioUnavailable",
    });
    expect(await core.store.openIntents()).toEqual([]);
    expect(core.users).toHaveLength(1);
    await core.create(attributes("dora"));
    expect(accountsNamed(core, "dora")).toHaveLength(1);
  });

  it("and that could not be found out holds its userName until a pass has found out", async () => {
    const core = await readyCore();
    await leaveOpen(core, true);
    await expect(core.write(OWNER, attributes("DORA"))).rejects.toMatchObject({ code: "userNameTaken" });
    await core.sync.pass();
    expect(core.named("dora").account).toEqual(accountsNamed(core, "dora")[0]);
    expect(await core.store.openIntents()).toEqual([]);
  });

  it("and that turns out to have had no effect gives its userName free, once that is certain", async () => {
    const core = await readyCore();
    await leaveOpen(core, false);
    await core.sync.pass();
    expect(await core.store.openIntents()).toHaveLength(1);
    await core.clock.advance(SETTLE_MS);
    await core.sync.pass();
    expect(await core.store.openIntents()).toEqual([]);
    expect((await core.write(OWNER, attributes("DORA"))).attributes.userName).toBe("DORA");
  });

  it("stays open while Twilio can not be asked or the database fails, and is settled after that", async () => {
    const core = await readyCore();
    await leaveOpen(core, true);
    core.gateway.interrupt("find", fails("twilioUnavailable"));
    await core.sync.pass();
    core.store.interrupt("fulfilIntent", fails("storageUnavailable"));
    await core.sync.pass();
    expect(await core.store.openIntents()).toHaveLength(1);
    expect(core.log.at("warn")).toHaveLength(2);
    await core.sync.pass();
    expect(core.named("dora").identity).toBeDefined();
    expect(core.users).toHaveLength(2);
  });

  it("stays open where nobody can tell what the failure means", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", async (effect) => {
      await effect();
      throw new TypeError("a bug");
    });
    await expect(core.create(attributes("dora"))).rejects.toThrow(TypeError);
    await core.sync.pass();
    expect(core.named("dora").identity).toBeDefined();
  });
});

describe("an account that is found for an interrupted creation", () => {
  /** Leaves a creation open that made nothing, has its namesake appear, and lets a pass settle it. */
  async function namesakeIsAdopted(appear: (core: Core) => void | Promise<void>): Promise<boolean> {
    const core = await readyCore();
    await appear(core);
    await leaveOpen(core, false);
    await core.sync.pass();
    const open = (await core.store.openIntents()).length;
    return open === 0;
  }

  const now = (core: Core) => Math.floor(core.clock.now() / 1000) * 1000;
  const namesake = (core: Core, said: Partial<Account>) => {
    const { sid } = core.gateway.createInConsole("dora");
    core.gateway.edit(sid, said);
  };

  it("was created when the creation was asked for, in Twilio's whole seconds", async () => {
    expect(await namesakeIsAdopted((core) => namesake(core, {}))).toBe(true);
    expect(await namesakeIsAdopted((core) => namesake(core, { dateCreated: now(core) - 1000 }))).toBe(true);
    expect(await namesakeIsAdopted((core) => namesake(core, { dateCreated: now(core) + 60_000 }))).toBe(true);
  });

  it("is none that is older", async () => {
    expect(await namesakeIsAdopted((core) => namesake(core, { dateCreated: now(core) - 3000 }))).toBe(false);
  });

  it("is none that was created 61 seconds later", async () => {
    expect(await namesakeIsAdopted((core) => namesake(core, { dateCreated: now(core) + 61_000 }))).toBe(
      false,
    );
  });

  it("is none that is closed", async () => {
    expect(await namesakeIsAdopted((core) => namesake(core, { status: "closed" }))).toBe(false);
  });

  it("is none whose name differs in case", async () => {
    expect(await namesakeIsAdopted((core) => namesake(core, { friendlyName: "Dora" }))).toBe(false);
  });

  it("is none that a provider has written to", async () => {
    const withIdentity = async (core: Core) => {
      await core.create(attributes("other", { displayName: "dora" }));
    };
    expect(await namesakeIsAdopted(withIdentity)).toBe(false);
  });

  it("is judged by Twilio's clock where ours goes wrong", async () => {
    const core = await readyCore();
    core.gateway.clockOffset = -600_000;
    await leaveOpen(core, true);
    await core.sync.pass();
    expect(core.named("dora").identity).toBeDefined();
  });
});

describe("a repeated POST while an intent is open", () => {
  it("completes it, and makes no second account", async () => {
    const core = await readyCore();
    await leaveOpen(core, true);
    const written = attributes("DORA", { displayName: "dora", title: "Painter" });
    const user = await core.create(written);
    expect(accountsNamed(core, "dora")).toEqual([user.account]);
    expect(user.attributes).toEqual(written);
    expect(await core.store.openIntents()).toEqual([]);
  });

  it("gives the account the name and the status that it asks for itself", async () => {
    const core = await readyCore();
    await leaveOpen(core, true);
    const user = await core.create(attributes("dora", { displayName: "Dora Maar" }), false);
    expect(user.account).toMatchObject({ friendlyName: "Dora Maar", status: "suspended" });
    expect(accountsNamed(core, "dora")).toEqual([]);
    expect(accountsNamed(core, "Dora Maar")).toHaveLength(1);
  });

  it("reactivates what the interrupted one has suspended", async () => {
    const core = await readyCore();
    core.store.interrupt("fulfilIntent", fails("storageUnavailable"));
    await expect(core.create(attributes("dora"), false)).rejects.toMatchObject({
      code: "storageUnavailable",
    });
    expect((await core.create(attributes("dora"), true)).account.status).toBe("active");
    expect(accountsNamed(core, "dora")).toHaveLength(1);
  });

  it("does not undo a suspension that was made in Twilio's console", async () => {
    const core = await readyCore();
    await leaveOpen(core, true);
    const [made] = accountsNamed(core, "dora");
    if (made !== undefined) core.gateway.edit(made.sid, { status: "suspended" });
    expect((await core.create(attributes("dora"), true)).account.status).toBe("suspended");
  });

  it("makes the account where the interrupted one has made none, once that is certain", async () => {
    const core = await readyCore();
    await leaveOpen(core, false);
    const startedAt = core.clock.now();
    const user = await core.clock.runOut(core.create(attributes("dora")));
    expect(core.clock.now() - startedAt).toBe(SETTLE_MS);
    expect(accountsNamed(core, "dora")).toEqual([user.account]);
    expect(await core.store.openIntents()).toEqual([]);
  });

  it("twice at once completes it once", async () => {
    const core = await readyCore();
    await leaveOpen(core, true);
    const answers = await Promise.allSettled([
      core.create(attributes("dora")),
      core.create(attributes("dora")),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(accountsNamed(core, "dora")).toHaveLength(1);
  });

  it("while a pass settles it makes no second account", async () => {
    const core = await readyCore();
    await leaveOpen(core, true);
    const held = hold();
    core.gateway.interrupt("find", held.beforeAnswer);
    const pass = core.sync.pass();
    await held.arrived;
    const again = core.create(attributes("dora"));
    held.release();
    // Refused only now that there is somebody to be found by that name.
    await expect(again).rejects.toMatchObject({ code: "userNameTaken" });
    expect(core.named("dora").identity).toBeDefined();
    await pass;
    expect(accountsNamed(core, "dora")).toHaveLength(1);
  });

  it("that is interrupted itself leaves the intent as open as it was", async () => {
    const core = await readyCore();
    await leaveOpen(core, true);
    core.gateway.interrupt("find", fails("twilioUnavailable"));
    await expect(core.create(attributes("dora"))).rejects.toMatchObject({ code: "twilioUnavailable" });
    core.store.interrupt("fulfilIntent", fails("storageUnavailable"));
    await expect(core.create(attributes("dora"))).rejects.toMatchObject({ code: "storageUnavailable" });
    const user = await core.create(attributes("dora"));
    expect(accountsNamed(core, "dora")).toEqual([user.account]);
  });

  it("that had renamed the account when it was interrupted does not lose it", async () => {
    const core = await readyCore();
    await leaveOpen(core, true);
    core.store.interrupt("fulfilIntent", fails("storageUnavailable"));
    const renamed = attributes("dora", { displayName: "Dora Maar" });
    await expect(core.create(renamed)).rejects.toMatchObject({ code: "storageUnavailable" });
    await core.clock.advance(10_000);
    await core.sync.pass();
    expect(core.named("dora").account).toEqual(accountsNamed(core, "Dora Maar")[0]);
    await expect(core.create(renamed)).rejects.toMatchObject({ code: "userNameTaken" });
  });

  it("settles what it began also where a pass was about to settle an older intent of that userName", async () => {
    const core = await readyCore();
    await leaveOpen(core, false, "first");
    await leaveOpen(core, false, "dora");
    await core.clock.advance(SETTLE_MS);
    const held = hold();
    core.gateway.interrupt("find", held.beforeEffect);
    const pass = core.sync.pass();
    await held.arrived;
    // The pass is still at `first` when `dora` is asked for again, and is left open again.
    core.gateway.interrupt("find", passes, fails("twilioUnavailable"));
    core.gateway.interrupt("create", losesAnswer);
    await expect(core.create(attributes("dora"))).rejects.toMatchObject({ code: "outcomeUnknown" });
    held.release();
    await pass;
    await core.clock.advance(10_000);
    await core.sync.pass();
    expect(await core.store.openIntents()).toEqual([]);
    expect(core.named("dora").account).toEqual(accountsNamed(core, "dora")[0]);
  });
});

describe("a creation whose suspension fails", () => {
  it.each(["twilioUnavailable", "outcomeUnknown"] as const)(
    "(%s) stays open, and is completed by the next pass",
    async (code) => {
      const core = await readyCore();
      core.gateway.interrupt("update", fails(code));
      await expect(core.create(attributes("dora"), false)).rejects.toMatchObject({ code });
      await core.sync.pass();
      expect(core.named("dora").account).toMatchObject({ status: "suspended" });
      expect(accountsNamed(core, "dora")).toMatchObject([{ status: "suspended" }]);
      expect(await core.store.openIntents()).toEqual([]);
    },
  );

  it("is completed after a restart too", async () => {
    const core = await readyCore();
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    await expect(core.create(attributes("dora"), false)).rejects.toMatchObject({
      code: "twilioUnavailable",
    });
    const restarted = await startCore(core);
    await restarted.sync.pass();
    expect(restarted.named("dora").account.status).toBe("suspended");
  });

  it("and whose account is renamed in Twilio's console meanwhile shows that name", async () => {
    const core = await readyCore();
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    const written = attributes("dora", { displayName: "Dora Maar" });
    await expect(core.create(written, false)).rejects.toMatchObject({ code: "twilioUnavailable" });
    const [made] = accountsNamed(core, "Dora Maar");
    if (made !== undefined) core.gateway.edit(made.sid, { friendlyName: "Console" });
    await core.sync.pass();
    expect(core.named("dora").attributes.displayName).toBe("Console");
    expect(core.named("dora").account.status).toBe("suspended");
  });

  it("and whose account was written to meanwhile takes nothing of that back", async () => {
    const core = await readyCore();
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    await expect(core.create(attributes("dora"), false)).rejects.toMatchObject({
      code: "twilioUnavailable",
    });
    core.gateway.interrupt("fetch", fails("twilioUnavailable"));
    await core.sync.pass();
    const [made] = accountsNamed(core, "dora");
    if (made !== undefined) await core.write(made.sid, attributes("somebody"));
    await core.clock.advance(SETTLE_MS);
    await core.sync.pass();
    expect(core.named("somebody").account).toEqual(made);
    expect(await core.store.openIntents()).toEqual([]);
  });

  it("and whose account is closed meanwhile gives its userName free", async () => {
    const core = await readyCore();
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    await expect(core.create(attributes("dora"), false)).rejects.toMatchObject({
      code: "twilioUnavailable",
    });
    const [made] = accountsNamed(core, "dora");
    if (made !== undefined) core.gateway.edit(made.sid, { status: "closed" });
    await core.clock.advance(SETTLE_MS);
    await core.sync.pass();
    expect(await core.store.openIntents()).toEqual([]);
    expect((await core.create(attributes("dora"))).account.status).toBe("active");
  });
});

describe("namesakes that are created at the same time", () => {
  const team = (userName: string) => attributes(userName, { displayName: "Team" });

  function expectEachItsOwn(core: Core, userNames: readonly string[]): void {
    const sids = userNames.map((userName) => core.named(userName).account.sid);
    expect(new Set(sids).size).toBe(userNames.length);
    expect(accountsNamed(core, "Team").map(({ sid }) => sid)).toEqual(expect.arrayContaining(sids));
    expect(accountsNamed(core, "Team")).toHaveLength(userNames.length);
  }

  it("each get their own account, though all answers are lost", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", losesAnswer, losesAnswer, losesAnswer);
    await Promise.all(["a", "b", "c"].map((userName) => core.create(team(userName))));
    expectEachItsOwn(core, ["a", "b", "c"]);
  });

  it("each get their own account, though one is still being suspended when the other looks for its own", async () => {
    const core = await readyCore();
    const held = hold();
    core.gateway.interrupt("create", passes, losesAnswer);
    core.gateway.interrupt("update", held.beforeEffect);
    const first = core.create(team("a"), false);
    await held.arrived;
    const second = core.create(team("b"));
    await core.clock.rest();
    held.release();
    await Promise.all([first, second]);
    expectEachItsOwn(core, ["a", "b"]);
    expect(core.named("a").account.status).toBe("suspended");
    expect(core.named("b").account.status).toBe("active");
  });

  it("each get their own account, though one is left open when the other looks for its own", async () => {
    const core = await readyCore();
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    await expect(core.create(team("a"), false)).rejects.toMatchObject({ code: "twilioUnavailable" });
    core.gateway.interrupt("create", losesRequest);
    await expect(core.clock.runOut(core.create(team("b")))).rejects.toMatchObject({
      code: "twilioUnavailable",
    });
    await core.sync.pass();
    expectEachItsOwn(core, ["a"]);
    expect(() => core.named("b")).toThrow();
  });

  it("each get their own account, though both were left open and are settled and repeated at once", async () => {
    const core = await readyCore();
    for (const userName of ["a", "b"]) {
      core.gateway.interrupt("create", losesAnswer);
      core.gateway.interrupt("find", fails("twilioUnavailable"));
      await expect(core.create(team(userName))).rejects.toMatchObject({ code: "outcomeUnknown" });
    }
    const held = hold();
    core.store.interrupt("fulfilIntent", held.beforeEffect);
    const pass = core.sync.pass();
    await held.arrived;
    const repeated = core.create(team("b"));
    await core.clock.rest();
    held.release();
    await Promise.all([pass, repeated]);
    expectEachItsOwn(core, ["a", "b"]);
  });

  it("do not wait past their deadline for one that hangs", async () => {
    const core = await readyCore();
    await leaveOpen(core, true, "Team");
    core.gateway.interrupt("find", () => new Promise(() => undefined));
    void core.sync.pass();
    await core.clock.rest();
    const startedAt = core.clock.now();
    await expect(core.clock.runOut(core.create(team("b")))).rejects.toMatchObject({
      code: "twilioUnavailable",
    });
    expect(core.clock.now() - startedAt).toBe(24_000);
    expect(accountsNamed(core, "Team")).toHaveLength(1);
  });
});

describe("an intent that the database could not drop", () => {
  it("holds its userName until it is settled, and makes nothing", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", fails("subaccountLimit"));
    core.store.interrupt("dropIntent", fails("storageUnavailable"));
    await expect(core.create(attributes("dora"))).rejects.toMatchObject({ code: "subaccountLimit" });
    await core.clock.advance(SETTLE_MS);
    await core.sync.pass();
    expect(await core.store.openIntents()).toEqual([]);
    expect((await core.create(attributes("dora"))).account.sid).not.toBe(sid(1));
    expect(accountsNamed(core, "dora")).toHaveLength(1);
  });
});

describe("a created user", () => {
  it("is in the snapshot as it is, though a pass saved an older row at the moment of the commit", async () => {
    const core = await readyCore();
    const held = hold();
    core.store.interrupt("fulfilIntent", held.beforeAnswer);
    core.gateway.interrupt("update", async (effect) => {
      for (const account of accountsNamed(core, "dora")) {
        core.directory.index.report(account, core.directory.index.tick());
        core.directory.snapshot.touch(account.sid);
      }
      return effect();
    });
    const creating = core.create(attributes("dora"), false);
    await held.arrived;
    await core.directory.save();
    held.release();
    await creating;
    await core.directory.save();
    expect((await startCore(core)).named("dora").account.status).toBe("suspended");
  });
});

describe("settling", () => {
  it("asks nothing of Twilio where nothing is open", async () => {
    const core = await readyCore();
    await core.creations.settle(NEVER);
    expect(core.gateway.calls).toEqual([]);
  });
});
