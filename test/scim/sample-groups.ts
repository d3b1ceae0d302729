import type { Group } from "../../src/directory/group.js";
import { schemas, sid } from "./sample-users.js";

export const groupSchema = schemas.group;

export const GROUP_ID = "2819c223-7f76-453a-919d-413861904646";

/** A group of two; what is not said of it is ordinary. */
export function group(said: Partial<Group> = {}): Group {
  return {
    id: GROUP_ID,
    attributes: { displayName: "Tour Guides", externalId: "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159" },
    members: new Set([sid(1), sid(2)]),
    created: Date.parse("2010-01-23T04:56:22Z"),
    lastModified: Date.parse("2011-05-13T04:42:34Z"),
    ...said,
  };
}
