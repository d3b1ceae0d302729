import { beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { type Bulk, type BulkResult, createBulk } from "../../src/scim/bulk.js";
import { GROUP_SCHEMA } from "../../src/scim/group-resource.js";
import type { ResourceEndpoint } from "../../src/scim/resource-endpoint.js";
import { USER_SCHEMA } from "../../src/scim/user-resource.js";
import { OWNER } from "../support/example-accounts.js";
import { fails } from "../support/interruptions.js";
import { actor, answerTo, BASE_URL, request } from "./fake-directory.js";
import {
  ADA,
  BOB,
  CAT,
  type GroupsOnCore,
  groupsOnCore,
  inAnyOrder,
  member,
  STRANGER,
} from "./groups-on-core.js";

const BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";
const PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

let on: GroupsOnCore;
let bulk: Bulk;
beforeEach(async () => {
  on = await groupsOnCore();
  bulk = bulkOf([on.users, on.groups]);
});

const bulkOf = (endpoints: readonly ResourceEndpoint[]) =>
  createBulk({ endpoints, clock: on.core.clock, log: on.core.log });

async function run(Operations: readonly unknown[], said: object = {}, by = bulk) {
  const response = await by({ schemas: [BULK_REQUEST], ...said, Operations }, { baseUrl: BASE_URL, actor });
  expect(response.schemas).toEqual([BULK_RESPONSE]);
  return response.Operations;
}

const createUser = (bulkId: string, userName: string, said: object = {}) => ({
  method: "POST",
  path: "/Users",
  bulkId,
  data: { schemas: [USER_SCHEMA], userName, ...said },
});

const createGroup = (bulkId: string, displayName: string, ...members: string[]) => ({
  method: "POST",
  path: "/Groups",
  bulkId,
  data: {
    schemas: [GROUP_SCHEMA],
    displayName,
    members: members.map((value) => ({ value })),
  },
});

const patchOp = (...Operations: object[]) => ({ schemas: [PATCH_OP], Operations });

const suspend = (id: string, said: object = {}) => ({
  method: "PATCH",
  path: `/Users/${id}`,
  data: patchOp({ op: "replace", path: "active", value: false }),
  ...said,
});

const managedBy = (value = "") => ({ [ENTERPRISE_USER_SCHEMA]: { manager: { value } } });

const refused = (status: string, scimType?: string) => ({
  status,
  response: {
    schemas: [ERROR],
    status,
    ...(scimType !== undefined && { scimType }),
    detail: expect.stringMatching(/\S/),
  },
});

const statuses = (results: readonly BulkResult[]) => results.map(({ status }) => status);

/** The id of what an operation was about; "" where there is none. */
const idOf = (result: BulkResult | undefined) => result?.location?.split("/").at(-1) ?? "";

const userOf = async (id = "") => (await on.users.get(id, request())).resource;
const groupOf = async (id = "") => (await on.groups.get(id, request())).resource;
const versionOf = async (id: string) => (await on.users.get(id, request())).version;

describe("RFC 7644 §3.7.1: circular references", () => {
  it("creates the example's two groups, of which neither can be a member of the other", async () => {
    const group = (bulkId: string, displayName: string, value: string) => ({
      method: "POST",
      path: "/Groups",
      bulkId,
      data: { schemas: [GROUP_SCHEMA], displayName, members: [{ type: "Group", value }] },
    });
    const results = await run([
      group("qwerty", "Group A", "bulkId:ytrewq"),
      group("ytrewq", "Group B", "bulkId:qwerty"),
    ]);
    expect(statuses(results)).toEqual(["201", "201"]);
    const list = on.groups.list(request({ filter: 'displayName sw "Group"', sortBy: "displayName" }));
    expect(list.Resources.map(({ displayName }) => displayName)).toEqual(["Group A", "Group B"]);
  });

  it("makes two users each other's managers", async () => {
    const results = await run([
      createUser("qwerty", "Alice", managedBy("bulkId:ytrewq")),
      createUser("ytrewq", "Bobby", managedBy("bulkId:qwerty")),
    ]);
    const [alice, bobby] = results.map(idOf);
    const created = (bulkId: string, id = "") => ({
      method: "POST",
      bulkId,
      location: `${BASE_URL}/Users/${id}`,
      version: expect.stringMatching(/^W\/"/),
      status: "201",
    });
    expect(results).toEqual([created("qwerty", alice), created("ytrewq", bobby)]);
    expect(await userOf(alice)).toMatchObject(managedBy(bobby));
    expect(await userOf(bobby)).toMatchObject(managedBy(alice));
    for (const result of results) expect(result.version).toBe(await versionOf(idOf(result)));
    expect(on.core.gateway.writes.map((call) => call.request)).toEqual(["create", "create"]);
  });

  it("makes a user its own manager", async () => {
    const [alice] = (await run([createUser("qwerty", "Alice", managedBy("bulkId:qwerty"))])).map(idOf);
    expect(await userOf(alice)).toMatchObject(managedBy(alice));
  });

  it("breaks the circle in it, and not where something only refers to it", async () => {
    on.takeWrites();
    const results = await run([
      createGroup("g", "Guides", "bulkId:a"),
      createUser("a", "Alice", managedBy("bulkId:b")),
      createUser("b", "Bobby", managedBy("bulkId:a")),
    ]);
    expect(statuses(results)).toEqual(["201", "201", "201"]);
    expect(on.takeWrites()).toEqual(["saveGroup"]);
    const [group = "", alice = ""] = results.map(idOf);
    expect(await groupOf(group)).toMatchObject({ members: [{ value: alice }] });
  });

  it("completes what it created before it changes it further", async () => {
    const [alice, bobby, patched] = await run([
      createUser("a", "Alice", managedBy("bulkId:b")),
      createUser("b", "Bobby", managedBy("bulkId:a")),
      {
        method: "PATCH",
        path: "/Users/bulkId:a",
        data: patchOp({ op: "add", path: "title", value: "Guide" }),
      },
    ]);
    expect(patched).toMatchObject({ location: alice?.location, status: "200" });
    expect(await userOf(idOf(alice))).toMatchObject({
      title: "Guide",
      ...managedBy(idOf(bobby)),
    });
  });

  it("says what could not be completed, and where it is", async () => {
    const [alice, bobby] = await run([
      createUser("a", "Alice", managedBy("bulkId:b")),
      createUser("b", "Ada", managedBy("bulkId:a")),
    ]);
    expect(bobby).toEqual({ method: "POST", bulkId: "b", ...refused("409", "uniqueness") });
    expect(alice).toEqual({
      method: "POST",
      bulkId: "a",
      location: expect.stringContaining(`${BASE_URL}/Users/AC`),
      version: expect.any(String),
      ...refused("409"),
    });
    expect(alice?.response?.detail).toMatch(/^Created, but/);
    const created = await userOf(idOf(alice));
    expect(created).toMatchObject({ userName: "Alice" });
    expect(created).not.toHaveProperty(ENTERPRISE_USER_SCHEMA);
  });

  it("resolves whatever refers to whatever, in any order", async () => {
    let runs = 0;
    const references = fc.array(fc.option(fc.nat(7), { nil: undefined }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(references, async (managers) => {
        runs += 1;
        const known = (manager: number | undefined) =>
          manager === undefined ? undefined : manager % managers.length;
        const results = await run(
          managers.map((manager, index) =>
            createUser(
              `u${index}`,
              `${runs}-${index}`,
              manager === undefined ? {} : managedBy(`bulkId:u${known(manager)}`),
            ),
          ),
        );
        const ids = results.map(idOf);
        expect(statuses(results)).toEqual(managers.map(() => "201"));
        for (const [index, manager] of managers.entries()) {
          const shown = (await userOf(ids[index]))?.[ENTERPRISE_USER_SCHEMA];
          const id = ids[known(manager) ?? -1];
          expect(shown).toEqual(id && { manager: { value: id } });
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("RFC 7644 §3.7.2: bulkId temporary identifiers", () => {
  it("creates the example's user, and tells its location and version", async () => {
    const results = await run([createUser("qwerty", "Alice")]);
    const { account } = on.core.named("Alice");
    expect(results).toEqual([
      {
        method: "POST",
        bulkId: "qwerty",
        location: `${BASE_URL}/Users/${account.sid}`,
        version: await versionOf(account.sid),
        status: "201",
      },
    ]);
  });

  it("puts the example's user into the example's group", async () => {
    const results = await run([
      createUser("qwerty", "Alice"),
      {
        method: "POST",
        path: "/Groups",
        bulkId: "ytrewq",
        data: {
          schemas: [GROUP_SCHEMA],
          displayName: "Tour Guides",
          members: [{ type: "User", value: "bulkId:qwerty" }],
        },
      },
    ]);
    const [user = "", group = ""] = results.map(idOf);
    expect(results).toMatchObject([
      { bulkId: "qwerty", location: `${BASE_URL}/Users/${user}`, status: "201" },
      { bulkId: "ytrewq", location: `${BASE_URL}/Groups/${group}`, status: "201" },
    ]);
    expect(await groupOf(group)).toMatchObject({
      displayName: "Tour Guides",
      members: [{ value: user, $ref: `${BASE_URL}/Users/${user}`, type: "User", display: "Alice" }],
    });
  });

  it("resolves a reference in an extension, as the example's manager", async () => {
    const [alice, bobby] = (
      await run([
        createUser("qwerty", "Alice"),
        createUser("ytrewq", "Bobby", {
          schemas: [USER_SCHEMA, ENTERPRISE_USER_SCHEMA],
          [ENTERPRISE_USER_SCHEMA]: { employeeNumber: "11250", manager: { value: "bulkId:qwerty" } },
        }),
      ])
    ).map(idOf);
    expect(await userOf(bobby)).toMatchObject({
      [ENTERPRISE_USER_SCHEMA]: { employeeNumber: "11250", manager: { value: alice } },
    });
  });

  it("resolves references in a PATCH, with and without an object around them", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const [alice, bobby, patched] = await run([
      createUser("a", "Alice"),
      createUser("b", "Bobby"),
      {
        method: "PATCH",
        path: `/Groups/${id}`,
        data: patchOp(
          { op: "add", path: "members", value: [{ value: "bulkId:a" }] },
          { op: "add", path: "members", value: "bulkId:b" },
        ),
      },
    ]);
    expect(patched).toEqual({
      method: "PATCH",
      location: `${BASE_URL}/Groups/${id}`,
      version: (await on.groups.get(id, request())).version,
      status: "204",
    });
    const ids = [alice, bobby].map((result) => ({ value: idOf(result) }));
    const { resource } = await on.groups.get(id, request({ attributes: "members.value" }));
    expect(resource?.members).toEqual(inAnyOrder({ value: ADA }, ...ids));
  });

  it("resolves a reference in a path, for every method that has one", async () => {
    const [alice, put, patched, removed] = await run([
      createUser("a", "Alice"),
      { method: "PUT", path: "/Users/bulkId:a", data: { userName: "Alicia" } },
      suspend("bulkId:a"),
      { method: "DELETE", path: "/Users/bulkId:a" },
    ]);
    const location = alice?.location;
    expect(put).toMatchObject({ method: "PUT", location, status: "200" });
    expect(patched).toMatchObject({ method: "PATCH", location, status: "200" });
    expect(removed).toEqual({ method: "DELETE", location, status: "204" });
    const sid = idOf(alice);
    expect(on.core.gateway.accounts.find((account) => account.sid === sid)?.status).toBe("closed");
  });

  it("leaves text alone that is no reference", async () => {
    const said = { title: "see bulkId:a", nickName: "bulkid:a", displayName: "bulkId:" };
    const [alice] = (await run([createUser("a", "Alice", said)])).map(idOf);
    expect(await userOf(alice)).toMatchObject(said);
  });

  it("is 400 invalidValue for a bulkId that no operation has, and nothing of the operation is done", async () => {
    const results = await run([
      createGroup("g", "Guides", ADA, "bulkId:nobody"),
      suspend("bulkId:nobody"),
      createUser("a", "Alice"),
    ]);
    expect(results).toMatchObject([
      refused("400", "invalidValue"),
      refused("400", "invalidValue"),
      { status: "201" },
    ]);
    expect(on.groups.list(request()).totalResults).toBe(0);
  });

  it("is 409 for what could not be created, and for what needs that", async () => {
    const results = await run([
      createUser("a", "Ada"),
      createGroup("g", "Guides", "bulkId:a"),
      { method: "PATCH", path: "/Groups/bulkId:g", data: patchOp({ op: "remove", path: "members" }) },
      createGroup("h", "Hikers"),
    ]);
    expect(results).toEqual([
      { method: "POST", bulkId: "a", ...refused("409", "uniqueness") },
      { method: "POST", bulkId: "g", ...refused("409") },
      { method: "PATCH", location: `${BASE_URL}/Groups/bulkId:g`, ...refused("409") },
      expect.objectContaining({ bulkId: "h", status: "201" }),
    ]);
    expect(results[1]?.response?.detail).toContain("bulkId:a");
  });

  it("is 409 for what refers to a creation that cannot be read", async () => {
    const results = await run([
      createGroup("g", "Guides", "bulkId:a"),
      { method: "POST", path: "/Users", bulkId: "a" },
    ]);
    expect(results).toMatchObject([refused("409"), refused("400", "invalidSyntax")]);
  });

  it("is 400 for a bulkId that is there already, which goes on to mean the first", async () => {
    const results = await run([
      createUser("a", "Alice"),
      createUser("a", "Alicia"),
      createGroup("g", "Guides", "bulkId:a"),
    ]);
    expect(results).toMatchObject([
      { status: "201" },
      { method: "POST", bulkId: "a", ...refused("400", "invalidValue") },
      { status: "201" },
    ]);
    const [alice, , group] = results.map(idOf);
    expect(await groupOf(group)).toMatchObject({ members: [{ value: alice }] });
    expect(on.core.gateway.writes).toHaveLength(1);
  });

  it.each([[undefined], [null], [""], [7]])("is 400 for a POST whose bulkId is %j", async (bulkId) => {
    const [result] = await run([{ ...createUser("a", "Alice"), bulkId }]);
    expect(result).toMatchObject(refused("400", "invalidSyntax"));
    expect(on.core.gateway.calls).toEqual([]);
  });
});

describe("RFC 7644 §3.7.3: the response", () => {
  /** The example's operations, with the ids of users that there are. */
  async function example(versions: { put?: string; patch?: string; delete?: string } = {}) {
    return [
      createUser("qwerty", "Alice"),
      {
        method: "PUT",
        path: `/Users/${BOB}`,
        version: versions.put ?? (await versionOf(BOB)),
        data: { schemas: [USER_SCHEMA], userName: "Bob" },
      },
      {
        method: "PATCH",
        path: `/Users/${ADA}`,
        version: versions.patch ?? (await versionOf(ADA)),
        // The RFC shows an array in braces here, which is no JSON.
        data: patchOp({ op: "remove", path: "nickName" }, { op: "add", path: "userName", value: "Dave" }),
      },
      {
        method: "DELETE",
        path: `/Users/${CAT}`,
        version: versions.delete ?? (await versionOf(CAT)),
      },
    ];
  }

  it("tells of each of the example's operations what became of it", async () => {
    const results = await run(await example(), { failOnErrors: 1 });
    const alice = on.core.named("Alice").account.sid;
    expect(results).toEqual([
      {
        method: "POST",
        bulkId: "qwerty",
        location: `${BASE_URL}/Users/${alice}`,
        version: await versionOf(alice),
        status: "201",
      },
      {
        method: "PUT",
        location: `${BASE_URL}/Users/${BOB}`,
        version: await versionOf(BOB),
        status: "200",
      },
      {
        method: "PATCH",
        location: `${BASE_URL}/Users/${ADA}`,
        version: await versionOf(ADA),
        status: "200",
      },
      { method: "DELETE", location: `${BASE_URL}/Users/${CAT}`, status: "204" },
    ]);
    expect(await userOf(ADA)).toMatchObject({ userName: "Dave" });
    expect(on.core.gateway.account(CAT).status).toBe("closed");
  });

  it("stops at the error of the example, and leaves out what was not begun", async () => {
    const [, ...others] = await example();
    const unreadable = createUser("qwerty", "Alice", { active: "banana" });
    expect(await run([unreadable, ...others], { failOnErrors: 1 })).toEqual([
      { method: "POST", bulkId: "qwerty", ...refused("400", "invalidValue") },
    ]);
    expect(on.core.gateway.calls).toEqual([]);
    expect(await userOf(ADA)).toMatchObject({ userName: "Ada" });
  });

  it("goes on past errors, as in the example in which all fail", async () => {
    const [, put, patch] = await example({ put: 'W/"3694e05e9dff591"', patch: 'W/"edac3253e2c0ef2"' });
    const results = await run([
      createUser("qwerty", ""),
      put,
      patch,
      { method: "DELETE", path: `/Users/${STRANGER}`, version: 'W/"0ee8add0a938e1a"' },
    ]);
    expect(results).toEqual([
      { method: "POST", bulkId: "qwerty", ...refused("400", "invalidValue") },
      { method: "PUT", location: `${BASE_URL}/Users/${BOB}`, ...refused("412") },
      { method: "PATCH", location: `${BASE_URL}/Users/${ADA}`, ...refused("412") },
      { method: "DELETE", location: `${BASE_URL}/Users/${STRANGER}`, ...refused("404") },
    ]);
    expect(on.core.gateway.writes).toEqual([]);
  });

  it("does what comes before an error, whether or not that could be seen beforehand", async () => {
    for (const broken of [{ method: "GET", path: "/Users" }, createUser("c", "Ada")]) {
      const results = await run(
        [
          createUser("a", `Alice ${broken.method}`),
          createUser("b", `Bobby ${broken.method}`),
          broken,
          createUser("d", "Dave"),
        ],
        { failOnErrors: 1 },
      );
      expect(statuses(results)).toEqual(["201", "201", broken.method === "GET" ? "400" : "409"]);
    }
    expect(on.core.users.map(({ attributes }) => attributes.userName)).not.toContain("Dave");
  });

  it("stops only when there are as many errors as failOnErrors says", async () => {
    const results = await run(
      [createUser("a", "Ada"), createUser("b", "Alice"), createUser("c", "Bob"), createUser("d", "Dave")],
      { failOnErrors: 2 },
    );
    expect(statuses(results)).toEqual(["409", "201", "409"]);
  });

  it("goes on with what it has begun when there are too many errors", async () => {
    const results = await run(
      [createUser("a", "Alice", managedBy("bulkId:b")), createUser("b", "Ada", managedBy("bulkId:a"))],
      { failOnErrors: 1 },
    );
    expect(statuses(results)).toEqual(["409", "409"]);
    expect(results[0]?.location).toContain("/Users/AC");
  });

  it("tells of what it created and did not complete, since there were too many errors", async () => {
    const results = await run(
      [
        createUser("a", "Alice", managedBy("bulkId:b")),
        createGroup("g", "", "bulkId:a"),
        createUser("b", "Bobby", managedBy("bulkId:a")),
      ],
      { failOnErrors: 1 },
    );
    expect(results).toMatchObject([
      { bulkId: "a", location: expect.stringContaining("/Users/AC"), ...refused("409") },
      { bulkId: "g", ...refused("400", "invalidValue") },
    ]);
    expect(results).toHaveLength(2);
  });

  it("has a location for every operation but a failed POST", async () => {
    const [post] = await run([{ ...createUser("a", "Alice"), path: `/Users/${ADA}` }]);
    expect(post).toEqual({ method: "POST", bulkId: "a", ...refused("405") });
    const results = await run([
      { method: "PUT", path: `/Users/${ADA}` },
      { method: "PATCH", path: `/Users/${ADA}`, data: "?" },
      { method: "patch", path: `users/${ADA}/`, data: {} },
      { method: "GET", path: `/Users/${ADA}` },
    ]);
    expect(results).toMatchObject([
      { method: "PUT", location: `${BASE_URL}/Users/${ADA}`, status: "400" },
      { method: "PATCH", location: `${BASE_URL}/Users/${ADA}`, status: "400" },
      { method: "PATCH", location: `${BASE_URL}/Users/${ADA}`, status: "400" },
      { method: "GET", location: `${BASE_URL}/Users/${ADA}`, status: "400" },
    ]);
  });
});

describe("RFC 7644 §3.7.4: the limits", () => {
  const many = (length: number) => Array.from({ length }, () => ({ method: "GET" }));

  it("are 1000 operations: one more is 413, and nothing is done", async () => {
    const error = await answerTo(() => run([createUser("a", "Alice"), ...many(1000)]));
    expect(error).toMatchObject({ status: 413, body: { status: "413" } });
    expect(error.body.detail).toMatch(/1001.*\b1000\b/);
    expect(on.core.gateway.calls).toEqual([]);
    expect(await run(many(1000))).toHaveLength(1000);
  });

  it("are twenty levels of nesting, with which the other operations go on", async () => {
    let deep: unknown = "bulkId:a";
    for (let level = 0; level < 50_000; level++) deep = level % 2 === 0 ? [deep] : { value: deep };
    const results = await run([
      createUser("b", "Bobby", { title: deep }),
      { method: "PATCH", path: `/Users/${ADA}`, data: deep },
      createUser("a", "Alice"),
    ]);
    expect(results).toEqual([
      { method: "POST", bulkId: "b", ...refused("400", "invalidSyntax") },
      { method: "PATCH", location: `${BASE_URL}/Users/${ADA}`, ...refused("400", "invalidSyntax") },
      expect.objectContaining({ status: "201" }),
    ]);
  });
});

describe("the order of operations", () => {
  it("is that of the request", async () => {
    const results = await run([
      suspend(ADA),
      { ...suspend(ADA), data: patchOp({ op: "replace", path: "active", value: true }) },
      suspend(BOB),
      suspend(ADA),
    ]);
    expect(statuses(results)).toEqual(["200", "200", "200", "200"]);
    expect(on.core.gateway.writes).toMatchObject([
      { sid: ADA, change: { status: "suspended" } },
      { sid: ADA, change: { status: "active" } },
      { sid: BOB, change: { status: "suspended" } },
      { sid: ADA, change: { status: "suspended" } },
    ]);
  });

  it("frees a name before it is given again", async () => {
    const results = await run([{ method: "DELETE", path: `/Users/${ADA}` }, createUser("a", "Ada")]);
    expect(statuses(results)).toEqual(["204", "201"]);
  });

  it("has what refers forward wait, and the results where the operations are", async () => {
    const results = await run([
      createGroup("g", "Guides", "bulkId:a", ADA, "bulkId:b"),
      createUser("a", "Alice"),
      suspend(BOB),
      createUser("b", "Bobby"),
    ]);
    expect(results.map(({ bulkId, method }) => bulkId ?? method)).toEqual(["g", "a", "PATCH", "b"]);
    expect(statuses(results)).toEqual(["201", "201", "200", "201"]);
    const [group = "", alice, , bobby] = results.map(idOf);
    const { resource } = await on.groups.get(group, request({ attributes: "members.value" }));
    expect(resource?.members).toEqual(inAnyOrder({ value: alice }, { value: ADA }, { value: bobby }));
  });

  it("stays for one resource, also where the first of its changes has to wait", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const patch = (operation: object) => ({
      method: "PATCH",
      path: `/Groups/${id}`,
      data: patchOp(operation),
    });
    const results = await run([
      patch({ op: "add", path: "members", value: [{ value: "bulkId:a" }] }),
      patch({ op: "replace", path: "members", value: [{ value: BOB }] }),
      createUser("a", "Alice"),
    ]);
    expect(statuses(results)).toEqual(["204", "204", "201"]);
    expect(await groupOf(id)).toMatchObject({ members: [member(BOB, "Bob")] });
  });
});

describe("each operation", () => {
  it("is done on the version that it names, and no other", async () => {
    const version = await versionOf(ADA);
    const results = await run([
      suspend(ADA, { version }),
      suspend(ADA, { version }),
      { method: "PUT", path: `/Users/${ADA}`, version, data: { userName: "Ada", title: "Dr" } },
      { method: "DELETE", path: `/Users/${ADA}`, version },
      { method: "DELETE", path: `/Users/${BOB}`, version: "*" },
      { method: "DELETE", path: `/Users/${CAT}`, version: "" },
    ]);
    expect(statuses(results)).toEqual(["200", "412", "412", "412", "204", "204"]);
    expect(on.core.gateway.account(ADA).status).toBe("suspended");
  });

  it("is refused with a version that cannot be read, and nothing is done", async () => {
    const [result] = await run([{ method: "DELETE", path: `/Users/${ADA}`, version: 7 }]);
    expect(result).toMatchObject(refused("400", "invalidValue"));
    expect(on.core.gateway.calls).toEqual([]);
  });

  it("needs no version to create something, whatever it says", async () => {
    expect(statuses(await run([{ ...createUser("a", "Alice"), version: 'W/"x"' }]))).toEqual(["201"]);
  });

  it("leaves its own audit entry, on behalf of whoever sent the request", async () => {
    await run([
      createUser("a", "Alice"),
      suspend(ADA),
      suspend(ADA),
      { method: "DELETE", path: `/Users/${BOB}` },
      createUser("b", "Cat"),
      { method: "DELETE", path: `/Users/${OWNER}` },
    ]);
    expect(on.core.audit).toMatchObject([
      { actions: ["create"], outcome: "done" },
      { actions: ["suspend"], accountSid: ADA, outcome: "done" },
      { accountSid: ADA, outcome: "unchanged" },
      { actions: ["close"], accountSid: BOB, outcome: "done" },
      { actions: ["create"], outcome: "refused", reason: "userNameTaken" },
      { actions: ["close"], accountSid: OWNER, outcome: "refused", reason: "accountProtected" },
    ]);
    for (const entry of on.core.audit) expect(entry.actor).toEqual(actor);
  });

  it("is under the same guards as alone: the owner account is 403, and nothing is sent to Twilio", async () => {
    const results = await run([
      { method: "DELETE", path: `/Users/${OWNER}` },
      suspend(OWNER),
      { method: "PUT", path: `/Users/${OWNER}`, data: { userName: "Parent", active: false } },
    ]);
    expect(results).toMatchObject([refused("403"), refused("403"), refused("403")]);
    expect(on.core.gateway.calls).toEqual([]);
  });

  it("that fails at Twilio is 503 and logged, and the others go on", async () => {
    on.core.gateway.interrupt("update", fails("twilioUnavailable"));
    const results = await run([suspend(ADA), suspend(BOB)]);
    expect(results).toMatchObject([refused("503"), { status: "200" }]);
    expect(on.core.log.at("warn")).toMatchObject([{ fields: { requestId: actor.requestId } }]);
  });

  it("that throws what nobody foresaw is 500 and logged, and the others go on", async () => {
    const patch = async () => {
      throw new TypeError("a secret of the code");
    };
    const results = await run(
      [createUser("a", "Alice"), suspend(ADA), createUser("b", "Bobby")],
      {},
      bulkOf([{ ...on.users, patch }, on.groups]),
    );
    expect(results).toMatchObject([{ status: "201" }, refused("500"), { status: "201" }]);
    expect(JSON.stringify(results)).not.toContain("secret");
    expect(on.core.log.at("error")).toEqual([
      {
        level: "error",
        fields: { err: expect.any(TypeError), requestId: actor.requestId },
        message: "a bulk operation failed",
      },
    ]);
  });
});

describe("a bulk request that takes long", () => {
  /** The users, of whom each creation and each PATCH takes so many milliseconds. */
  const slow = (ms: number) => {
    const { create, patch } = on.users;
    const afterwards = async <T>(done: Promise<T>): Promise<T> => {
      const result = await done;
      await on.core.clock.advance(ms);
      return result;
    };
    return bulkOf([
      {
        ...on.users,
        create: (...asked) => afterwards(create(...asked)),
        patch: (...asked) => afterwards(patch(...asked)),
      },
      on.groups,
    ]);
  };

  it("begins nothing after 25 s: what is left is 503, and nothing of it is done", async () => {
    const results = await run(
      [
        suspend(ADA),
        suspend(BOB),
        suspend(CAT),
        createUser("a", "Alice"),
        createGroup("g", "Guides", "bulkId:a"),
      ],
      {},
      slow(12_501),
    );
    expect(results).toMatchObject([
      { status: "200" },
      { status: "200" },
      { location: `${BASE_URL}/Users/${CAT}`, ...refused("503") },
      { bulkId: "a", ...refused("503") },
      { bulkId: "g", ...refused("503") },
    ]);
    expect(on.core.gateway.writes).toMatchObject([{ sid: ADA }, { sid: BOB }]);
    expect(on.core.log.at("warn")).toEqual([]);
  });

  it("begins what is left at 25 s", async () => {
    expect(statuses(await run([suspend(ADA), suspend(BOB)], {}, slow(25_000)))).toEqual(["200", "200"]);
  });

  it("tells of what it created and could not complete that it is there", async () => {
    const results = await run(
      [createUser("a", "Alice", managedBy("bulkId:b")), createUser("b", "Bobby", managedBy("bulkId:a"))],
      {},
      slow(13_000),
    );
    expect(results).toMatchObject([
      { bulkId: "a", location: expect.stringContaining("/Users/AC"), ...refused("503") },
      { bulkId: "b", status: "201" },
    ]);
    expect(results[0]?.response?.detail).toMatch(/^Created, but/);
  });
});

describe("a bulk request", () => {
  it("may be written with other names' case, and without its schemas", async () => {
    const response = await bulk(
      { operations: [{ Method: "post", PATH: "users/", BulkID: "a", Data: { userName: "Alice" } }] },
      { baseUrl: BASE_URL, actor },
    );
    expect(response.Operations).toMatchObject([{ method: "POST", bulkId: "a", status: "201" }]);
  });

  it.each<[unknown, string]>([
    [undefined, "invalidSyntax"],
    [[], "invalidSyntax"],
    ["Operations", "invalidSyntax"],
    [{}, "invalidSyntax"],
    [{ Operations: {} }, "invalidSyntax"],
    [{ Operations: [] }, "invalidSyntax"],
    [{ schemas: [PATCH_OP], Operations: [{}] }, "invalidSyntax"],
    [{ failOnErrors: 0, Operations: [{}] }, "invalidValue"],
    [{ failOnErrors: -1, Operations: [{}] }, "invalidValue"],
    [{ failOnErrors: 1.5, Operations: [{}] }, "invalidValue"],
    [{ failOnErrors: "1", Operations: [{}] }, "invalidValue"],
    [{ failOnErrors: true, Operations: [{}] }, "invalidValue"],
  ])("is refused as a whole where it is %j", async (body, scimType) => {
    const error = await answerTo(() => bulk(body, { baseUrl: BASE_URL, actor }));
    expect(error).toMatchObject({ status: 400, body: { scimType } });
  });

  it.each<[unknown, object]>([
    [null, refused("400", "invalidSyntax")],
    ["POST", refused("400", "invalidSyntax")],
    [[], refused("400", "invalidSyntax")],
    [{ path: "/Users" }, refused("400", "invalidSyntax")],
    [{ method: "GET", path: "/Users" }, refused("400", "invalidSyntax")],
    [{ method: 7, path: "/Users" }, refused("400", "invalidSyntax")],
    [{ method: "DELETE" }, refused("400", "invalidSyntax")],
    [{ method: "DELETE", path: ["/Users"] }, refused("400", "invalidSyntax")],
    [{ method: "POST", path: "/Users", bulkId: "x" }, refused("400", "invalidSyntax")],
    [{ method: "POST", path: "/Users", bulkId: "x", data: null }, refused("400", "invalidSyntax")],
    [{ method: "DELETE", path: "" }, refused("400", "invalidPath")],
    [{ method: "DELETE", path: `/User/${ADA}` }, refused("400", "invalidPath")],
    [{ method: "DELETE", path: `/Users/${ADA}?x=y` }, refused("400", "invalidPath")],
    [{ method: "DELETE", path: `/Users/${ADA}#x` }, refused("400", "invalidPath")],
    [{ method: "DELETE", path: `/Users/x/${ADA}` }, refused("400", "invalidPath")],
    [{ method: "DELETE", path: `//Users/${ADA}` }, refused("400", "invalidPath")],
    [{ method: "POST", path: "/Bulk", bulkId: "x", data: {} }, refused("400", "invalidPath")],
    [{ method: "POST", path: "/Me", bulkId: "x", data: {} }, refused("400", "invalidPath")],
    [{ method: "POST", path: `/Users/${ADA}`, bulkId: "x", data: {} }, refused("405")],
    [{ method: "POST", path: "/Users/bulkId:x", bulkId: "x", data: { userName: "x" } }, refused("405")],
    [{ method: "PUT", path: "/Users", data: {} }, refused("405")],
    [{ method: "PATCH", path: "/Users/", data: {} }, refused("405")],
    [{ method: "DELETE", path: "/Groups" }, refused("405")],
  ])("goes on past the operation %j", async (operation, expected) => {
    const results = await run([operation, createUser("a", "Alice")]);
    expect(results).toMatchObject([expected, { status: "201" }]);
    expect(on.core.gateway.writes).toMatchObject([{ request: "create", friendlyName: "Alice" }]);
  });
});
