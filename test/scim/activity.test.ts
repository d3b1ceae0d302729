import { describe, expect, it } from "@jest/globals";
import { type Activity, PENDING_ACTIVITY } from "../../src/directory/activity.js";
import { isJsonObject, type JsonObject } from "../../src/scim/resource.js";
import { TWILIO_USER_SCHEMA as TWILIO } from "../../src/scim/twilio-extension.js";
import { renderUser } from "../../src/scim/user-resource.js";
import { request, setUp } from "./fake-directory.js";
import { lateRefusal } from "./refusal.js";
import { BABS, BUSY, current, day, sid, user } from "./sample-users.js";

function extensionOf(activity: Activity): JsonObject {
  const extension = renderUser(user(BABS, {}, activity))[TWILIO];
  if (!isJsonObject(extension)) throw new Error("The user has no extension.");
  return extension;
}

describe("what an account's usage tells", () => {
  it("is only that nothing is known, before it was read", () => {
    const { accountSid: _, ...known } = extensionOf(PENDING_ACTIVITY);
    expect(known).toEqual({
      friendlyName: "Babs Jensen",
      ownerAccountSid: expect.any(String),
      ownerAccount: false,
      status: "active",
      accountType: "Full",
      activityState: "pending",
    });
  });

  it("has no last activity, services or spend where there was never a charge", () => {
    const extension = extensionOf(current({}));
    expect(extension).toMatchObject({ activityState: "current", activityAsOf: "2026-11-24T10:20:30.000Z" });
    for (const name of ["lastActivity", "lastActivityExcludingFees", "services", "spend"]) {
      expect(extension).not.toHaveProperty(name);
    }
  });

  it("stays what was known last where it could not be read again", () => {
    expect(extensionOf({ ...BUSY, state: "stale" })).toEqual({
      ...extensionOf(BUSY),
      activityState: "stale",
    });
  });

  it("has a day as its beginning in UTC, and no last use where there were only fees", () => {
    const extension = extensionOf(current({ lastActivity: day("2024-02-29") }));
    expect(extension.lastActivity).toBe("2024-02-29T00:00:00Z");
    expect(extension).not.toHaveProperty("lastActivityExcludingFees");
  });

  it.each([
    ["0", 0],
    ["-12.5", -12.5],
    ["0.0075", 0.0075],
    ["123456789.123456", 123456789.123456],
  ])("has a spend of %s as the number %d", (total, expected) => {
    expect(extensionOf(current({ spend: { total, currency: "EUR" } })).spend).toEqual({
      total: expected,
      currency: "EUR",
    });
  });
});

/** Users by what their usage tells. */
const USERS = {
  busy: user({ userName: "busy" }, { sid: sid(1) }, BUSY),
  dormant: user(
    { userName: "dormant" },
    { sid: sid(2), type: "Trial" },
    current({
      lastActivity: day("2026-07-31"),
      services: [{ service: "sms", display: "SMS", lastActivity: day("2026-07-31") }],
      spend: { total: "12.5", currency: "EUR" },
    }),
  ),
  dormantSuspended: user(
    { userName: "dormantSuspended" },
    { sid: sid(3), status: "suspended" },
    current({ lastActivity: day("2025-01-01") }),
  ),
  onlyJustIn: user(
    { userName: "onlyJustIn" },
    { sid: sid(4) },
    current({
      lastActivity: day("2026-08-01"),
      services: [
        { service: "sms", display: "SMS", lastActivity: day("2026-08-01") },
        { service: "voice", display: "Voice", lastActivity: day("2026-11-02") },
      ],
    }),
  ),
  unused: user({ userName: "unused" }, { sid: sid(5) }, current({})),
  pending: user({ userName: "pending" }, { sid: sid(6) }),
} as const;
type Name = keyof typeof USERS;

