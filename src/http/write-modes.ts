import type { Request, RequestHandler } from "express";
import { ScimError } from "../scim/errors.js";

const WRITES: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/** `READ_ONLY`: answers 403 to whatever would change something. */
export const refuseWrites: RequestHandler = (request, _response, next) => {
  if (!isWrite(request)) return next();
  throw new ScimError(
    403,
    undefined,
    "The bridge is read-only at the moment (READ_ONLY). Nothing was changed.",
  );
};

/** `DRY_RUN`: says with each answer to a write that nothing was changed. */
export const markDryRun: RequestHandler = (request, response, next) => {
  if (isWrite(request)) response.setHeader("X-Dry-Run", "true");
  next();
};

/** A search by POST (RFC 7644 §3.4.3) changes nothing. */
function isWrite({ method, path }: Request): boolean {
  return WRITES.has(method) && !/\/\.search\/?$/i.test(path);
}
