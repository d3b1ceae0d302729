import { describe, expect, it } from "@jest/globals";
import type { AccountSid } from "../../src/directory/account.js";
import { Comparisons, editMembers, readMemberIds } from "../../src/scim/group-members.js";
import { GROUP_SCHEMA, renderNamedMember } from "../../src/scim/group-resource.js";
import { parsePatch } from "../../src/scim/patch.js";
import { BASE_URL } from "./fake-directory.js";
import { refusal } from "./refusal.js";
import { groupSchema } from "./sample-groups.js";
import { sid, user } from "./sample-users.js";

const ADA = sid(1);
const BOB = sid(2);
const CAT = sid(3);
const UNKNOWN = sid(9);
const STRANGER = "2819c223-7f76-453a-919d-413861904646";

const USERS = new Map(
  [
    user({ userName: "ada@example.com", displayName: "Ada" }, { sid: ADA }),
    user({ userName: "bob@example.com", displayName: "Bob" }, { sid: BOB }),
    user({ userName: "cat@example.com" }, { sid: CAT }),
  ].map((known) => [known.account.sid, known]),
);

/** Who is in a group after these operations of a PATCH, who was in it before. */
function patched(before: readonly AccountSid[], ...Operations: unknown[]): ReadonlySet<string> {
  const members = new Set(before);
  const selection = {
    describe: (known: AccountSid) => renderNamedMember(known, BASE_URL, (one) => USERS.get(one)),
    comparisons: new Comparisons(),
  };
  for (const operation of parsePatch({ Operations }, groupSchema)) editMembers(members, operation, selection);
  return members;
}

/** Whoever is looked at makes the test fail. */
const UNSEEN = {
  describe: () => {
    throw new Error("looked at");
  },
  comparisons: new Comparisons(),
};

const refused = (operation: unknown) => refusal(() => patched([ADA, BOB], operation));
const set = (...ids: string[]): ReadonlySet<string> => new Set(ids);

/** One member, as clients write it in a value. */
const FORMS: readonly [string, (id: string) => unknown][] = [
  ["Okta's, with a display", (value) => [{ value, display: "test.user@okta.local" }]],
  ["Entra ID's, with a null $ref", (value) => [{ $ref: null, value }]],
  ["RFC 7644's", (value) => [{ display: "Babs", $ref: `https://example.com/v2/Users/${value}`, value }]],
  ["a served one", (value) => [{ value, $ref: `${BASE_URL}/Users/${value}`, type: "User", display: "x" }]],
  ["one with what the schema does not know", (value) => [{ value, primary: true, added: { by: "me" } }]],
  ["a loud one", (value) => [{ VALUE: value, TYPE: "USER" }]],
  ["one twice", (value) => [{ value }, { value }]],
  ["one alone", (value) => ({ value })],
  ["an id in an array", (value) => [value]],
  ["an id alone", (value) => value],
];

