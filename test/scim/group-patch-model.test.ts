import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { GROUP_SCHEMA } from "../../src/scim/group-resource.js";
import { isJsonObject } from "../../src/scim/resource.js";
import { answerTo, operations, request } from "./fake-directory.js";
import { ADA, BOB, CAT, type GroupsOnCore, groupsOnCore, STRANGER } from "./groups-on-core.js";

/** What a group is, and nothing else. */
interface Model {
  displayName: string;
  externalId: string | undefined;
  members: Set<string>;
}

/** An operation as a client writes it, and what it does to a group. */
interface Step {
  readonly operation: Readonly<Record<string, unknown>>;
  /** False: the whole PATCH is refused. */
  readonly model: (group: Model) => boolean;
}

/** Who has which name; whoever is missing here is no user. */
const NAMES = new Map<string, string>([
  [ADA, "Ada"],
  [BOB, "Bob"],
  [CAT, "Cat"],
]);
const TAKEN = "Taken";

const word = (text: string) =>
  fc.constantFrom(text, text.toUpperCase(), `${text[0]?.toUpperCase()}${text.slice(1)}`);
const add = word("add");
const replace = word("replace");
const remove = word("remove");
const write = fc.oneof(add, replace);
const id = fc.constantFrom<string>(ADA, BOB, CAT, STRANGER, "nobody");
const ids = fc.array(id, { maxLength: 4 });
const name = fc.constantFrom("Guides", "guides", "Pilots", "ß");

/** How the value of an operation names members. */
const form = fc.constantFrom<(members: readonly string[]) => unknown>(
  (members) => members.map((value) => ({ value })),
  (members) => members.map((value) => ({ $ref: null, value })),
  (members) => members.map((value) => ({ value, display: "x", type: "User", more: 5 })),
  (members) => members.map((value) => ({ VALUE: value })),
  (members) => members,
  (members) => (members.length === 1 ? { value: members[0] } : members),
  (members) => (members.length === 1 ? members[0] : members),
);

/** Where an operation has its value: behind a path, or by name. */
const place = fc.constantFrom<(attribute: string, value: unknown) => object>(
  (path, value) => ({ path, value }),
  (path, value) => ({ PATH: path.toUpperCase(), VALUE: value }),
  (path, value) => ({ path: `${GROUP_SCHEMA}:${path}`, value }),
  (attribute, value) => ({ value: { [attribute]: value } }),
  (attribute, value) => ({ value: { [`${GROUP_SCHEMA}:${attribute}`]: value } }),
  (attribute, value) => ({ value: { [GROUP_SCHEMA]: { [attribute]: value } } }),
  (attribute, value) => ({ path: GROUP_SCHEMA, value: { [attribute]: value } }),
);

const ofMembers: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: add, ids, form, place }).map(({ op, ids, form, place }) => ({
    operation: { op, ...place("members", form(ids)) },
    model: ({ members }: Model) => {
      for (const one of ids) members.add(one);
      return true;
    },
  })),
  fc.record({ op: replace, ids, form, place }).map(({ op, ids, form, place }) => ({
    operation: { op, ...place("members", form(ids)) },
    model: (group: Model) => {
      group.members = new Set(ids);
      return true;
    },
  })),
  fc.record({ op: remove, ids, form }).map(({ op, ids, form }) => ({
    operation: { op, path: "members", value: form(ids) },
    model: ({ members }: Model) => {
      for (const one of ids) members.delete(one);
      return true;
    },
  })),
  fc.record({ op: remove, id, other: id, both: fc.boolean() }).map(({ op, id, other, both }) => ({
    operation: { op, path: `members[value eq "${id}"${both ? ` OR VALUE EQ "${other}"` : ""}]` },
    model: ({ members }: Model) => {
      members.delete(id);
      if (both) members.delete(other);
      return true;
    },
  })),
  fc.record({ op: remove, id }).map(({ op, id }) => ({
    operation: { op, path: `members[not (value eq "${id}")]` },
    model: (group: Model) => {
      group.members = new Set([id].filter((one) => group.members.has(one)));
      return true;
    },
  })),
  fc.record({ op: remove, name: fc.constantFrom(...NAMES.values(), "nobody") }).map(({ op, name }) => ({
    operation: { op, path: `members[display eq "${name.toLowerCase()}"]` },
    model: ({ members }: Model) => {
      for (const one of members) if (NAMES.get(one) === name) members.delete(one);
      return true;
    },
  })),
  fc.record({ op: replace, id, other: id }).map(({ op, id, other }) => ({
    operation: { op, path: `members[value eq "${id}"]`, value: { value: other } },
    model: ({ members }: Model) => {
      members.delete(id);
      members.add(other);
      return true;
    },
  })),
  fc.record({ op: remove, nothing: fc.constantFrom({}, { value: null }) }).map(({ op, nothing }) => ({
    operation: { op, path: "members", ...nothing },
    model: ({ members }: Model) => {
      members.clear();
      return true;
    },
  })),
);

