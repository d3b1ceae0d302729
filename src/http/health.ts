import { type RequestHandler, Router } from "express";
import { onlyMethods } from "./answers.js";

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
}

/** `/healthz`: the process is alive. `/readyz`: it can serve. */
export function healthRoutes(readiness: () => Promise<Readiness>): Router {
  const router = Router();
  const live: RequestHandler = (_request, response) => {
    response.set("Cache-Control", "no-store").json({ status: "ok" });
  };
  const ready: RequestHandler = async (_request, response) => {
    const state = await readiness();
    response
      .status(state.ready ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json(state);
  };
  router.route("/healthz").get(live).all(onlyMethods("GET", "HEAD"));
  router.route("/readyz").get(ready).all(onlyMethods("GET", "HEAD"));
  return router;
}
