import { beforeEach, describe, expect, it } from "@jest/globals";
import { USER_SCHEMA } from "../../src/scim/user-members.js";
import { OWNER } from "../support/example-accounts.js";
import { fails } from "../support/interruptions.js";
import {
  type BulkOnCore,
  bulkOnCore,
  createGroup,
  createUser,
  managedBy,
  patchOp,
  refused,
  statuses,
  suspend,
} from "./bulk-on-core.js";
import { actor, answerTo, BASE_URL, request } from "./fake-directory.js";
import { ADA, BOB, CAT, STRANGER } from "./groups-on-core.js";

let on: BulkOnCore;
beforeEach(async () => {
  on = await bulkOnCore();
});

describe("RFC 7644 §3.7.3: the response", () => {
  /** The example's operations, with the ids of users that there are. */
  async function example(versions: { put?: string; patch?: string; delete?: string } = {}) {
    return [
      createUser("qwerty", "Alice"),
      {
        method: "PUT",
        path: `/Users/${BOB}`,
        version: versions.put ?? (await on.versionOf(BOB)),
        data: { schemas: [USER_SCHEMA], userName: "Bob" },
      },
      {
        method: "PATCH",
        path: `/Users/${ADA}`,
        version: versions.patch ?? (await on.versionOf(ADA)),
        // The RFC shows an array in braces here, which is no JSON.
        data: patchOp({ op: "remove", path: "nickName" }, { op: "add", path: "userName", value: "Dave" }),
      },
      {
        method: "DELETE",
        path: `/Users/${CAT}`,
        version: versions.delete ?? (await on.versionOf(CAT)),
      },
    ];
  }

  it("tells of each of the example's operations what became of it", async () => {
    const results = await on.run(await example(), { failOnErrors: 1 });
    const alice = on.core.named("Alice").account.sid;
    expect(results).toEqual([
      {
        method: "POST",
        bulkId: "qwerty",
        location: `${BASE_URL}/Users/${alice}`,
        version: await on.versionOf(alice),
        status: "201",
      },
      {
        method: "PUT",
        location: `${BASE_URL}/Users/${BOB}`,
        version: await on.versionOf(BOB),
        status: "200",
      },
      {
        method: "PATCH",
        location: `${BASE_URL}/Users/${ADA}`,
        version: await on.versionOf(ADA),
        status: "200",
      },
      { method: "DELETE", location: `${BASE_URL}/Users/${CAT}`, status: "204" },
    ]);
    expect(await on.userOf(ADA)).toMatchObject({ userName: "Dave" });
    expect(on.core.gateway.account(CAT).status).toBe("closed");
  });

  it("stops at the error of the example, and leaves out what was not begun", async () => {
    const [, ...others] = await example();
    const unreadable = createUser("qwerty", "Alice", { active: "banana" });
    expect(await on.run([unreadable, ...others], { failOnErrors: 1 })).toEqual([
      { method: "POST", bulkId: "qwerty", ...refused("400", "invalidValue") },
    ]);
    expect(on.core.gateway.calls).toEqual([]);
    expect(await on.userOf(ADA)).toMatchObject({ userName: "Ada" });
  });

  it("goes on past errors, as in the example in which all fail", async () => {
    const [, put, patch] = await example({ put: 'W/"3694e05e9dff591"', patch: 'W/"edac3253e2c0ef2"' });
    const results = await on.run([
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
      const results = await on.run(
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
    const results = await on.run(
      [createUser("a", "Ada"), createUser("b", "Alice"), createUser("c", "Bob"), createUser("d", "Dave")],
      { failOnErrors: 2 },
    );
    expect(statuses(results)).toEqual(["409", "201", "409"]);
  });

  it("goes on with what it has begun when there are too many errors", async () => {
    const results = await on.run(
      [createUser("a", "Alice", managedBy("bulkId:b")), createUser("b", "Ada", managedBy("bulkId:a"))],
      { failOnErrors: 1 },
    );
    expect(statuses(results)).toEqual(["409", "409"]);
    expect(results[0]?.location).toContain("/Users/AC");
  });

  it("tells of what it created and did not complete, since there were too many errors", async () => {
    const results = await on.run(
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
    const [post] = await on.run([{ ...createUser("a", "Alice"), path: `/Users/${ADA}` }]);
    expect(post).toEqual({ method: "POST", bulkId: "a", ...refused("405") });
    const results = await on.run([
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
    const error = await answerTo(() => on.run([createUser("a", "Alice"), ...many(1000)]));
    expect(error).toMatchObject({ status: 413, body: { status: "413" } });
    expect(error.body.detail).toMatch(/1001.*\b1000\b/);
    expect(on.core.gateway.calls).toEqual([]);
    expect(await on.run(many(1000))).toHaveLength(1000);
  });

  it("are twenty levels of nesting, with which the other operations go on", async () => {
    let deep: unknown = "bulkId:a";
    for (let level = 0; level < 50_000; level++) deep = level % 2 === 0 ? [deep] : { value: deep };
    const results = await on.run([
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

describe("each operation", () => {
  it("is done on the version that it names, and no other", async () => {
    const version = await on.versionOf(ADA);
    const results = await on.run([
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
    const [result] = await on.run([{ method: "DELETE", path: `/Users/${ADA}`, version: 7 }]);
    expect(result).toMatchObject(refused("400", "invalidValue"));
    expect(on.core.gateway.calls).toEqual([]);
  });

  it("needs no version to create something, whatever it says", async () => {
    expect(statuses(await on.run([{ ...createUser("a", "Alice"), version: 'W/"x"' }]))).toEqual(["201"]);
  });

  it("leaves its own audit entry, on behalf of whoever sent the request", async () => {
    await on.run([
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
    const results = await on.run([
      { method: "DELETE", path: `/Users/${OWNER}` },
      suspend(OWNER),
      { method: "PUT", path: `/Users/${OWNER}`, data: { userName: "Parent", active: false } },
    ]);
    expect(results).toMatchObject([refused("403"), refused("403"), refused("403")]);
    expect(on.core.gateway.calls).toEqual([]);
  });

  it("that fails at Twilio is 503 and logged, and the others go on", async () => {
    on.core.gateway.interrupt("update", fails("twilioUnavailable"));
    const results = await on.run([suspend(ADA), suspend(BOB)]);
    expect(results).toMatchObject([refused("503"), { status: "200" }]);
    expect(on.core.log.at("warn")).toMatchObject([{ fields: { requestId: actor.requestId } }]);
  });

  it("that throws what nobody foresaw is 500 and logged, and the others go on", async () => {
    const patch = async () => {
      throw new TypeError("a secret of the code");
    };
    const results = await on.run(
      [createUser("a", "Alice"), suspend(ADA), createUser("b", "Bobby")],
      {},
      on.bulkOf([{ ...on.users, patch }, on.groups]),
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
    return on.bulkOf([
      {
        ...on.users,
        create: (...asked) => afterwards(create(...asked)),
        patch: (...asked) => afterwards(patch(...asked)),
      },
      on.groups,
    ]);
  };

  it("begins nothing after 25 s: what is left is 503, and nothing of it is done", async () => {
    const results = await on.run(
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

  it("begins nothing more once the bridge is being stopped", async () => {
    on.stop();
    const [result, ...others] = await on.run([
      { method: "POST", path: "/Groups", bulkId: "g", data: { displayName: "Late" } },
    ]);
    expect(others).toEqual([]);
    expect(result).toMatchObject({
      status: "503",
      response: { detail: expect.stringContaining("Not begun") },
    });
    expect((await on.groups.list(request())).totalResults).toBe(0);
  });

  it("lets others be served between two operations", async () => {
    let turns = 0;
    const count = () => {
      turns += 1;
      immediate = setImmediate(count);
    };
    let immediate = setImmediate(count);
    await on.run(
      Array.from({ length: 20 }, (_, number) => ({
        method: "POST",
        path: "/Groups",
        bulkId: `g${number}`,
        data: { displayName: `g${number}` },
      })),
    );
    clearImmediate(immediate);
    expect(turns).toBeGreaterThanOrEqual(19);
  });

  it("completes what it created before a change that stands in front of it", async () => {
    const results = await on.run([
      {
        method: "PATCH",
        path: "/Groups/bulkId:g",
        data: { Operations: [{ op: "replace", path: "displayName", value: "Renamed" }] },
      },
      createGroup("g", "Original", "bulkId:g"),
    ]);
    expect(statuses(results)).toEqual(["204", "201"]);
    const { Resources } = await on.groups.list(request());
    expect(Resources.map(({ displayName }) => displayName)).toEqual(["Renamed"]);
  });

  it("leaves what refers to itself and is deleted before it is complete at created", async () => {
    const results = await on.run([
      { method: "DELETE", path: "/Groups/bulkId:g" },
      createGroup("g", "Guides", "bulkId:g"),
    ]);
    expect(statuses(results)).toEqual(["204", "201"]);
  });

  it("takes 0 for failOnErrors as never", async () => {
    const unknown = { method: "DELETE", path: "/Groups/none" };
    expect(await on.run([unknown, unknown], { failOnErrors: 0 })).toHaveLength(2);
  });

  it("begins what is left at 25 s", async () => {
    expect(statuses(await on.run([suspend(ADA), suspend(BOB)], {}, slow(25_000)))).toEqual(["200", "200"]);
  });

  it("tells of what it created and could not complete that it is there", async () => {
    const results = await on.run(
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
    const response = await on.bulk(
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
    [{ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: [{}] }, "invalidSyntax"],
    [{ failOnErrors: -1, Operations: [{}] }, "invalidValue"],
    [{ failOnErrors: 1.5, Operations: [{}] }, "invalidValue"],
    [{ failOnErrors: "1", Operations: [{}] }, "invalidValue"],
    [{ failOnErrors: true, Operations: [{}] }, "invalidValue"],
  ])("is refused as a whole where it is %j", async (body, scimType) => {
    const error = await answerTo(() => on.bulk(body, { baseUrl: BASE_URL, actor }));
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
    const results = await on.run([operation, createUser("a", "Alice")]);
    expect(results).toMatchObject([expected, { status: "201" }]);
    expect(on.core.gateway.writes).toMatchObject([{ request: "create", friendlyName: "Alice" }]);
  });
});
