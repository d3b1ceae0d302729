import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { ENTERPRISE_USER_SCHEMA } from "../../src/directory/user-attributes.js";
import { ScimError } from "../../src/scim/errors.js";
import { printFilter } from "../../src/scim/filter.js";
import { compileFilter } from "../../src/scim/filter-match.js";
import { isJsonObject } from "../../src/scim/resource.js";
import { anyFilter } from "./any-filter.js";
import { answerTo, BASE_URL, operations, request, setUp } from "./fake-directory.js";
import { answered, anyUser, BABS, schema, sid, user } from "./sample-users.js";

describe("reading users", () => {
  it("gives a user with its location", async () => {
    const { users } = setUp(user(BABS));
    const { resource, location } = await users.get(sid(1), request());
    expect(location).toBe(`${BASE_URL}/Users/${sid(1)}`);
    expect(resource).toMatchObject({ id: sid(1), userName: BABS.userName, meta: { location } });
  });

  it("gives only the attributes that are asked for, in lists too", async () => {
    const { users } = setUp(user(BABS));
    const query = { attributes: "userName" };
    const expected = { schemas: expect.anything(), id: sid(1), userName: BABS.userName };
    expect((await users.get(sid(1), request(query))).resource).toEqual(expected);
    expect((await users.list(request(query))).Resources).toEqual([expected]);
  });

  it("asks the index for what a filter names, and lets the filter decide", async () => {
    const { users, queries } = setUp(user(BABS), user({ userName: "other" }, { sid: sid(2) }));
    const filter = 'userName eq "BJENSEN@example.com" and active eq true';
    const list = await users.list(request({ filter, startIndex: "1", count: "2" }));
    expect(list).toMatchObject({
      totalResults: 1,
      itemsPerPage: 1,
      startIndex: 1,
      Resources: [{ id: sid(1) }],
    });
    expect(queries).toMatchObject([
      {
        narrowings: [
          [{ attribute: "userName", value: "BJENSEN@example.com" }],
          [{ attribute: "status", value: "active" }],
        ],
        matches: expect.any(Function),
        offset: 0,
        limit: 2,
      },
    ]);
  });

  it("answers a filter that nothing matches with an empty list", async () => {
    const { users } = setUp(user(BABS));
    const filter = 'userName eq "7e2b0b0e-0f2d-4d5a-9d2d-3a4c0a3f7a10"';
    expect(await users.list(request({ filter }))).toEqual({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    });
  });

  it("pages from startIndex, and counts what is on the page", async () => {
    const { users, queries } = setUp(
      ...[1, 2, 3].map((number) => user({ userName: `u${number}` }, { sid: sid(number) })),
    );
    expect(await users.list(request({ startIndex: "3", count: "2" }))).toMatchObject({
      totalResults: 3,
      startIndex: 3,
      itemsPerPage: 1,
      Resources: [{ userName: "u3" }],
    });
    expect(await users.list(request({ count: "0" }))).toMatchObject({
      totalResults: 3,
      itemsPerPage: 0,
      Resources: [],
    });
    expect(queries).toMatchObject([
      { narrowings: [], matches: undefined, offset: 2, limit: 2 },
      { limit: 0 },
    ]);
  });

  it("finds by a filter whom it would find in the whole resource", async () => {
    const anyUsers = fc.array(anyUser, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyFilter, anyUsers, async (filter, subjects) => {
        const { users } = setUp(...subjects);
        const matches = compileFilter(filter, schema.find);
        const known = new Map(subjects.map((subject) => [subject.account.sid, subject]));
        const expected = [...known.values()].filter((subject) => matches(answered(subject)));
        const found = await users.list(request({ filter: printFilter(filter) }));
        expect(found.Resources.map(({ id }) => id)).toEqual(expected.map(({ account }) => account.sid));
      }),
    );
  });

  it("can filter by the location", async () => {
    const { users } = setUp(user(BABS));
    const total = async (filter: string) => (await users.list(request({ filter }))).totalResults;
    expect(await total(`meta.location eq "${BASE_URL}/Users/${sid(1)}"`)).toBe(1);
    expect(await total('meta[location sw "https://other.example/"]')).toBe(0);
  });

  it("throws ScimError for a query that cannot be read", async () => {
    const { users, queries } = setUp();
    for (const query of [{ filter: "userName" }, { count: "many" }, { attributes: "emails[" }]) {
      await expect(users.list(request(query))).rejects.toThrow(ScimError);
    }
    expect(queries).toEqual([]);
  });
});

describe("an id that is no SID", () => {
  it.each(["#", "..", "\0", "%00", "", "AC1", `${sid(1)}/`, ` ${sid(1)}`, `${sid(1)}\n`, "1".repeat(5000)])(
    "is 404 and nothing is asked: %j",
    async (id) => {
      const { users, asked } = setUp(user(BABS));
      const body = { userName: "u" };
      for (const action of [
        () => users.get(id, request()),
        () => users.replace(id, body, request()),
        () => users.patch(id, operations({ op: "remove", path: "title" }), request()),
        () => users.remove(id, request()),
      ]) {
        expect(await answerTo(action)).toMatchObject({ status: 404, body: { status: "404" } });
      }
      expect(asked()).toBe(0);
    },
  );
});

