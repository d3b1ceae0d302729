import { describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import type { AccountSid } from "../../src/directory/account.js";
import { isDirectoryError } from "../../src/directory/errors.js";
import { compareGroups, type Group, type GroupAttributes } from "../../src/directory/group.js";
import type { GroupContent } from "../../src/directory/groups.js";
import type { GroupLookup } from "../../src/directory/query.js";
import { foldCase } from "../../src/directory/user-attributes.js";
import { type Core, type CoreOptions, startCore, surroundings } from "../support/core.js";
import { account, OWNER, sid } from "../support/example-accounts.js";
import { fails, type Interruption } from "../support/interruptions.js";
import { GroupsModel, type ModelGroup } from "./groups-model.js";
import { listGroups } from "./groups-of-core.js";

const NUMBERS = [1, 2, 3, 4, 5, 6];
/** The account of the last number is closed, and the one after it is none. */
const IDS = [...NUMBERS.map(sid), OWNER, sid(7), "nobody"];
const NAMES = ["sales", "Sales", "Support", "SUPPORT", "third"];

type Step =
  | { readonly does: "create"; readonly content: GroupContent }
  | { readonly does: "update"; readonly group: number; readonly content: Partial<GroupContent> }
  | { readonly does: "enter" | "leave"; readonly group: number; readonly id: string }
  | { readonly does: "delete"; readonly group: number }
  | { readonly does: "close" | "vanish" | "suspend"; readonly number: number }
  | { readonly does: "close in console"; readonly numbers: readonly number[] }
  | { readonly does: "time"; readonly ms: number }
  | { readonly does: "pass" | "restart" };

type StoreCall = "saveGroup" | "deleteGroup" | "saveAccounts" | "forgetAccounts";
type Hindrance = { readonly call: StoreCall; readonly how: "slowBefore" | "slowAfter" | "fails" };

const group = fc.nat(4);
const number = fc.constantFrom(...NUMBERS);
const attributes: fc.Arbitrary<GroupAttributes> = fc.record(
  { displayName: fc.constantFrom(...NAMES), externalId: fc.constantFrom("x", "X") },
  { requiredKeys: ["displayName"], noNullPrototype: true },
);
const members = fc.array(fc.constantFrom(...IDS), { maxLength: 6 });
const content = fc.record({ attributes, members });
const change = fc.record({ attributes, members }, { requiredKeys: [] });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant("create" as const), content }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("update" as const), group, content: change }) },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constantFrom("enter" as const, "leave" as const),
      group,
      id: fc.constantFrom(...IDS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("delete" as const), group }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom("close" as const, "vanish" as const, "suspend" as const),
      number,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("close in console" as const),
      numbers: fc.uniqueArray(number, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("time" as const), ms: fc.constantFrom(1, 1500) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom("pass" as const, "restart" as const) }) },
);

const hindrance: fc.Arbitrary<Hindrance> = fc.record({
  call: fc.constantFrom<StoreCall>("saveGroup", "saveGroup", "deleteGroup", "saveAccounts", "forgetAccounts"),
  how: fc.constantFrom("slowBefore" as const, "slowAfter" as const, "fails" as const),
});

const OPTIONS: readonly CoreOptions[] = [
  { showsOwner: true, showsClosed: false },
  { showsOwner: false, showsClosed: true },
];

function historyOf(step: fc.Arbitrary<Step>) {
  const hindrances = fc.array(hindrance, { maxLength: 2 });
  const steps = fc.array(step, { minLength: 1, maxLength: 4 });
  return fc.array(fc.record({ hindrances, steps }), { maxLength: 10 });
}

/**
 * Whether there is one time only that a group can have after it: forgetting an account has none, and to the lifecycle an
 * account may turn out to be closed before anybody knows since when.
 */
function hasItsTime({ does }: Step): boolean {
  return does !== "vanish" && does !== "close" && does !== "suspend";
}

jest.setTimeout(120_000);

