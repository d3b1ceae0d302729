import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA, foldCase } from "../../src/directory/user-attributes.js";
import { parseListQuery } from "../../src/scim/list-query.js";
import { JSON_MEMBERS } from "../../src/scim/members.js";
import { TWILIO_USER_SCHEMA } from "../../src/scim/twilio-extension.js";
import { request, setUp } from "./fake-directory.js";
import { refusal } from "./refusal.js";
import { answered, anyUser, current, day, schema, sid, user } from "./sample-users.js";

const parse = (query: Record<string, unknown>) => parseListQuery(query, schema).sort;

/** The userNames of all users, in the order that is asked for. */
async function order(users: Parameters<typeof setUp>, query: Record<string, string>) {
  const { Resources } = await setUp(...users).users.list(request(query));
  return Resources.map(({ userName }) => userName);
}

/** Users with the ids 1, 2, 3 and so on, in the order of lists. */
const named = (...members: object[]) =>
  members.map((attributes, index) =>
    user({ userName: `u${index + 1}`, ...attributes }, { sid: sid(index + 1) }),
  );

describe("sortBy and sortOrder", () => {
  it("are read by name, and by the two words in any case", () => {
    expect(parse({})).toBeUndefined();
    expect(parse({ sortBy: "" })).toBeUndefined();
    expect(parse({ sortOrder: "descending" })).toBeUndefined();
    expect(parse({ sortBy: " USERNAME " })).toMatchObject({
      target: { name: "userName" },
      descending: false,
    });
    expect(parse({ sortBy: "name.familyName", sortOrder: "Descending" })).toMatchObject({
      target: { name: "name.familyName" },
      descending: true,
    });
    expect(parse({ sortBy: "userName", sortOrder: "ascending" })?.descending).toBe(false);
    expect(parse({ sortBy: "userName", sortOrder: "" })?.descending).toBe(false);
  });

  it.each<[string, Record<string, unknown>]>([
    ["sortBy", { sortBy: "shoeSize" }],
    ["sortBy", { sortBy: "userName,title" }],
    ["sortBy", { sortBy: "-userName" }],
    ["sortBy", { sortBy: 'emails[type eq "work"].value' }],
    ["sortBy", { sortBy: "name" }],
    ["sortBy", { sortBy: "meta" }],
    ["sortBy", { sortBy: TWILIO_USER_SCHEMA }],
    ["sortBy", { sortBy: `${TWILIO_USER_SCHEMA}:spend` }],
    ["sortBy", { sortBy: ["userName", "title"] }],
    ["sortOrder", { sortBy: "userName", sortOrder: "desc" }],
    ["sortOrder", { sortBy: "userName", sortOrder: "1" }],
    ["sortOrder", { sortOrder: "up" }],
  ])("are refused, by name, where they make no order: %s of %j", (name, query) => {
    const error = refusal(() => parse(query));
    expect(error).toMatchObject({ status: 400, scimType: "invalidValue" });
    expect(error.detail).toContain(name);
  });
});

