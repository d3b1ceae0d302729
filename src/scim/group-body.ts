import type { AccountSid } from "../directory/account.js";
import type { GroupAttributes } from "../directory/group.js";
import { invalidValue } from "./errors.js";
import { readMemberIds } from "./group-members.js";
import { isJsonObject, type Resource } from "./resource.js";
import { attributesInBody } from "./resource-body.js";
import { editResource, isFixed } from "./resource-edit.js";
import type { ResourceSchema } from "./resource-schema.js";

/** Of the externalId and the displayName together, as JSON. */
const MAX_ATTRIBUTES_LENGTH = 16 * 1024;

/** What a POST or PUT body says. */
export interface GroupBody {
  readonly attributes: GroupAttributes;
  /** Of accounts that may be known or not. */
  readonly members: readonly AccountSid[];
}

/**
 * Reads the body of a POST or PUT (RFC 7644 §3.3, §3.5.1). Read-only and unknown attributes are ignored.
 *
 * @throws ScimError invalidSyntax for what is no group at all, invalidValue for an attribute that cannot be read
 */
export function readGroupBody(body: unknown, schema: ResourceSchema): GroupBody {
  let resource: Resource = {};
  let members: readonly AccountSid[] = [];
  for (const { path, value } of attributesInBody(body, schema, { name: "group", required: "displayName" })) {
    if (isFixed(path, schema)) continue;
    if (path.attribute?.name === "members") {
      // A key such as "members.type" is about members that stand elsewhere.
      if (path.sub === undefined && path.filter === undefined) members = readMemberIds(withoutEmpty(value));
    } else resource = editResource(resource, { operation: "replace", path, value });
  }
  return { attributes: groupAttributesOf(resource), members };
}

/** In a whole resource, a complex value without any sub-attribute is none (RFC 7643 §2.5). */
function withoutEmpty(members: unknown): unknown {
  if (!Array.isArray(members)) return members;
  return members.filter((member) => !isJsonObject(member) || Object.keys(member).length > 0);
}

/**
 * What a provider may write of a group but its members, out of a resource that has been read or patched.
 *
 * @throws ScimError invalidValue where there is no displayName, or too much of everything
 */
export function groupAttributesOf({ displayName, externalId }: Resource): GroupAttributes {
  if (typeof displayName !== "string") throw invalidValue("displayName must have a value.");
  const attributes = { displayName, ...(typeof externalId === "string" && { externalId }) };
  if (JSON.stringify(attributes).length > MAX_ATTRIBUTES_LENGTH) {
    throw invalidValue(`The group's names are larger than ${MAX_ATTRIBUTES_LENGTH / 1024} KiB.`);
  }
  return attributes;
}
