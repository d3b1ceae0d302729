import type { AccountSid } from "../directory/account.js";
import type { Group } from "../directory/group.js";
import type { User } from "../directory/user.js";
import type { GroupChanges } from "../lifecycle/group-changes.js";
import { groupAddress } from "./addresses.js";
import { attributesIn, type Filter } from "./filter.js";
import { planGroupSearch } from "./filter-lookups.js";
import { compileFilter } from "./filter-match.js";
import { groupAttributesOf, readGroupBody } from "./group-body.js";
import { Comparisons, editMembers } from "./group-members.js";
import { groupVersion, renderGroup, renderNamedMember } from "./group-resource.js";
import { type JsonBytes, jsonBytes } from "./json-bytes.js";
import { JSON_MEMBERS } from "./members.js";
import { applyPatch, type PatchOperation, parsePatch } from "./patch.js";
import { assertPreconditions } from "./preconditions.js";
import { type Projection, parseProjection } from "./projection.js";
import { listParameter } from "./query-parameters.js";
import type { Resource } from "./resource.js";
import type { ResourceAnswer, ResourceEndpoint } from "./resource-endpoint.js";
import type { Schemas } from "./schemas.js";
import type { Found } from "./search.js";

export interface GroupsOptions {
  readonly directory: Pick<GroupChanges, "get" | "list" | "create" | "update" | "delete">;
  /** A user that a client may see. */
  readonly userOf: (sid: AccountSid) => User | undefined;
  readonly schemas: Schemas;
}

/** The operations on /Groups. */
export function createGroups({ directory, userOf, schemas }: GroupsOptions): ResourceEndpoint {
  const schema = schemas.group;

  /** What filters, orders and changes see. */
  function render(group: Group, baseUrl: string, withMembers: boolean): Resource {
    return renderGroup(group, { baseUrl, withMembers, withDisplay: withMembers, userOf });
  }

  function show(group: Group, baseUrl: string, projection: Projection): JsonBytes {
    const withMembers = projection.shows("members");
    const withDisplay = projection.requests("members", "display");
    return jsonBytes(projection.apply(renderGroup(group, { baseUrl, withMembers, withDisplay, userOf })));
  }

  function answer(group: Group, baseUrl: string, projection: Projection | undefined): ResourceAnswer {
    return {
      id: group.id,
      body: projection && show(group, baseUrl, projection),
      location: groupAddress(group.id, baseUrl),
      version: groupVersion(group),
    };
  }

  function matcher(filter: Filter, baseUrl: string): (group: Group) => boolean {
    const matches = compileFilter(filter, schema.find);
    const withMembers = attributesIn(filter).some((name) => schema.find(name)?.attribute?.name === "members");
    return (group) => matches(render(group, baseUrl, withMembers));
  }

  function patched(group: Group, operations: readonly PatchOperation[], baseUrl: string) {
    const describe = (sid: AccountSid) => renderNamedMember(sid, baseUrl, userOf);
    const ofMembers = operations.filter(isOfMembers);
    const others = operations.filter((operation) => !isOfMembers(operation));
    const attributes = groupAttributesOf(applyPatch(render(group, baseUrl, false), others, schema));
    if (ofMembers.length === 0) return { attributes, members: group.members };
    const members = new Set(group.members);
    const comparisons = new Comparisons();
    for (const operation of ofMembers) editMembers(members, operation, { describe, comparisons });
    return { attributes, members };
  }

  return {
    path: "/Groups",
    schema,

    async select({ baseUrl, filter, sort, after, offset, limit, slice }) {
      const { narrowings, isExact } = planGroupSearch(filter);
      const { groups, total } = await directory.list({
        narrowings,
        matches: filter && !isExact ? matcher(filter, baseUrl) : undefined,
        after,
        offset,
        limit,
      });
      const keyOf = sort?.keyReader(JSON_MEMBERS);
      const sortsMembers = sort?.target.attribute?.name === "members";
      const found: Found[] = [];
      for (const group of groups) {
        found.push({
          created: group.created,
          id: group.id,
          key: keyOf?.(render(group, baseUrl, sortsMembers)),
          size: (projection) => (projection.shows("members") ? group.members.size : 0),
          render: (projection) => show(group, baseUrl, projection),
        });
        if (slice.isOver()) await slice.next();
      }
      return { found, total };
    },

    async get(id, { baseUrl, query }) {
      const projection = parseProjection(query, schema);
      return answer(await directory.get(id), baseUrl, projection);
    },

    async create(body, { baseUrl, query, actor }) {
      const projection = parseProjection(query, schema);
      return answer(await directory.create(readGroupBody(body, schema), actor), baseUrl, projection);
    },

    async replace(id, body, { baseUrl, query, preconditions, actor }) {
      const projection = parseProjection(query, schema);
      const content = readGroupBody(body, schema);
      const group = await directory.update(
        id,
        (current) => {
          assertPreconditions(preconditions, groupVersion(current));
          return content;
        },
        actor,
      );
      return answer(group, baseUrl, projection);
    },

    /** Answers with the group only where attributes are asked for (RFC 7644 §3.5.2): it may have ten thousand members. */
    async patch(id, body, { baseUrl, query, preconditions, actor }) {
      const projection = parseProjection(query, schema);
      const operations = parsePatch(body, schema);
      const group = await directory.update(
        id,
        (current) => {
          assertPreconditions(preconditions, groupVersion(current));
          return patched(current, operations, baseUrl);
        },
        actor,
      );
      const isAsked = listParameter(query, "attributes") !== undefined;
      return answer(group, baseUrl, isAsked ? projection : undefined);
    },

    async remove(id, { preconditions, actor }) {
      await directory.delete(
        id,
        (current) => assertPreconditions(preconditions, groupVersion(current)),
        actor,
      );
    },
  };
}

function isOfMembers({ path }: PatchOperation): boolean {
  return path.attribute?.name === "members";
}