describe("adding members", () => {
  it.each(FORMS)("reads %s", (_form, value) => {
    expect(patched([ADA], { op: "add", path: "members", value: value(BOB) })).toEqual(set(ADA, BOB));
    expect(patched([ADA], { op: "add", value: { members: value(BOB) } })).toEqual(set(ADA, BOB));
  });

  it.each<[string, object]>([
    ["Entra ID's words", { op: "Add", path: "members", value: [{ value: BOB }] }],
    ["a shout", { OP: "ADD", PATH: "MEMBERS", VALUE: [{ value: BOB }] }],
    ["a path with the schema's URN", { op: "add", path: `${GROUP_SCHEMA}:members`, value: [{ value: BOB }] }],
    ["a value of the schema's URN", { op: "add", path: GROUP_SCHEMA, value: { members: [{ value: BOB }] } }],
    ["a key with the schema's URN", { op: "add", value: { [`${GROUP_SCHEMA}:members`]: [{ value: BOB }] } }],
    ["a value nested in the URN", { op: "add", value: { [GROUP_SCHEMA]: { Members: [{ value: BOB }] } } }],
  ])("understands %s", (_words, operation) => {
    expect(patched([ADA], operation)).toEqual(set(ADA, BOB));
  });

  it("takes several, and whoever is in it already", () => {
    const value = [{ value: CAT }, { value: ADA }, { value: BOB }];
    expect(patched([ADA], { op: "add", path: "members", value })).toEqual(set(ADA, BOB, CAT));
  });

  it("takes an id that is not known, since who may be a member is not decided here, and passes over what is none", () => {
    const value = [{ value: UNKNOWN }, { value: STRANGER }];
    expect(patched([], { op: "add", path: "members", value })).toEqual(set(UNKNOWN));
  });

  it.each([[[]], [null], [""]])("changes nothing for %j", (value) => {
    expect(patched([ADA], { op: "add", path: "members", value })).toEqual(set(ADA));
    expect(patched([ADA], { op: "add", value: { members: value } })).toEqual(set(ADA));
  });
});

describe("removing members", () => {
  it.each([
    ["Okta's", `members[value eq "${BOB}"]`],
    ["any case", `MEMBERS[VALUE EQ "${BOB}"]`],
    ["blanks", `members[ value  eq "${BOB}" ]`],
    ["brackets", `members[(value eq "${BOB}")]`],
    ["the schema's URN", `${GROUP_SCHEMA}:members[value eq "${BOB}"]`],
    ["the value of it", `members[value eq "${BOB}"].value`],
    ["or", `members[value eq "${BOB}" or value Eq "${CAT}"]`],
    ["another order of or", `members[value eq "${CAT}" OR value eq "${BOB}"]`],
    ["not", `members[not (value eq "${ADA}")]`],
    ["ne", `members[value ne "${ADA}"]`],
    ["display, which has no case", 'members[display eq "BOB"]'],
    ["display and type", 'members[display sw "B" and type eq "User"]'],
    ["$ref", `members[$ref eq "${BASE_URL}/Users/${BOB}"]`],
  ])("follows a path with %s", (_form, path) => {
    expect(patched([ADA, BOB], { op: "remove", path })).toEqual(set(ADA));
  });

  it("finds by display who shows no other name than the userName", () => {
    const path = 'members[display eq "cat@example.com"]';
    expect(patched([ADA, CAT], { op: "remove", path })).toEqual(set(ADA));
  });

  it("takes everyone of the type that all have", () => {
    expect(patched([ADA, BOB], { op: "remove", path: 'members[type eq "user"]' })).toEqual(set());
    expect(patched([ADA, BOB], { op: "remove", path: 'members[type eq "Group"]' })).toEqual(set(ADA, BOB));
  });

  it.each(FORMS)("reads whom a value names, as %s, and leaves the others", (_form, value) => {
    const operation = { op: "Remove", path: "members", value: value(BOB) };
    expect(patched([ADA, BOB, CAT], operation)).toEqual(set(ADA, CAT));
  });

  it("follows a path with a filter, whatever a value says besides", () => {
    const operation = { op: "remove", path: `members[value eq "${BOB}"]`, value: [{ value: ADA }] };
    expect(patched([ADA, BOB], operation)).toEqual(set(ADA));
  });

  it.each([
    ["a path", { path: `members[value eq "${CAT}"]` }],
    ["a path by display", { path: 'members[display eq "Nobody"]' }],
    ["a value", { path: "members", value: [{ value: CAT }, { value: STRANGER }] }],
  ])("is no error where %s names nobody who is in it", (_form, operation) => {
    expect(patched([ADA, BOB], { op: "remove", ...operation })).toEqual(set(ADA, BOB));
  });

  it("compares ids exactly", () => {
    const path = `members[value eq "${BOB.toLowerCase()}"]`;
    expect(patched([BOB], { op: "remove", path })).toEqual(set(BOB));
    const value = [{ value: BOB.toLowerCase() }];
    expect(patched([BOB], { op: "remove", path: "members", value })).toEqual(set(BOB));
  });

  it.each([[{}], [{ value: null }]])("takes everyone where nobody is named: %j", (named) => {
    expect(patched([ADA, BOB], { op: "remove", path: "members", ...named })).toEqual(set());
    expect(patched([ADA, BOB], { op: "remove", path: "members.value", ...named })).toEqual(set());
  });

  it.each([[[]], [""]])("takes nobody where the list of who leaves is empty: %j", (value) => {
    expect(patched([ADA, BOB], { op: "remove", path: "members", value })).toEqual(set(ADA, BOB));
  });
});

