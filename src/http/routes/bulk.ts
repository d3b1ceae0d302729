import type { Request, Response, Router } from "express";
import type { Bulk } from "../../scim/bulk.js";
import { MAX_BULK_PAYLOAD_BYTES } from "../../scim/bulk-request.js";
import { onlyMethods, sendScim } from "../answers.js";
import type { BaseUrl } from "../base-url.js";
import { readJsonBody } from "../json-body.js";
import { actorOf } from "./resources.js";

/** RFC 7644 §3.7. */
export function addBulkRoutes(router: Router, bulk: Bulk, baseUrl: BaseUrl): void {
  router
    .route("/Bulk")
    .post(readJsonBody(MAX_BULK_PAYLOAD_BYTES), async (request: Request, response: Response) => {
      sendScim(
        response,
        200,
        await bulk(request.body, { baseUrl: baseUrl(request), actor: actorOf(response) }),
      );
    })
    .all(onlyMethods("POST"));
}
