import { type RequestHandler, Router } from "express";
import type { ExpiringTokens } from "../access/expiry-watch.js";
import type { ActivityProgress } from "../directory/activity-sync.js";
import type { BrakeName } from "../lifecycle/brake-store.js";
import { onlyMethods, sendJson } from "./answers.js";

/** What `/readyz` tells. It needs no token, so it tells nothing of the accounts. */
export interface Readiness {
  readonly ready: boolean;
  readonly directory: "ready" | "loading";
  readonly database: "ok" | "failing";
  readonly sync: {
    /** Seconds since the last complete pass over Twilio's accounts; null before the first since the start. */
    readonly ageSeconds: number | null;
    /** Why the last pass failed; null where it did not. */
    readonly error: string | null;
  };
  readonly activity: {
    readonly state: ActivityProgress["state"];
    /** Of how many accounts something has been read, from 0 to 1. */
    readonly filled: number;
  };
  readonly tokens: ExpiringTokens;
  readonly brakes: {
    /** Those that let nothing through now; null where the database does not tell. */
    readonly engaged: readonly BrakeName[] | null;
  };
  readonly closings: {
    /** How many accounts wait to be closed. */
    readonly pending: number;
  };
}

/** `/healthz`: the process is alive. `/readyz`: it can serve. */
export function healthRoutes(readiness: () => Promise<Readiness>): Router {
  const router = Router();
  const live: RequestHandler = (_request, response) => {
    sendJson(response, 200, { status: "ok" });
  };
  const ready: RequestHandler = async (_request, response) => {
    const state = await readiness();
    sendJson(response, state.ready ? 200 : 503, state);
  };
  router.route("/healthz").get(live).all(onlyMethods("GET", "HEAD"));
  router.route("/readyz").get(ready).all(onlyMethods("GET", "HEAD"));
  return router;
}
