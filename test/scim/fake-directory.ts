import type { AccountSid } from "../../src/directory/account.js";
import { DirectoryError } from "../../src/directory/errors.js";
import type { UserQuery } from "../../src/directory/query.js";
import type { User } from "../../src/directory/user.js";
import type { UserAttributes } from "../../src/directory/user-attributes.js";
import type { Actor } from "../../src/lifecycle/audit.js";
import type { UserChange } from "../../src/lifecycle/lifecycle.js";
import { toScimError } from "../../src/scim/errors.js";
import { renderToBytes } from "../../src/scim/rendered-user.js";
import { createUsers } from "../../src/scim/users.js";
import { pageOfUsers } from "./fake-lists.js";
import { readable, searchBy } from "./readable.js";
import { schemas, sid, user } from "./sample-users.js";

export const actor: Actor = { name: "test", requestId: "r" };
export const BASE_URL = "https://bridge.example/scim/v2";
export const request = (query: Record<string, unknown> = {}) => ({
  baseUrl: BASE_URL,
  query,
  actor,
  preconditions: { ifMatch: undefined, ifNoneMatch: undefined },
});
export const operations = (...Operations: unknown[]) => ({ Operations });

/**
 * A directory and a lifecycle in a few lines, which write down what they were asked.
 *
 * @param existing in the order of lists, where pages are asked for by cursor
 */
export function setUp(...existing: User[]) {
  const stored = new Map(existing.map((known) => [known.account.sid, known]));
  const queries: UserQuery[] = [];
  const changes: UserChange[] = [];
  const closed: AccountSid[] = [];
  let asked = 0;

  function find(id: AccountSid): User {
    asked += 1;
    const found = stored.get(id);
    if (found === undefined) throw new DirectoryError("accountNotFound", `There is no account ${id}.`);
    return found;
  }

  const directory = {
    get: async (id: AccountSid) => find(id),
    list(query: UserQuery) {
      queries.push(query);
      return pageOfUsers([...stored.values()], query);
    },
  };
  const lifecycle = {
    async create({ attributes, active }: { attributes: UserAttributes; active: boolean }) {
      asked += 1;
      const created = user(attributes, { sid: sid(0xaaa), status: active ? "active" : "suspended" });
      stored.set(created.account.sid, created);
      return created;
    },
    async update(id: AccountSid, change: (current: User) => UserChange) {
      const current = find(id);
      const wanted = change(current);
      changes.push(wanted);
      const { active = current.account.status === "active", attributes = current.attributes } = wanted;
      const updated = user(
        attributes,
        { ...current.account, status: active ? "active" : "suspended" },
        current.activity,
      );
      stored.set(id, updated);
      return updated;
    },
    async close(id: AccountSid) {
      find(id);
      closed.push(id);
    },
  };
  const users = createUsers({ directory, lifecycle, schemas, render: renderToBytes });
  return {
    users: readable(users, searchBy()),
    queries,
    changes,
    closed,
    asked: () => asked,
  };
}

/** What an action that is refused is answered with. */
export async function answerTo(action: () => Promise<unknown>) {
  try {
    await action();
  } catch (error) {
    return toScimError(error);
  }
  throw new Error("It was accepted.");
}
