import { describe, expect, it } from "@jest/globals";
import { ACTOR, readyCore, startCore } from "../support/core.js";
import { account, attributes, sid } from "../support/example-accounts.js";
import { fails, hangs, hold, losesAnswer } from "../support/interruptions.js";

const renamed = attributes("ada", { displayName: "Countess" });

describe("changes to one account", () => {
  it("run one at a time, in the order in which they came", async () => {
    const core = await readyCore([account(1)]);
    const held = hold();
    core.gateway.interrupt("update", held.beforeEffect);
    const suspending = core.suspend(sid(1));
    const reactivating = core.reactivate(sid(1));
    const closing = core.close(sid(1));
    await held.arrived;
    await core.clock.rest();
    expect(core.gateway.calls).toHaveLength(1);
    held.release();
    await Promise.all([suspending, reactivating, closing]);
    expect(core.gateway.calls).toEqual(
      ["suspended", "active", "closed"].map((status) => ({
        request: "update",
        sid: sid(1),
        change: { status },
      })),
    );
  });

  it("are told what the one before has made of the user", async () => {
    const core = await readyCore([account(1)]);
    const held = hold();
    core.gateway.interrupt("update", held.beforeEffect);
    const suspending = core.suspend(sid(1));
    const seen: string[] = [];
    const updating = core.lifecycle.update(
      sid(1),
      (user) => {
        seen.push(user.account.status);
        return {};
      },
      ACTOR,
    );
    await held.arrived;
    held.release();
    await Promise.all([suspending, updating]);
    expect(seen).toEqual(["suspended"]);
  });

  it("go on after one that failed", async () => {
    const core = await readyCore([account(1)]);
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    const [first, second] = await Promise.allSettled([core.suspend(sid(1)), core.suspend(sid(1))]);
    expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
    expect(core.gateway.account(sid(1)).status).toBe("suspended");
  });

  it("do not wait for changes to another one", async () => {
    const core = await readyCore([account(1), account(2)]);
    const held = hold();
    core.gateway.interrupt("update", held.beforeEffect);
    const waiting = core.suspend(sid(1));
    await held.arrived;
    await core.suspend(sid(2));
    held.release();
    await waiting;
    expect(core.named("Account 2").account.status).toBe("suspended");
  });

  it("to a userName that another change is about to take are refused, and nothing is sent", async () => {
    const core = await readyCore([account(1), account(2)]);
    const held = hold();
    core.gateway.interrupt("update", held.beforeEffect);
    const first = core.write(sid(1), renamed);
    await held.arrived;
    await expect(core.write(sid(2), attributes("ADA"), false)).rejects.toMatchObject({
      code: "userNameTaken",
    });
    await expect(core.create(attributes("Ada"))).rejects.toMatchObject({ code: "userNameTaken" });
    held.release();
    await first;
    expect(core.gateway.calls).toHaveLength(1);
  });

  it("that failed give the userName back", async () => {
    const core = await readyCore([account(1), account(2)]);
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    await expect(core.write(sid(1), renamed)).rejects.toMatchObject({ code: "twilioUnavailable" });
    expect((await core.write(sid(2), attributes("ADA"))).attributes.userName).toBe("ADA");
  });
});

