import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Group } from "../../src/directory/group.js";
import type { GroupContent } from "../../src/directory/groups.js";
import { GROUP_SCHEMA, groupVersion } from "../../src/scim/group-resource.js";
import { createGroups } from "../../src/scim/groups.js";
import { fails } from "../support/interruptions.js";
import { answerTo, BASE_URL, operations, request } from "./fake-directory.js";
import {
  ADA,
  BOB,
  CAT,
  type GroupsOnCore,
  groupsOnCore,
  inAnyOrder,
  member,
  STRANGER,
  UNKNOWN_ID,
} from "./groups-on-core.js";
import { schemas, sid } from "./sample-users.js";

let on: GroupsOnCore;
beforeEach(async () => {
  on = await groupsOnCore();
});

describe("reading groups", () => {
  it("gives a group with its members, its location and its version", async () => {
    const group = await on.group("Tour Guides", [ADA, BOB], "701984");
    const location = `${BASE_URL}/Groups/${group.id}`;
    const answer = await on.groups.get(group.id, request());
    expect(answer).toEqual({
      id: group.id,
      body: answer.body,
      resource: answer.resource,
      location,
      version: groupVersion(group),
    });
    expect(answer.resource).toEqual({
      schemas: [GROUP_SCHEMA],
      id: group.id,
      externalId: "701984",
      displayName: "Tour Guides",
      members: inAnyOrder(member(ADA), member(BOB)),
      meta: {
        resourceType: "Group",
        created: new Date(group.created).toISOString(),
        lastModified: new Date(group.created).toISOString(),
        location,
        version: groupVersion(group),
      },
    });
  });

  it("shows a member as the user is called now", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const named = request({ attributes: "members.value,members.display" });
    const before = await on.groups.get(id, named);
    await on.core.write(ADA, { userName: "ada@example.com", displayName: "Countess" });
    const after = await on.groups.get(id, named);
    expect(after.resource).toMatchObject({ members: [{ value: ADA, display: "Countess" }] });
    expect(after.version).toBe(before.version);
  });

  it("shows a suspended member, and no closed one", async () => {
    const { id } = await on.group("Tour Guides", [ADA, BOB]);
    await on.core.suspend(ADA);
    await on.core.close(BOB);
    const { resource } = await on.groups.get(id, request());
    expect(resource).toMatchObject({ members: [member(ADA)] });
  });

  it.each<[string, object, string[]]>([
    ["attributes=displayName", { attributes: "displayName" }, ["displayName"]],
    ["excludedAttributes=members", { excludedAttributes: "members" }, ["displayName", "meta"]],
    ["excludedAttributes=MEMBERS,meta", { excludedAttributes: "MEMBERS,meta" }, ["displayName"]],
    [
      "excludedAttributes with the URN",
      { excludedAttributes: `${GROUP_SCHEMA}:members` },
      ["displayName", "meta"],
    ],
  ])("looks at no member with %s", async (_query, query, shown) => {
    const { id } = await on.group("Tour Guides", [ADA, BOB]);
    const { resource } = await on.groups.get(id, request({ ...query }));
    const expected = new Set(["schemas", "id", ...shown]);
    expect(new Set(Object.keys(resource ?? {}))).toEqual(expected);
    const { Resources } = await on.groups.list(request({ ...query, sortBy: "displayName" }));
    expect(Resources).toEqual([resource]);
    expect(on.looked).toEqual([]);
  });

  it("shows of members what is asked for", async () => {
    const { id } = await on.group("Tour Guides", [ADA, BOB]);
    const shown = async (query: object) => (await on.groups.get(id, request({ ...query }))).resource;
    const all = { members: inAnyOrder(member(ADA), member(BOB)) };
    expect(await shown({ attributes: "members" })).toEqual({ schemas: [GROUP_SCHEMA], id, ...all });
    expect(await shown({ attributes: "members.value" })).toMatchObject({
      members: inAnyOrder({ value: ADA }, { value: BOB }),
    });
    expect(await shown({ attributes: 'members[display eq "bob"]' })).toMatchObject({
      members: [{ ...member(BOB), display: "Bob" }],
    });
    expect(await shown({ attributes: "members.display" })).toMatchObject({
      members: inAnyOrder({ display: "Ada" }, { display: "Bob" }),
    });
    expect(await shown({ excludedAttributes: "members.$ref,members.type" })).toMatchObject({
      members: inAnyOrder({ value: ADA }, { value: BOB }),
    });
  });

  it("is 404 for an id that no group has, whatever it looks like", async () => {
    const body = { displayName: "x" };
    const patch = operations({ op: "replace", path: "displayName", value: "x" });
    for (const id of [UNKNOWN_ID, ADA, "", "..", "\0", "x".repeat(5000)]) {
      for (const action of [
        () => on.groups.get(id, request()),
        () => on.groups.replace(id, body, request()),
        () => on.groups.patch(id, patch, request()),
        () => on.groups.remove(id, request()),
      ]) {
        expect(await answerTo(action)).toMatchObject({ status: 404, body: { status: "404" } });
      }
    }
    expect(on.takeWrites()).toEqual([]);
  });
});

