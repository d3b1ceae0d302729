import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type AccountSid, isOwnerAccount } from "../../src/directory/account.js";
import {
  allPages,
  firstOf,
  type GatewayOnSimulator,
  LOOKUP,
  SYNC,
  sidOf,
  startGatewayOnSimulator,
  thrownBy,
  thrownByEach,
} from "./gateway-on-simulator.js";
import { NOW_MS } from "./recording-clock.js";

const UNKNOWN_SID = sidOf(`AC${"f".repeat(32)}`);

describe("reading Twilio's accounts", () => {
  let on: GatewayOnSimulator;

  beforeAll(async () => {
    on = await startGatewayOnSimulator({ accounts: 2345 });
  });
  afterAll(() => on.stop());

  it("lists every account once over several pages of 1000, owner and closed ones included", async () => {
    const before = on.requests("accounts.list");
    const pages = await allPages(on.gateway.pages(SYNC));
    expect(pages.map((page) => page.length)).toEqual([1000, 1000, 346]);
    expect(on.requests("accounts.list") - before).toBe(3);
    const truths = on.simulator.world.accounts.list();
    expect(pages.flat()).toEqual(
      truths.map((truth) => ({
        sid: truth.sid,
        friendlyName: truth.friendlyName,
        status: truth.status,
        type: truth.type,
        ownerAccountSid: on.simulator.accountSid,
        dateCreated: wholeSeconds(truth.createdAt),
        dateUpdated: wholeSeconds(truth.updatedAt),
      })),
    );
    expect(pages.flat().filter(isOwnerAccount)).toHaveLength(1);
    expect(new Set(truths.map((truth) => truth.status))).toEqual(new Set(["active", "suspended", "closed"]));
  });

  it("asks for a page only when it is wanted", async () => {
    const before = on.requests("accounts.list");
    for await (const page of on.gateway.pages(SYNC)) {
      expect(page).toHaveLength(1000);
      break;
    }
    expect(on.requests("accounts.list") - before).toBe(1);
  });

  it("fetches one account", async () => {
    const { accounts } = on.simulator.world;
    const sid = firstOf(on.active);
    expect(await on.gateway.fetch(sid, LOOKUP)).toMatchObject({
      sid,
      friendlyName: accounts.get(sid).friendlyName,
      status: "active",
    });
  });

  it("takes a 404 of Twilio's own for the word that there is no such account", async () => {
    const error = await thrownBy(on.gateway.fetch(UNKNOWN_SID, LOOKUP));
    expect(error).toMatchObject({ name: "DirectoryError", code: "accountNotFound", twilioCode: 20404 });
  });

  it("finds all accounts of exactly one name, closed ones included, and none for the empty name", async () => {
    const { accounts } = on.simulator.world;
    const first = accounts.create({ friendlyName: "Twice & Twice" });
    const second = accounts.create({ friendlyName: "Twice & Twice" });
    accounts.create({ friendlyName: "twice & twice" });
    accounts.create({ friendlyName: "Twice & Twice " });
    accounts.close(first.sid);
    const found = await on.gateway.findByFriendlyName("Twice & Twice", LOOKUP);
    expect(found.map((account) => [account.sid, account.status]).sort()).toEqual(
      [
        [first.sid, "closed"],
        [second.sid, "active"],
      ].sort(),
    );
    expect(await on.gateway.findByFriendlyName("", LOOKUP)).toEqual([]);
  });

  it.each([
    "",
    "AC#x",
    "../x",
    "..",
    "\0",
    `AC${"1".repeat(31)}\0`,
    `AC${"1".repeat(32)}\n`,
    `AC${"1".repeat(33)}`,
    `ac${"1".repeat(32)}`,
    `AC${"g".repeat(32)}`,
    `AC${"1".repeat(32)}/Keys`,
    "%2e%2e",
  ])("sends nothing for the SID %j", async (text) => {
    const before = on.simulator.world.traffic.report().routes;
    const sid = text as AccountSid;
    for (const error of await thrownByEach([
      on.gateway.fetch(sid, LOOKUP),
      on.gateway.update(sid, { status: "closed" }, SYNC),
    ])) {
      expect(error).toMatchObject({ code: "accountNotFound" });
    }
    expect(on.simulator.world.traffic.report().routes).toEqual(before);
  });

  it("knows by how much Twilio's clock is ahead, from its last answer", async () => {
    const { clock } = on.simulator.world;
    for (const offsetMs of [90_000, -3_600_000, 0]) {
      clock.set(NOW_MS + offsetMs);
      await on.gateway.fetch(firstOf(on.active), LOOKUP);
      expect(on.gateway.clockOffsetMs()).toBe(offsetMs);
    }
    clock.set(NOW_MS + 5000);
    await thrownBy(on.gateway.fetch(UNKNOWN_SID, LOOKUP));
    expect(on.gateway.clockOffsetMs()).toBe(5000);
    clock.set(NOW_MS);
  });
});

describe("a gateway that has asked nothing yet", () => {
  it("does not know Twilio's time", async () => {
    const on = await startGatewayOnSimulator({ accounts: 0 });
    expect(on.gateway.clockOffsetMs()).toBeUndefined();
    await on.stop();
  });
});

/** Twilio's dates have no milliseconds. */
function wholeSeconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000) * 1000;
}
