import { isDeepStrictEqual } from "node:util";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import { accountNotFound } from "../directory/errors.js";
import type { UserPage, UserQuery } from "../directory/query.js";
import type { User } from "../directory/user.js";
import type { UserAttributes } from "../directory/user-attributes.js";
import type { Actor } from "../lifecycle/audit.js";
import { type Filter, mentions } from "./filter.js";
import { equalityPlan } from "./filter-lookups.js";
import { compileFilter } from "./filter-match.js";
import { parseListQuery } from "./list-query.js";
import { type ListResponse, listResponse } from "./list-response.js";
import { applyPatch, mentionsActive, parsePatch } from "./patch.js";
import { type Projection, parseProjection } from "./projection.js";
import type { QueryParameters } from "./query-parameters.js";
import type { Resource } from "./resource.js";
import type { Schemas } from "./schemas.js";
import { readUserBody, userAttributesOf } from "./user-body.js";
import { createUserRenderer, locateResource, userLocation } from "./user-resource.js";

/** What is read from. See Directory for what its methods throw. */
export interface UserDirectory {
  get(sid: AccountSid): Promise<User>;
  list(query: UserQuery): UserPage;
}

/** What a user shall be. */
export interface UserChange {
  /** Absent: as it is. */
  readonly active?: boolean;
  /** All of them; absent: none has changed. */
  readonly attributes?: UserAttributes;
}

/** What changes accounts. See Lifecycle for what its methods throw. */
export interface UserLifecycle {
  create(request: { attributes: UserAttributes; active: boolean }, actor: Actor): Promise<User>;
  /** `change` is asked for while nobody else changes the user, and may throw; then nothing happens. */
  update(sid: AccountSid, change: (current: User) => UserChange, actor: Actor): Promise<User>;
  close(sid: AccountSid, actor: Actor): Promise<void>;
}

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

export function createUsers({ directory, lifecycle, schemas }: UsersOptions): Users {
  const schema = schemas.user;
  const render = createUserRenderer();

  function located(user: User, baseUrl: string): UserAnswer {
    const location = userLocation(user, baseUrl);
    return { resource: locateResource(render(user), location), location };
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

  function matcher(filter: Filter, baseUrl: string): (user: User) => boolean {
    const matches = compileFilter(filter, schema.find);
    // Only then is the address worth a copy of every user that is looked at.
    if (mentions(filter, "meta")) return (user) => matches(located(user, baseUrl).resource);
    return (user) => matches(render(user));
  }

  return {
    async get(id, { baseUrl, query }) {
      const sid = readSid(id);
      const projection = parseProjection(query, schema);
      return answer(await directory.get(sid), baseUrl, projection);
    },

    list({ baseUrl, query }) {
      const { filter, startIndex, count, projection } = parseListQuery(query, schema);
      const { users, total } = directory.list({
        lookups: filter && equalityPlan(filter),
        matches: filter && matcher(filter, baseUrl),
        offset: startIndex - 1,
        limit: count,
      });
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
      const { attributes, active } = readUserBody(body, schema);
      const change = (current: User) => changeOf(current, attributes, active);
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
