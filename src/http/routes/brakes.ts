import { type Request, type Response, Router } from "express";
import { BRAKE_NAMES, type BrakeName } from "../../lifecycle/brake-store.js";
import { type Brakes, describeBrake, LONGEST_RELEASE_MS, RELEASE_MS } from "../../lifecycle/brakes.js";
import { invalidValue, ScimError } from "../../scim/errors.js";
import { onlyMethods, sendJson } from "../answers.js";
import { readJsonBody } from "../json-body.js";
import { actorOf } from "./resources.js";

const BODY_LIMIT_BYTES = 1024;

/** `/admin/brakes`: how the brakes stand, and what lets more through. */
export function brakeRoutes(brakes: Pick<Brakes, "status" | "release">): Router {
  const router = Router();
  router
    .route("/brakes")
    .get(async (_request, response) => {
      sendJson(response, 200, { brakes: (await brakes.status()).map(describeBrake) });
    })
    .all(onlyMethods("GET", "HEAD"));
  router
    .route("/brakes/:name/release")
    .post(readJsonBody(BODY_LIMIT_BYTES), async (request: Request<{ name: string }>, response: Response) => {
      const brake = readBrakeName(request.params.name);
      const forMs = readReleaseMs(request.body);
      sendJson(response, 200, describeBrake(await brakes.release(brake, forMs, actorOf(response).name)));
    })
    .all(onlyMethods("POST"));
  return router;
}

function readBrakeName(name: string): BrakeName {
  const brake = BRAKE_NAMES.find((known) => known === name);
  if (brake !== undefined) return brake;
  throw new ScimError(404, undefined, `There is no brake ${name}. There are: ${BRAKE_NAMES.join(", ")}.`);
}

/** `{"seconds": 3600}`; without it, and without any body, an hour. */
function readReleaseMs(body: unknown): number {
  if (body === undefined) return RELEASE_MS;
  const seconds: unknown = new Map(Object.entries(body ?? {})).get("seconds");
  if (seconds === undefined) return RELEASE_MS;
  const most = LONGEST_RELEASE_MS / 1000;
  if (typeof seconds === "number" && Number.isInteger(seconds) && seconds >= 1 && seconds <= most) {
    return seconds * 1000;
  }
  throw invalidValue(`seconds must be a whole number from 1 to ${most}.`);
}