describe("replacing members", () => {
  it.each(FORMS)("reads %s", (_form, value) => {
    expect(patched([ADA, CAT], { op: "replace", path: "members", value: value(BOB) })).toEqual(set(BOB));
    expect(patched([ADA, CAT], { op: "Replace", value: { members: value(BOB) } })).toEqual(set(BOB));
  });

  it("keeps who is in both lists", () => {
    const value = [{ value: ADA }, { value: BOB }];
    expect(patched([ADA, CAT], { op: "replace", path: "members", value })).toEqual(set(ADA, BOB));
  });

  it.each([[[]], [null], [""]])("empties the group for %j", (value) => {
    expect(patched([ADA, BOB], { op: "replace", path: "members", value })).toEqual(set());
    expect(patched([ADA, BOB], { op: "replace", value: { members: value } })).toEqual(set());
  });

  it("puts others in the place of those that a path selects", () => {
    const path = `members[value eq "${BOB}"]`;
    expect(patched([ADA, BOB], { op: "replace", path, value: { value: CAT } })).toEqual(set(ADA, CAT));
    expect(patched([ADA, BOB], { op: "replace", path, value: [] })).toEqual(set(ADA));
    expect(patched([ADA], { op: "replace", path, value: { value: CAT } })).toEqual(set(ADA, CAT));
  });
});

describe("several operations", () => {
  it("are done in their order", () => {
    const add = { op: "add", path: "members", value: [{ value: BOB }] };
    const remove = { op: "remove", path: `members[value eq "${BOB}"]` };
    expect(patched([ADA], add, remove)).toEqual(set(ADA));
    expect(patched([ADA], remove, add)).toEqual(set(ADA, BOB));
  });

  it("see what those before them have done", () => {
    const add = { op: "add", path: "members", value: [{ value: BOB }, { value: UNKNOWN }] };
    expect(patched([ADA], add, { op: "remove", path: 'members[display eq "bob"]' })).toEqual(
      set(ADA, UNKNOWN),
    );
    expect(patched([ADA], add, { op: "remove", path: "members[not (display pr)]" })).toEqual(set(ADA, BOB));
  });
});