describe("creating a group", () => {
  it("gives it an id, and shows it", async () => {
    const body = {
      schemas: [GROUP_SCHEMA],
      id: "mine",
      displayName: "Tour Guides",
      members: [{ value: ADA }],
    };
    const created = await on.groups.create(body, request());
    expect(created.resource).toMatchObject({ displayName: "Tour Guides", members: [member(ADA)] });
    expect(created.resource?.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(created.location).toBe(`${BASE_URL}/Groups/${created.resource?.id}`);
    expect(await on.groups.get(String(created.resource?.id), request())).toEqual(created);
  });

  it("passes over members who are not known, or closed, and takes in the others", async () => {
    await on.core.close(CAT);
    const members = [STRANGER, ADA, CAT, "nobody", ADA, BOB].map((value) => ({ value }));
    const { resource } = await on.groups.create({ displayName: "g", members }, request());
    expect(resource).toMatchObject({ members: inAnyOrder(member(ADA), member(BOB)) });
  });

  it("is 409 uniqueness for a name that a group has in any case, and a userName is none", async () => {
    const { id } = await on.group("Tour Guides");
    on.takeWrites();
    const answer = await answerTo(() => on.groups.create({ displayName: "TOUR guides" }, request()));
    expect(answer).toMatchObject({ status: 409, body: { status: "409", scimType: "uniqueness" } });
    expect(on.takeWrites()).toEqual([]);
    await on.groups.create({ displayName: "Ada" }, request());
    await on.groups.remove(id, request());
    await on.groups.create({ displayName: "TOUR guides" }, request());
  });

  it("shows what is asked for", async () => {
    const { resource } = await on.groups.create(
      { displayName: "g", members: [{ value: ADA }] },
      request({ excludedAttributes: "members,meta" }),
    );
    expect(resource).toEqual({ schemas: [GROUP_SCHEMA], id: resource?.id, displayName: "g" });
    expect(on.looked).toEqual([]);
  });

  it("creates nothing where the request cannot be read", async () => {
    for (const [body, query] of [
      [[], {}],
      [{}, {}],
      [{ displayName: "g", members: [{ type: "User" }] }, {}],
      [{ displayName: "g" }, { attributes: "members[" }],
    ] as const) {
      expect((await answerTo(() => on.groups.create(body, request(query)))).status).toBe(400);
    }
    expect(on.takeWrites()).toEqual([]);
  });
});

describe("replacing a group", () => {
  it("makes it what the body says, and nothing else", async () => {
    const { id, created } = await on.group("Tour Guides", [ADA, BOB], "701984");
    const body = { displayName: "Guides", members: [{ value: BOB }, { value: CAT }] };
    const { resource } = await on.groups.replace(id, body, request());
    expect(resource).toMatchObject({
      id,
      displayName: "Guides",
      members: inAnyOrder(member(BOB), member(CAT)),
    });
    expect(resource).not.toHaveProperty("externalId");
    expect(resource?.meta).toMatchObject({
      created: new Date(created).toISOString(),
      lastModified: new Date(on.core.clock.now()).toISOString(),
    });
    const emptied = await on.groups.replace(id, { displayName: "Guides" }, request());
    expect(emptied.resource).not.toHaveProperty("members");
  });

  it("is 409 uniqueness for another group's name, and not for its own", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    await on.group("Pilots");
    const before = await on.groups.get(id, request());
    const answer = await answerTo(() => on.groups.replace(id, { displayName: "PILOTS" }, request()));
    expect(answer).toMatchObject({ status: 409, body: { scimType: "uniqueness" } });
    expect(await on.groups.get(id, request())).toEqual(before);
    const renamed = await on.groups.replace(id, { displayName: "TOUR GUIDES" }, request());
    expect(renamed.resource).toMatchObject({ displayName: "TOUR GUIDES" });
  });

  it("writes nothing where a client writes back what it was given", async () => {
    const { id } = await on.group("Tour Guides", [ADA, BOB], "701984");
    const before = await on.groups.get(id, request());
    on.takeWrites();
    expect(await on.groups.replace(id, JSON.parse(JSON.stringify(before.resource)), request())).toEqual(
      before,
    );
    expect(on.takeWrites()).toEqual([]);
  });
});

