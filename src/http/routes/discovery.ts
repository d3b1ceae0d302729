import type { Request, RequestHandler, Router } from "express";
import {
  getResourceType,
  getSchema,
  listResourceTypes,
  listSchemas,
  serviceProviderConfig,
} from "../../scim/discovery.js";
import { ScimError } from "../../scim/errors.js";
import type { Schemas } from "../../scim/schemas.js";
import { onlyMethods, sendScim } from "../answers.js";
import type { BaseUrl } from "../base-url.js";
import { requireAcceptable } from "../content-negotiation.js";

/** RFC 7644 §4, `/ServiceProviderConfig`: a client reads here how to authenticate, so it needs no token. */
export function addServiceProviderConfigRoutes(router: Router, schemas: Schemas, baseUrl: BaseUrl): void {
  router
    .route("/ServiceProviderConfig")
    .all(requireAcceptable)
    .get(refuseFilters, (request, response) => {
      sendScim(response, 200, serviceProviderConfig(schemas, baseUrl(request)));
    })
    .all(onlyMethods("GET", "HEAD"));
}

/** RFC 7644 §4: /Schemas and /ResourceTypes, as lists and by id. */
export function addDiscoveryRoutes(router: Router, schemas: Schemas, baseUrl: BaseUrl): void {
  function serve(endpoint: string, list: typeof listSchemas, get: typeof getSchema): void {
    router
      .route(endpoint)
      .get(refuseFilters, (request, response) => {
        sendScim(response, 200, list(schemas, baseUrl(request)));
      })
      .all(onlyMethods("GET", "HEAD"));
    router
      .route(`${endpoint}/:id`)
      .get(refuseFilters, (request: Request<{ id: string }>, response) => {
        const document = get(schemas, request.params.id, baseUrl(request));
        if (document === undefined) {
          throw new ScimError(404, undefined, `There is no ${request.params.id} in ${endpoint}.`);
        }
        sendScim(response, 200, document);
      })
      .all(onlyMethods("GET", "HEAD"));
  }

  serve("/Schemas", listSchemas, getSchema);
  serve("/ResourceTypes", listResourceTypes, getResourceType);
}

/** RFC 7644 §4: so that no client takes the whole for what its filter matches. Other parameters are ignored. */
const refuseFilters: RequestHandler<object> = ({ query: { filter } }, _response, next) => {
  if (filter !== undefined && filter !== "") {
    throw new ScimError(
      403,
      undefined,
      "What this service supports cannot be filtered: ask without a filter.",
    );
  }
  next();
};