describe("a filter on activity", () => {
  it.each<[string, Name[]]>([
    // as the requirement has them
    [`${TWILIO}:lastActivity lt "2026-08-01T00:00:00Z" and active eq true`, ["dormant"]],
    [`${TWILIO}:services.value eq "verify"`, ["busy"]],
    [`${TWILIO}:services[value eq "sms" and lastActivity ge "2026-11-01T00:00:00Z"]`, ["busy"]],
    [`${TWILIO}:accountType eq "Trial"`, ["dormant"]],
    [`not (${TWILIO}:lastActivity pr)`, ["unused", "pending"]],
    // an account that was never read is not one that is never used
    [`not (${TWILIO}:lastActivity pr) and ${TWILIO}:activityState eq "current"`, ["unused"]],
    // days are instants
    [`${TWILIO}:lastActivity le "2026-08-01T00:00:00Z"`, ["dormant", "dormantSuspended", "onlyJustIn"]],
    [`${TWILIO}:lastActivity eq "2026-08-01T02:00:00+02:00"`, ["onlyJustIn"]],
    [`${TWILIO}:lastActivity lt "2026-08-01"`, ["dormant", "dormantSuspended"]],
    [`${TWILIO}:lastActivity sw "2026-07"`, ["dormant"]],
    [`${TWILIO}:lastActivityExcludingFees pr`, ["busy"]],
    [`${TWILIO}:activityAsOf gt "2026-11-24T10:20:29Z" and ${TWILIO}:spend pr`, ["busy", "dormant"]],
    // one value has to fulfil the whole value path, and any value a comparison
    [`${TWILIO}:services[value eq "sms" and lastActivity gt "2026-08-01"]`, ["busy"]],
    [`${TWILIO}:services.lastActivity ge "2026-11-01"`, ["busy", "onlyJustIn"]],
    [`${TWILIO}:services[value eq "SMS"].lastActivity lt "2026-08-01"`, ["dormant"]],
    [`${TWILIO}:services eq "VOICE"`, ["onlyJustIn"]],
    [`${TWILIO}:services.display co "number"`, ["busy"]],
    [`not (${TWILIO}:services pr)`, ["dormantSuspended", "unused", "pending"]],
    [`${TWILIO}:spend.total gt 12.5`, ["busy"]],
    [`${TWILIO}:spend.total ge 12.5 and ${TWILIO}:spend.currency eq "eur"`, ["dormant"]],
    [`${TWILIO}:activityState eq "Pending"`, ["pending"]],
    // by the bare name, and as the standard attribute
    ['lastActivity lt "2026-08-01" and services[value eq "sms"]', ["dormant"]],
    ['entitlements.value eq "service-verify"', ["busy"]],
    ['entitlements[type eq "AccountType" and value eq "account-type-trial"]', ["dormant"]],
    ['entitlements.display eq "sms"', ["busy", "dormant", "onlyJustIn"]],
  ])("%s finds its users", async (filter, expected) => {
    const { users } = setUp(...Object.values(USERS));
    const { Resources } = await users.list(request({ filter }));
    expect(Resources.map(({ userName }) => userName)).toEqual(expected);
  });

  it.each([
    `${TWILIO}:lastActivity gt "yesterday"`,
    `${TWILIO}:spend.total gt "much"`,
    `${TWILIO}:spend gt 5`,
    `${TWILIO}:services.price pr`,
    `${TWILIO}:spend.total co 5`,
  ])("is refused where its value or attribute makes no sense: %s", async (filter) => {
    const { users } = setUp();
    expect(await lateRefusal(users.list(request({ filter })))).toMatchObject({ scimType: "invalidFilter" });
  });
});

describe("activity that is selected", () => {
  const selected = async (query: Record<string, string>) => {
    const { users } = setUp(USERS.busy);
    const { Resources } = await users.list(request(query));
    return Resources[0]?.[TWILIO];
  };

  it("comes without the rest", async () => {
    const attributes = `${TWILIO}:lastActivity,${TWILIO}:services.value,${TWILIO}:spend.total`;
    expect(await selected({ attributes })).toEqual({
      lastActivity: "2026-11-23T00:00:00Z",
      services: [{ value: "phone-numbers" }, { value: "sms" }, { value: "verify" }],
      spend: { total: 1234.5675 },
    });
    expect(await selected({ attributes: `${TWILIO}:services[value eq "sms"].lastActivity` })).toEqual({
      services: [{ lastActivity: "2026-11-20T00:00:00Z" }],
    });
  });

  it("can be left out", async () => {
    const excludedAttributes = `${TWILIO}:services,${TWILIO}:spend`;
    const { services: _, spend: __, ...rest } = extensionOf(BUSY);
    expect(await selected({ excludedAttributes })).toEqual(rest);
  });
});
