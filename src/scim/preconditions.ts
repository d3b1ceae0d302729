import { ScimError } from "./errors.js";

/** What a condition names: any version (`*`), or these, each without its quotes and without the mark of a weak one. */
export type EntityTags = "*" | readonly string[];

/** The conditions of a request (RFC 9110 §13.1). Undefined: there is none. */
export interface Preconditions {
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
}

/**
 * Reads an `If-Match` or `If-None-Match` header. Versions may be weak or strong, and stand without quotes, as clients
 * send them that copy `meta.version` by hand. A header that names no version is a list of none.
 */
export function parseEntityTags(header: string): EntityTags {
  if (header.trim() === "*") return "*";
  return (header.match(/(?:W\/)?"[^"]*"|[^\s,]+/gi) ?? []).map(opaqueTag);
}

/**
 * The check before a write to a resource that exists (RFC 7644 §3.14).
 *
 * Of a version in two parts, `a.b`, If-Match compares the first one: the second stands for what clients cannot write, such
 * as the account's activity, and that it was read meanwhile is no conflict with what somebody wrote.
 *
 * @param version its `meta.version`
 * @throws ScimError 412
 */
export function assertPreconditions({ ifMatch, ifNoneMatch }: Preconditions, version: string): void {
  if (ifMatch !== undefined && !namesOwnPart(ifMatch, version)) {
    throw new ScimError(
      412,
      undefined,
      `The resource has changed since it was read: its version is now ${version}, which If-Match does not name. ` +
        "Nothing was done. Read it again, then repeat the change.",
    );
  }
  if (ifNoneMatch !== undefined && names(ifNoneMatch, version)) {
    throw new ScimError(
      412,
      undefined,
      `The resource has the version ${version}, which If-None-Match rules out. Nothing was done.`,
    );
  }
}

/**
 * Whether a GET or HEAD is answered 304, since the client has this version already (RFC 9110 §13.1.2).
 *
 * @param version the resource's `meta.version`
 */
export function isNotModified({ ifNoneMatch }: Preconditions, version: string): boolean {
  return ifNoneMatch !== undefined && names(ifNoneMatch, version);
}

/**
 * Compares weakly, for `If-Match` too: RFC 9110 §13.1.1 has that compare strongly, but the versions here are all weak,
 * and RFC 7644 §3.14 shows `If-Match` with a weak one.
 */
function names(tags: EntityTags, version: string): boolean {
  return tags === "*" || tags.includes(opaqueTag(version));
}

function namesOwnPart(tags: EntityTags, version: string): boolean {
  return tags === "*" || tags.map(ownPart).includes(ownPart(opaqueTag(version)));
}

function ownPart(tag: string): string {
  return tag.split(".", 1)[0] ?? tag;
}

/** `W/"a"`, `"a"` and `a` are all `a`. */
function opaqueTag(tag: string): string {
  return tag.replace(/^W\//i, "").replaceAll('"', "");
}
