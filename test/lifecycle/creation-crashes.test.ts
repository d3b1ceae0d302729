import { describe, expect, it } from "@jest/globals";
import { SETTLE_MS } from "../../src/lifecycle/open-creations.js";
import { type Core, type CoreOptions, startCore, surroundings } from "../support/core.js";
import { account, attributes } from "../support/example-accounts.js";
import { diesAfter, diesBefore } from "../support/interruptions.js";

interface Crash {
  readonly at: string;
  readonly prepare: (core: Core) => void;
  /** Whether Twilio has made the account by then. */
  readonly made: boolean;
  readonly active?: boolean;
}

const CRASHES: readonly Crash[] = [
  { at: "before the intent", prepare: ({ store }) => store.interrupt("openIntent", diesBefore), made: false },
  { at: "after the intent", prepare: ({ store }) => store.interrupt("openIntent", diesAfter), made: false },
  {
    at: "before Twilio's effect",
    prepare: ({ gateway }) => gateway.interrupt("create", diesBefore),
    made: false,
  },
  {
    at: "after Twilio's effect",
    prepare: ({ gateway }) => gateway.interrupt("create", diesAfter),
    made: true,
  },
  {
    at: "before the suspension",
    prepare: ({ gateway }) => gateway.interrupt("update", diesBefore),
    made: true,
    active: false,
  },
  {
    at: "after the suspension",
    prepare: ({ gateway }) => gateway.interrupt("update", diesAfter),
    made: true,
    active: false,
  },
  {
    at: "before the commit",
    prepare: ({ store }) => store.interrupt("fulfilIntent", diesBefore),
    made: true,
  },
  { at: "after the commit", prepare: ({ store }) => store.interrupt("fulfilIntent", diesAfter), made: true },
];

const DORA = attributes("dora", { displayName: "Dora Maar", externalId: "7" });

/** A bridge that has crashed while it created an account. */
async function crashed({ prepare, active = true }: Crash, options?: CoreOptions): Promise<Core> {
  const around = await surroundings([account(1), account(2, { friendlyName: "Dora Maar" })]);
  const core = await startCore(around, options);
  await core.sync.pass();
  prepare(core);
  void core.create(DORA, active);
  await around.clock.rest();
  return core;
}

/** Starts as the bridge does after a crash, `afterMs` later. */
async function restart(core: Core, afterMs: number): Promise<Core> {
  await core.clock.advance(afterMs);
  const restarted = await startCore(core);
  await restarted.creations.settle(new AbortController().signal);
  await restarted.sync.pass();
  return restarted;
}

function madeAccounts({ gateway }: Core) {
  return gateway.accounts.filter(
    ({ friendlyName, sid }) => friendlyName === "Dora Maar" && sid.includes("c000"),
  );
}

describe.each(CRASHES)("after a crash $at of a creation", (crash) => {
  const { made, active = true } = crash;

  it.each([0, 3_600_000])(
    "the account is known by its userName, %d ms later, or there is none",
    async (afterMs) => {
      const core = await restart(await crashed(crash), afterMs);
      expect(madeAccounts(core)).toHaveLength(made ? 1 : 0);
      if (made) {
        const user = core.named("dora");
        expect(user.attributes).toEqual(DORA);
        expect(user.account).toEqual(madeAccounts(core)[0]);
        expect(user.account.status).toBe(active ? "active" : "suspended");
      }
      expect(core.users).toHaveLength(made ? 4 : 3);
    },
  );

  it("nothing is left open, and a repeated POST ends with one account", async () => {
    const core = await restart(await crashed(crash), 0);
    const repeated = await core.clock.runOut(
      core.create(DORA, active).then(
        () => "created",
        (error: { code: string }) => error.code,
      ),
    );
    expect(repeated).toBe(made ? "userNameTaken" : "created");
    expect(madeAccounts(core)).toHaveLength(1);
    expect(core.named("dora").account).toEqual(madeAccounts(core)[0]);
    expect(await core.store.openIntents()).toEqual([]);
  });

  it("a second crash at the same place ends no worse", async () => {
    const first = await crashed(crash);
    const second = await startCore(first);
    crash.prepare(second);
    void second.creations.settle(new AbortController().signal);
    await second.clock.rest();
    first.gateway.interruptNothing();
    first.store.interruptNothing();
    const core = await restart(second, 0);
    await core.clock.advance(SETTLE_MS);
    await core.sync.pass();
    expect(madeAccounts(core)).toHaveLength(made ? 1 : 0);
    expect(await core.store.openIntents()).toEqual([]);
    if (made) expect(core.named("dora").attributes).toEqual(DORA);
  });

  it("a repeated POST before anything is settled ends with one account", async () => {
    const core = await startCore(await crashed(crash));
    await core.clock.runOut(core.create(DORA, active).catch(() => undefined));
    await core.sync.pass();
    expect(madeAccounts(core)).toHaveLength(1);
    expect(core.named("dora").account).toEqual(madeAccounts(core)[0]);
    expect(await core.store.openIntents()).toEqual([]);
  });
});

describe("after a crash of a creation", () => {
  it("whose request is still under way at Twilio, the account is known by its userName", async () => {
    const core = await crashed({ at: "", prepare: () => undefined, made: false });
    await core.close(core.named("dora").account.sid);
    core.gateway.interrupt("create", async (effect) => {
      void core.clock.sleep(3000).then(effect);
      return new Promise(() => undefined);
    });
    void core.create(attributes("late"));
    await core.clock.rest();
    const restarted = await restart(core, 0);
    expect(() => restarted.named("late")).toThrow();
    await restarted.clock.advance(6000);
    await restarted.sync.pass();
    expect(restarted.named("late").identity).toBeDefined();
    expect(await restarted.store.openIntents()).toEqual([]);
  });

  it("a pass that settles nothing yet gives the userName of the account to no other", async () => {
    const core = await crashed({
      at: "",
      prepare: ({ gateway }) => gateway.interrupt("create", diesAfter),
      made: true,
    });
    core.gateway.add(account(9, { friendlyName: "DORA" }));
    const restarted = await restart(core, 0);
    expect(restarted.named("dora").attributes).toEqual(DORA);
    expect(restarted.named(`DORA (${account(9).sid})`).account.sid).toBe(account(9).sid);
  });
});