const world = () => surroundings(NUMBERS.map((n) => account(n, n === 6 ? { status: "closed" } : {})));

describe("groups", () => {
  it.each(OPTIONS)("are after any history what a naive model says, with %j", async (options) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const around = await world();
        let core = await startCore(around, options);
        await core.sync.pass();
        const model = new GroupsModel((id) =>
          around.gateway.accounts.some(
            ({ sid, status }) =>
              sid === id && status !== "closed" && (options.showsOwner === true || sid !== OWNER),
          ),
        );
        for (const step of steps) {
          await takeInBoth(step, core, model);
          if (step.does === "restart") core = await startCore(around, options);
          expect((await listGroups(core)).map(told)).toEqual(inOrder(model.groups));
        }
        await expectFound(core, model);
        expect(await tellingOf(await startCore(around, options))).toEqual(await tellingOf(core));
      }),
      { numRuns: 100 },
    );
  });

  it("are in memory what they are in the database, after any history of steps at the same time", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(historyOf(step), historyOf(step.filter(hasItsTime))), async (turns) => {
        const around = await world();
        const { store, clock } = around;
        let core = await startCore(around);
        await core.sync.pass();
        for (const { steps, hindrances } of turns) {
          for (const { call, how } of hindrances) store.interrupt(call, interruption(core, how));
          const taking = steps.map((step) => take(step, core).catch(expectForeseen));
          await clock.runOut(Promise.all(taking));
          await expectConsistent(core);
          if (steps.some(({ does }) => does === "restart")) core = await startCore(around);
        }
        store.interruptNothing();
        await core.sync.pass();
        expect(core.sync.status.lastError).toBeUndefined();
        await expectConsistent(core);
        const isExact = turns.every(({ steps }) => steps.every(hasItsTime));
        const timed = (groups: readonly Group[]) =>
          groups.map(told).map((group) => (isExact ? group : { ...group, lastModified: 0 }));
        expect(timed(await store.loadGroups())).toEqual(timed(await listGroups(core)));
      }),
      { numRuns: 200 },
    );
  });
});

/** Takes a step, and has the model take it in. */
async function takeInBoth(step: Step, core: Core, model: GroupsModel): Promise<void> {
  const { clock, gateway } = core;
  const target = "group" in step ? inOrder(model.groups)[step.group] : undefined;
  const outcome: unknown = await clock.runOut(take(step, core).catch((error: unknown) => error));
  switch (step.does) {
    case "create": {
      const taken = model.isTaken(step.content.attributes.displayName);
      expect(isDirectoryError(outcome, "groupNameTaken")).toBe(taken);
      if (!taken) model.create((outcome as Group).id, step.content, clock.now());
      return;
    }
    case "update":
    case "enter":
    case "leave": {
      if (target === undefined) return;
      const wanted = changeOf(step)({ attributes: attributesOf(target), members: target.members });
      const taken = model.isTaken(wanted.attributes.displayName, target.id);
      expect(isDirectoryError(outcome, "groupNameTaken")).toBe(taken);
      if (!taken) model.update(target.id, wanted, clock.now());
      return;
    }
    case "delete":
      if (target !== undefined) model.delete(target.id);
      return;
    case "close":
    case "close in console":
      for (const { sid, status, dateUpdated } of gateway.accounts) {
        if (status === "closed") model.leave(sid, dateUpdated);
      }
      return;
    case "vanish":
      model.leave(sid(step.number), undefined);
      return;
    case "suspend":
    case "time":
    case "pass":
    case "restart":
      return;
  }
}

