import { isDeepStrictEqual } from "node:util";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import { accountNotFound } from "../directory/errors.js";
import type { UserPage, UserQuery } from "../directory/query.js";
import type { User } from "../directory/user.js";
import type { UserAttributes } from "../directory/user-attributes.js";
import type { Lifecycle, UserChange } from "../lifecycle/lifecycle.js";
import { userAddress } from "./addresses.js";
import { asksForOtherEntitlements } from "./entitlements.js";
import { attributesIn, type Filter } from "./filter.js";
import { userLookups } from "./filter-lookups.js";
import { compileFilter } from "./filter-match.js";
import { applyPatch, mentionsActive, parsePatch } from "./patch.js";
import type { SortKey } from "./place.js";
import { assertPreconditions } from "./preconditions.js";
import { type Projection, parseProjection } from "./projection.js";
import { remembered } from "./remembered.js";
import type { Resource } from "./resource.js";
import type { ResourceAnswer, ResourceEndpoint } from "./resource-endpoint.js";
import type { Schemas } from "./schemas.js";
import type { Sort } from "./sort.js";
import { readUserBody, userAttributesOf } from "./user-body.js";
import { asServed, renderMembers, renderUser, userVersion } from "./user-resource.js";

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

/** The operations on /Users. */
export function createUsers({ directory, lifecycle, schemas }: UsersOptions): ResourceEndpoint {
  const schema = schemas.user;
  const render = remembered(renderUser);
  const versionOf = remembered((user: User) => userVersion(render(user)));

  function served(user: User, baseUrl: string): Resource {
    return asServed(render(user), user, { baseUrl, version: versionOf(user) });
  }

  function answer(user: User, baseUrl: string, projection: Projection): ResourceAnswer {
    return {
      id: user.account.sid,
      resource: projection.apply(served(user, baseUrl)),
      location: userAddress(user.account.sid, baseUrl),
      version: versionOf(user),
    };
  }

  /** Only what is not so already, so that a client that writes back what it read makes no identity of it. */
  function changeOf(current: User, attributes: UserAttributes, active: boolean | undefined): UserChange {
    const isSame = isDeepStrictEqual(attributes, userAttributesOf(render(current)));
    return { ...(active !== undefined && { active }), ...(!isSame && { attributes }) };
  }

  /** What reads the part of a user's resource in which these attributes are, named in full. */
  function partWith(attributes: readonly string[], baseUrl: string): (user: User) => Resource {
    const targets = attributes.map(schema.find);
    const part = renderMembers(
      targets.flatMap((target) => target?.extension ?? target?.attribute?.name ?? []),
    );
    // The version takes a hash of the whole.
    const hasVersion = targets.some(
      (target) =>
        target?.attribute?.name === "meta" && (target.sub === undefined || target.sub.name === "version"),
    );
    return (user) =>
      asServed(part(user), user, { baseUrl, version: hasVersion ? versionOf(user) : undefined });
  }

  function matcher(filter: Filter, baseUrl: string): (user: User) => boolean {
    const matches = compileFilter(filter, schema.find);
    const part = partWith(attributesIn(filter), baseUrl);
    return (user) => matches(part(user));
  }

  function keyReader(sort: Sort | undefined, baseUrl: string): (user: User) => SortKey | undefined {
    if (sort === undefined) return () => undefined;
    const part = partWith([sort.target.name], baseUrl);
    return (user) => sort.keyOf(part(user));
  }

  return {
    path: "/Users",
    schema,

    select({ baseUrl, filter, sort, after, offset, limit }) {
      const { users, total } = directory.list({
        lookups: filter && userLookups(filter),
        matches: filter && matcher(filter, baseUrl),
        after,
        offset,
        limit,
      });
      const keyOf = keyReader(sort, baseUrl);
      const found = users.map((user) => ({
        created: user.account.dateCreated,
        id: user.account.sid,
        key: keyOf(user),
        render: (projection: Projection) => projection.apply(served(user, baseUrl)),
      }));
      return { found, total };
    },

    async get(id, { baseUrl, query }) {
      const sid = readSid(id);
      const projection = parseProjection(query, schema);
      return answer(await directory.get(sid), baseUrl, projection);
    },

    async create(body, { baseUrl, query, actor }) {
      const projection = parseProjection(query, schema);
      const { attributes, active = true } = readUserBody(body, schema);
      return answer(await lifecycle.create({ attributes, active }, actor), baseUrl, projection);
    },

    async replace(id, body, { baseUrl, query, actor, preconditions }) {
      const sid = readSid(id);
      const projection = parseProjection(query, schema);
      const { attributes, active, entitlements } = readUserBody(body, schema);
      const change = (current: User) => {
        assertPreconditions(preconditions, versionOf(current));
        return {
          ...changeOf(current, attributes, active),
          ...(asksForOtherEntitlements(entitlements, current) && { ignored: ["entitlements"] }),
        };
      };
      return answer(await lifecycle.update(sid, change, actor), baseUrl, projection);
    },

    async patch(id, body, { baseUrl, query, actor, preconditions }) {
      const sid = readSid(id);
      const projection = parseProjection(query, schema);
      const operations = parsePatch(body, schema);
      const change = (current: User) => {
        assertPreconditions(preconditions, versionOf(current));
        const patched = applyPatch(served(current, baseUrl), operations, schema);
        const active = mentionsActive(operations) ? patched.active === true : undefined;
        return changeOf(current, userAttributesOf(patched), active);
      };
      return answer(await lifecycle.update(sid, change, actor), baseUrl, projection);
    },

    async remove(id, { actor, preconditions }) {
      const check = (current: User) => assertPreconditions(preconditions, versionOf(current));
      await lifecycle.close(readSid(id), actor, check);
    },
  };
}

/** An id that is no SID is nobody's: nothing needs to be asked. */
function readSid(id: string): AccountSid {
  const sid = parseAccountSid(id);
  if (sid === undefined) throw accountNotFound(id);
  return sid;
}
