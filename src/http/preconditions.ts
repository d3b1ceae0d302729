import type { Request } from "express";
import { type EntityTags, type Preconditions, parseEntityTags } from "../scim/preconditions.js";

/** The conditions in the headers of a request (RFC 7644 §3.14, RFC 9110 §13). */
export function readPreconditions({ headers }: Pick<Request, "headers">): Preconditions {
  return {
    ifMatch: entityTagsIn(headers["if-match"]),
    ifNoneMatch: entityTagsIn(headers["if-none-match"]),
  };
}

function entityTagsIn(header: string | undefined): EntityTags | undefined {
  return header === undefined ? undefined : parseEntityTags(header);
}
