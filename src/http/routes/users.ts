import { type Request, type Response, Router } from "express";
import type { Actor } from "../../lifecycle/audit.js";
import type { UserRequest, Users, UserWriteRequest } from "../../scim/users.js";
import { onlyMethods, sendScim } from "../answers.js";
import type { BaseUrl } from "../base-url.js";
import { readJsonBody } from "../json-body.js";

type ById = { id: string };

/** RFC 7644 §3.3 to §3.6, for /Users. */
export function userRoutes(users: Users, baseUrl: BaseUrl): Router {
  const router = Router();
  const body = readJsonBody();

  function asked(request: Request<ById> | Request): UserRequest {
    return { baseUrl: baseUrl(request), query: request.query };
  }

  function writing(request: Request<ById> | Request, response: Response): UserWriteRequest {
    return { ...asked(request), actor: actorOf(response) };
  }

  router
    .route("/Users")
    .get((request, response) => {
      sendScim(response, 200, users.list(asked(request)));
    })
    .post(body, async (request: Request, response: Response) => {
      const { resource, location } = await users.create(request.body, writing(request, response));
      response.set("Location", location);
      sendScim(response, 201, resource);
    })
    .all(onlyMethods("GET", "HEAD", "POST"));

  router
    .route("/Users/:id")
    .get(async (request, response) => {
      const { resource } = await users.get(request.params.id, asked(request));
      sendScim(response, 200, resource);
    })
    .put(body, async (request: Request<ById>, response: Response) => {
      const { resource } = await users.replace(request.params.id, request.body, writing(request, response));
      sendScim(response, 200, resource);
    })
    .patch(body, async (request: Request<ById>, response: Response) => {
      const { resource } = await users.patch(request.params.id, request.body, writing(request, response));
      sendScim(response, 200, resource);
    })
    .delete(async (request, response) => {
      await users.remove(request.params.id, { actor: actorOf(response) });
      response.status(204).end();
    })
    .all(onlyMethods("GET", "HEAD", "PUT", "PATCH", "DELETE"));

  return router;
}

function actorOf({ locals }: Response): Actor {
  if (locals.principal === undefined)
    throw new Error("a route that changes something stands behind no login");
  return { name: locals.principal.name, requestId: locals.requestId };
}
