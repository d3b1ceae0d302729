import { beforeEach, describe, expect, it } from "@jest/globals";
import { answerTo, BASE_URL, operations, request } from "./fake-directory.js";
import { ADA, BOB, CAT, type GroupsOnCore, groupsOnCore, UNKNOWN_ID } from "./groups-on-core.js";

let on: GroupsOnCore;
let guides: string;
let pilots: string;
/** Ada is in both groups, Bob in one, Cat in none. */
beforeEach(async () => {
  on = await groupsOnCore({ showsOwner: false });
  guides = (await on.group("Tour Guides", [ADA, BOB])).id;
  pilots = (await on.group("Pilots", [ADA])).id;
});

/** A group as its members show it. */
const shown = (value: string, display: string) => ({
  value,
  $ref: `${BASE_URL}/Groups/${value}`,
  display,
  type: "direct",
});

const groupsOf = async (id: string) => (await on.users.get(id, request())).resource?.groups;

describe("the groups of a user", () => {
  it("are shown with their addresses, in the order in which they were created", async () => {
    expect(await groupsOf(ADA)).toEqual([shown(guides, "Tour Guides"), shown(pilots, "Pilots")]);
    expect(await groupsOf(BOB)).toEqual([shown(guides, "Tour Guides")]);
    expect((await on.users.get(CAT, request())).resource).not.toHaveProperty("groups");
  });

  it("follow every write to a group", async () => {
    await on.groups.patch(
      guides,
      operations(
        { op: "replace", path: "displayName", value: "Guides" },
        { op: "remove", path: "members", value: [{ value: BOB }] },
        { op: "add", path: "members", value: [{ value: CAT }] },
      ),
      request(),
    );
    await on.groups.remove(pilots, request());
    expect(await groupsOf(ADA)).toEqual([shown(guides, "Guides")]);
    expect(await groupsOf(BOB)).toBeUndefined();
    expect(await groupsOf(CAT)).toEqual([shown(guides, "Guides")]);
  });

  it("move the version of the user, and not that of others", async () => {
    const versions = async () =>
      Promise.all([ADA, BOB, CAT].map(async (id) => (await on.users.get(id, request())).version));
    const before = await versions();
    await on.groups.patch(
      pilots,
      operations({ op: "add", path: "members", value: [{ value: CAT }] }),
      request(),
    );
    const after = await versions();
    expect(after.map((version, index) => version === before[index])).toEqual([true, true, false]);
  });

  it("can be left out, and asked for alone", async () => {
    const resource = async (query: Record<string, unknown>) =>
      (await on.users.get(BOB, request(query))).resource;
    expect(await resource({ excludedAttributes: "groups" })).not.toHaveProperty("groups");
    expect(await resource({ attributes: "groups.display" })).toMatchObject({
      groups: [{ display: "Tour Guides" }],
    });
  });

  it("are those of a closed account no more", async () => {
    await on.core.close(ADA);
    const memberIds = async (id: string) => [...(await on.core.directory.groups.get(id)).members];
    expect([await memberIds(guides), await memberIds(pilots)]).toEqual([[BOB], []]);
    const found = await on.groups.list(request({ filter: `members.value eq "${ADA}"` }));
    expect(found.totalResults).toBe(0);
  });

  it.each<[string, string[]]>([
    ['groups[display eq "tour GUIDES"]', [ADA, BOB]],
    ['groups.display eq "Pilots"', [ADA]],
    ['groups.display sw "tour" and groups.display sw "pil"', [ADA]],
    ['groups[display sw "tour" and display sw "pil"]', []],
    ['groups[type eq "direct"]', [ADA, BOB]],
    ["groups pr", [ADA, BOB]],
    ["not (groups pr)", [CAT]],
    [`groups.value eq "${UNKNOWN_ID}"`, []],
  ])("are what %s finds users by", async (filter, found) => {
    expect((await on.users.list(request({ filter }))).Resources.map(({ id }) => id)).toEqual(found);
  });

  it("find users by the group's id and address", async () => {
    const found = async (filter: string) =>
      (await on.users.list(request({ filter }))).Resources.map(({ id }) => id);
    expect(await found(`groups.value eq "${guides}"`)).toEqual([ADA, BOB]);
    expect(await found(`groups eq "${pilots}"`)).toEqual([ADA]);
    expect(await found(`groups[value eq "${guides}" and display eq "pilots"]`)).toEqual([]);
    expect(await found(`groups.$ref eq "${BASE_URL}/Groups/${pilots}"`)).toEqual([ADA]);
  });

  it("put users into an order", async () => {
    const sorted = async (query: Record<string, unknown>) =>
      (await on.users.list(request(query))).Resources.map(({ id }) => id);
    expect(await sorted({ sortBy: "groups.display" })).toEqual([ADA, BOB, CAT]);
    expect(await sorted({ sortBy: "groups.display", sortOrder: "descending" })).toEqual([CAT, ADA, BOB]);
  });
});

describe("a write to the groups of a user", () => {
  it.each<[string, unknown]>([
    ["add", [{ value: UNKNOWN_ID }]],
    ["replace", [{ value: UNKNOWN_ID }]],
    ["replace", []],
    ["remove", undefined],
  ])("is refused as a PATCH to %s %j, which tells how to do it", async (op, value) => {
    const before = await on.users.get(ADA, request());
    const patches = [
      { op, path: "groups", value },
      { op, path: `groups[value eq "${guides}"]`, value },
      ...(op === "remove" ? [] : [{ op, value: { groups: value } }]),
    ];
    for (const patch of patches) {
      const answer = await answerTo(() => on.users.patch(ADA, operations(patch), request()));
      expect(answer).toMatchObject({
        status: 400,
        body: { scimType: "mutability", detail: expect.stringMatching(/members of the group/) },
      });
    }
    expect(await on.users.get(ADA, request())).toEqual(before);
  });

  it("is accepted where a PATCH gives back what was served", async () => {
    const { resource } = await on.users.get(ADA, request());
    await on.users.patch(ADA, operations({ op: "replace", value: resource }), request());
    await on.users.patch(BOB, operations({ op: "replace", value: { title: "Guide" } }), request());
    expect(await groupsOf(ADA)).toEqual(resource?.groups);
    expect(await groupsOf(BOB)).toEqual([shown(guides, "Tour Guides")]);
  });

  it.each<[string, unknown]>([
    ["none", undefined],
    ["an empty list", []],
    ["others", [{ value: UNKNOWN_ID, display: "Others" }]],
    ["what cannot be read", 7],
  ])("is ignored in the body of a PUT, with %s", async (_which, groups) => {
    const before = await groupsOf(ADA);
    const { resource } = await on.users.replace(ADA, { userName: "ada", groups }, request());
    expect(resource).toMatchObject({ userName: "ada", groups: before });
    expect((await on.core.directory.groups.get(guides)).members).toEqual(new Set([ADA, BOB]));
  });

  it("is ignored in the body of a POST", async () => {
    const groups = [{ value: guides }];
    const { resource } = await on.users.create({ userName: "dan", groups }, request());
    expect(resource).not.toHaveProperty("groups");
    expect((await on.core.directory.groups.get(guides)).members).toEqual(new Set([ADA, BOB]));
  });

  it("changes nothing where a client writes back the user that it was given", async () => {
    const before = await on.users.get(ADA, request());
    await on.users.replace(ADA, JSON.parse(JSON.stringify(before.resource)), request());
    expect(await on.users.get(ADA, request())).toEqual(before);
    expect(on.core.gateway.writes).toEqual([]);
  });
});
