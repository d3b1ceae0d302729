import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import {
  createUserRenderer,
  locateResource,
  renderUser,
  TWILIO_USER_SCHEMA,
  USER_SCHEMA,
  userLocation,
} from "../../src/scim/user-resource.js";
import { anyUser, BABS, OWNER, schema, sid, user } from "./sample-users.js";

describe("the resource of a user", () => {
  it("has everything of the user, in the order of the schemas", () => {
    const resource = renderUser(user(BABS));
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
      },
      meta: {
        resourceType: "User",
        created: "2010-01-23T04:56:22.000Z",
        lastModified: "2011-05-13T04:42:34.000Z",
      },
    });
    const common = ["schemas", "id", "externalId"];
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

  it("is rendered once for each user", () => {
    const render = createUserRenderer();
    const subject = user(BABS);
    expect(render(subject)).toBe(render(subject));
    expect(render(user(BABS))).not.toBe(render(subject));
  });

  it("gets its location from the address that was asked, and keeps none", () => {
    const subject = user(BABS);
    const resource = renderUser(subject);
    const [first, second] = ["https://a.example/scim/v2", "https://b.example/scim/v2"].map((baseUrl) =>
      locateResource(resource, userLocation(subject, baseUrl)),
    );
    expect(first?.meta).toEqual({
      ...Object(resource.meta),
      location: `https://a.example/scim/v2/Users/${sid(1)}`,
    });
    expect(second?.meta).toEqual({
      ...Object(resource.meta),
      location: `https://b.example/scim/v2/Users/${sid(1)}`,
    });
    expect(resource.meta).not.toHaveProperty("location");
  });
});