describe("a write", () => {
  it("keeps no identity where Twilio fails", async () => {
    const core = await readyCore([account(1)]);
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    await expect(core.write(sid(1), renamed)).rejects.toMatchObject({ code: "twilioUnavailable" });
    expect(core.named("Account 1").identity).toBeUndefined();
    expect((await startCore(core)).named("Account 1").identity).toBeUndefined();
  });

  it("shows what Twilio did although the identity could not be kept, and is no success", async () => {
    const core = await readyCore([account(1)]);
    core.store.interrupt("saveIdentity", fails("storageUnavailable"));
    await expect(core.write(sid(1), renamed, false)).rejects.toMatchObject({ code: "storageUnavailable" });
    const user = core.named("Countess");
    expect(user.account).toEqual(core.gateway.account(sid(1)));
    expect(user.account).toMatchObject({ status: "suspended", friendlyName: "Countess" });
    expect(user.identity).toBeUndefined();
    expect((await startCore(core)).named("Countess").account).toEqual(user.account);
  });

  it("that reached the database only in part can be repeated", async () => {
    const core = await readyCore([account(1)]);
    core.store.interrupt("saveIdentity", fails("storageUnavailable"));
    await expect(core.write(sid(1), renamed)).rejects.toMatchObject({ code: "storageUnavailable" });
    expect((await core.write(sid(1), renamed)).attributes).toEqual(renamed);
    expect(core.gateway.calls).toHaveLength(1);
  });

  it("at Twilio is a success although its row could not be saved, and the next pass saves it", async () => {
    const core = await readyCore([account(1)]);
    core.store.interrupt("saveAccounts", fails("storageUnavailable"));
    expect((await core.suspend(sid(1))).account.status).toBe("suspended");
    expect(core.log.at("error")).toHaveLength(1);
    expect((await startCore(core)).named("Account 1").account.status).toBe("active");
    await core.sync.pass();
    expect((await startCore(core)).named("Account 1").account.status).toBe("suspended");
  });

  it("that reveals a name given in Twilio's console shows that name", async () => {
    const core = await readyCore([account(1)]);
    await core.write(sid(1), attributes("ada", { displayName: "Account 1" }));
    core.gateway.edit(sid(1), { friendlyName: "Console" });
    const user = await core.write(sid(1), attributes("ada", { displayName: "Account 1" }), false);
    expect(user.account).toEqual(core.gateway.account(sid(1)));
    expect(user.attributes.displayName).toBe("Console");
  });

  it("is in the snapshot, though a pass saved what it knew before at the same moment", async () => {
    const core = await readyCore([account(1)]);
    const held = hold();
    core.store.interrupt("saveIdentity", held.beforeAnswer);
    const writing = core.write(sid(1), renamed);
    await held.arrived;
    core.gateway.edit(sid(1), { friendlyName: "Account 1", type: "Trial" });
    await core.sync.pass();
    core.gateway.edit(sid(1), { friendlyName: "Countess" });
    held.release();
    const { account: shown } = await writing;
    await core.directory.save();
    expect((await startCore(core)).named("ada").account).toEqual(shown);
  });

  it("whose outcome is unknown shows nothing until the next pass tells", async () => {
    const core = await readyCore([account(1)]);
    core.gateway.interrupt("update", losesAnswer);
    await expect(core.suspend(sid(1))).rejects.toMatchObject({ code: "outcomeUnknown" });
    expect(core.named("Account 1").account.status).toBe("active");
    await core.sync.pass();
    expect(core.named("Account 1").account.status).toBe("suspended");
  });
});

describe("a write is answered after 24 seconds, whatever Twilio does", () => {
  it.each([
    ["suspension", (core: Awaited<ReturnType<typeof readyCore>>) => core.suspend(sid(1))],
    ["closing", (core: Awaited<ReturnType<typeof readyCore>>) => core.close(sid(1))],
    ["rename", (core: Awaited<ReturnType<typeof readyCore>>) => core.write(sid(1), renamed)],
  ])("a %s", async (_what, change) => {
    const core = await readyCore([account(1)]);
    core.gateway.interrupt("update", hangs);
    const startedAt = core.clock.now();
    await expect(core.clock.runOut<unknown>(change(core))).rejects.toMatchObject({ code: "outcomeUnknown" });
    expect(core.clock.now() - startedAt).toBe(24_000);
  });

  it("a creation", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", hangs);
    const startedAt = core.clock.now();
    const creating = core.create(attributes("ada"));
    await expect(core.clock.runOut(creating)).rejects.toMatchObject({ code: "outcomeUnknown" });
    expect(core.clock.now() - startedAt).toBe(24_000);
  });

  it("a creation whose answer is lost while Twilio can not be asked any more", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", losesAnswer);
    core.gateway.interrupt("find", hangs);
    const startedAt = core.clock.now();
    const creating = core.create(attributes("ada"));
    await expect(core.clock.runOut(creating)).rejects.toMatchObject({ code: "outcomeUnknown" });
    expect(core.clock.now() - startedAt).toBe(24_000);
  });

  it("a change that had to wait for another one", async () => {
    const core = await readyCore([account(1)]);
    core.gateway.interrupt("update", hangs, hangs);
    const first = core.suspend(sid(1));
    await core.clock.advance(10_000);
    const startedAt = core.clock.now();
    const second = core.close(sid(1));
    await expect(core.clock.runOut(first)).rejects.toMatchObject({ code: "outcomeUnknown" });
    await expect(core.clock.runOut(second)).rejects.toMatchObject({ code: "outcomeUnknown" });
    expect(core.clock.now() - startedAt).toBe(24_000);
  });

  it("changes to an account that is not known yet, one after the other", async () => {
    const core = await readyCore();
    core.gateway.interrupt("fetch", hangs, hangs, hangs, hangs);
    const startedAt = core.clock.now();
    const changes = [1, 2, 3, 4].map(() => core.suspend(sid(7)));
    await core.clock.runOut(Promise.allSettled(changes));
    expect(core.clock.now() - startedAt).toBeLessThanOrEqual(24_000);
  });

  it("while nothing keeps a timer afterwards", async () => {
    const core = await readyCore([account(1)]);
    await core.suspend(sid(1));
    expect(core.clock.sleepers).toBe(0);
  });
});