describe("patching a group", () => {
  it("answers that it is done, with the new version and no resource", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const before = await on.groups.get(id, request());
    const add = operations({ op: "Add", path: "members", value: [{ $ref: null, value: BOB }] });
    for (const query of [{}, { excludedAttributes: "members" }]) {
      const answer = await on.groups.patch(id, add, request(query));
      const after = await on.groups.get(id, request());
      expect(answer).toEqual({ ...after, body: undefined, resource: undefined });
      expect(after.version).not.toBe(before.version);
      expect(after.resource).toMatchObject({ members: inAnyOrder(member(ADA), member(BOB)) });
    }
  });

  it("answers with the attributes that are asked for", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const rename = operations({ op: "replace", path: "displayName", value: "Guides" });
    const { resource } = await on.groups.patch(id, rename, request({ attributes: "displayName" }));
    expect(resource).toEqual({ schemas: [GROUP_SCHEMA], id, displayName: "Guides" });
    expect(on.looked).toEqual([]);
  });

  it("accepts Okta's whole push: the id, the name and the members without a path", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const value = { id, displayName: "Guides", members: [{ value: BOB, display: "bob@example.com" }] };
    await on.groups.patch(id, operations({ op: "replace", value }), request());
    const { resource } = await on.groups.get(id, request());
    expect(resource).toMatchObject({ displayName: "Guides", members: [member(BOB)] });
  });

  it("accepts what is read-only where it says nothing new, and the whole resource that was served", async () => {
    const { id } = await on.group("Tour Guides", [ADA], "701984");
    const before = await on.groups.get(id, request());
    const { schemas, meta } = before.resource ?? {};
    on.takeWrites();
    for (const value of [{ id, meta, schemas }, before.resource]) {
      for (const op of ["add", "replace"]) {
        await on.groups.patch(id, operations({ op, value: JSON.parse(JSON.stringify(value)) }), request());
      }
    }
    expect(on.takeWrites()).toEqual([]);
    expect(await on.groups.get(id, request())).toEqual(before);
  });

  it.each<[string, object]>([
    ["another id", { op: "replace", value: { id: UNKNOWN_ID, displayName: "x" } }],
    ["another time of creation", { op: "replace", value: { meta: { created: "2001-01-01T00:00:00Z" } } }],
    ["the id by path", { op: "replace", path: "id", value: UNKNOWN_ID }],
    ["no displayName", { op: "remove", path: "displayName" }],
    ["a name for its member", { op: "replace", path: `members[value eq "${ADA}"].display`, value: "x" }],
  ])("is refused as mutability with %s", async (_what, operation) => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const answer = await answerTo(() => on.groups.patch(id, operations(operation), request()));
    expect(answer).toMatchObject({ status: 400, body: { scimType: "mutability" } });
  });

  it.each<[string, object, string]>([
    ["an empty displayName", { op: "replace", path: "displayName", value: "" }, "invalidValue"],
    ["a member without an id", { op: "add", path: "members", value: [{ display: "x" }] }, "invalidValue"],
    ["an attribute of users", { op: "replace", path: "userName", value: "x" }, "invalidPath"],
    ["everything to be removed", { op: "remove" }, "noTarget"],
    ["names that are too long", { op: "add", path: "externalId", value: "x".repeat(9000) }, "invalidValue"],
  ])("is refused with %s", async (_what, operation, scimType) => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const answer = await answerTo(() => on.groups.patch(id, operations(operation), request()));
    expect(answer).toMatchObject({ status: 400, body: { scimType } });
  });

  it("changes nothing at all where one of its operations fails", async () => {
    const { id } = await on.group("Tour Guides", [ADA, BOB]);
    await on.group("Pilots");
    const before = await on.groups.get(id, request());
    on.takeWrites();
    const good = [
      { op: "replace", path: "displayName", value: "Guides" },
      { op: "add", path: "members", value: [{ value: CAT }] },
      { op: "remove", path: `members[value eq "${ADA}"]` },
    ];
    const bad = [
      { op: "remove", path: "members.type" },
      { op: "add", path: "members", value: [{}] },
      { op: "remove", path: "displayName" },
      { op: "replace", path: "displayName", value: "pilots" },
    ];
    for (const operation of bad) {
      for (const all of [
        [...good, operation],
        [operation, ...good.slice(1)],
      ]) {
        const { status } = await answerTo(() => on.groups.patch(id, operations(...all), request()));
        expect(status).toBeGreaterThanOrEqual(400);
      }
    }
    expect(on.takeWrites()).toEqual([]);
    expect(await on.groups.get(id, request())).toEqual(before);
    await on.groups.patch(id, operations(...good), request());
    const { resource } = await on.groups.get(id, request());
    expect(resource).toMatchObject({
      displayName: "Guides",
      members: inAnyOrder(member(BOB), member(CAT)),
    });
  });

  it("is not asked to look through all members again and again", async () => {
    const members = new Set(Array.from({ length: 101 }, (_, number) => sid(number)));
    const large: Group = {
      id: UNKNOWN_ID,
      attributes: { displayName: "g" },
      members,
      created: 0,
      lastModified: 0,
    };
    const groups = createGroups({
      directory: {
        get: async () => large,
        list: async () => ({ groups: [large], total: 1 }),
        create: async () => large,
        update: async (_id: string, change: (current: Group) => GroupContent) => ({
          ...large,
          ...change(large),
          members,
        }),
        delete: async () => {},
      },
      userOf: () => undefined,
      schemas,
    });
    const look = (times: number, path: string) =>
      groups.patch(large.id, operations(...Array(times).fill({ op: "remove", path })), request());
    const answer = await answerTo(() => look(1000, 'members[display eq "nobody"]'));
    expect(answer).toMatchObject({ status: 400, body: { scimType: "invalidPath" } });
    await look(900, 'members[display eq "nobody"]');
    await look(1000, `members[value eq "${STRANGER}"]`);
    await look(1, 'members[display eq "nobody" or display eq "none"]');
  });

  it("passes over members who are not known", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const value = [{ value: STRANGER }, { value: BOB }, { value: "nobody" }];
    await on.groups.patch(id, operations({ op: "add", path: "members", value }), request());
    const { resource } = await on.groups.get(id, request());
    expect(resource).toMatchObject({ members: inAnyOrder(member(ADA), member(BOB)) });
  });

  it("writes nothing where nothing changes, and keeps the version", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const { version } = await on.groups.get(id, request());
    on.takeWrites();
    for (const operation of [
      { op: "replace", path: "displayName", value: "Tour Guides" },
      { op: "add", path: "members", value: [{ value: ADA }] },
      { op: "replace", path: "members", value: [{ value: ADA }, { value: STRANGER }] },
      { op: "remove", path: `members[value eq "${BOB}"]` },
      { op: "remove", path: "externalId" },
    ]) {
      expect((await on.groups.patch(id, operations(operation), request())).version).toBe(version);
    }
    expect(on.takeWrites()).toEqual([]);
  });

  it("loses no member to another PATCH at the same time", async () => {
    const { id } = await on.group("Tour Guides");
    const add = (value: string) => operations({ op: "add", path: "members", value: [{ value }] });
    await Promise.all([ADA, BOB, CAT].map((value) => on.groups.patch(id, add(value), request())));
    expect((await on.core.directory.groups.get(id)).members).toEqual(new Set([ADA, BOB, CAT]));
  });
});

describe("deleting a group", () => {
  it("is final, and frees its name", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    await on.groups.remove(id, request());
    expect((await answerTo(() => on.groups.remove(id, request()))).status).toBe(404);
    expect((await on.groups.list(request())).totalResults).toBe(0);
    await on.group("Tour Guides");
  });
});

describe("a database that fails", () => {
  it("makes every write 503, and nothing has changed", async () => {
    const { id } = await on.group("Tour Guides", [ADA]);
    const before = await on.groups.list(request());
    on.core.store.interrupt("saveGroup", ...Array.from({ length: 3 }, () => fails("storageUnavailable")));
    on.core.store.interrupt("deleteGroup", fails("storageUnavailable"));
    for (const write of [
      () => on.groups.create({ displayName: "new" }, request()),
      () => on.groups.replace(id, { displayName: "new" }, request()),
      () => on.groups.patch(id, operations({ op: "replace", path: "members", value: [] }), request()),
      () => on.groups.remove(id, request()),
    ]) {
      expect(await answerTo(write)).toMatchObject({ status: 503, retryAfterSeconds: expect.any(Number) });
      expect(await on.groups.list(request())).toEqual(before);
    }
    await on.groups.create({ displayName: "new" }, request());
  });
});
