import { type Request, type Response, Router } from "express";
import type { Search, Searchable } from "../../scim/search.js";
import { readSearchRequest } from "../../scim/search-request.js";
import { onlyMethods, sendScimBytes } from "../answers.js";
import type { BaseUrl } from "../base-url.js";
import { readJsonBody } from "../json-body.js";

/** Longer than any filter that is read, and all the names that there are. */
const BODY_LIMIT_BYTES = 64 * 1024;

export interface SearchRoutesOptions {
  readonly search: Search;
  readonly types: readonly Searchable[];
  readonly baseUrl: BaseUrl;
}

/** Searches by POST (RFC 7644 §3.4.3), for each type and over all of them at the root, which a GET lists as well. */
export function searchRoutes({ search, types, baseUrl }: SearchRoutesOptions): Router {
  const router = Router();
  const body = readJsonBody(BODY_LIMIT_BYTES);

  function serve(path: string, among: readonly Searchable[]): void {
    router
      .route(`${path}/.search`)
      .post(body, async (request: Request, response: Response) => {
        const query = readSearchRequest(request.body);
        sendScimBytes(response, 200, await search(among, { baseUrl: baseUrl(request), query }));
      })
      .all(onlyMethods("POST"));
  }

  serve("", types);
  for (const type of types) serve(type.path, [type]);
  router
    .route("/")
    .get(async (request, response) => {
      const asked = { baseUrl: baseUrl(request), query: request.query };
      sendScimBytes(response, 200, await search(types, asked));
    })
    .all(onlyMethods("GET", "HEAD"));
  return router;
}
