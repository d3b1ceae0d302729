import express, { type RequestHandler } from "express";
import { ScimError } from "../scim/errors.js";

/** Larger than any user, and small enough that a flood of bodies does not fill the memory. */
const BODY_LIMIT_BYTES = 1024 * 1024;

const JSON_TYPES = ["application/scim+json", "application/json"];

/**
 * Reads a JSON body of either media type (RFC 7644 §3.1). A body without a media type is taken for JSON.
 *
 * Answers 415 for another type, 413 for too long a body, and 400 `invalidSyntax` for what is no JSON.
 */
export function readJsonBody(): RequestHandler[] {
  const parse = express.json({
    limit: BODY_LIMIT_BYTES,
    type: (request) => request.headers["content-type"] === undefined || isJson(request),
  });
  return [
    (request, _response, next) => {
      if (request.headers["content-type"] === undefined || isJson(request)) return next();
      next(new ScimError(415, undefined, `The body must be ${JSON_TYPES.join(" or ")}.`));
    },
    parse,
  ];
}

function isJson(request: { readonly headers: { readonly "content-type"?: string | undefined } }): boolean {
  const [mediaType = ""] = (request.headers["content-type"] ?? "").split(";");
  return JSON_TYPES.includes(mediaType.trim().toLowerCase());
}
