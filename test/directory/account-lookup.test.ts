import { beforeEach, describe, expect, it } from "@jest/globals";
import { AccountLookup } from "../../src/directory/account-lookup.js";
import { account, sid } from "../support/example-accounts.js";
import { FakeAccountGateway } from "../support/fake-account-gateway.js";
import { fails, hangs, hold } from "../support/interruptions.js";
import { ManualClock } from "../support/manual-clock.js";

describe("a lookup at Twilio", () => {
  let clock: ManualClock;
  let gateway: FakeAccountGateway;
  let lookup: AccountLookup;

  beforeEach(() => {
    clock = new ManualClock();
    gateway = new FakeAccountGateway({ clock, accounts: [account(1)] });
    lookup = new AccountLookup({ gateway, clock });
  });

  it("is shared by all who ask while it is under way", async () => {
    const held = hold();
    gateway.interrupt("fetch", held.beforeEffect);
    const asked = [lookup.find(sid(1)), lookup.find(sid(1)), lookup.find(sid(2)), lookup.find(sid(1))];
    held.release();
    expect(await Promise.all(asked)).toEqual([account(1), account(1), undefined, account(1)]);
    expect(gateway.calls).toEqual([
      { request: "fetch", sid: sid(1) },
      { request: "fetch", sid: sid(2) },
    ]);
  });

  it("is made anew for who asks later", async () => {
    await lookup.find(sid(1));
    await lookup.find(sid(1));
    expect(gateway.calls).toHaveLength(2);
  });

  it("that finds nothing is believed for 60 seconds and no longer", async () => {
    expect(await lookup.find(sid(2))).toBeUndefined();
    gateway.add(account(2));
    await clock.advance(59_999);
    expect(await lookup.find(sid(2))).toBeUndefined();
    expect(gateway.calls).toHaveLength(1);
    await clock.advance(1);
    expect(await lookup.find(sid(2))).toEqual(account(2));
  });

  it("that fails tells why, to all who wait for it, and is not remembered", async () => {
    gateway.interrupt("fetch", fails("twilioUnavailable"));
    const asked = [lookup.find(sid(2)), lookup.find(sid(2))];
    for (const answer of asked) await expect(answer).rejects.toMatchObject({ code: "twilioUnavailable" });
    expect(await lookup.find(sid(2))).toBeUndefined();
    expect(gateway.calls).toHaveLength(2);
  });

  it("is given up after ten seconds, which is no word that there is no account", async () => {
    gateway.interrupt("fetch", hangs);
    const startedAt = clock.now();
    await expect(clock.runOut(lookup.find(sid(2)))).rejects.toBeDefined();
    expect(clock.now() - startedAt).toBe(10_000);
    gateway.add(account(2));
    expect(await lookup.find(sid(2))).toEqual(account(2));
  });

  it("is remembered for the latest ten thousand only, so that random ids do not fill the memory", async () => {
    for (let number = 1; number <= 10_001; number++) await lookup.find(sid(0x10000 + number));
    gateway.calls.length = 0;
    await lookup.find(sid(0x10000 + 2));
    await lookup.find(sid(0x10000 + 10_001));
    expect(gateway.calls).toEqual([]);
    await lookup.find(sid(0x10000 + 1));
    expect(gateway.calls).toHaveLength(1);
  });
});