describe("what cannot be done to members", () => {
  it.each(["value", "$ref", "type", "display"])("is to write their %s", (sub) => {
    for (const path of [`members.${sub}`, `members[value eq "${ADA}"].${sub}`]) {
      for (const op of ["add", "replace"]) {
        expect(refused({ op, path, value: BOB })).toMatchObject({ status: 400, scimType: "mutability" });
      }
    }
    expect(refused({ op: "add", value: { [`members.${sub}`]: BOB } }).scimType).toBe("mutability");
  });

  it.each(["$ref", "type", "display"])("is to remove their %s", (sub) => {
    expect(refused({ op: "remove", path: `members.${sub}` })).toMatchObject({
      status: 400,
      scimType: "mutability",
      detail: expect.stringContaining(`members.${sub}`),
    });
    expect(refused({ op: "remove", path: `members[value eq "${ADA}"].${sub}` }).scimType).toBe("mutability");
  });

  it.each<[unknown]>([
    [[{ display: "Ada" }]],
    [[{}]],
    [[{ value: "" }]],
    [[{ value: null }]],
    [[{ value: 7 }]],
    [[{ value: [ADA] }]],
    [[{ value: { value: ADA } }]],
    [[{ value: ADA }, null]],
    [[[ADA]]],
    [[""]],
    [7],
    [false],
    [{}],
  ])("is to add, replace or remove who has no id: %j", (value) => {
    for (const op of ["add", "replace", "remove"]) {
      expect(refused({ op, path: "members", value })).toMatchObject({
        status: 400,
        scimType: "invalidValue",
      });
    }
  });

  it.each(["members[value eq]", 'members[shoeSize eq "42"]', 'members[value eq "x"', "members[]"])(
    "is to select by what cannot be read: %s",
    (path) => {
      expect(refused({ op: "remove", path })).toMatchObject({
        status: 400,
        scimType: expect.stringMatching(/^invalid(Filter|Path)$/),
      });
    },
  );

  it("leaves the group as it was where a later id cannot be read", () => {
    const members = new Set([ADA]);
    const operations = parsePatch(
      { Operations: [{ op: "replace", path: "members", value: [{ value: BOB }, {}] }] },
      groupSchema,
    );
    for (const operation of operations) {
      expect(refusal(() => editMembers(members, operation, UNSEEN)).status).toBe(400);
    }
    expect(members).toEqual(set(ADA));
  });
});

describe("the members of a group of ten thousand", () => {
  it("are not looked at to take one of them out", () => {
    const everyone = Array.from({ length: 10_000 }, (_, number) => sid(number));
    const members = new Set(everyone);
    const [operation] = parsePatch(
      { Operations: [{ op: "remove", path: `members[value eq "${BOB}"]` }] },
      groupSchema,
    );
    if (operation === undefined) throw new Error("the operation is gone");
    editMembers(members, operation, UNSEEN);
    expect(members.size).toBe(9_999);
  });
});

describe("the ids that a value names", () => {
  it("are none where there is no value", () => {
    for (const value of [undefined, null, "", []]) expect(readMemberIds(value)).toEqual([]);
  });

  it("are in the order of the value", () => {
    expect(readMemberIds([{ value: BOB }, ADA, { Value: CAT }])).toEqual([BOB, ADA, CAT]);
  });
});

describe("a path that selects nobody", () => {
  it("adds whom the value names where the path is by equality alone", () => {
    const path = `members[value eq "${BOB}" and type eq "User"]`;
    for (const op of ["add", "replace"]) {
      expect(patched([ADA], { op, path, value: [{ value: BOB }] })).toEqual(set(ADA, BOB));
    }
  });

  it("is noTarget for an add or a replace where it is not", () => {
    for (const op of ["add", "replace"]) {
      const operation = { op, path: 'members[display co "nobody"]', value: [{ value: CAT }] };
      expect(refused(operation)).toMatchObject({ status: 400, scimType: "noTarget" });
    }
  });
});

describe("looking through members", () => {
  const look = (terms: number) => ({
    op: "remove",
    path: `members[${Array(terms).fill('display eq "x"').join(" or ")}]`,
  });

  it("counts whom the operations before have added", () => {
    const many = {
      op: "add",
      path: "members",
      value: Array.from({ length: 1001 }, (_, number) => sid(number)),
    };
    expect(patched([], many, look(99)).size).toBe(1001);
    expect(refusal(() => patched([], many, look(100)))).toMatchObject({
      status: 400,
      scimType: "invalidPath",
    });
    expect(refusal(() => patched([], many, ...Array(100).fill(look(1)))).scimType).toBe("invalidPath");
  });

  it("takes a path of a hundred comparisons, and no more", () => {
    expect(patched([ADA], look(100))).toEqual(set(ADA));
    expect(refused(look(101))).toMatchObject({ status: 400, scimType: "invalidFilter" });
  });
});
