import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { User } from "../../src/directory/user.js";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { showAll } from "../../src/scim/members.js";
import { isJsonObject } from "../../src/scim/resource.js";
import { TWILIO_USER_SCHEMA } from "../../src/scim/twilio-extension.js";
import { servedMembers, USER_SCHEMA } from "../../src/scim/user-members.js";
import { renderUser } from "../../src/scim/user-resource.js";
import { userVersion } from "../../src/scim/user-version.js";
import { operations, request, setUp } from "./fake-directory.js";
import {
  answered,
  anyAttributes,
  anyUser,
  BABS,
  BUSY,
  current,
  day,
  OWNER,
  schema,
  sid,
  user,
} from "./sample-users.js";

describe("the resource of a user", () => {
  it("has everything of the user, in the order of the schemas", () => {
    const groups = [{ id: "g1", attributes: { displayName: "Guides" } }];
    const resource = renderUser({ ...user(BABS, {}, BUSY), groups });
    expect(resource).toEqual({
      ...BABS,
      schemas: [USER_SCHEMA, ENTERPRISE_USER_SCHEMA, TWILIO_USER_SCHEMA],
      id: sid(1),
      active: true,
      [TWILIO_USER_SCHEMA]: {
        accountSid: sid(1),
        friendlyName: "Babs Jensen",
        ownerAccountSid: OWNER,
        ownerAccount: false,
        status: "active",
        accountType: "Full",
        lastActivity: "2026-11-23T00:00:00Z",
        lastActivityExcludingFees: "2026-11-20T00:00:00Z",
        services: [
          { value: "phone-numbers", display: "Phone Numbers", lastActivity: "2026-11-23T00:00:00Z" },
          {
            value: "sms",
            display: "SMS",
            lastActivity: "2026-11-20T00:00:00Z",
            lastActivityExcludingFees: "2026-11-20T00:00:00Z",
          },
          {
            value: "verify",
            display: "Verify",
            lastActivity: "2026-09-01T00:00:00Z",
            lastActivityExcludingFees: "2026-09-01T00:00:00Z",
          },
        ],
        spend: { total: 1234.5675, currency: "USD" },
        activityAsOf: "2026-11-24T10:20:30.000Z",
        activityState: "current",
      },
      groups: [{ value: "g1", display: "Guides", type: "direct" }],
      entitlements: [
        { value: "account-type-full", display: "Full account", type: "AccountType" },
        { value: "service-phone-numbers", display: "Phone Numbers", type: "AccountService" },
        { value: "service-sms", display: "SMS", type: "AccountService" },
        { value: "service-verify", display: "Verify", type: "AccountService" },
      ],
      meta: {
        resourceType: "User",
        created: "2010-01-23T04:56:22.000Z",
        lastModified: "2011-05-13T04:42:34.000Z",
      },
    });
    const common = ["schemas", "id"];
    const core = schema.core.attributes.filter(({ config }) => !config.shadow).map(({ name }) => name);
    const extensions = [ENTERPRISE_USER_SCHEMA, TWILIO_USER_SCHEMA];
    expect(Object.keys(resource)).toEqual([...common, ...core, ...extensions, "meta"]);
  });

  it("lists an extension only where it has data", () => {
    const resource = renderUser(user({ userName: "u" }));
    expect(resource.schemas).toEqual([USER_SCHEMA, TWILIO_USER_SCHEMA]);
    expect(Object.keys(resource)).toEqual([
      "schemas",
      "id",
      "userName",
      "active",
      "entitlements",
      TWILIO_USER_SCHEMA,
      "meta",
    ]);
  });

  it.each([
    ["active", true],
    ["suspended", false],
    ["closed", false],
  ] as const)("is shown for a status of %s as active %s", (status, active) => {
    const resource = renderUser(user({ userName: "u" }, { status }));
    expect(resource.active).toBe(active);
    expect(resource[TWILIO_USER_SCHEMA]).toMatchObject({ status });
  });

  it("tells the owner account", () => {
    const resource = renderUser(user({ userName: "u" }, { sid: OWNER }));
    expect(resource[TWILIO_USER_SCHEMA]).toMatchObject({ ownerAccount: true });
  });

  it("never has null, undefined, or an empty array or object", () => {
    fc.assert(
      fc.property(anyUser, (subject) => {
        const walk = (value: unknown): void => {
          expect(value).not.toBeNull();
          expect(value).not.toBeUndefined();
          if (typeof value !== "object" || value === null) return;
          expect(Object.keys(value).length).toBeGreaterThan(0);
          for (const member of Object.values(value)) walk(member);
        };
        walk(renderUser(subject));
      }),
    );
  });

  it("has as served the members that filters and orders read one by one", () => {
    const members = servedMembers({ baseUrl: "https://bridge.example/scim/v2", versionOf: userVersion });
    const groups = [{ id: "g1", attributes: { displayName: "Guides" } }];
    fc.assert(
      fc.property(anyUser, (ungrouped) => {
        for (const subject of [ungrouped, { ...ungrouped, groups }]) {
          for (const [name, value] of Object.entries(answered(subject))) {
            expect(members.get(name)?.show(subject)).toEqual(value);
          }
        }
      }),
    );
    expect(members.get("shoeSize")).toBeUndefined();
  });

  it("gets its location from the address that was asked, and keeps none", () => {
    const subject = user(BABS);
    const resource = renderUser(subject);
    const version = userVersion(subject);
    const [first, second] = ["https://a.example/scim/v2", "https://b.example/scim/v2"].map((baseUrl) =>
      showAll(servedMembers({ baseUrl, versionOf: userVersion }), subject),
    );
    expect(first?.meta).toEqual({
      ...Object(resource.meta),
      version,
      location: `https://a.example/scim/v2/Users/${sid(1)}`,
    });
    expect(second?.meta).toEqual({
      ...Object(resource.meta),
      version,
      location: `https://b.example/scim/v2/Users/${sid(1)}`,
    });
    expect(resource.meta).not.toHaveProperty("location");
  });
});

