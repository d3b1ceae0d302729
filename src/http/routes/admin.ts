import { type Request, Router } from "express";
import { type AccountSid, parseAccountSid } from "../../directory/account.js";
import type { Activity } from "../../directory/activity.js";
import { accountNotFound } from "../../directory/errors.js";
import { onlyMethods, sendJson } from "../answers.js";

/** What an administrator can ask for. */
export interface Administration {
  /** Reads the activity of an account now. Throws DirectoryError. */
  refresh(sid: AccountSid): Promise<Activity>;
}

/** `/admin`: behind the scope `admin`. */
export function adminRoutes(administration: Administration): Router {
  const router = Router();
  router
    .route("/accounts/:sid/refresh")
    .post(async (request: Request<{ sid: string }>, response) => {
      const sid = parseAccountSid(request.params.sid);
      if (sid === undefined) throw accountNotFound(request.params.sid);
      const { state, usage, asOf } = await administration.refresh(sid);
      sendJson(response, 200, {
        accountSid: sid,
        state,
        activityAsOf: asOf === undefined ? null : new Date(asOf).toISOString(),
        lastActivity: usage?.lastActivity ?? null,
        lastActivityExcludingFees: usage?.lastActivityExcludingFees ?? null,
        services: usage?.services ?? [],
        spend: usage?.spend ?? null,
      });
    })
    .all(onlyMethods("POST"));
  return router;
}
