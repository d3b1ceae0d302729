import { describe, expect, it } from "@jest/globals";
import { readyCore, startCore } from "../support/core.js";
import { account, attributes, OWNER, sid, userNames } from "../support/example-accounts.js";
import { fails } from "../support/interruptions.js";

const active = account(1, { friendlyName: "Ada" });
const suspended = account(2, { friendlyName: "Bob", status: "suspended" });
const closed = account(3, { friendlyName: "Carol", status: "closed" });
const three = [active, suspended, closed];

describe("active: false", () => {
  it("suspends an active account at Twilio, and the next read sees it", async () => {
    const core = await readyCore(three);
    const user = await core.suspend(sid(1));
    expect(core.gateway.writes).toEqual([
      { request: "update", sid: sid(1), change: { status: "suspended" } },
    ]);
    expect(user.account.status).toBe("suspended");
    expect(core.named("Ada")).toBe(user);
    expect(user.identity).toBeUndefined();
  });

  it("sends nothing where the account is suspended already", async () => {
    const core = await readyCore(three);
    expect((await core.suspend(sid(2))).account.status).toBe("suspended");
    expect(core.gateway.calls).toEqual([]);
  });

  it("says that Twilio is out of order where it is, and shows the account as it is", async () => {
    const core = await readyCore(three);
    core.gateway.interrupt("update", fails("twilioUnavailable"));
    await expect(core.suspend(sid(1))).rejects.toMatchObject({ code: "twilioUnavailable" });
    expect(core.named("Ada").account.status).toBe("active");
  });

  it("suspends an account that was made in Twilio's console a moment ago", async () => {
    const core = await readyCore(three);
    core.gateway.add(account(7));
    expect((await core.suspend(sid(7))).account.status).toBe("suspended");
  });

  it("is no 'no such account' where Twilio can not be asked for an unknown one", async () => {
    const core = await readyCore(three);
    core.gateway.interrupt("fetch", fails("twilioUnavailable"));
    await expect(core.suspend(sid(7))).rejects.toMatchObject({ code: "twilioUnavailable" });
  });

  it("is answered with no such account for an unknown one, a closed one included", async () => {
    const core = await readyCore(three);
    for (const unknown of [sid(3), sid(9)]) {
      await expect(core.suspend(unknown)).rejects.toMatchObject({ code: "accountNotFound" });
    }
    expect(core.gateway.writes).toEqual([]);
  });
});

describe("active: true", () => {
  it("reactivates a suspended account at Twilio", async () => {
    const core = await readyCore(three);
    expect((await core.reactivate(sid(2))).account.status).toBe("active");
    expect(core.gateway.writes).toEqual([{ request: "update", sid: sid(2), change: { status: "active" } }]);
  });

  it("sends nothing where the account is active already", async () => {
    const core = await readyCore(three);
    expect((await core.reactivate(sid(1))).account.status).toBe("active");
    expect(core.gateway.calls).toEqual([]);
  });

  it("is refused with Twilio's reason where Twilio itself has suspended the account", async () => {
    const core = await readyCore(three);
    core.gateway.suspendByTwilio(sid(2));
    await expect(core.reactivate(sid(2))).rejects.toMatchObject({
      code: "suspendedByTwilio",
      twilioCode: 21478,
    });
    expect(core.named("Bob").account.status).toBe("suspended");
  });
});

describe("a DELETE", () => {
  it.each([active, suspended])("closes a $status account at Twilio, and it is gone", async ({ sid }) => {
    const core = await readyCore(three);
    await core.close(sid);
    expect(core.gateway.writes).toEqual([{ request: "update", sid, change: { status: "closed" } }]);
    await expect(core.directory.get(sid)).rejects.toMatchObject({ code: "accountNotFound" });
    expect(core.users).toHaveLength(2);
  });

  it("of an account that is closed, or was never there, finds none and sends no change", async () => {
    const core = await readyCore(three);
    await core.close(sid(1));
    core.gateway.calls.length = 0;
    for (const gone of [sid(1), sid(3), sid(9)]) {
      await expect(core.close(gone)).rejects.toMatchObject({ code: "accountNotFound" });
    }
    expect(core.gateway.writes).toEqual([]);
  });

  it("of an account that was closed in Twilio's console since finds none, and it is gone", async () => {
    const core = await readyCore(three);
    core.gateway.edit(sid(1), { status: "closed" });
    await expect(core.close(sid(1))).rejects.toMatchObject({ code: "accountNotFound" });
    expect(userNames(core.users)).toEqual(["Parent", "Bob"]);
  });

  it("of an account that Twilio no longer has finds none, and it is gone", async () => {
    const core = await readyCore(three);
    core.gateway.delete(sid(1));
    await expect(core.close(sid(1))).rejects.toMatchObject({ code: "accountNotFound" });
    expect(userNames(core.users)).toEqual(["Parent", "Bob"]);
  });

  it("that fails at Twilio leaves the account, and is no 'no such account'", async () => {
    const core = await readyCore(three);
    core.gateway.interrupt("update", fails("twilioUnavailable"), fails("outcomeUnknown"));
    await expect(core.close(sid(1))).rejects.toMatchObject({ code: "twilioUnavailable" });
    await expect(core.close(sid(1))).rejects.toMatchObject({ code: "outcomeUnknown" });
    expect(core.named("Ada").account.status).toBe("active");
  });

  it("frees the userName, written or derived", async () => {
    const core = await readyCore(three);
    await core.write(sid(2), attributes("robert"));
    await core.close(sid(1));
    await core.close(sid(2));
    expect((await core.create(attributes("ada"))).attributes.userName).toBe("ada");
    expect((await core.create(attributes("Robert"))).attributes.userName).toBe("Robert");
  });
});

