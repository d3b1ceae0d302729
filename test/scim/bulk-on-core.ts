import { expect } from "@jest/globals";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { type Bulk, createBulk } from "../../src/scim/bulk.js";
import type { BulkResult } from "../../src/scim/bulk-order.js";
import { GROUP_SCHEMA } from "../../src/scim/group-resource.js";
import type { ResourceEndpoint } from "../../src/scim/resource-endpoint.js";
import { USER_SCHEMA } from "../../src/scim/user-members.js";
import { actor, BASE_URL, request } from "./fake-directory.js";
import { groupsOnCore } from "./groups-on-core.js";

const BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";
const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** Bulk requests about users and groups on a core with a database in memory. */
export async function bulkOnCore() {
  const on = await groupsOnCore();
  const { core, users, groups } = on;
  const stopping = new AbortController();
  const bulkOf = (endpoints: readonly ResourceEndpoint[]): Bulk =>
    createBulk({ endpoints, clock: core.clock, log: core.log, stopping: stopping.signal });
  const bulk = bulkOf([users, groups]);
  return {
    ...on,
    bulk,
    bulkOf,
    stop: () => stopping.abort(),
    /** The results of these operations. */
    async run(operations: readonly unknown[], said: object = {}, by = bulk): Promise<readonly BulkResult[]> {
      const body = { schemas: [BULK_REQUEST], ...said, Operations: operations };
      const response = await by(body, { baseUrl: BASE_URL, actor });
      expect(response.schemas).toEqual([BULK_RESPONSE]);
      return response.Operations;
    },
    userOf: async (id = "") => (await users.get(id, request())).resource,
    groupOf: async (id = "") => (await groups.get(id, request())).resource,
    versionOf: async (id: string) => (await users.get(id, request())).version,
  };
}

export type BulkOnCore = Awaited<ReturnType<typeof bulkOnCore>>;

export const createUser = (bulkId: string, userName: string, said: object = {}) => ({
  method: "POST",
  path: "/Users",
  bulkId,
  data: { schemas: [USER_SCHEMA], userName, ...said },
});

export const createGroup = (bulkId: string, displayName: string, ...members: string[]) => ({
  method: "POST",
  path: "/Groups",
  bulkId,
  data: {
    schemas: [GROUP_SCHEMA],
    displayName,
    members: members.map((value) => ({ value })),
  },
});

export const patchOp = (...Operations: object[]) => ({ schemas: [PATCH_OP], Operations });

export const suspend = (id: string, said: object = {}) => ({
  method: "PATCH",
  path: `/Users/${id}`,
  data: patchOp({ op: "replace", path: "active", value: false }),
  ...said,
});

export const managedBy = (value = "") => ({ [ENTERPRISE_USER_SCHEMA]: { manager: { value } } });

/** What a result says of an operation that was refused. */
export const refused = (status: string, scimType?: string) => ({
  status,
  response: {
    schemas: [ERROR],
    status,
    ...(scimType !== undefined && { scimType }),
    detail: expect.stringMatching(/\S/),
  },
});

export const statuses = (results: readonly BulkResult[]) => results.map(({ status }) => status);

/** The id of what an operation was about; "" where there is none. */
export const idOf = (result: BulkResult | undefined) => result?.location?.split("/").at(-1) ?? "";
