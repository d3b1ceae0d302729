import express, { type Express, Router } from "express";
import type { GrantToken } from "../access/token-endpoint.js";
import type { Clock, Log } from "../directory/ports.js";
import type { Brakes } from "../lifecycle/brakes.js";
import type { DelayedClosings } from "../lifecycle/delayed-closings.js";
import type { Bulk } from "../scim/bulk.js";
import type { EntitlementCollection } from "../scim/entitlement-catalogue.js";
import type { ResourceEndpoint } from "../scim/resource-endpoint.js";
import type { Schemas } from "../scim/schemas.js";
import type { Search } from "../scim/search.js";
import { identifyRequests, logAccess } from "./access-log.js";
import { allowNetworks } from "./allowed-networks.js";
import { answerErrors, notFound, refuseFragments } from "./answers.js";
import { type Authenticate, requireProvisionToWrite } from "./authentication.js";
import { createBaseUrl, SCIM_PATH } from "./base-url.js";
import { compressAnswers, requireAcceptable } from "./content-negotiation.js";
import { healthRoutes, type Readiness } from "./health.js";
import { type Metrics, metricsRoutes } from "./metrics.js";
import { type Administration, adminRoutes } from "./routes/admin.js";
import { type AuditRoutesOptions, auditRoutes } from "./routes/audit.js";
import { brakeRoutes } from "./routes/brakes.js";
import { addBulkRoutes } from "./routes/bulk.js";
import { closingRoutes } from "./routes/closings.js";
import { addDiscoveryRoutes, addServiceProviderConfigRoutes } from "./routes/discovery.js";
import { addEntitlementRoutes } from "./routes/entitlements.js";
import { addMeRoutes } from "./routes/me.js";
import { oauthRoutes } from "./routes/oauth.js";
import { addResourceRoutes } from "./routes/resources.js";
import { addSearchRoutes } from "./routes/search.js";
import { secureAnswers } from "./secure-headers.js";
import { createListService } from "./serve-list.js";
import { markDryRun, refuseWrites } from "./write-modes.js";

/** Larger than any user, and small enough that a flood of bodies does not fill the memory. */
const USER_BODY_LIMIT_BYTES = 1024 * 1024;
/** Room for fifty thousand members with their names, which Okta sends in one piece. */
const GROUP_BODY_LIMIT_BYTES = 8 * 1024 * 1024;

export interface AppOptions {
  readonly users: ResourceEndpoint;
  readonly groups: ResourceEndpoint;
  readonly bulk: Bulk;
  readonly search: Search;
  readonly schemas: Schemas;
  readonly entitlements: readonly EntitlementCollection[];
  readonly authenticate: Authenticate;
  readonly grantToken: GrantToken;
  readonly administration: Administration;
  readonly audit: AuditRoutesOptions;
  readonly brakes: Pick<Brakes, "status" | "release">;
  readonly closings: Pick<DelayedClosings, "pending" | "restore">;
  readonly metrics: Metrics;
  readonly readiness: () => Promise<Readiness>;
  /** `PUBLIC_URL`: see createBaseUrl. */
  readonly publicUrl: string | undefined;
  /** `DRY_RUN` */
  readonly dryRun: boolean;
  /** `READ_ONLY` */
  readonly readOnly: boolean;
  /** `TRUST_PROXY`, in Express's form. */
  readonly trustProxy: boolean | number | readonly string[];
  /** `ALLOWED_NETWORKS`; undefined: everybody may ask. */
  readonly allowedNetworks: readonly string[] | undefined;
  /** Whether clients come by HTTPS to this very process. */
  readonly servesTls: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly newId: () => string;
}

/** The whole HTTP interface. It does not listen. */
export function createApp(options: AppOptions): Express {
  const {
    users,
    groups,
    bulk,
    search,
    schemas,
    entitlements,
    authenticate,
    grantToken,
    administration,
    audit,
    brakes,
    closings,
    metrics,
  } = options;
  const {
    readiness,
    publicUrl,
    dryRun,
    readOnly,
    trustProxy,
    allowedNetworks,
    servesTls,
    clock,
    log,
    newId,
  } = options;
  const baseUrl = createBaseUrl(publicUrl);
  const serveList = createListService(search);
  const loggedAndSecured = [logAccess(log), secureAnswers(servesTls)];

  // What is asked for most comes first: a request pays for each router that it passes.
  const scim = Router();
  scim.use(loggedAndSecured);
  addServiceProviderConfigRoutes(scim, schemas, baseUrl);
  scim.use(authenticate("read"));
  if (readOnly) scim.use(refuseWrites);
  if (dryRun) scim.use(markDryRun);
  scim.use(requireAcceptable);
  scim.use(refuseFragments);
  // A search by POST only reads; what comes behind it is told by its method.
  addSearchRoutes(scim, { serveList, types: [users, groups, ...entitlements], baseUrl });
  scim.use(requireProvisionToWrite);
  addResourceRoutes(scim, { endpoint: users, serveList, baseUrl, bodyLimit: USER_BODY_LIMIT_BYTES });
  addResourceRoutes(scim, { endpoint: groups, serveList, baseUrl, bodyLimit: GROUP_BODY_LIMIT_BYTES });
  addEntitlementRoutes(scim, entitlements, serveList, baseUrl);
  addDiscoveryRoutes(scim, schemas, baseUrl);
  addBulkRoutes(scim, bulk, baseUrl);
  addMeRoutes(scim);
  scim.use(notFound);

  const app = express();
  app.set("trust proxy", typeof trustProxy === "object" ? [...trustProxy] : trustProxy);
  app.set("etag", false);
  app.disable("x-powered-by");
  app.use(identifyRequests(newId));
  if (allowedNetworks !== undefined) app.use(allowNetworks(allowedNetworks, loggedAndSecured));
  app.use(compressAnswers());
  app.use(SCIM_PATH, scim);
  app.use(healthRoutes(readiness));
  app.use(metricsRoutes(metrics, authenticate("read")));
  app.use(loggedAndSecured);
  app.use("/oauth", oauthRoutes({ grantToken, clock, log }));
  const adminParts = [
    auditRoutes(audit),
    adminRoutes(administration),
    brakeRoutes(brakes),
    closingRoutes(closings),
  ];
  app.use("/admin", authenticate("admin"), refuseFragments, adminParts);
  app.use(notFound);
  app.use(answerErrors(log));
  return app;
}