describe("where closed accounts are shown", () => {
  const shown = { showsClosed: true };

  it("a closed one can be read, and is suspended without a call", async () => {
    const core = await readyCore(three, shown);
    expect((await core.suspend(sid(3))).account.status).toBe("closed");
    expect(core.gateway.calls).toEqual([]);
  });

  it("reactivating it, renaming it or writing to it is refused, without a call", async () => {
    const core = await readyCore(three, shown);
    const refused = { code: "accountClosed" };
    await expect(core.reactivate(sid(3))).rejects.toMatchObject(refused);
    await expect(core.write(sid(3), attributes("x", { displayName: "X" }))).rejects.toMatchObject(refused);
    await expect(core.write(sid(3), attributes("x"))).rejects.toMatchObject(refused);
    expect(core.gateway.calls).toEqual([]);
    expect((await core.directory.get(sid(3))).attributes.userName).toBe("Carol");
  });

  it("closing it again finds no such account, without a call", async () => {
    const core = await readyCore(three, shown);
    await expect(core.close(sid(3))).rejects.toMatchObject({ code: "accountNotFound" });
    expect(core.gateway.calls).toEqual([]);
  });

  it("one that was closed in Twilio's console since is refused, and shown as closed", async () => {
    const core = await readyCore(three, shown);
    core.gateway.edit(sid(2), { status: "closed" });
    await expect(core.reactivate(sid(2))).rejects.toMatchObject({ code: "accountClosed" });
    expect(core.named("Bob").account.status).toBe("closed");
    await expect(core.close(sid(2))).rejects.toMatchObject({ code: "accountNotFound" });
  });

  it("closing one that was closed in Twilio's console since finds no such account", async () => {
    const core = await readyCore(three, shown);
    core.gateway.edit(sid(2), { status: "closed" });
    await expect(core.close(sid(2))).rejects.toMatchObject({ code: "accountNotFound" });
    expect(core.named("Bob").account.status).toBe("closed");
  });
});

describe.each([
  { who: "the owner account", target: OWNER },
  { who: "a protected account", target: sid(1) },
])("$who", ({ target }) => {
  const protecting = { protectedAccounts: [sid(1)], showsClosed: true };

  it("is never suspended, renamed or closed: nothing of it reaches Twilio", async () => {
    const core = await readyCore(three, protecting);
    const { userName } = (await core.directory.get(target)).attributes;
    const refused = { code: "accountProtected" };
    await expect(core.suspend(target)).rejects.toMatchObject(refused);
    await expect(core.close(target)).rejects.toMatchObject(refused);
    const renamed = attributes(userName, { displayName: "Another name" });
    await expect(core.write(target, renamed)).rejects.toMatchObject(refused);
    await expect(core.write(target, renamed, false)).rejects.toMatchObject(refused);
    expect(core.gateway.calls).toEqual([]);
    expect((await core.directory.get(target)).identity).toBeUndefined();
  });

  it("is not reactivated either", async () => {
    const core = await readyCore(three, protecting);
    core.gateway.edit(target, { status: "suspended" });
    await core.sync.pass();
    core.gateway.calls.length = 0;
    await expect(core.reactivate(target)).rejects.toMatchObject({ code: "accountProtected" });
    expect(core.gateway.calls).toEqual([]);
  });

  it("may be asked for what it is already, and be written about as long as Twilio need not know", async () => {
    const core = await readyCore(three, protecting);
    await core.reactivate(target);
    const user = await core.write(target, attributes("Boss", { title: "Boss" }), true);
    expect(user.attributes).toEqual(attributes("Boss", { title: "Boss" }));
    expect(core.gateway.calls).toEqual([]);
  });
});

