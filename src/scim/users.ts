import { isDeepStrictEqual } from "node:util";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import { accountNotFound } from "../directory/errors.js";
import type { UserPage, UserQuery } from "../directory/query.js";
import type { User } from "../directory/user.js";
import type { UserAttributes } from "../directory/user-attributes.js";
import type { Actor } from "../lifecycle/audit.js";
import type { Lifecycle, UserChange } from "../lifecycle/lifecycle.js";
import { asksForOtherEntitlements } from "./entitlements.js";
import { attributesIn, type Filter } from "./filter.js";
import { equalityPlan } from "./filter-lookups.js";
import { compileFilter } from "./filter-match.js";
import { parseListQuery } from "./list-query.js";
import { type ListResponse, listResponse } from "./list-response.js";
import { applyPatch, mentionsActive, parsePatch } from "./patch.js";
import { type Projection, parseProjection } from "./projection.js";
import type { QueryParameters } from "./query-parameters.js";
import { remembered } from "./remembered.js";
import type { Resource } from "./resource.js";
import type { Schemas } from "./schemas.js";
import { inSortOrder, type Sort } from "./sort.js";
import { readUserBody, userAttributesOf } from "./user-body.js";
import { renderMembers, renderUser, userLocation, userVersion, withMeta } from "./user-resource.js";

/** What is read from. See Directory for what its methods throw. */
export interface UserDirectory {
  get(sid: AccountSid): Promise<User>;
  list(query: UserQuery): UserPage;
}

/** What changes accounts. */
export type UserLifecycle = Pick<Lifecycle, "create" | "update" | "close">;

export interface UsersOptions {
  readonly directory: UserDirectory;
  readonly lifecycle: UserLifecycle;
  readonly schemas: Schemas;
}

/** What a request says apart from its body. */
export interface UserRequest {
  /** The address of the SCIM service as the client knows it, without a slash at the end. */
  readonly baseUrl: string;
  readonly query: QueryParameters;
}

export interface UserWriteRequest extends UserRequest {
  readonly actor: Actor;
}

export interface UserAnswer {
  readonly resource: Resource;
  /** The absolute URL of the user. */
  readonly location: string;
}

/** The operations on /Users (RFC 7644 §3.3 to §3.6), without HTTP. All throw ScimError or DirectoryError. */
export interface Users {
  get(id: string, request: UserRequest): Promise<UserAnswer>;
  list(request: UserRequest): ListResponse;
  create(body: unknown, request: UserWriteRequest): Promise<UserAnswer>;
  replace(id: string, body: unknown, request: UserWriteRequest): Promise<UserAnswer>;
  patch(id: string, body: unknown, request: UserWriteRequest): Promise<UserAnswer>;
  remove(id: string, request: Pick<UserWriteRequest, "actor">): Promise<void>;
}

/** What is not in a user's resource before it is answered: it depends on the address that was asked, or takes a hash. */
const ADDED_BY_ANSWER: readonly string[] = ["meta", "meta.version", "meta.location"];

export function createUsers({ directory, lifecycle, schemas }: UsersOptions): Users {
  const schema = schemas.user;
  const render = remembered(renderUser);
  const versionOf = remembered(userVersion);

  function located(user: User, baseUrl: string): UserAnswer {
    const resource = render(user);
    const location = userLocation(user, baseUrl);
    return { resource: withMeta(resource, { version: versionOf(resource), location }), location };
  }

  function answer(user: User, baseUrl: string, projection: Projection): UserAnswer {
    const { resource, location } = located(user, baseUrl);
    return { resource: projection(resource), location };
  }

  /** Only what is not so already, so that a client that writes back what it read makes no identity of it. */
  function changeOf(current: User, attributes: UserAttributes, active: boolean | undefined): UserChange {
    const isSame = isDeepStrictEqual(attributes, userAttributesOf(render(current)));
    return { ...(active !== undefined && { active }), ...(!isSame && { attributes }) };
  }

  /** What reads the part of a user's resource in which these attributes are, named in full. */
  function partWith(attributes: readonly string[], baseUrl: string): (user: User) => Resource {
    if (attributes.some((name) => ADDED_BY_ANSWER.includes(name))) {
      return (user) => located(user, baseUrl).resource;
    }
    const targets = attributes.map(schema.find);
    return renderMembers(targets.flatMap((target) => target?.extension ?? target?.attribute?.name ?? []));
  }

  function matcher(filter: Filter, baseUrl: string): (user: User) => boolean {
    const matches = compileFilter(filter, schema.find);
    const part = partWith(attributesIn(filter), baseUrl);
    return (user) => matches(part(user));
  }

  /** Every match takes part in the order, but only the page is rendered. */
  function sortedPage({ offset, limit, ...selection }: UserQuery, sort: Sort, baseUrl: string): UserPage {
    const { users, total } = directory.list({ ...selection, offset: 0, limit: Number.MAX_SAFE_INTEGER });
    const part = partWith([sort.target.name], baseUrl);
    const ordered = inSortOrder(users, (user) => sort.keyOf(part(user)), sort.descending);
    return { users: ordered.slice(offset, offset + limit), total };
  }

  return {
    async get(id, { baseUrl, query }) {
      const sid = readSid(id);
      const projection = parseProjection(query, schema);
      return answer(await directory.get(sid), baseUrl, projection);
    },

    list({ baseUrl, query }) {
      const { filter, sort, startIndex, count, projection } = parseListQuery(query, schema);
      const asked: UserQuery = {
        lookups: filter && equalityPlan(filter),
        matches: filter && matcher(filter, baseUrl),
        offset: startIndex - 1,
        limit: count,
      };
      const { users, total } = sort === undefined ? directory.list(asked) : sortedPage(asked, sort, baseUrl);
      const resources = users.map((user) => answer(user, baseUrl, projection).resource);
      return listResponse(resources, total, startIndex);
    },

    async create(body, { baseUrl, query, actor }) {
      const projection = parseProjection(query, schema);
      const { attributes, active = true } = readUserBody(body, schema);
      return answer(await lifecycle.create({ attributes, active }, actor), baseUrl, projection);
    },

    async replace(id, body, { baseUrl, query, actor }) {
      const sid = readSid(id);
      const projection = parseProjection(query, schema);
      const { attributes, active, entitlements } = readUserBody(body, schema);
      const change = (current: User) => ({
        ...changeOf(current, attributes, active),
        ...(asksForOtherEntitlements(entitlements, current) && { ignored: ["entitlements"] }),
      });
      return answer(await lifecycle.update(sid, change, actor), baseUrl, projection);
    },

    async patch(id, body, { baseUrl, query, actor }) {
      const sid = readSid(id);
      const projection = parseProjection(query, schema);
      const operations = parsePatch(body, schema);
      const change = (current: User) => {
        const patched = applyPatch(located(current, baseUrl).resource, operations, schema);
        const active = mentionsActive(operations) ? patched.active === true : undefined;
        return changeOf(current, userAttributesOf(patched), active);
      };
      return answer(await lifecycle.update(sid, change, actor), baseUrl, projection);
    },

    async remove(id, { actor }) {
      await lifecycle.close(readSid(id), actor);
    },
  };
}

/** An id that is no SID is nobody's: nothing needs to be asked. */
function readSid(id: string): AccountSid {
  const sid = parseAccountSid(id);
  if (sid === undefined) throw accountNotFound(id);
  return sid;
}
