import { describe, expect, it } from "@jest/globals";
import { ACTOR, readyCore } from "../support/core.js";
import { account, attributes, OWNER, sid } from "../support/example-accounts.js";
import { diesAfter, fails, hangs, losesAnswer, losesRequest } from "../support/interruptions.js";

const active = account(1, { friendlyName: "Ada" });
const suspended = account(2, { friendlyName: "Bob", status: "suspended" });

describe("the audit entry of a change", () => {
  it("tells who did what to which account, from what to what", async () => {
    const core = await readyCore([active]);
    await core.suspend(sid(1));
    expect(core.audit).toEqual([
      {
        actor: ACTOR,
        actions: ["suspend"],
        accountSid: sid(1),
        from: { status: "active", friendlyName: "Ada", userName: "Ada" },
        to: { status: "suspended" },
        outcome: "done",
        durationMs: 0,
      },
    ]);
  });

  it("names every part of a change, and is one", async () => {
    const core = await readyCore([active, suspended]);
    await core.write(sid(2), attributes("robert", { displayName: "Robert" }), true);
    expect(core.audit).toMatchObject([
      {
        actions: ["reactivate", "rename", "update"],
        from: { status: "suspended", friendlyName: "Bob", userName: "Bob" },
        to: { status: "active", friendlyName: "Robert", userName: "robert" },
        outcome: "done",
      },
    ]);
  });

  it("tells of a creation which account it made", async () => {
    const core = await readyCore();
    const { account } = await core.create(attributes("dora"), false);
    expect(core.audit).toMatchObject([
      {
        actions: ["create"],
        accountSid: account.sid,
        from: undefined,
        to: { status: "suspended", friendlyName: "dora", userName: "dora" },
        outcome: "done",
      },
    ]);
  });

  it("tells of a closing", async () => {
    const core = await readyCore([active]);
    await core.close(sid(1));
    expect(core.audit).toMatchObject([
      { actions: ["close"], from: { status: "active" }, to: { status: "closed" }, outcome: "done" },
    ]);
  });

  it("tells how long the change took, and no reason where it went well", async () => {
    const core = await readyCore([active]);
    core.gateway.interrupt("update", async (effect) => {
      await core.clock.sleep(1500);
      return effect();
    });
    await core.clock.runOut(core.suspend(sid(1)));
    expect(core.audit).toMatchObject([{ durationMs: 1500 }]);
    expect(core.audit[0]).not.toHaveProperty("reason");
  });

  it("says unchanged where nothing had to be done", async () => {
    const core = await readyCore([active, suspended]);
    await core.suspend(sid(2));
    await core.reactivate(sid(1));
    expect(core.audit.map(({ outcome }) => outcome)).toEqual(["unchanged", "unchanged"]);
  });

  it("says refused, and why, where a rule of the bridge forbids it", async () => {
    const core = await readyCore([active, suspended], { protectedAccounts: [sid(2)] });
    await expect(core.suspend(OWNER)).rejects.toBeDefined();
    await expect(core.close(sid(2))).rejects.toBeDefined();
    await expect(core.close(sid(9))).rejects.toBeDefined();
    await expect(core.create(attributes("ADA"))).rejects.toBeDefined();
    expect(core.audit).toMatchObject([
      { actions: ["suspend"], accountSid: OWNER, outcome: "refused", reason: "accountProtected" },
      { actions: ["close"], accountSid: sid(2), outcome: "refused", reason: "accountProtected" },
      { actions: ["close"], accountSid: sid(9), outcome: "refused", reason: "accountNotFound" },
      { actions: ["create"], accountSid: undefined, outcome: "refused", reason: "userNameTaken" },
    ]);
  });

  it("says refused, with Twilio's code, where Twilio forbids it", async () => {
    const core = await readyCore([suspended]);
    core.gateway.suspendByTwilio(sid(2));
    await expect(core.reactivate(sid(2))).rejects.toBeDefined();
    expect(core.audit).toMatchObject([
      { actions: ["reactivate"], outcome: "refused", reason: "suspendedByTwilio", twilioCode: 21478 },
    ]);
  });

  it.each(["twilioUnavailable", "credentialsRefused"] as const)(
    "says failed where Twilio could not do it now (%s)",
    async (code) => {
      const core = await readyCore([active]);
      core.gateway.interrupt("update", fails(code));
      await expect(core.suspend(sid(1))).rejects.toBeDefined();
      expect(core.audit).toMatchObject([{ actions: ["suspend"], outcome: "failed", reason: code }]);
    },
  );

  it("says failed where something went wrong that nobody foresaw", async () => {
    const core = await readyCore([active]);
    core.gateway.interrupt("update", async () => {
      throw new TypeError("a bug");
    });
    await expect(core.suspend(sid(1))).rejects.toThrow(TypeError);
    expect(core.audit).toMatchObject([{ outcome: "failed", reason: "TypeError" }]);
  });

  it("says unknown where Twilio's answer was lost, or did not come in time", async () => {
    const core = await readyCore([active]);
    core.gateway.interrupt("update", losesAnswer, hangs);
    await expect(core.suspend(sid(1))).rejects.toBeDefined();
    await expect(core.clock.runOut(core.suspend(sid(1)))).rejects.toBeDefined();
    expect(core.audit).toMatchObject([
      { outcome: "unknown", reason: "outcomeUnknown" },
      { outcome: "unknown", reason: "outcomeUnknown" },
    ]);
  });

  it("says incomplete where Twilio did its part and what was written could not be kept", async () => {
    const core = await readyCore([active]);
    core.store.interrupt("saveIdentity", fails("storageUnavailable"));
    await expect(core.write(sid(1), attributes("ada"), false)).rejects.toBeDefined();
    expect(core.audit).toMatchObject([
      { actions: ["suspend", "update"], outcome: "incomplete", reason: "storageUnavailable" },
    ]);
  });

  it("says failed where what was written could not be kept and Twilio had no part in it", async () => {
    const core = await readyCore([active]);
    core.store.interrupt("saveIdentity", fails("storageUnavailable"));
    await expect(core.write(sid(1), attributes("ada"))).rejects.toBeDefined();
    expect(core.audit).toMatchObject([
      { actions: ["update"], outcome: "failed", reason: "storageUnavailable" },
    ]);
  });

  it("says incomplete, and which account it is, where an account was made and could not be suspended", async () => {
    const core = await readyCore();
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    await expect(core.create(attributes("dora"), false)).rejects.toBeDefined();
    const [made] = core.gateway.accounts.filter(({ friendlyName }) => friendlyName === "dora");
    expect(core.audit).toMatchObject([
      { accountSid: made?.sid, outcome: "incomplete", reason: "twilioUnavailable" },
    ]);
  });

  it("says done of a creation whose answer was lost and whose account was found", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", losesAnswer);
    const { account } = await core.create(attributes("dora"));
    expect(core.audit).toMatchObject([{ accountSid: account.sid, outcome: "done" }]);
  });

  it("says failed of a creation whose request was lost", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", losesRequest);
    await expect(core.clock.runOut(core.create(attributes("dora")))).rejects.toBeDefined();
    expect(core.audit).toMatchObject([{ accountSid: undefined, outcome: "failed" }]);
  });

  it("says unknown of a creation whose answer was lost and whose account could not be looked for", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", losesAnswer);
    core.gateway.interrupt("find", fails("twilioUnavailable"));
    await expect(core.create(attributes("dora"))).rejects.toBeDefined();
    expect(core.audit).toMatchObject([{ accountSid: undefined, outcome: "unknown" }]);
  });

  it("is not made before the change has ended", async () => {
    const core = await readyCore([active]);
    core.gateway.interrupt("update", diesAfter);
    void core.suspend(sid(1));
    await core.clock.rest();
    expect(core.audit).toEqual([]);
  });
});

