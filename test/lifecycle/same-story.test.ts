import { describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import type { Account, AccountSid, AccountStatus } from "../../src/directory/account.js";
import { cutFriendlyName } from "../../src/directory/friendly-name.js";
import type { Clock } from "../../src/directory/ports.js";
import type { User } from "../../src/directory/user.js";
import { foldCase } from "../../src/directory/user-attributes.js";
import { type Core, type CoreOptions, startCore, surroundings } from "../support/core.js";
import { account, attributes, OWNER, ownerAccount, sid } from "../support/example-accounts.js";
import type { GatewayRequest } from "../support/fake-account-gateway.js";
import { answerLost, fails, type Interruption, losesAnswer, losesRequest } from "../support/interruptions.js";

const PROTECTED = sid(1);
const NAMES = ["ada", "ADA", "bob", "carol"];

const INTERRUPTIONS: Readonly<Record<string, Interruption>> = {
  unavailable: fails("twilioUnavailable"),
  refused: fails("refusedByTwilio"),
  losesAnswer,
  losesRequest,
};

/** No answer, for longer than a write may take. */
function timesOut(clock: Clock): Interruption {
  return async (_effect, signal) => {
    await clock.sleep(40_000, signal);
    throw answerLost();
  };
}

type Step =
  | { readonly does: "suspend" | "reactivate" | "close"; readonly who: number }
  | { readonly does: "write"; readonly who: number; readonly name: string; readonly displayName?: string }
  | {
      readonly does: "create";
      readonly name: string;
      readonly displayName?: string;
      readonly active: boolean;
    }
  | {
      readonly does: "console";
      readonly who: number;
      readonly status?: AccountStatus;
      readonly name?: string;
    }
  | { readonly does: "console creates"; readonly name: string }
  | { readonly does: "interrupt Twilio"; readonly request: GatewayRequest; readonly how: string }
  | { readonly does: "fail the database"; readonly call: "saveIdentity" | "fulfilIntent" | "saveAccounts" }
  | { readonly does: "pass" }
  | { readonly does: "time"; readonly ms: number }
  | { readonly does: "restart" };

const who = fc.nat(9);
const name = fc.constantFrom(...NAMES);
const displayName = fc.constantFrom("Ada", "bob", "x".repeat(70), "");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constantFrom("suspend" as const, "reactivate" as const, "close" as const), who }),
  fc.record(
    { does: fc.constant("write" as const), who, name, displayName },
    { requiredKeys: ["does", "who", "name"] },
  ),
  fc.record(
    { does: fc.constant("create" as const), name, active: fc.boolean(), displayName },
    { requiredKeys: ["does", "name", "active"] },
  ),
  fc.record(
    {
      does: fc.constant("console" as const),
      who,
      status: fc.constantFrom<AccountStatus>("active", "suspended", "closed"),
      name,
    },
    { requiredKeys: ["does", "who"] },
  ),
  fc.record({ does: fc.constant("console creates" as const), name }),
  fc.record({
    does: fc.constant("interrupt Twilio" as const),
    request: fc.constantFrom<GatewayRequest>("page", "fetch", "find", "create", "update"),
    how: fc.constantFrom(...Object.keys(INTERRUPTIONS), "times out"),
  }),
  fc.record({
    does: fc.constant("fail the database" as const),
    call: fc.constantFrom("saveIdentity" as const, "fulfilIntent" as const, "saveAccounts" as const),
  }),
  fc.constant({ does: "pass" as const }),
  fc.record({ does: fc.constant("time" as const), ms: fc.constantFrom(1000, 6000, 70_000) }),
  fc.constant({ does: "restart" as const }),
);

const OPTIONS: CoreOptions = { protectedAccounts: [PROTECTED], showsClosed: true };

jest.setTimeout(120_000);

describe("the bridge and Twilio", () => {
  it("tell the same story after any history, once a pass has gone well", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 15 }), tell),
      { numRuns: 150 },
    );
  });
});

