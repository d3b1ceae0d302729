import type { Request, Router } from "express";
import type { EntitlementCollection } from "../../scim/entitlement-catalogue.js";
import { onlyMethods, sendScim } from "../answers.js";
import type { BaseUrl } from "../base-url.js";
import type { ServeList } from "../serve-list.js";

/** What Okta discovers entitlements by: a list for each kind, and each entitlement by its id. */
export function addEntitlementRoutes(
  router: Router,
  catalogue: readonly EntitlementCollection[],
  serveList: ServeList,
  baseUrl: BaseUrl,
): void {
  for (const collection of catalogue) {
    const { path, get } = collection;
    router
      .route(path)
      .get(async (request, response) => {
        await serveList(response, [collection], { baseUrl: baseUrl(request), query: request.query });
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
}
