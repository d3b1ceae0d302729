import type { Request, Response, Router } from "express";
import type { Actor } from "../../lifecycle/audit.js";
import { isNotModified } from "../../scim/preconditions.js";
import type {
  ResourceAnswer,
  ResourceEndpoint,
  ResourceRequest,
  WriteRequest,
} from "../../scim/resource-endpoint.js";
import { onlyMethods, sendNotModified, sendScimBytes } from "../answers.js";
import type { BaseUrl } from "../base-url.js";
import { readJsonBody } from "../json-body.js";
import { readPreconditions } from "../preconditions.js";
import type { ServeList } from "../serve-list.js";

type ById = { id: string };

export interface ResourceRoutesOptions {
  readonly endpoint: ResourceEndpoint;
  readonly serveList: ServeList;
  readonly baseUrl: BaseUrl;
  /** Of a body, in bytes. */
  readonly bodyLimit: number;
}

/** RFC 7644 §3.3 to §3.6, for one type of resource. */
export function addResourceRoutes(
  router: Router,
  { endpoint, serveList, baseUrl, bodyLimit }: ResourceRoutesOptions,
): void {
  const body = readJsonBody(bodyLimit);

  function asked(request: Request<ById> | Request): ResourceRequest {
    return { baseUrl: baseUrl(request), query: request.query };
  }

  function writing(request: Request<ById>, response: Response): WriteRequest {
    return { ...asked(request), actor: actorOf(response), preconditions: readPreconditions(request) };
  }

  router
    .route(endpoint.path)
    .get(async (request, response) => {
      await serveList(response, [endpoint], asked(request));
    })
    .post(body, async (request: Request, response: Response) => {
      const written = { ...asked(request), actor: actorOf(response) };
      const answer = await endpoint.create(request.body, written);
      response.set("Location", answer.location);
      sendResource(response, 201, answer);
    })
    .all(onlyMethods("GET", "HEAD", "POST"));

  router
    .route(`${endpoint.path}/:id`)
    .get(async (request, response) => {
      const answer = await endpoint.get(request.params.id, asked(request));
      const isKnown = isNotModified(readPreconditions(request), answer.version);
      if (isKnown) sendNotModified(response, answer.version);
      else sendResource(response, 200, answer);
    })
    .put(body, async (request: Request<ById>, response: Response) => {
      const answer = await endpoint.replace(request.params.id, request.body, writing(request, response));
      sendResource(response, 200, answer);
    })
    .patch(body, async (request: Request<ById>, response: Response) => {
      const answer = await endpoint.patch(request.params.id, request.body, writing(request, response));
      sendResource(response, 200, answer);
    })
    .delete(async (request, response) => {
      await endpoint.remove(request.params.id, writing(request, response));
      response.status(204).end();
    })
    .all(onlyMethods("GET", "HEAD", "PUT", "PATCH", "DELETE"));
}

/** On whose behalf a request that was let in is made. */
export function actorOf({ locals, req }: Response): Actor {
  if (locals.principal === undefined)
    throw new Error("a route that changes something stands behind no login");
  const { name, scheme } = locals.principal;
  return {
    name,
    ...(scheme !== undefined && { scheme }),
    ...(req.ip !== undefined && { address: req.ip }),
    requestId: locals.requestId,
  };
}

function sendResource(response: Response, status: number, { body, version }: ResourceAnswer): void {
  response.setHeader("ETag", version);
  if (body === undefined) response.status(204).end();
  else sendScimBytes(response, status, body);
}
