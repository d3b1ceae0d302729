import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { DirectoryErrorCode } from "../../src/directory/errors.js";
import {
  allPages,
  credentialsOf,
  firstOf,
  type GatewayOnSimulator,
  gatewayTo,
  LIFECYCLE,
  LOOKUP,
  SYNC,
  sidOf,
  startGatewayOnSimulator,
  thrownBy,
  thrownByEach,
} from "./gateway-on-simulator.js";
import { RECORD_SID, type ScriptedAnswer, startScriptedTwilio } from "./scripted-twilio.js";

const MEANINGS: readonly (readonly [status: number, twilioCode: number, meaning: DirectoryErrorCode])[] = [
  [401, 20003, "credentialsRefused"],
  [401, 20005, "credentialsRefused"],
  [403, 20005, "credentialsRefused"],
  [403, 10001, "credentialsRefused"],
  [403, 20403, "credentialsRefused"],
  [400, 21101, "credentialsRefused"],
  [400, 21475, "refusedByTwilio"],
  [400, 20001, "refusedByTwilio"],
  [400, 21476, "parentSuspended"],
  [400, 21477, "accountProtected"],
  [400, 21478, "suspendedByTwilio"],
  [400, 21479, "accountClosed"],
  [400, 21480, "subaccountLimit"],
];

/** What comes from something between the bridge and Twilio. */
const FOREIGN: readonly (readonly [ScriptedAnswer, DirectoryErrorCode])[] = [
  [{ status: 404, body: "<html>no such page</html>" }, "twilioUnavailable"],
  [{ status: 404, body: "" }, "twilioUnavailable"],
  [{ status: 404, body: { message: "no Route matched with those values" } }, "twilioUnavailable"],
  [{ status: 404, body: { code: "20404", message: "Not a number." } }, "twilioUnavailable"],
  [{ status: 404, body: [] }, "twilioUnavailable"],
  [{ status: 404, body: null }, "twilioUnavailable"],
  [{ status: 400, body: "<html>Bad Request</html>" }, "twilioUnavailable"],
  [{ status: 407, body: "<html>Proxy Authentication Required</html>" }, "twilioUnavailable"],
  [{ status: 408, body: "" }, "twilioUnavailable"],
  [{ status: 401, body: "<html>who are you</html>" }, "credentialsRefused"],
  [{ status: 403, body: "<html>blocked</html>" }, "credentialsRefused"],
];

describe("a refusal", () => {
  const calls = (url: string) => {
    const gateway = gatewayTo(url);
    const sid = sidOf(RECORD_SID);
    return {
      fetch: () => gateway.fetch(sid, LOOKUP),
      update: () => gateway.update(sid, { status: "suspended" }, LIFECYCLE),
      create: () => gateway.create("Ada", LIFECYCLE),
      pages: () => allPages(gateway.pages(SYNC)),
      find: () => gateway.findByFriendlyName("Ada", LIFECYCLE),
    };
  };

  it.each(MEANINGS)("with status %i and code %i means %s, and is not asked for again", async (...row) => {
    const [status, twilioCode, meaning] = row;
    const message = "Twilio's own words.";
    const twilio = await startScriptedTwilio(() => ({ status, body: { code: twilioCode, message, status } }));
    for (const call of Object.values(calls(twilio.url))) {
      expect(await thrownBy(call())).toMatchObject({ name: "DirectoryError", code: meaning, twilioCode });
    }
    expect(twilio.requests).toHaveLength(5);
    await twilio.stop();
  });

  it("with 404 and 20404 is Twilio's word about an account only where the request names one", async () => {
    const body = { code: 20404, message: "Not found", status: 404 };
    const twilio = await startScriptedTwilio(() => ({ status: 404, body }));
    const { fetch, update, create, pages, find } = calls(twilio.url);
    for (const call of [fetch, update])
      expect(await thrownBy(call())).toMatchObject({ code: "accountNotFound" });
    for (const call of [create, pages, find]) {
      expect(await thrownBy(call())).toMatchObject({ code: "twilioUnavailable", twilioCode: 20404 });
    }
    await twilio.stop();
  });

  it("says in its message what Twilio said, and with which code", async () => {
    const body = { code: 21478, message: "Subaccount has been suspended by Twilio", status: 400 };
    const twilio = await startScriptedTwilio(() => ({ status: 400, body }));
    const error = await thrownBy(calls(twilio.url).update());
    expect(error).toHaveProperty("message", "Twilio: Subaccount has been suspended by Twilio (21478)");
    await twilio.stop();
  });

  it.each(FOREIGN)("that is not Twilio's own, %j, means %s", async (answer, meaning) => {
    const twilio = await startScriptedTwilio(() => answer);
    for (const call of Object.values(calls(twilio.url))) {
      const error = await thrownBy(call());
      expect(error).toMatchObject({ name: "DirectoryError", code: meaning });
      expect(error).toHaveProperty("twilioCode", undefined);
    }
    await twilio.stop();
  });
});

