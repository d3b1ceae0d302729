import { beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { GROUP_SCHEMA } from "../../src/scim/group-resource.js";
import { USER_SCHEMA } from "../../src/scim/user-members.js";
import {
  type BulkOnCore,
  bulkOnCore,
  createGroup,
  createUser,
  idOf,
  managedBy,
  patchOp,
  refused,
  statuses,
  suspend,
} from "./bulk-on-core.js";
import { BASE_URL, request } from "./fake-directory.js";
import { ADA, BOB, inAnyOrder } from "./groups-on-core.js";

let on: BulkOnCore;
beforeEach(async () => {
  on = await bulkOnCore();
});

describe("RFC 7644 §3.7.1: circular references", () => {
  it("creates the example's two groups, of which neither can be a member of the other", async () => {
    const group = (bulkId: string, displayName: string, value: string) => ({
      method: "POST",
      path: "/Groups",
      bulkId,
      data: { schemas: [GROUP_SCHEMA], displayName, members: [{ type: "Group", value }] },
    });
    const results = await on.run([
      group("qwerty", "Group A", "bulkId:ytrewq"),
      group("ytrewq", "Group B", "bulkId:qwerty"),
    ]);
    expect(statuses(results)).toEqual(["201", "201"]);
    const list = await on.groups.list(request({ filter: 'displayName sw "Group"', sortBy: "displayName" }));
    expect(list.Resources.map(({ displayName }) => displayName)).toEqual(["Group A", "Group B"]);
  });

  it("makes two users each other's managers", async () => {
    const results = await on.run([
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
    expect(await on.userOf(alice)).toMatchObject(managedBy(bobby));
    expect(await on.userOf(bobby)).toMatchObject(managedBy(alice));
    for (const result of results) expect(result.version).toBe(await on.versionOf(idOf(result)));
    expect(on.core.gateway.writes.map((call) => call.request)).toEqual(["create", "create"]);
  });

  it("makes a user its own manager", async () => {
    const [alice] = (await on.run([createUser("qwerty", "Alice", managedBy("bulkId:qwerty"))])).map(idOf);
    expect(await on.userOf(alice)).toMatchObject(managedBy(alice));
  });

  it("breaks the circle in it, and not where something only refers to it", async () => {
    on.takeWrites();
    const results = await on.run([
      createGroup("g", "Guides", "bulkId:a"),
      createUser("a", "Alice", managedBy("bulkId:b")),
      createUser("b", "Bobby", managedBy("bulkId:a")),
    ]);
    expect(statuses(results)).toEqual(["201", "201", "201"]);
    expect(on.takeWrites()).toEqual(["saveGroup"]);
    const [group = "", alice = ""] = results.map(idOf);
    expect(await on.groupOf(group)).toMatchObject({ members: [{ value: alice }] });
  });

  it("completes what it created before it changes it further", async () => {
    const [alice, bobby, patched] = await on.run([
      createUser("a", "Alice", managedBy("bulkId:b")),
      createUser("b", "Bobby", managedBy("bulkId:a")),
      {
        method: "PATCH",
        path: "/Users/bulkId:a",
        data: patchOp({ op: "add", path: "title", value: "Guide" }),
      },
    ]);
    expect(patched).toMatchObject({ location: alice?.location, status: "200" });
    expect(await on.userOf(idOf(alice))).toMatchObject({
      title: "Guide",
      ...managedBy(idOf(bobby)),
    });
  });

  it("says what could not be completed, and where it is", async () => {
    const [alice, bobby] = await on.run([
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
    const created = await on.userOf(idOf(alice));
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
        const results = await on.run(
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
          const shown = (await on.userOf(ids[index]))?.[ENTERPRISE_USER_SCHEMA];
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
    const results = await on.run([createUser("qwerty", "Alice")]);
    const { account } = on.core.named("Alice");
    expect(results).toEqual([
      {
        method: "POST",
        bulkId: "qwerty",
        location: `${BASE_URL}/Users/${account.sid}`,
        version: await on.versionOf(account.sid),
        status: "201",
      },
    ]);
  });

  it("puts the example's user into the example's group", async () => {
    const results = await on.run([
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
    expect(await on.groupOf(group)).toMatchObject({
      displayName: "Tour Guides",
      members: [{ value: user, $ref: `${BASE_URL}/Users/${user}`, type: "User" }],
    });
  });

  it("resolves a reference in an extension, as the example's manager", async () => {
    const [alice, bobby] = (
      await on.run([
        createUser("qwerty", "Alice"),
        createUser("ytrewq", "Bobby", {
          schemas: [USER_SCHEMA, ENTERPRISE_USER_SCHEMA],
          [ENTERPRISE_USER_SCHEMA]: { employeeNumber: "11250", manager: { value: "bulkId:qwerty" } },
        }),
      ])
    ).map(idOf);
    expect(await on.userOf(bobby)).toMatchObject({
      [ENTERPRISE_USER_SCHEMA]: { employeeNumber: "11250", manager: { value: alice } },
    });
  });

  it("resolves references in a PATCH, with and without an object around them", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const [alice, bobby, patched] = await on.run([
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
    const [alice, put, patched, removed] = await on.run([
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
    const [alice] = (await on.run([createUser("a", "Alice", said)])).map(idOf);
    expect(await on.userOf(alice)).toMatchObject(said);
  });

  it("is 400 invalidValue for a bulkId that no operation has, and nothing of the operation is done", async () => {
    const results = await on.run([
      createGroup("g", "Guides", ADA, "bulkId:nobody"),
      suspend("bulkId:nobody"),
      createUser("a", "Alice"),
    ]);
    expect(results).toMatchObject([
      refused("400", "invalidValue"),
      refused("400", "invalidValue"),
      { status: "201" },
    ]);
    expect((await on.groups.list(request())).totalResults).toBe(0);
  });

  it("is 409 for what could not be created, and for what needs that", async () => {
    const results = await on.run([
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
    const results = await on.run([
      createGroup("g", "Guides", "bulkId:a"),
      { method: "POST", path: "/Users", bulkId: "a" },
    ]);
    expect(results).toMatchObject([refused("409"), refused("400", "invalidSyntax")]);
  });

  it("is 400 for a bulkId that is there already, which goes on to mean the first", async () => {
    const results = await on.run([
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
    expect(await on.groupOf(group)).toMatchObject({ members: [{ value: alice }] });
    expect(on.core.gateway.writes).toHaveLength(1);
  });

  it.each([[undefined], [null], [""], [7]])("is 400 for a POST whose bulkId is %j", async (bulkId) => {
    const [result] = await on.run([{ ...createUser("a", "Alice"), bulkId }]);
    expect(result).toMatchObject(refused("400", "invalidSyntax"));
    expect(on.core.gateway.calls).toEqual([]);
  });
});

describe("the order of operations", () => {
  it("is that of the request", async () => {
    const results = await on.run([
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
    const results = await on.run([{ method: "DELETE", path: `/Users/${ADA}` }, createUser("a", "Ada")]);
    expect(statuses(results)).toEqual(["204", "201"]);
  });

  it("has what refers forward wait, and the results where the operations are", async () => {
    const results = await on.run([
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
    const results = await on.run([
      patch({ op: "add", path: "members", value: [{ value: "bulkId:a" }] }),
      patch({ op: "replace", path: "members", value: [{ value: BOB }] }),
      createUser("a", "Alice"),
    ]);
    expect(statuses(results)).toEqual(["204", "204", "201"]);
    expect(await on.groupOf(id)).toMatchObject({ members: [{ value: BOB }] });
  });
});
