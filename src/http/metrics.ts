import { isIPv6 } from "node:net";
import { type Request, type RequestHandler, Router } from "express";
import { Counter, Gauge, Registry } from "prom-client";
import type { TokenExpiry } from "../access/tokens.js";
import type { ActivityProgress } from "../directory/activity-sync.js";
import type { BrakeStatus } from "../lifecycle/brakes.js";
import { onlyMethods } from "./answers.js";
import type { AuthenticationFailure } from "./authentication.js";

/** What is measured, and where the numbers come from at the time that somebody asks. */
export interface MetricSources {
  readonly activity: () => ActivityProgress;
  readonly tokenExpiries: () => Promise<readonly TokenExpiry[]>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly pendingClosings: () => number;
  /** Throws DirectoryError where the database does not tell. */
  readonly brakes: () => Promise<readonly BrakeStatus[]>;
}

export interface Metrics {
  readonly registry: Registry;
  /** Counts a usage category that the catalogue does not know. */
  unknownCategory(category: string): void;
  /** Counts a request that was not let in. */
  failedAuthentication(reason: AuthenticationFailure): void;
}

/** A registry of its own: nothing is kept at module level, so that two bridges in one process do not mix. */
export function createMetrics({
  activity,
  tokenExpiries,
  brakes,
  pendingClosings,
  now,
}: MetricSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const unknown = new Counter({
    name: "twilio_scim_bridge_unknown_usage_categories_total",
    help: "Priced usage records of categories that the catalogue does not know, by category.",
    labelNames: ["category"],
    registers,
  });
  new Gauge({
    name: "twilio_scim_bridge_activity_accounts",
    help: "Accounts by how far their activity is known.",
    labelNames: ["state"],
    registers,
    collect() {
      const { accounts, read, stale } = activity();
      this.set({ state: "read" }, read);
      this.set({ state: "pending" }, accounts - read);
      this.set({ state: "stale" }, stale);
    },
  });
  new Gauge({
    name: "twilio_scim_bridge_brake_engaged",
    help: "1 while a brake lets nothing through; absent while the database does not tell.",
    labelNames: ["brake"],
    registers,
    async collect() {
      this.reset();
      // One part that fails must not take all other numbers with it.
      for (const { brake, engaged } of await brakes().catch(() => [])) this.set({ brake }, engaged ? 1 : 0);
    },
  });
  new Gauge({
    name: "twilio_scim_bridge_pending_closings",
    help: "Accounts that are hidden and wait to be closed.",
    registers,
    collect() {
      this.set(pendingClosings());
    },
  });
  new Gauge({
    name: "twilio_scim_bridge_token_expires_seconds",
    help: "Seconds until a token expires, below zero where it has, by its name; none for those that do not expire.",
    labelNames: ["token"],
    registers,
    async collect() {
      const expiries = await tokenExpiries();
      this.reset();
      for (const { name, expiresAt } of expiries) {
        this.set({ token: name }, Math.floor((expiresAt - now()) / 1000));
      }
    },
  });
  const failed = new Counter({
    name: "twilio_scim_bridge_failed_authentications_total",
    help: "Requests that were not let in, by reason: missing, unreadable or unknown credentials, or limited.",
    labelNames: ["reason"],
    registers,
  });
  return {
    registry,
    unknownCategory: (category) => unknown.inc({ category }),
    failedAuthentication: (reason) => failed.inc({ reason }),
  };
}

/** `/metrics` for Prometheus: open to the machine itself, and to others behind `authenticated`. */
export function metricsRoutes({ registry }: Metrics, authenticated: RequestHandler): Router {
  const router = Router();
  router
    .route("/metrics")
    .get(
      (request, response, next) =>
        isFromLoopback(request) ? next() : authenticated(request, response, next),
      async (_request, response) => {
        response.set("Content-Type", registry.contentType).send(await registry.metrics());
      },
    )
    .all(onlyMethods("GET", "HEAD"));
  return router;
}

/** Whether the request comes from this machine, and not from a proxy on it that forwards for somebody else. */
function isFromLoopback({ headers, socket }: Request): boolean {
  if ("x-forwarded-for" in headers || "forwarded" in headers || "via" in headers) return false;
  const address = socket.remoteAddress ?? "";
  return isIPv6(address) ? /^(::1|::ffff:127\..*)$/i.test(address) : address.startsWith("127.");
}
