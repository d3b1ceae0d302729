import { describe, expect, it } from "@jest/globals";
import express, { Router } from "express";
import supertest from "supertest";
import { Slices } from "../../src/directory/slices.js";
import { answerErrors, notFound } from "../../src/http/answers.js";
import { createBaseUrl, SCIM_PATH } from "../../src/http/base-url.js";
import { addEntitlementRoutes } from "../../src/http/routes/entitlements.js";
import { createListService } from "../../src/http/serve-list.js";
import { createEntitlementCatalogue } from "../../src/scim/entitlement-catalogue.js";
import { loadSchemas } from "../../src/scim/schemas.js";
import { createSearch } from "../../src/scim/search.js";
import { RecordedLog } from "../support/recorded-log.js";
import { expectScimError } from "./scim-error.js";

const SERVICES = [
  { slug: "sms", display: "SMS", description: "Text messages." },
  { slug: "verify", display: "Verify", description: "One-time passwords." },
];

function serve({ oktaEntitlements }: { readonly oktaEntitlements: boolean }) {
  const catalogue = createEntitlementCatalogue(loadSchemas({ oktaEntitlements }), SERVICES);
  const search = createSearch({ clock: { now: () => 0 }, slices: new Slices() });
  const app = express();
  const router = Router();
  const serveList = createListService(search);
  addEntitlementRoutes(router, catalogue, serveList, createBaseUrl("https://bridge.example"));
  app.use(SCIM_PATH, router);
  app.use(notFound);
  app.use(answerErrors(new RecordedLog()));
  return supertest(app);
}

const PATHS = [
  "/scim/v2/AccountTypes",
  "/scim/v2/AccountTypes/account-type-full",
  "/scim/v2/AccountServices",
  "/scim/v2/AccountServices/service-verify",
];

describe("Okta's entitlement endpoints", () => {
  const bridge = serve({ oktaEntitlements: true });

  it("pass the test that Okta puts them to", async () => {
    for (const endpoint of ["AccountTypes", "AccountServices"]) {
      const { status, headers, body } = await bridge.get(`/scim/v2/${endpoint}?count=1&startIndex=1`);
      expect(status).toBe(200);
      expect(headers["content-type"]).toBe("application/scim+json; charset=utf-8");
      expect(body).toMatchObject({ totalResults: 2, itemsPerPage: 1, startIndex: 1 });
      expect(body.Resources).toHaveLength(1);
    }
  });

  it("give each entitlement by its id, at the location that it says", async () => {
    const { body } = await bridge.get("/scim/v2/AccountServices?filter=displayName+eq+%22verify%22");
    const [verify] = body.Resources;
    expect(verify).toEqual({
      schemas: ["urn:okta:scim:schemas:core:1.0:Entitlement"],
      id: "service-verify",
      type: "AccountService",
      displayName: "Verify",
      description: "One-time passwords.",
      meta: {
        resourceType: "AccountService",
        location: "https://bridge.example/scim/v2/AccountServices/service-verify",
      },
    });
    const one = await bridge.get(new URL(verify.meta.location).pathname);
    expect(one.body).toEqual(verify);
  });

  it.each([
    "/scim/v2/AccountServices/service-fax",
    "/scim/v2/AccountServices/__proto__",
    "/scim/v2/AccountServices/%zz",
    "/scim/v2/AccountTypes/service-sms",
    "/scim/v2/AccountTypes/account-type-full/x",
  ])("answer 404 at %s", async (path) => {
    expectScimError(await bridge.get(path), 404);
  });

  it("answer 400 to a query that cannot be read", async () => {
    const response = await bridge.get("/scim/v2/AccountTypes?filter=userName+pr");
    expectScimError(response, 400, "invalidFilter");
  });

  it.each(PATHS)("cannot be written to at %s", async (path) => {
    for (const method of ["post", "put", "patch", "delete"] as const) {
      const response = await bridge[method](path);
      expectScimError(response, 405);
      expect(response.headers.allow).toBe("GET, HEAD, OPTIONS");
    }
    const options = await bridge.options(path);
    expect(options.status).toBe(204);
    expect(options.headers.allow).toBe("GET, HEAD, OPTIONS");
    expect((await bridge.head(path)).status).toBe(200);
  });
});

describe("Okta's entitlement endpoints, switched off", () => {
  const bridge = serve({ oktaEntitlements: false });

  it.each(PATHS)("do not exist: %s", async (path) => {
    for (const method of ["get", "post"] as const) expectScimError(await bridge[method](path), 404);
  });
});
