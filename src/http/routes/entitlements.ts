import { type Request, Router } from "express";
import type { EntitlementCollection } from "../../scim/entitlement-catalogue.js";
import type { Search } from "../../scim/search.js";
import { onlyMethods, sendScim, sendScimBytes } from "../answers.js";
import type { BaseUrl } from "../base-url.js";

/** What Okta discovers entitlements by: a list for each kind, and each entitlement by its id. */
export function entitlementRoutes(
  catalogue: readonly EntitlementCollection[],
  search: Search,
  baseUrl: BaseUrl,
): Router {
  const router = Router();
  for (const collection of catalogue) {
    const { path, get } = collection;
    router
      .route(path)
      .get(async (request, response) => {
        const asked = { baseUrl: baseUrl(request), query: request.query };
        sendScimBytes(response, 200, await search([collection], asked));
      })
      .all(onlyMethods("GET", "HEAD"));
    router
      .route(`${path}/:id`)
      .get((request: Request<{ id: string }>, response) => {
        const { params, query } = request;
        sendScim(response, 200, get(params.id, { baseUrl: baseUrl(request), query }));
      })
      .all(onlyMethods("GET", "HEAD"));
  }
  return router;
}
