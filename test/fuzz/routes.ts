import { type FuzzRequest, scimPath } from "./request.js";

/** A route of the bridge below `/scim/v2`. */
export interface FuzzRoute {
  /** Such as `/Users/{id}`. */
  readonly template: string;
  readonly pattern: RegExp;
  /** Without OPTIONS, which every route has. */
  readonly methods: readonly string[];
}

const READ = ["GET", "HEAD"];

/** In the order in which they are tried. Names in paths have no case, and a slash at the end does not count. */
export const FUZZ_ROUTES: readonly FuzzRoute[] = [
  route("/Me", [], /^\/Me(\/|$)/i),
  route("/", READ),
  route("/.search", ["POST"]),
  route("/Bulk", ["POST"]),
  route("/ServiceProviderConfig", READ),
  ...["/Schemas", "/ResourceTypes"].flatMap((path) => [route(path, READ), route(`${path}/{id}`, READ)]),
  ...["/Users", "/Groups"].flatMap((path) => [
    route(path, [...READ, "POST"]),
    route(`${path}/.search`, ["POST"]),
    route(`${path}/{id}`, [...READ, "PUT", "PATCH", "DELETE"]),
  ]),
  ...["/AccountTypes", "/AccountServices"].flatMap((path) => [
    route(path, READ),
    route(`${path}/.search`, ["POST"]),
    route(`${path}/{id}`, READ),
  ]),
];

/** What stands for every path that leads nowhere. */
export const UNKNOWN_PATH = "(unknown path)";

function route(template: string, methods: readonly string[], pattern = patternOf(template)): FuzzRoute {
  return { template, methods, pattern };
}

function patternOf(template: string): RegExp {
  const escaped = template.replaceAll(".", "\\.").replace("{id}", "[^/]+").replace(/\/$/, "");
  return new RegExp(`^${escaped}/?$`, "i");
}

export function routeOf(path: string): FuzzRoute | undefined {
  return path.includes("#") ? undefined : FUZZ_ROUTES.find(({ pattern }) => pattern.test(path));
}

/** Method and template of a request. Methods that a route does not have are all alike. */
export function labelOf(request: Pick<FuzzRequest, "method" | "path">): string {
  const found = routeOf(scimPath(request));
  if (found === undefined) return `ANY ${UNKNOWN_PATH}`;
  const { methods, template } = found;
  if (methods.length === 0) return `ANY ${template}`;
  const { method } = request;
  return `${methods.includes(method) || method === "OPTIONS" ? method : "OTHER"} ${template}`;
}