describe("an account that is its own owner by Twilio's word", () => {
  it("is guarded, though it is not the one that was configured", async () => {
    const other = account(7, { ownerAccountSid: sid(7) });
    const core = await readyCore([other]);
    await expect(core.suspend(sid(7))).rejects.toMatchObject({ code: "accountProtected" });
    expect(core.gateway.calls).toEqual([]);
  });
});

describe("MANAGE=linked", () => {
  const linked = { linkedOnly: true };

  it("leaves accounts alone that the bridge did not create, attributes included", async () => {
    const core = await readyCore(three, linked);
    const refused = { code: "accountNotLinked" };
    await expect(core.suspend(sid(1))).rejects.toMatchObject(refused);
    await expect(core.reactivate(sid(2))).rejects.toMatchObject(refused);
    await expect(core.close(sid(1))).rejects.toMatchObject(refused);
    await expect(core.write(sid(1), attributes("ada"))).rejects.toMatchObject(refused);
    expect(core.gateway.calls).toEqual([]);
    expect(core.named("Ada").identity).toBeUndefined();
  });

  it("changes those that it created, after a restart too", async () => {
    const core = await readyCore(three, linked);
    const { account } = await core.create(attributes("dora"));
    await core.suspend(account.sid);
    const restarted = await startCore(core, linked);
    await restarted.reactivate(account.sid);
    await restarted.close(account.sid);
    expect(core.gateway.account(account.sid).status).toBe("closed");
  });
});

describe("a POST", () => {
  it("creates an account, keeps what was written, and the next read sees it", async () => {
    const core = await readyCore(three);
    const written = attributes("dora", { externalId: "7", name: { formatted: "Dora Maar" } });
    const user = await core.create(written);
    expect(core.gateway.writes).toEqual([{ request: "create", friendlyName: "Dora Maar" }]);
    expect(user.attributes).toEqual(written);
    expect(user.account).toMatchObject({ status: "active", friendlyName: "Dora Maar" });
    expect(core.named("DORA")).toBe(user);
    expect(await core.store.openIntents()).toEqual([]);
    expect((await startCore(core)).named("dora")).toEqual(user);
  });

  it("with active: false creates and suspends", async () => {
    const core = await readyCore();
    const user = await core.create(attributes("dora"), false);
    expect(user.account.status).toBe("suspended");
    expect(core.gateway.writes).toEqual([
      { request: "create", friendlyName: "dora" },
      { request: "update", sid: user.account.sid, change: { status: "suspended" } },
    ]);
  });

  it.each([
    ["derived, of an active account", "Ada"],
    ["derived, in other case", "aDA"],
    ["derived, of a suspended account", "bob"],
    ["written", "dora"],
    ["written, in other case", "DORA"],
    ["the owner account's", "parent"],
  ])("for a userName that is taken (%s) creates nothing", async (_how, userName) => {
    const core = await readyCore(three);
    await core.create(attributes("Dora"));
    core.gateway.calls.length = 0;
    await expect(core.create(attributes(userName))).rejects.toMatchObject({ code: "userNameTaken" });
    expect(core.gateway.calls).toEqual([]);
    expect(await core.store.openIntents()).toEqual([]);
  });

  it("for a userName that only a closed account has creates an account", async () => {
    for (const showsClosed of [false, true]) {
      const core = await readyCore(three, { showsClosed });
      expect((await core.create(attributes("carol"))).attributes.userName).toBe("carol");
    }
  });

  it("for a userName that was given up by a write creates an account", async () => {
    const core = await readyCore(three);
    await core.write(sid(1), attributes("countess"));
    expect((await core.create(attributes("ada"))).attributes.userName).toBe("ada");
  });

  it("gives the account 64 code points of a longer displayName, which is shown whole", async () => {
    const core = await readyCore();
    const displayName = `x${"💡".repeat(80)}`;
    const user = await core.create(attributes("dora", { displayName }));
    expect(user.account.friendlyName).toBe(`x${"💡".repeat(63)}`);
    await core.sync.pass();
    expect(core.named("dora").attributes.displayName).toBe(displayName);
  });

  it.each([
    ["subaccountLimit", 21480],
    ["parentSuspended", 21476],
    ["credentialsRefused", 20003],
    ["twilioUnavailable", undefined],
  ] as const)(
    "that Twilio refuses with %s leaves nothing behind, and the userName free",
    async (code, twilioCode) => {
      const core = await readyCore();
      core.gateway.interrupt("create", fails(code, twilioCode));
      await expect(core.create(attributes("dora"))).rejects.toMatchObject({ code, twilioCode });
      expect(core.users).toHaveLength(1);
      expect(await core.store.openIntents()).toEqual([]);
      expect((await core.create(attributes("dora"))).attributes.userName).toBe("dora");
    },
  );
});

