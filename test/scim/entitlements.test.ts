import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Account } from "../../src/directory/account.js";
import { renderToBytes } from "../../src/scim/rendered-user.js";
import { createUsers } from "../../src/scim/users.js";
import { readyCore } from "../support/core.js";
import { answerTo, operations, request, setUp } from "./fake-directory.js";
import { readable, searchBy } from "./readable.js";
import { account, anyUser, BABS, BUSY, current, OWNER, schemas, sid, user } from "./sample-users.js";

const FULL = { value: "account-type-full", display: "Full account", type: "AccountType" };
const SMS = { value: "service-sms", display: "SMS", type: "AccountService" };
const VERIFY = { value: "service-verify", display: "Verify", type: "AccountService" };
const NUMBERS = { value: "service-phone-numbers", display: "Phone Numbers", type: "AccountService" };

const entitlementsOf = async (...subject: Parameters<typeof user>) => {
  const { users } = setUp(user(...subject));
  return (await users.get(sid(1), request())).resource?.entitlements;
};

describe("a user's entitlements", () => {
  it("are the account's type and each service it was charged for", async () => {
    expect(await entitlementsOf(BABS, {}, BUSY)).toEqual([FULL, NUMBERS, SMS, VERIFY]);
  });

  it("are only the account's type where no service is known", async () => {
    const trial = { value: "account-type-trial", display: "Trial account", type: "AccountType" };
    expect(await entitlementsOf(BABS, { type: "Trial" })).toEqual([trial]);
    expect(await entitlementsOf(BABS, { type: "Trial" }, current({}))).toEqual([trial]);
  });
});

/** What a PUT with these entitlements asks the lifecycle for. */
async function changeBy(entitlements: Record<string, unknown>) {
  const { users, changes } = setUp(user(BABS, {}, BUSY));
  const { resource } = await users.get(sid(1), request());
  const { entitlements: _, ...rest } = resource ?? {};
  const answer = await users.replace(sid(1), { ...rest, ...entitlements }, request());
  expect(answer.resource).toEqual(resource);
  return changes[0];
}

describe("a PUT with entitlements", () => {
  it.each<[string, Record<string, unknown>]>([
    ["fewer", { entitlements: [FULL, NUMBERS, SMS] }],
    ["more", { entitlements: [FULL, NUMBERS, SMS, VERIFY, { value: "service-voice" }] }],
    ["none", { entitlements: [] }],
    ["others", { Entitlements: [FULL, NUMBERS, SMS, { ...VERIFY, value: "service-voice" }] }],
    ["one that is doubled in the place of another", { entitlements: [FULL, NUMBERS, SMS, SMS] }],
    ["a lone one", { entitlements: FULL }],
    ["unreadable ones", { entitlements: "banana" }],
    ["unreadable elements", { entitlements: [5, null, { type: "AccountService" }] }],
    ["ones named in full", { "urn:ietf:params:scim:schemas:core:2.0:User:entitlements": [FULL] }],
  ])("asks for %s, which changes nothing, succeeds, and is ignored", async (_, entitlements) => {
    expect(await changeBy(entitlements)).toEqual({ active: true, ignored: ["entitlements"] });
  });

  it.each<[string, Record<string, unknown>]>([
    ["no entitlements", {}],
    ["null", { entitlements: null }],
    ["another order", { entitlements: [VERIFY, FULL, SMS, NUMBERS] }],
    ["only their values", { entitlements: [FULL, NUMBERS, SMS, VERIFY].map(({ value }) => ({ value })) }],
    ["other names", { entitlements: [FULL, NUMBERS, SMS, { ...VERIFY, display: "verify", primary: true }] }],
    ["one twice", { entitlements: [FULL, FULL, NUMBERS, SMS, VERIFY] }],
  ])("that has %s asks for no others", async (_, entitlements) => {
    expect(await changeBy(entitlements)).toEqual({ active: true });
  });

  it("says what is ignored beside what changes", async () => {
    const { users, changes } = setUp(user(BABS, {}, BUSY));
    await users.replace(sid(1), { userName: "new", active: false, entitlements: [] }, request());
    expect(changes).toEqual([{ active: false, attributes: { userName: "new" }, ignored: ["entitlements"] }]);
  });

  it("ignores nothing, whatever the activity, where it has what was served", async () => {
    await fc.assert(
      fc.asyncProperty(anyUser, async (subject) => {
        const { users, changes } = setUp(subject);
        const { sid: id } = subject.account;
        const { resource } = await users.get(id, request());
        const after = await users.replace(id, JSON.parse(JSON.stringify(resource)), request());
        expect(after.resource).toEqual(resource);
        expect(changes[0]).not.toHaveProperty("ignored");
        expect(changes[0]).not.toHaveProperty("attributes");
      }),
    );
  });
});

describe("a POST with entitlements", () => {
  it("creates the account, and shows those that it has", async () => {
    const { users } = setUp();
    const { resource } = await users.create({ userName: "u", entitlements: [VERIFY] }, request());
    expect(resource?.entitlements).toEqual([FULL]);
  });
});

describe("a PATCH of entitlements", () => {
  it("is refused, with what does take a service away, and changes nothing", async () => {
    const { users, changes } = setUp(user(BABS, {}, BUSY));
    for (const operation of [
      { op: "remove", path: 'entitlements[value eq "service-verify"]' },
      { op: "replace", path: "entitlements", value: [FULL] },
      { op: "replace", value: { entitlements: [FULL], active: false } },
    ]) {
      const answer = await answerTo(() => users.patch(sid(1), operations(operation), request()));
      expect(answer).toMatchObject({ status: 400, body: { scimType: "mutability" } });
      expect(answer.body.detail).toContain("suspend the account or close it");
    }
    expect(changes).toEqual([]);
  });
});

describe("the audit entry of entitlements that are ignored", () => {
  const ada: Account = account({ friendlyName: "Ada", ownerAccountSid: OWNER });

  async function auditedPut(body: object) {
    const core = await readyCore([ada]);
    const { directory, lifecycle } = core;
    const users = readable(
      createUsers({ directory, lifecycle, schemas, render: renderToBytes }),
      searchBy(core.clock),
    );
    const { resource } = await users.get(ada.sid, request());
    await users.replace(ada.sid, { ...resource, ...body }, request());
    return { calls: core.gateway.calls, audit: core.audit };
  }

  it("says ignored where nothing else was asked for, and Twilio is not asked", async () => {
    const { calls, audit } = await auditedPut({ entitlements: [] });
    expect(audit).toMatchObject([
      { actions: [], accountSid: ada.sid, outcome: "ignored", ignored: ["entitlements"] },
    ]);
    expect(calls).toEqual([]);
  });

  it("says done where something was done, and names them all the same", async () => {
    const { audit } = await auditedPut({ entitlements: [], active: false });
    expect(audit).toMatchObject([{ actions: ["suspend"], outcome: "done", ignored: ["entitlements"] }]);
  });

  it("names nothing where nothing was ignored", async () => {
    const { audit } = await auditedPut({});
    expect(audit).toMatchObject([{ actions: [], outcome: "unchanged" }]);
    expect(audit[0]).not.toHaveProperty("ignored");
  });
});