const ofNames: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: write, name, place }).map(({ op, name, place }) => ({
    operation: { op, ...place("displayName", name) },
    model: (group: Model) => {
      group.displayName = name;
      return true;
    },
  })),
  fc.record({ op: write, name, place }).map(({ op, name, place }) => ({
    operation: { op, ...place("externalId", name) },
    model: (group: Model) => {
      group.externalId = name;
      return true;
    },
  })),
  fc.record({ op: replace, place, nothing: fc.constantFrom("", null) }).map(({ op, place, nothing }) => ({
    operation: { op, ...place("externalId", nothing) },
    model: (group: Model) => {
      group.externalId = undefined;
      return true;
    },
  })),
  remove.map((op) => ({
    operation: { op, path: "externalId" },
    model: (group: Model) => {
      group.externalId = undefined;
      return true;
    },
  })),
);

const refused: fc.Arbitrary<Step> = fc
  .constantFrom<Record<string, unknown>>(
    { op: "replace", path: "displayName", value: TAKEN.toLowerCase() },
    { op: "remove", path: "displayName" },
    { op: "replace", path: "displayName", value: "" },
    { op: "replace", path: "members.type", value: "Group" },
    { op: "add", path: "members", value: [{ display: "Ada" }] },
    { op: "replace", value: { id: "other", members: [] } },
  )
  .map((operation) => ({ operation, model: () => false }));

/** The operations of one PATCH; what is refused comes last, since another name could follow one that is taken. */
const patch = fc
  .record({
    steps: fc.array(fc.oneof({ weight: 3, arbitrary: ofMembers }, { weight: 1, arbitrary: ofNames }), {
      minLength: 1,
      maxLength: 5,
    }),
    end: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: refused }),
  })
  .map(({ steps, end }) => (end === undefined ? steps : [...steps, end]));

/** Does the steps of one PATCH to the model, all of them or none. */
function patched(group: Model, steps: readonly Step[]): Model {
  const changed = { ...group, members: new Set(group.members) };
  if (!steps.every(({ model }) => model(changed))) return group;
  return { ...changed, members: new Set([...changed.members].filter((one) => NAMES.has(one))) };
}

async function read({ groups }: GroupsOnCore, id: string) {
  const answer = await groups.get(id, request());
  const { displayName, externalId, members } = answer.resource ?? {};
  const shown = Array.isArray(members) ? members.filter(isJsonObject).map(({ value }) => String(value)) : [];
  expect(new Set(shown).size).toBe(shown.length);
  return { answer, group: { displayName, externalId, members: new Set(shown) } };
}

describe("any sequence of PATCHes of a group", () => {
  it("does what it does to two names and a set of ids, and what is read can be written back", async () => {
    const on = await groupsOnCore();
    await on.group(TAKEN);
    let applied = 0;
    let unchanged = 0;
    let refusals = 0;

    await fc.assert(
      fc.asyncProperty(ids, fc.array(patch, { minLength: 1, maxLength: 4 }), async (members, patches) => {
        const body = { displayName: "Guides", members: members.map((value) => ({ value })) };
        const created = await on.groups.create(body, request());
        const id = String(created.resource?.id);
        let expected: Model = patched(
          { displayName: "Guides", externalId: undefined, members: new Set(members) },
          [],
        );
        for (const steps of patches) {
          const { version } = (await read(on, id)).answer;
          const wanted = patched(expected, steps);
          const isSame = isDeepStrictEqual(expected, wanted);
          on.takeWrites();
          const patching = () =>
            on.groups.patch(id, operations(...steps.map(({ operation }) => operation)), request());
          if (wanted === expected) {
            expect((await answerTo(patching)).status).toBeGreaterThanOrEqual(400);
            refusals += 1;
          } else {
            await patching();
            if (isSame) unchanged += 1;
            else applied += 1;
          }
          expect(on.takeWrites()).toEqual(isSame ? [] : ["saveGroup"]);
          const now = await read(on, id);
          expect(now.group).toEqual(wanted);
          expect(now.answer.version === version).toBe(isSame);
          expected = wanted;
        }

        const served = await on.groups.get(id, request());
        on.takeWrites();
        const written = await on.groups.replace(id, JSON.parse(JSON.stringify(served.resource)), request());
        expect(written).toEqual(served);
        expect(on.takeWrites()).toEqual([]);
        await on.groups.remove(id, request());
      }),
      { numRuns: 200 },
    );
    expect(applied).toBeGreaterThan(100);
    expect(unchanged).toBeGreaterThan(20);
    expect(refusals).toBeGreaterThan(20);
  });
});
