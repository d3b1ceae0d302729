import type { GroupOfUser } from "../directory/group.js";
import type { User } from "../directory/user.js";
import { groupAddress, userAddress } from "./addresses.js";
import { type JsonBytes, utf8Bytes } from "./json-bytes.js";
import { renderUser } from "./user-resource.js";
import { userVersion } from "./user-version.js";

/** A user's resource as it is sent, but for the address that was asked. */
export interface RenderedUser {
  /** `meta.version` */
  readonly version: string;
  /** Its JSON. Between each two parts belongs the address of the SCIM service. */
  readonly parts: readonly JsonBytes[];
}

/** Renders a user, so that nothing is left to do for an answer but to join the parts. */
export function renderToBytes(user: User): RenderedUser {
  const version = userVersion(user);
  const { groups: _groups, meta, ...own } = renderUser(user);
  const text = [
    withoutEnd(own),
    renderGroups(user.groups),
    `,"meta":${withoutEnd(meta)},"location":"${HERE}${userAddress(user.account.sid, "")}",`,
    `"version":${JSON.stringify(version)}}}`,
  ].join("");
  // Each is a string of its own, which is quick to read; what `split` gives only points into the whole.
  return {
    version,
    parts: text.split(HERE).map((part) => Buffer.from(part).toString("latin1") as JsonBytes),
  };
}

/** Stands for the address until the parts are made. JSON has no such character but escaped. */
const HERE = "\u0000";

/** JSON of an object to which members are added. */
function withoutEnd(object: unknown): string {
  return JSON.stringify(object).slice(0, -1);
}

/** RFC 7643 §4.1.2: as `servedMembers` has them. */
function renderGroups(groups: readonly GroupOfUser[]): string {
  if (groups.length === 0) return "";
  const rendered = groups.map(({ id, attributes: { displayName } }) => {
    const others = JSON.stringify({ display: displayName, type: "direct" }).slice(1);
    return `{"value":"${id}","$ref":"${HERE}${groupAddress(id, "")}",${others}`;
  });
  return `,"groups":[${rendered.join(",")}]`;
}

/** The JSON of a user at an address. */
export function bytesAt({ parts }: RenderedUser, address: AddressBytes): JsonBytes {
  return parts.reduce((text, part) => (text + address + part) as JsonBytes);
}

/** The address of the SCIM service as it stands within a string in JSON. */
export type AddressBytes = JsonBytes & { readonly addressBytes: unique symbol };

export function addressBytes(baseUrl: string): AddressBytes {
  return utf8Bytes(JSON.stringify(baseUrl).slice(1, -1)) as AddressBytes;
}
