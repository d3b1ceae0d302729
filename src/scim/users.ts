import { isDeepStrictEqual } from "node:util";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import { accountNotFound } from "../directory/errors.js";
import type { UserPage, UserQuery } from "../directory/query.js";
import type { User } from "../directory/user.js";
import type { UserAttributes } from "../directory/user-attributes.js";
import type { Lifecycle, UserChange } from "../lifecycle/lifecycle.js";
import { userAddress } from "./addresses.js";
import { asksForOtherEntitlements } from "./entitlements.js";
import { planUserSearch } from "./filter-lookups.js";
import { compileFilterOn } from "./filter-match.js";
import { type JsonBytes, jsonBytes } from "./json-bytes.js";
import { type MemberList, showAll } from "./members.js";
import { applyPatch, mentionsActive, parsePatch } from "./patch.js";
import { assertPreconditions } from "./preconditions.js";
import { type Projection, parseProjection } from "./projection.js";
import { remembered } from "./remembered.js";
import { addressBytes, bytesAt } from "./rendered-user.js";
import type { RenderUser } from "./rendered-users.js";
import type { ResourceAnswer, ResourceEndpoint } from "./resource-endpoint.js";
import type { Schemas } from "./schemas.js";
import type { Found } from "./search.js";
import { searchedMembers } from "./searched-members.js";
import { readUserBody, userAttributesOf } from "./user-body.js";
import { servedMembers } from "./user-members.js";

/** What is read from. See Directory for what its methods throw. */
export interface UserDirectory {
  get(sid: AccountSid): Promise<User>;
  list(query: UserQuery): Promise<UserPage>;
}

/** What changes accounts. */
export type UserLifecycle = Pick<Lifecycle, "create" | "update" | "close">;

export interface UsersOptions {
  readonly directory: UserDirectory;
  readonly lifecycle: UserLifecycle;
  readonly schemas: Schemas;
  readonly render: RenderUser;
}

/** The operations on /Users. */
export function createUsers({ directory, lifecycle, schemas, render }: UsersOptions): ResourceEndpoint {
  const schema = schemas.user;
  const versionOf = (user: User) => render(user).version;

  function membersAt(baseUrl: string): MemberList<User> {
    return servedMembers({ baseUrl, versionOf });
  }

  /** What gives the JSON of users at an address. */
  function writer(baseUrl: string): (user: User, projection: Projection) => JsonBytes {
    const address = addressBytes(baseUrl);
    const membersShownBy = remembered(
      (projection: Projection) => new Map([...membersAt(baseUrl)].filter(([name]) => projection.shows(name))),
    );
    return (user, projection) =>
      projection.isWhole
        ? bytesAt(render(user), address)
        : jsonBytes(projection.apply(showAll(membersShownBy(projection), user)));
  }

  function answer(user: User, baseUrl: string, projection: Projection): ResourceAnswer {
    return {
      id: user.account.sid,
      body: writer(baseUrl)(user, projection),
      location: userAddress(user.account.sid, baseUrl),
      version: versionOf(user),
    };
  }

  /** Only what is not so already, so that a client that writes back what it read makes no identity of it. */
  function changeOf(current: User, attributes: UserAttributes, active: boolean | undefined): UserChange {
    const isSame = isDeepStrictEqual(attributes, current.attributes);
    return { ...(active !== undefined && { active }), ...(!isSame && { attributes }) };
  }

  return {
    path: "/Users",
    schema,

    async select({ baseUrl, filter, sort, after, offset, limit, slice }) {
      const { narrowings, isExact } = planUserSearch(filter);
      const { users, total } = await directory.list({
        narrowings,
        matches:
          filter && !isExact
            ? compileFilterOn(searchedMembers(membersAt(baseUrl)), filter, schema.find)
            : undefined,
        after,
        offset,
        limit,
      });
      const keyOf = sort?.keyReader(membersAt(baseUrl));
      const write = writer(baseUrl);
      const found: Found[] = [];
      for (const user of users) {
        found.push({
          created: user.account.dateCreated,
          id: user.account.sid,
          key: keyOf?.(user),
          render: (projection) => write(user, projection),
        });
        if (slice.isOver()) await slice.next();
      }
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
        const patched = applyPatch(showAll(membersAt(baseUrl), current), operations, schema);
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
