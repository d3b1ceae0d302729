import express, { type RequestHandler } from "express";
import { ScimError } from "../scim/errors.js";

/** The media types of SCIM (RFC 7644 §3.1), the first of which answers have. */
export const JSON_TYPES: readonly string[] = ["application/scim+json", "application/json"];

/**
 * Reads a JSON body of either media type (RFC 7644 §3.1). A body without a media type is taken for JSON.
 *
 * Answers 415 for another type, 413 for too long a body, and 400 `invalidSyntax` for what is no JSON.
 *
 * @param limit of the body, in bytes
 */
export function readJsonBody(limit: number): RequestHandler[] {
  const parse = express.json({
    limit,
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
