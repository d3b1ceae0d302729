import type { Request, Response, Router } from "express";
import type { Searchable } from "../../scim/search.js";
import { readSearchRequest } from "../../scim/search-request.js";
import { onlyMethods } from "../answers.js";
import type { BaseUrl } from "../base-url.js";
import { readJsonBody } from "../json-body.js";
import type { ServeList } from "../serve-list.js";

/** Longer than any filter that is read, and all the names that there are. */
const BODY_LIMIT_BYTES = 64 * 1024;

export interface SearchRoutesOptions {
  readonly serveList: ServeList;
  readonly types: readonly Searchable[];
  readonly baseUrl: BaseUrl;
}

/** Searches by POST (RFC 7644 §3.4.3), for each type and over all of them at the root, which a GET lists as well. */
export function addSearchRoutes(router: Router, { serveList, types, baseUrl }: SearchRoutesOptions): void {
  const body = readJsonBody(BODY_LIMIT_BYTES);

  function serve(path: string, among: readonly Searchable[]): void {
    router
      .route(`${path}/.search`)
      .post(body, async (request: Request, response: Response) => {
        const query = readSearchRequest(request.body);
        await serveList(response, among, { baseUrl: baseUrl(request), query });
      })
      .all(onlyMethods("POST"));
  }

  serve("", types);
  for (const type of types) serve(type.path, [type]);
  router
    .route("/")
    .get(async (request, response) => {
      await serveList(response, types, { baseUrl: baseUrl(request), query: request.query });
    })
    .all(onlyMethods("GET", "HEAD"));
}
