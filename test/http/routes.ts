/** A route of the bridge. */
export interface Route {
  /** With `{user}` and `{group}` for the ids of such. */
  readonly path: string;
  /** Without OPTIONS, which every route has. */
  readonly methods: readonly string[];
}

/** The path for this user and this group. */
export function targetOf({ path }: Route, ids: { readonly user: string; readonly group: string }): string {
  return path.replace("{user}", ids.user).replace("{group}", ids.group);
}

const COLLECTION = ["GET", "HEAD", "POST"];
const RESOURCE = ["GET", "HEAD", "PUT", "PATCH", "DELETE"];
const READ_ONLY = ["GET", "HEAD"];

/** All routes that the SCIM token opens, and those that need none. */
export const ROUTES: readonly Route[] = [
  { path: "/scim/v2", methods: READ_ONLY },
  { path: "/scim/v2/.search", methods: ["POST"] },
  { path: "/scim/v2/Users", methods: COLLECTION },
  { path: "/scim/v2/Users/{user}", methods: RESOURCE },
  { path: "/scim/v2/Users/.search", methods: ["POST"] },
  { path: "/scim/v2/Groups", methods: COLLECTION },
  { path: "/scim/v2/Groups/{group}", methods: RESOURCE },
  { path: "/scim/v2/Groups/.search", methods: ["POST"] },
  { path: "/scim/v2/Bulk", methods: ["POST"] },
  { path: "/scim/v2/ServiceProviderConfig", methods: READ_ONLY },
  { path: "/scim/v2/Schemas", methods: READ_ONLY },
  { path: "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", methods: READ_ONLY },
  { path: "/scim/v2/ResourceTypes", methods: READ_ONLY },
  { path: "/scim/v2/ResourceTypes/User", methods: READ_ONLY },
  { path: "/scim/v2/AccountTypes", methods: READ_ONLY },
  { path: "/scim/v2/AccountTypes/account-type-full", methods: READ_ONLY },
  { path: "/scim/v2/AccountServices", methods: READ_ONLY },
  { path: "/scim/v2/AccountServices/service-sms", methods: READ_ONLY },
  { path: "/healthz", methods: READ_ONLY },
  { path: "/readyz", methods: READ_ONLY },
  { path: "/metrics", methods: READ_ONLY },
];

/** Those that answer in SCIM. */
export const SCIM_ROUTES = ROUTES.filter(({ path }) => path.startsWith("/scim/v2"));