describe("a request that cannot be read", () => {
  it("leaves no entry, changes nothing, and its error reaches the caller", async () => {
    const core = await readyCore([active]);
    const unreadable = new Error("active must be a boolean");
    const change = () => {
      throw unreadable;
    };
    await expect(core.lifecycle.update(sid(1), change, ACTOR)).rejects.toBe(unreadable);
    expect(core.audit).toEqual([]);
    expect(core.gateway.calls).toEqual([]);
  });

  it("about an unknown account is recorded as refused: it was not read at all", async () => {
    const core = await readyCore();
    const change = () => {
      throw new Error("never called");
    };
    await expect(core.lifecycle.update(sid(9), change, ACTOR)).rejects.toMatchObject({
      code: "accountNotFound",
    });
    expect(core.audit).toMatchObject([{ actions: ["update"], accountSid: sid(9), outcome: "refused" }]);
  });
});

describe("a creation that is completed for nobody", () => {
  it("leaves an entry in the name of the bridge, with the account that it is", async () => {
    const core = await readyCore();
    core.gateway.interrupt("create", losesAnswer);
    core.gateway.interrupt("find", fails("twilioUnavailable"));
    await expect(core.create(attributes("dora"))).rejects.toMatchObject({ code: "outcomeUnknown" });
    core.audit.length = 0;
    await core.sync.pass();
    expect(core.audit).toMatchObject([
      {
        actor: { name: "bridge" },
        actions: ["create"],
        accountSid: core.named("dora").account.sid,
        to: { userName: "dora", status: "active" },
        outcome: "done",
      },
    ]);
  });
});
