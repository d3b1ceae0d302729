import { type Request, type Response, Router } from "express";
import { parseAccountSid } from "../../directory/account.js";
import { accountNotFound } from "../../directory/errors.js";
import type { DelayedClosings } from "../../lifecycle/delayed-closings.js";
import { onlyMethods, sendJson } from "../answers.js";
import { actorOf } from "./resources.js";

/** `/admin/closings`: the accounts that wait to be closed, and what brings one back. */
export function closingRoutes(closings: Pick<DelayedClosings, "pending" | "restore">): Router {
  const router = Router();
  router
    .route("/closings")
    .get(async (_request, response) => {
      const pending = await closings.pending();
      sendJson(response, 200, {
        closings: pending.map(({ accountSid, askedAt, dueAt, actor }) => ({
          accountSid,
          askedAt: new Date(askedAt).toISOString(),
          closesAt: new Date(dueAt).toISOString(),
          askedBy: actor.name,
        })),
      });
    })
    .all(onlyMethods("GET", "HEAD"));
  router
    .route("/closings/:sid/restore")
    .post(async (request: Request<{ sid: string }>, response: Response) => {
      const sid = parseAccountSid(request.params.sid);
      if (sid === undefined) throw accountNotFound(request.params.sid);
      const { account, attributes } = await closings.restore(sid, actorOf(response));
      sendJson(response, 200, { accountSid: sid, userName: attributes.userName, status: account.status });
    })
    .all(onlyMethods("POST"));
  return router;
}
