import { type Request, Router } from "express";
import type { EntitlementCollection } from "../../scim/entitlement-catalogue.js";
import { onlyMethods, sendScim } from "../answers.js";
import type { BaseUrl } from "../base-url.js";

/** What Okta discovers entitlements by: a list for each kind, and each entitlement by its id. */
export function entitlementRoutes(catalogue: readonly EntitlementCollection[], baseUrl: BaseUrl): Router {
  const router = Router();
  for (const { endpoint, list, get } of catalogue) {
    router
      .route(endpoint)
      .get((request, response) => {
        sendScim(response, 200, list({ baseUrl: baseUrl(request), query: request.query }));
      })
      .all(onlyMethods("GET", "HEAD"));
    router
      .route(`${endpoint}/:id`)
      .get((request: Request<{ id: string }>, response) => {
        const { params, query } = request;
        sendScim(response, 200, get(params.id, { baseUrl: baseUrl(request), query }));
      })
      .all(onlyMethods("GET", "HEAD"));
  }
  return router;
}
