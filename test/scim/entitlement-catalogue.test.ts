import { describe, expect, it } from "@jest/globals";
import { createEntitlementCatalogue } from "../../src/scim/entitlement-catalogue.js";
import { userEntitlements } from "../../src/scim/entitlements.js";
import { ScimError } from "../../src/scim/errors.js";
import { loadSchemas } from "../../src/scim/schemas.js";
import type { SearchQuery } from "../../src/scim/search.js";
import { readList, searchBy } from "./readable.js";
import { lateRefusal } from "./refusal.js";
import { BABS, BUSY, user } from "./sample-users.js";

const BASE_URL = "https://bridge.example/scim/v2";
const ENTITLEMENT = "urn:okta:scim:schemas:core:1.0:Entitlement";
const SERVICES = [
  { slug: "phone-numbers", display: "Phone Numbers", description: "Telephone numbers that are rented." },
  { slug: "sms", display: "SMS", description: "Text messages." },
  { slug: "verify", display: "Verify", description: "One-time passwords." },
];

const catalogue = createEntitlementCatalogue(loadSchemas({ oktaEntitlements: true }), SERVICES);
const search = searchBy();
const request = (query: Record<string, unknown> = {}) => ({ baseUrl: BASE_URL, query });

function at(path: string) {
  const collection = catalogue.find((known) => known.path === path);
  if (collection === undefined) throw new Error(`There is nothing at ${path}.`);
  return { ...collection, list: async (asked: SearchQuery) => readList(await search([collection], asked)) };
}

const services = at("/AccountServices");
const types = at("/AccountTypes");

describe("the entitlements that Okta discovers", () => {
  it("are at the endpoints of the resource types", () => {
    expect(catalogue.map(({ path }) => path)).toEqual(["/AccountTypes", "/AccountServices"]);
  });

  it("have what Okta requires: id, displayName, and the resource type's name as type", async () => {
    expect(services.get("service-verify", request())).toEqual({
      schemas: [ENTITLEMENT],
      id: "service-verify",
      type: "AccountService",
      displayName: "Verify",
      description: "One-time passwords.",
      meta: { resourceType: "AccountService", location: `${BASE_URL}/AccountServices/service-verify` },
    });
    expect(await types.list(request())).toEqual({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: 2,
      startIndex: 1,
      itemsPerPage: 2,
      Resources: [
        expect.objectContaining({
          id: "account-type-full",
          type: "AccountType",
          displayName: "Full account",
        }),
        expect.objectContaining({
          id: "account-type-trial",
          type: "AccountType",
          displayName: "Trial account",
        }),
      ],
    });
  });

  it("are those that users have, by id, name and type", async () => {
    const lists = await Promise.all([types, services].map(({ list }) => list(request())));
    const known = lists.flatMap(({ Resources }) =>
      Resources.map(({ id, displayName, type }) => ({ value: id, display: displayName, type })),
    );
    for (const type of ["Full", "Trial"] as const) {
      for (const entitlement of userEntitlements(user(BABS, { type }, BUSY))) {
        expect(known).toContainEqual(entitlement);
      }
    }
  });

  it("come in pages", async () => {
    expect(await services.list(request({ count: "1", startIndex: "1" }))).toMatchObject({
      totalResults: 3,
      startIndex: 1,
      itemsPerPage: 1,
      Resources: [{ id: "service-phone-numbers" }],
    });
    expect(await services.list(request({ count: "2", startIndex: "3" }))).toMatchObject({
      totalResults: 3,
      startIndex: 3,
      itemsPerPage: 1,
      Resources: [{ id: "service-verify" }],
    });
    expect(await services.list(request({ count: "0" }))).toMatchObject({ totalResults: 3, Resources: [] });
  });

  it("can be filtered, put in order and cut down, as users can", async () => {
    const list = async (query: Record<string, unknown>) => (await services.list(request(query))).Resources;
    expect(await list({ filter: 'displayName eq "verify"' })).toMatchObject([{ id: "service-verify" }]);
    expect(
      await list({ filter: `id sw "service-" and not (${ENTITLEMENT}:description co "text")` }),
    ).toHaveLength(2);
    const sorted = await list({ sortBy: "displayName", sortOrder: "descending" });
    expect(sorted.map(({ displayName }) => displayName)).toEqual(["Verify", "SMS", "Phone Numbers"]);
    expect(await list({ attributes: "displayName", count: "1" })).toEqual([
      { schemas: [ENTITLEMENT], id: "service-phone-numbers", displayName: "Phone Numbers" },
    ]);
    expect(services.get("service-sms", request({ attributes: "type" }))).toEqual({
      schemas: [ENTITLEMENT],
      id: "service-sms",
      type: "AccountService",
    });
  });

  it.each([
    [{ filter: 'userName eq "x"' }, "invalidFilter"],
    [{ sortBy: "userName" }, "invalidValue"],
    [{ count: "many" }, "invalidValue"],
  ])("refuse a query that cannot be read: %j", async (query, scimType) => {
    expect(await lateRefusal(services.list(request(query)))).toMatchObject({ status: 400, scimType });
  });

  it.each(["service-fax", "SERVICE-SMS", "sms", "", "__proto__", "account-type-full"])(
    "are not found by %j",
    (id) => {
      expect(() => services.get(id, request())).toThrow(ScimError);
      expect(() => services.get(id, request())).toThrow(expect.objectContaining({ status: 404 }));
    },
  );

  it("are nowhere where Okta's discovery is off", () => {
    expect(createEntitlementCatalogue(loadSchemas(), SERVICES)).toEqual([]);
  });
});