describe("a list in an order (RFC 7644 §3.4.2.3)", () => {
  it("compares texts without case, unless the attribute has it", async () => {
    const users = named(
      { externalId: "a", title: "a" },
      { externalId: "B", title: "B" },
      { externalId: "c" },
    );
    expect(await order(users, { sortBy: "title" })).toEqual(["u1", "u2", "u3"]);
    expect(await order(users, { sortBy: "externalId" })).toEqual(["u2", "u1", "u3"]);
  });

  it("has those without the attribute last, and first where it descends", async () => {
    const users = named({}, { title: "b" }, {}, { title: "a" });
    expect(await order(users, { sortBy: "title" })).toEqual(["u4", "u2", "u1", "u3"]);
    expect(await order(users, { sortBy: "title", sortOrder: "descending" })).toEqual([
      "u1",
      "u3",
      "u2",
      "u4",
    ]);
  });

  it("leaves those that are the same in the order of lists, both ways", async () => {
    const users = named({ title: "x" }, { title: "X" }, { title: "a" }, { title: "x" });
    expect(await order(users, { sortBy: "title" })).toEqual(["u3", "u1", "u2", "u4"]);
    expect(await order(users, { sortBy: "title", sortOrder: "descending" })).toEqual([
      "u1",
      "u2",
      "u4",
      "u3",
    ]);
  });

  it("goes by the primary value of several, or else by the first", async () => {
    const users = named(
      { emails: [{ value: "a@x" }, { value: "z@x", primary: true }] },
      { emails: [{ value: "b@x", primary: false }, { value: "a@x" }] },
      { emails: [{ value: "C@x" }] },
      {},
    );
    for (const sortBy of ["emails", "emails.value"]) {
      expect(await order(users, { sortBy })).toEqual(["u2", "u3", "u1", "u4"]);
    }
  });

  it("goes by sub-attributes, and by those of extensions", async () => {
    const users = named(
      {
        name: { familyName: "Zuse" },
        [ENTERPRISE_USER_SCHEMA]: { department: "A", manager: { value: "2" } },
      },
      {
        name: { familyName: "Hopper" },
        [ENTERPRISE_USER_SCHEMA]: { department: "B", manager: { value: "1" } },
      },
    );
    expect(await order(users, { sortBy: "name.familyName" })).toEqual(["u2", "u1"]);
    expect(await order(users, { sortBy: `${ENTERPRISE_USER_SCHEMA}:department` })).toEqual(["u1", "u2"]);
    expect(await order(users, { sortBy: "manager" })).toEqual(["u2", "u1"]);
  });

  it("has numbers by size, days by time, and false before true", async () => {
    const users = [
      user({ userName: "nine" }, { sid: sid(1) }, current({ spend: { total: "9.5", currency: "USD" } })),
      user({ userName: "never" }, { sid: sid(2), status: "suspended" }),
      user(
        { userName: "ten" },
        { sid: sid(3) },
        current({ spend: { total: "10", currency: "USD" }, lastActivity: day("2025-12-31") }),
      ),
      user({ userName: "late" }, { sid: sid(4) }, current({ lastActivity: day("2026-01-01") })),
    ];
    expect(await order(users, { sortBy: `${TWILIO_USER_SCHEMA}:spend.total` })).toEqual([
      "nine",
      "ten",
      "never",
      "late",
    ]);
    expect(
      await order(users, { sortBy: `${TWILIO_USER_SCHEMA}:lastActivity`, sortOrder: "descending" }),
    ).toEqual(["nine", "never", "late", "ten"]);
    expect(await order(users, { sortBy: "active" })).toEqual(["never", "nine", "ten", "late"]);
  });

  it("goes by what an answer adds, such as the location", async () => {
    const users = named({}, {}, {}).reverse();
    expect(await order(users, { sortBy: "meta.location" })).toEqual(["u1", "u2", "u3"]);
    const { users: list } = setUp(...users);
    const { Resources } = await list.list(request({ sortBy: "meta.version" }));
    const versions = Resources.map((resource) => JSON.stringify(resource).split("W/")[1] ?? "");
    expect(versions.map(foldCase)).toEqual(versions.map(foldCase).sort());
  });

  it("is cut into pages after it is put in order, of those that match", async () => {
    const users = named({ title: "d" }, { title: "c" }, { title: "b" }, { title: "a" }, {});
    const { users: list } = setUp(...users);
    const query = { sortBy: "title", filter: "title pr", startIndex: "2", count: "2" };
    expect(await list.list(request(query))).toMatchObject({
      totalResults: 4,
      startIndex: 2,
      itemsPerPage: 2,
      Resources: [{ title: "b" }, { title: "c" }],
    });
  });

  it("renders no user that is not on the page", async () => {
    const users = named({ title: "b" }, { title: "a" });
    // What is not on the page has an account whose creation no resource could show.
    const unshowable = user({ userName: "u3", title: "c" }, { sid: sid(3), dateCreated: Number.NaN });
    expect(await order([...users, unshowable], { sortBy: "title", count: "2" })).toEqual(["u2", "u1"]);
  });

  it("is that of the values in the resources, whatever they are", async () => {
    const attributes = [
      ...["schemas", "userName", "displayName", "name.familyName", "active", "emails.value"],
      ...["addresses.country", "entitlements", "manager", "lastActivity", "spend.total", "services"],
      ...["services.lastActivity", "activityAsOf", "meta.created", "meta.location", "meta.version"],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyUser, { selector: ({ account }) => account.sid, minLength: 2, maxLength: 9 }),
        fc.constantFrom(...attributes),
        fc.boolean(),
        async (users, sortBy, descending) => {
          const { users: list } = setUp(...users);
          const sortOrder = descending ? "descending" : "ascending";
          const { Resources: sorted } = await list.list(request({ sortBy, sortOrder, attributes: "id" }));
          const keyOf = parse({ sortBy })?.keyReader(JSON_MEMBERS);
          const keys = sorted.map(({ id }) =>
            keyOf?.(answered(users.find(({ account }) => account.sid === id) ?? user({ userName: "?" }))),
          );
          const upwards = descending ? keys.reverse() : keys;
          const present = upwards.filter((key) => key !== undefined);
          expect(upwards.slice(0, present.length)).toEqual(present);
          present.forEach((key, index) => {
            const next = present[index + 1];
            expect(next === undefined || key <= next).toBe(true);
          });
          expect(sorted).toHaveLength(users.length);
        },
      ),
    );
  });
});