describe("the simulated Twilio refuses", () => {
  let on: GatewayOnSimulator;

  beforeEach(async () => {
    on = await startGatewayOnSimulator();
  });
  afterEach(() => on.stop());

  it("to change the owner account", async () => {
    const call = on.gateway.update(sidOf(on.simulator.accountSid), { status: "suspended" }, LIFECYCLE);
    expect(await thrownBy(call)).toMatchObject({ code: "accountProtected", twilioCode: 21477 });
  });

  it("to reactivate what Twilio has suspended", async () => {
    const sid = firstOf(on.active);
    on.simulator.world.accounts.suspendByTwilio(sid);
    const call = on.gateway.update(sid, { status: "active" }, LIFECYCLE);
    expect(await thrownBy(call)).toMatchObject({ code: "suspendedByTwilio", twilioCode: 21478 });
  });

  it("to reopen what is closed", async () => {
    const sid = firstOf(on.active);
    on.simulator.world.accounts.close(sid);
    const call = on.gateway.update(sid, { status: "active" }, LIFECYCLE);
    expect(await thrownBy(call)).toMatchObject({ code: "accountClosed", twilioCode: 21479 });
  });

  it("changes while the owner account is suspended", async () => {
    on.simulator.world.accounts.suspend(on.simulator.accountSid);
    for (const error of await thrownByEach([
      on.gateway.create("Ada", LIFECYCLE),
      on.gateway.update(firstOf(on.active), { status: "active" }, LIFECYCLE),
    ])) {
      expect(error).toMatchObject({ code: "parentSuspended", twilioCode: 21476 });
    }
  });

  it("more subaccounts than the limit", async () => {
    on.simulator.world.settings.set({ subaccountLimit: 0 });
    const error = await thrownBy(on.gateway.create("Ada", LIFECYCLE));
    expect(error).toMatchObject({ code: "subaccountLimit", twilioCode: 21480 });
  });

  it("a name that is too long", async () => {
    for (const error of await thrownByEach([
      on.gateway.create("x".repeat(65), LIFECYCLE),
      on.gateway.update(firstOf(on.active), { friendlyName: "x".repeat(65) }, LIFECYCLE),
    ])) {
      expect(error).toMatchObject({ code: "refusedByTwilio" });
    }
  });

  it("a wrong token, a Standard key, and a subaccount that would make another", async () => {
    const { accountSid, url, standardKey, world } = on.simulator;
    const owner = credentialsOf(on.simulator);
    const sub = world.accounts.get(firstOf(on.active));
    const wrong = gatewayTo(url, { credentials: { ...owner, password: "wrong" } });
    const standard = gatewayTo(url, {
      credentials: { ...owner, username: standardKey.sid, password: standardKey.secret },
    });
    const nested = gatewayTo(url, {
      credentials: { accountSid: sidOf(sub.sid), username: sub.sid, password: sub.authToken },
    });
    for (const error of await thrownByEach([
      allPages(wrong.pages(SYNC)),
      wrong.fetch(sidOf(accountSid), LOOKUP),
      allPages(standard.pages(SYNC)),
      standard.fetch(firstOf(on.active), LOOKUP),
      nested.create("Ada", LIFECYCLE),
      nested.update(sidOf(sub.sid), { status: "closed" }, LIFECYCLE),
    ])) {
      expect(error).toMatchObject({ code: "credentialsRefused" });
      expect(error).toHaveProperty("message", "Twilio refuses the bridge's credentials.");
    }
  });

  it("nothing to a Main key", async () => {
    const { mainKey, url, world } = on.simulator;
    const gateway = gatewayTo(url, {
      credentials: { ...credentialsOf(on.simulator), username: mainKey.sid, password: mainKey.secret },
    });
    expect((await allPages(gateway.pages(SYNC))).flat()).toHaveLength(world.accounts.list().length);
    const { sid } = await gateway.create("Ada", LIFECYCLE);
    expect(await gateway.fetch(sid, LOOKUP)).toMatchObject({ sid, friendlyName: "Ada" });
    expect(await gateway.update(sid, { status: "closed" }, LIFECYCLE)).toMatchObject({ status: "closed" });
  });
});