describe("creating a user", () => {
  it("is active unless the body says otherwise", async () => {
    for (const [active, expected] of [
      [undefined, true],
      [true, true],
      ["False", false],
    ]) {
      const { users } = setUp();
      const { resource, location } = await users.create({ userName: "u", active }, request());
      expect(resource).toMatchObject({ userName: "u", active: expected, meta: { location } });
    }
  });

  it("asks nothing where the request cannot be read", async () => {
    const { users, asked } = setUp();
    for (const [body, query] of [
      [[], {}],
      [{}, {}],
      [{ userName: "u", active: "banana" }, {}],
      [{ userName: "u" }, { attributes: "emails[" }],
    ] as const) {
      expect((await answerTo(() => users.create(body, request(query)))).status).toBe(400);
    }
    expect(asked()).toBe(0);
  });
});

describe("replacing a user", () => {
  it("changes the attributes and the status to what the body says", async () => {
    const { users, changes } = setUp(user(BABS));
    const { resource } = await users.replace(sid(1), { userName: "new", active: false }, request());
    expect(changes).toEqual([{ active: false, attributes: { userName: "new" } }]);
    expect(resource).toMatchObject({ userName: "new", active: false });
    expect(resource).not.toHaveProperty("displayName");
  });

  it("leaves the status alone where the body says nothing about it", async () => {
    const { users, changes } = setUp(user(BABS, { status: "suspended" }));
    await users.replace(sid(1), { userName: "new" }, request());
    expect(changes).toEqual([{ attributes: { userName: "new" } }]);
  });

  it("changes nothing, and ignores nothing, where a client writes back what it was given", async () => {
    await fc.assert(
      fc.asyncProperty(anyUser, async (subject) => {
        const { users, changes } = setUp(subject);
        const { sid: id } = subject.account;
        const before = await users.get(id, request());
        const after = await users.replace(id, JSON.parse(JSON.stringify(before.resource)), request());
        expect(after).toEqual(before);
        expect(changes).toEqual([{ active: subject.account.status === "active" }]);
      }),
    );
  });
});

describe("patching a user", () => {
  it("says active and nothing else where only that is asked for", async () => {
    const { users, changes } = setUp(user(BABS));
    const { resource } = await users.patch(
      sid(1),
      operations({ op: "replace", value: { active: false } }),
      request(),
    );
    await users.patch(sid(1), operations({ op: "Replace", path: "active", value: "False" }), request());
    expect(changes).toEqual([{ active: false }, { active: false }]);
    expect(resource).toMatchObject({ ...BABS, active: false });
  });

  it("says the attributes and not active where only they are asked for", async () => {
    const { users, changes } = setUp(user(BABS));
    const path = `${ENTERPRISE_USER_SCHEMA}:manager`;
    await users.patch(sid(1), operations({ op: "Replace", path, value: "" }), request());
    const { manager: _, ...rest } = BABS[ENTERPRISE_USER_SCHEMA] ?? {};
    expect(changes).toEqual([{ attributes: { ...BABS, [ENTERPRISE_USER_SCHEMA]: rest } }]);
  });

  it("says nothing where nothing changes", async () => {
    const { users, changes } = setUp(user(BABS));
    await users.patch(
      sid(1),
      operations({ op: "replace", value: { title: "Tour Guide", password: "x" } }),
      request(),
    );
    expect(changes).toEqual([{}]);
  });

  it("accepts the whole resource that was served", async () => {
    const { users, changes } = setUp(user(BABS));
    const { resource } = await users.get(sid(1), request());
    await users.patch(sid(1), operations({ op: "replace", value: resource }), request());
    expect(changes).toEqual([{ active: true }]);
  });

  it("changes nothing where one of its operations fails", async () => {
    const { users, changes } = setUp(user(BABS));
    const answer = await answerTo(() =>
      users.patch(
        sid(1),
        operations(
          { op: "replace", path: "active", value: false },
          { op: "remove", path: 'emails[type eq "x"]' },
        ),
        request(),
      ),
    );
    expect(answer).toMatchObject({ status: 400, body: { scimType: "noTarget" } });
    expect(changes).toEqual([]);
  });

  it("shows the attributes that are asked for", async () => {
    const { users } = setUp(user(BABS));
    const patch = operations({ op: "replace", path: "title", value: "x" });
    const { resource } = await users.patch(sid(1), patch, request({ attributes: "title" }));
    expect(resource).toEqual({ schemas: resource?.schemas, id: sid(1), title: "x" });
  });
});

describe("removing a user", () => {
  it("closes its account", async () => {
    const { users, closed } = setUp(user(BABS));
    await users.remove(sid(1), request());
    expect(closed).toEqual([sid(1)]);
  });

  it("is 404 where there is none", async () => {
    const { users } = setUp();
    expect((await answerTo(() => users.remove(sid(1), request()))).status).toBe(404);
  });
});

describe("two requests under different addresses", () => {
  it("see each their own", async () => {
    const { users } = setUp(user(BABS));
    const [first, second] = await Promise.all(
      ["https://a.example/scim/v2", "http://b.example:8080/scim/v2"].map((baseUrl) =>
        users.get(sid(1), { baseUrl, query: {} }),
      ),
    );
    const locationOf = (resource: unknown) =>
      isJsonObject(resource) ? Object(resource.meta).location : undefined;
    expect(locationOf(first?.resource)).toBe(`https://a.example/scim/v2/Users/${sid(1)}`);
    expect(locationOf(second?.resource)).toBe(`http://b.example:8080/scim/v2/Users/${sid(1)}`);
  });
});