describe("a PUT", () => {
  it.each([active, suspended])(
    "without active leaves the status of a $status account",
    async ({ sid, status }) => {
      const core = await readyCore(three);
      const user = await core.write(sid, attributes("new name"));
      expect(user.account.status).toBe(status);
      expect(core.gateway.calls).toEqual([]);
    },
  );

  it("shows what was written, and what it left out is absent", async () => {
    const core = await readyCore(three);
    const written = attributes("countess", { title: "Countess" });
    await core.write(sid(1), written);
    expect(core.named("countess").attributes).toEqual(written);
    expect(() => core.named("Ada")).toThrow();
    expect((await startCore(core)).named("countess").attributes).toEqual(written);
  });

  it("with another displayName renames the account, and with another status too, in one request", async () => {
    const core = await readyCore(three);
    await core.write(sid(1), attributes("ada", { displayName: " Countess " }), false);
    expect(core.gateway.writes).toEqual([
      { request: "update", sid: sid(1), change: { status: "suspended", friendlyName: "Countess" } },
    ]);
    expect(core.named("ada").attributes.displayName).toBe(" Countess ");
  });

  it("renames to 64 code points, and a repeated one sends nothing", async () => {
    const core = await readyCore(three);
    const written = attributes("ada", { displayName: "💡".repeat(65) });
    await core.write(sid(1), written);
    expect(core.gateway.account(sid(1)).friendlyName).toBe("💡".repeat(64));
    expect(core.named("ada").attributes).toEqual(written);
    core.gateway.calls.length = 0;
    await core.write(sid(1), written);
    expect(core.gateway.calls).toEqual([]);
    expect(core.named("ada").attributes).toEqual(written);
  });

  it("gives the account its name back that Twilio's console has changed", async () => {
    const core = await readyCore(three);
    const written = attributes("ada", { displayName: "x".repeat(80) });
    await core.write(sid(1), written);
    core.gateway.edit(sid(1), { friendlyName: "Console" });
    await core.sync.pass();
    expect(core.named("ada").attributes.displayName).toBe("Console");
    await core.write(sid(1), written);
    expect(core.gateway.account(sid(1)).friendlyName).toBe("x".repeat(64));
    expect(core.named("ada").attributes.displayName).toBe("x".repeat(80));
  });

  it("with the displayName that is shown, or none, renames nothing", async () => {
    const core = await readyCore(three);
    await core.write(sid(1), attributes("ada", { displayName: "Ada" }));
    await core.write(sid(1), attributes("ada"));
    expect(core.gateway.calls).toEqual([]);
  });

  it.each(["", "   "])(
    "with a blank displayName (%j) takes no name from the account at Twilio",
    async (blank) => {
      const core = await readyCore(three);
      await core.write(sid(1), attributes("ada", { displayName: blank }));
      expect(core.gateway.calls).toEqual([]);
    },
  );

  it("with a userName that is taken changes nothing, at Twilio neither", async () => {
    const core = await readyCore(three);
    const written = attributes("BOB", { displayName: "Bob the second" });
    await expect(core.write(sid(1), written, false)).rejects.toMatchObject({ code: "userNameTaken" });
    expect(core.gateway.calls).toEqual([]);
    expect(core.named("Ada").identity).toBeUndefined();
  });

  it("may change the case of its own userName", async () => {
    const core = await readyCore(three);
    expect((await core.write(sid(1), attributes("ADA"))).attributes.userName).toBe("ADA");
    expect((await core.write(sid(1), attributes("ada"))).attributes.userName).toBe("ada");
  });

  it("frees the userName that it gives up, and holds the one it takes", async () => {
    const core = await readyCore(three);
    await core.write(sid(1), attributes("countess"));
    await core.write(sid(2), attributes("ada"));
    await expect(core.create(attributes("Countess"))).rejects.toMatchObject({ code: "userNameTaken" });
    expect((await core.create(attributes("bob"))).attributes.userName).toBe("bob");
  });
});

describe("a status that seems to be right already", () => {
  it("is asked for at Twilio where what is known is old, and then suspended after all", async () => {
    const core = await readyCore([account(1, { status: "suspended" })], { isOutdated: () => true });
    core.gateway.edit(sid(1), { status: "active" });
    const user = await core.suspend(sid(1));
    expect(user.account.status).toBe("suspended");
    expect(core.gateway.account(sid(1)).status).toBe("suspended");
  });

  it("asks nothing of Twilio where what is known is fresh", async () => {
    const core = await readyCore([account(1, { status: "suspended" })]);
    await core.suspend(sid(1));
    expect(core.gateway.calls).toEqual([]);
  });
});