async function take(step: Step, core: Core): Promise<unknown> {
  const { directory, gateway, clock, sync } = core;
  const target = "group" in step ? (await listGroups(core))[step.group] : undefined;
  switch (step.does) {
    case "create":
      return directory.groups.create(step.content);
    case "update":
    case "enter":
    case "leave":
      return target && directory.groups.update(target.id, changeOf(step));
    case "delete":
      return target && directory.groups.delete(target.id);
    case "close":
      return core.close(sid(step.number));
    case "suspend":
      return core.suspend(sid(step.number));
    case "close in console":
      for (const number of step.numbers) {
        const known = gateway.accounts.find((one) => one.sid === sid(number));
        if (known !== undefined && known.status !== "closed") gateway.edit(sid(number), { status: "closed" });
      }
      return sync.pass();
    case "vanish":
      gateway.delete(sid(step.number));
      return sync.pass();
    case "time":
      return clock.sleep(step.ms);
    case "pass":
      return sync.pass();
    case "restart":
      return;
  }
}

function changeOf(
  step: Extract<Step, { does: "update" | "enter" | "leave" }>,
): (current: GroupContent) => GroupContent {
  switch (step.does) {
    case "update":
      return (current) => ({ ...current, ...step.content });
    case "enter":
      return ({ attributes, members }) => ({ attributes, members: [...members, step.id] });
    case "leave":
      return ({ attributes, members }) => ({
        attributes,
        members: [...members].filter((member) => member !== step.id),
      });
  }
}

function attributesOf({ displayName, externalId }: ModelGroup): GroupAttributes {
  return { displayName, ...(externalId !== undefined && { externalId }) };
}

function told({ id, attributes, members, created, lastModified }: Group): ModelGroup {
  const { displayName, externalId } = attributes;
  return { id, displayName, externalId, members: [...members].sort(), created, lastModified };
}

function inOrder(groups: readonly ModelGroup[]): readonly ModelGroup[] {
  return [...groups].sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
}

/** All that is told of groups, by groups and by users. */
async function tellingOf(core: Core) {
  return { groups: (await listGroups(core)).map(told), shown: core.users.map(({ groups }) => groups) };
}

async function expectFound(core: Core, model: GroupsModel): Promise<void> {
  const ids = model.groups.map(({ id }) => id);
  const lookups: GroupLookup[] = [
    ...ids.map((value) => ({ attribute: "id" as const, value })),
    ...[...NAMES, "THIRD", ""].map((value) => ({ attribute: "displayName" as const, value })),
    ...["x", "X", "y"].map((value) => ({ attribute: "externalId" as const, value })),
    ...IDS.map((value) => ({ attribute: "member" as const, value })),
  ];
  for (const lookup of lookups) {
    const found = (await listGroups(core, { narrowings: [[lookup]] })).map(({ id }) => id);
    expect(found).toEqual(inOrder(model.answering(lookup)).map(({ id }) => id));
  }
  for (const value of IDS) {
    const shown = core.directory.index.get(value as AccountSid)?.groups ?? [];
    const expected = inOrder(model.of(value)).map((one) => ({ id: one.id, attributes: attributesOf(one) }));
    expect(shown).toEqual(expected);
  }
}

/** Whatever has happened: members are open and seen, users and groups say the same, and names are unique. */
async function expectConsistent(core: Core): Promise<void> {
  const { index } = core.directory;
  const groups = await listGroups(core);
  expect(groups).toEqual([...groups].sort(compareGroups));
  for (const { members } of groups) {
    for (const member of members) expect(index.get(member)?.account.status).toMatch(/active|suspended/);
  }
  for (const user of index.everyone()) {
    const joined = groups.filter(({ members }) => members.has(user.account.sid));
    expect(user.groups).toEqual(joined.map(({ id, attributes }) => ({ id, attributes })));
  }
  const names = groups.map(({ attributes }) => foldCase(attributes.displayName));
  expect(new Set(names).size).toBe(names.length);
}

function expectForeseen(error: unknown): void {
  if (!isDirectoryError(error)) throw error;
}

function interruption({ clock }: Core, how: Hindrance["how"]): Interruption {
  switch (how) {
    case "fails":
      return fails("storageUnavailable");
    case "slowBefore":
      return async (effect) => {
        await clock.sleep(1000);
        return effect();
      };
    case "slowAfter":
      return async (effect) => {
        const answer = await effect();
        await clock.sleep(1000);
        return answer;
      };
  }
}
