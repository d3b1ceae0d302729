import express, { type Express, Router } from "express";
import helmet from "helmet";
import type { Log } from "../directory/ports.js";
import type { EntitlementCollection } from "../scim/entitlement-catalogue.js";
import type { Schemas } from "../scim/schemas.js";
import type { Users } from "../scim/users.js";
import { identifyRequests, logAccess } from "./access-log.js";
import { answerErrors, notFound, refuseFragments } from "./answers.js";
import { authenticate, type TokenVerifier } from "./authentication.js";
import { createBaseUrl, SCIM_PATH } from "./base-url.js";
import { healthRoutes, type Readiness } from "./health.js";
import { type Metrics, metricsRoutes } from "./metrics.js";
import { type Administration, adminRoutes } from "./routes/admin.js";
import { discoveryRoutes, serviceProviderConfigRoute } from "./routes/discovery.js";
import { entitlementRoutes } from "./routes/entitlements.js";
import { userRoutes } from "./routes/users.js";

export interface AppOptions {
  readonly users: Users;
  readonly schemas: Schemas;
  readonly entitlements: readonly EntitlementCollection[];
  readonly verifyToken: TokenVerifier;
  /** Undefined: there is no /admin, and /metrics is for this machine only. */
  readonly verifyAdmin: TokenVerifier | undefined;
  readonly administration: Administration;
  readonly metrics: Metrics;
  readonly readiness: () => Promise<Readiness>;
  /** `PUBLIC_URL`: see createBaseUrl. */
  readonly publicUrl: string | undefined;
  /** `TRUST_PROXY`, in Express's form. */
  readonly trustProxy: boolean | number | readonly string[];
  readonly log: Log;
  readonly newId: () => string;
}

/** The whole HTTP interface. It does not listen. */
export function createApp(options: AppOptions): Express {
  const { users, schemas, entitlements, verifyToken, verifyAdmin, administration, metrics } = options;
  const { readiness, publicUrl, trustProxy, log, newId } = options;
  const baseUrl = createBaseUrl(publicUrl);

  const scim = Router();
  scim.use(serviceProviderConfigRoute(schemas, baseUrl));
  scim.use(authenticate(verifyToken));
  scim.use(refuseFragments);
  scim.use(discoveryRoutes(schemas, baseUrl));
  scim.use(userRoutes(users, baseUrl));
  scim.use(entitlementRoutes(entitlements, baseUrl));

  const app = express();
  app.set("trust proxy", typeof trustProxy === "object" ? [...trustProxy] : trustProxy);
  app.set("etag", false);
  app.disable("x-powered-by");
  app.use(identifyRequests(newId));
  app.use(healthRoutes(readiness));
  app.use(metricsRoutes(metrics, authenticate(verifyAdmin ?? (() => undefined))));
  app.use(logAccess(log));
  app.use(helmet());
  app.use(SCIM_PATH, scim);
  if (verifyAdmin) app.use("/admin", authenticate(verifyAdmin), refuseFragments, adminRoutes(administration));
  app.use(notFound);
  app.use(answerErrors(log));
  return app;
}