describe("the version of a user", () => {
  /** The part that a client's condition for a write is about. */
  const ownPart = (subject: User) => userVersion(subject).split(".")[0];

  it("is a weak entity tag", () => {
    expect(userVersion(user(BABS))).toMatch(/^W\/"[\x21\x23-\x7e]+"$/);
  });

  it.each<[string, User]>([
    ["activity", user(BABS, {}, current({ ...BUSY.usage, lastActivity: day("2026-11-24"), services: [] }))],
    ["the state of activity", user(BABS, {}, { ...BUSY, state: "stale" })],
    ["the time of it", { ...user(BABS, {}, BUSY), lastModified: 5 }],
    ["groups", { ...user(BABS, {}, BUSY), groups: [{ id: "g1", attributes: { displayName: "Guides" } }] }],
  ])("has a part that stays where nothing new was written, but %s", (_, changed) => {
    expect(ownPart(changed)).toBe(ownPart(user(BABS, {}, BUSY)));
    expect(userVersion(changed)).not.toBe(userVersion(user(BABS, {}, BUSY)));
  });

  it.each<[string, User]>([
    ["an attribute", user({ ...BABS, title: "Guide" }, {}, BUSY)],
    ["the status", user(BABS, { status: "suspended" }, BUSY)],
    ["the friendly name", user(BABS, { friendlyName: "Other" }, BUSY)],
  ])("has a part that moves with %s", (_, changed) => {
    expect(ownPart(changed)).not.toBe(ownPart(user(BABS, {}, BUSY)));
  });

  it("stays where nothing is new but when the activity was read", () => {
    const later = { ...BUSY, asOf: (BUSY.asOf ?? 0) + 3_600_000 };
    expect(userVersion(user(BABS, {}, later))).toBe(userVersion(user(BABS, {}, BUSY)));
  });

  it("stays where the members of a service come back from a database in another order", () => {
    const services = BUSY.usage?.services.map(({ service, display, ...days }) => ({
      ...days,
      display,
      service,
    }));
    const restored = current({ ...BUSY.usage, ...(services && { services }) });
    expect(userVersion(user(BABS, {}, restored))).toBe(userVersion(user(BABS, {}, BUSY)));
  });

  it("does not depend on the order in which a client wrote the attributes", async () => {
    const before = user({ userName: "before" });
    await fc.assert(
      fc.asyncProperty(anyAttributes, async (attributes) => {
        const reversed = backwards({ ...attributes });
        for (const write of [
          (body: object) => setUp(before).users.replace(sid(1), body, request()),
          (body: object) =>
            setUp(before).users.patch(sid(1), operations({ op: "add", value: body }), request()),
          (body: object) => setUp().users.create(body, request()),
        ]) {
          const [written, backwardly] = [await write(attributes), await write(reversed)];
          expect(backwardly.version).toBe(written.version);
        }
      }),
    );
  });

  it.each<[string, User]>([
    ["an attribute", user({ ...BABS, title: "Guide" }, {}, BUSY)],
    ["the order of values", user({ ...BABS, emails: BABS.emails?.toReversed() ?? [] }, {}, BUSY)],
    ["the status", user(BABS, { status: "suspended" }, BUSY)],
    ["the account's type", user(BABS, { type: "Trial" }, BUSY)],
    ["when it was last modified", { ...user(BABS, {}, BUSY), lastModified: 5 }],
    ["whether activity can be read", user(BABS, {}, { ...BUSY, state: "stale" })],
    ["the last activity", user(BABS, {}, current({ ...BUSY.usage, lastActivity: day("2026-11-24") }))],
    ["the services", user(BABS, {}, current({ ...BUSY.usage, services: [] }))],
    ["the spend", user(BABS, {}, current({ ...BUSY.usage, spend: { total: "1234.5676", currency: "USD" } }))],
  ])("moves with %s", (_, changed) => {
    expect(userVersion(changed)).not.toBe(userVersion(user(BABS, {}, BUSY)));
  });

  it("is the same only for what is shown the same", () => {
    fc.assert(
      fc.property(anyUser, anyUser, (one, other) => {
        const shown = (subject: User) =>
          JSON.parse(
            JSON.stringify(renderUser(subject), (name, value) =>
              name === "activityAsOf" ? undefined : value,
            ),
          );
        expect(userVersion(one) === userVersion(other)).toBe(isDeepStrictEqual(shown(one), shown(other)));
      }),
    );
  });
});

/** The same JSON, with the members of each object in the opposite order. */
function backwards(json: unknown): object {
  return JSON.parse(
    JSON.stringify(json, (_name, value) =>
      isJsonObject(value) ? Object.fromEntries(Object.entries(value).reverse()) : value,
    ),
  );
}
