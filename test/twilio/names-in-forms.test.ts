import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  firstOf,
  type GatewayOnSimulator,
  LIFECYCLE,
  LOOKUP,
  startGatewayOnSimulator,
} from "./gateway-on-simulator.js";

describe("a friendly name", () => {
  let on: GatewayOnSimulator;

  beforeAll(async () => {
    on = await startGatewayOnSimulator({ subaccountLimit: 100_000 });
  });
  afterAll(() => on.stop());

  const names = [
    "Ada & Söhne + 100 % = 1;2",
    "ada+twilio@example.com",
    "%41 %2B %",
    "a=b&Status=closed",
    "漢字 ひらがな العربية",
    "😀👩‍👩‍👧‍👦",
    "𝒜".repeat(64),
    "e\u0301 is not \u00e9",
    "tab\tline\r\nnull\0",
    "\"quotes\" 'and' <tags> \\",
    "[brackets][0]",
    "null",
    " blanks around ",
  ];

  it.each(names)("reaches Twilio and comes back as it is: %j", async (name) => {
    const created = await on.gateway.create(name, LIFECYCLE);
    expect(created).toMatchObject({ friendlyName: name, status: "active" });
    const sid = firstOf(on.active);
    expect(await on.gateway.update(sid, { friendlyName: name }, LIFECYCLE)).toMatchObject({
      friendlyName: name,
      status: "active",
    });
    expect(on.simulator.world.accounts.get(sid).friendlyName).toBe(name);
    const found = await on.gateway.findByFriendlyName(name, LOOKUP);
    expect(found.map((account) => account.sid).sort()).toEqual([created.sid, sid].sort());
  });

  it("survives the way to Twilio and back whatever is in it", async () => {
    const sid = firstOf(on.active);
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(name, async (friendlyName) => {
        const updated = await on.gateway.update(sid, { friendlyName }, LIFECYCLE);
        expect(updated.friendlyName).toBe(friendlyName);
      }),
      { numRuns: 30 },
    );
  }, 30_000);
});