/** Lets a history happen, the steps of each turn at the same time, and compares what is told in the end. */
async function tell(turns: readonly (readonly Step[])[]): Promise<void> {
  const around = await surroundings([
    account(1, { friendlyName: "ada" }),
    account(2, { friendlyName: "Ada" }),
    account(3, { friendlyName: "bob", status: "suspended" }),
  ]);
  const { gateway, store, clock } = around;
  let core = await startCore(around, OPTIONS);
  await core.sync.pass();
  const mayBeClosed = new Set<AccountSid>();
  for (const turn of turns) {
    const steps = turn.map((step) => take(step, core, mayBeClosed).catch(() => undefined));
    await clock.runOut(Promise.all(steps));
    if (turn.some((step) => step.does === "restart")) core = await startCore(around, OPTIONS);
  }
  gateway.interruptNothing();
  store.interruptNothing();
  await core.sync.pass();
  await clock.advance(10_000);
  await core.sync.pass();

  expect(core.sync.status.lastError).toBeUndefined();
  expect(core.users.map(reported)).toEqual(gateway.accounts.sort(byCreation).map(reported));
  expect(gateway.account(OWNER)).toEqual(ownerAccount());
  expect(bridgeWrites(core)).toEqual([]);
  for (const { sid, status } of gateway.accounts) {
    if (status === "closed") expect(mayBeClosed).toContain(sid);
  }
  const names = core.users.filter(({ account }) => account.status !== "closed").map(userName);
  expect(names.map(foldCase)).toHaveLength(new Set(names.map(foldCase)).size);
  for (const user of core.users) expectNameShown(user);
  expect(await store.openIntents()).toEqual([]);
  expect((await startCore(around, OPTIONS)).users).toEqual(core.users);
}

async function take(step: Step, core: Core, mayBeClosed: Set<AccountSid>): Promise<unknown> {
  const { gateway, store, clock } = core;
  const picked = (number: number): AccountSid => {
    const sids = gateway.accounts.map((account) => account.sid);
    return sids[number % sids.length] ?? OWNER;
  };
  switch (step.does) {
    case "suspend":
      return core.suspend(picked(step.who));
    case "reactivate":
      return core.reactivate(picked(step.who));
    case "close": {
      const target = picked(step.who);
      mayBeClosed.add(target);
      return core.close(target);
    }
    case "write":
      return core.write(picked(step.who), written(step));
    case "create":
      return core.create(written(step), step.active);
    case "console": {
      const target = gateway.account(picked(step.who));
      if (target.status === "closed" || [OWNER, PROTECTED].includes(target.sid)) return;
      if (step.status === "closed") mayBeClosed.add(target.sid);
      return gateway.edit(target.sid, {
        ...(step.status !== undefined && { status: step.status }),
        ...(step.name !== undefined && { friendlyName: step.name }),
      });
    }
    case "console creates":
      return gateway.createInConsole(step.name);
    case "interrupt Twilio":
      return gateway.interrupt(step.request, INTERRUPTIONS[step.how] ?? timesOut(clock));
    case "fail the database":
      return store.interrupt(step.call, fails("storageUnavailable"));
    case "pass":
      return core.sync.pass();
    case "time":
      return clock.sleep(step.ms);
    case "restart":
      return;
  }
}

function written({ name, displayName }: { readonly name: string; readonly displayName?: string }) {
  return attributes(name, displayName === undefined ? {} : { displayName });
}

function userName(user: User): string {
  return user.attributes.userName;
}

/** What both sides tell of an account. */
function reported(one: Account | User) {
  const { sid, status, friendlyName } = "account" in one ? one.account : one;
  return { sid, status, friendlyName };
}

function byCreation(a: Account, b: Account): number {
  return a.dateCreated - b.dateCreated || (a.sid < b.sid ? -1 : 1);
}

/** What the bridge has sent about accounts that it must never change. */
function bridgeWrites({ gateway }: Core) {
  return gateway.calls.filter((call) => call.request === "update" && [OWNER, PROTECTED].includes(call.sid));
}

/** The name shown is Twilio's, or was cut to it; or a provider wrote none. */
function expectNameShown({ account, identity, attributes }: User): void {
  const shown = attributes.displayName?.trim() ?? "";
  if (shown === "") expect(identity).toBeDefined();
  else expect(cutFriendlyName(shown)).toBe(account.friendlyName);
}
