import { describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import type { AccountStatus } from "../../src/directory/account.js";
import type { Activity } from "../../src/directory/activity.js";
import { isDirectoryError } from "../../src/directory/errors.js";
import type { Lookup } from "../../src/directory/query.js";
import { Core, startCore, surroundings } from "../support/core.js";
import { account, attributes, sid } from "../support/example-accounts.js";
import { hold } from "../support/interruptions.js";
import { createGroup } from "./groups-of-core.js";
import { activityWith } from "./users-of-index.js";

const NUMBERS = [1, 2, 3, 4, 5, 6];
const NAMES = ["Sales", "sales", "Support", "ada@b.example", ""];
const SERVICES = ["sms", "voice"];

interface World {
  /** By number, in the order of NUMBERS. */
  readonly accounts: readonly { readonly friendlyName: string; readonly created: number }[];
  readonly written: readonly {
    readonly number: number;
    readonly userName: string;
    readonly externalId: string;
  }[];
  readonly activities: readonly { readonly number: number; readonly activity: Activity }[];
  readonly groups: readonly (readonly number[])[];
  readonly changes: readonly { readonly number: number; readonly status: AccountStatus }[];
  readonly renamed: readonly { readonly number: number; readonly friendlyName: string }[];
  readonly showsClosed: boolean;
  /** Who is asked for before the rest is known. */
  readonly asked: readonly number[];
}

const number = fc.constantFrom(...NUMBERS);
const friendlyName = fc.constantFrom(...NAMES);
const world: fc.Arbitrary<World> = fc.record({
  accounts: fc.tuple(...NUMBERS.map(() => fc.record({ friendlyName, created: fc.nat(3) }))),
  written: fc.array(
    fc.record({
      number,
      userName: fc.constantFrom("ada", "Bob", "Sales"),
      externalId: fc.constantFrom("x", "X"),
    }),
    { maxLength: 4 },
  ),
  activities: fc.array(
    fc.record({
      number,
      activity: fc
        .tuple(fc.subarray(SERVICES), fc.constantFrom<Activity["state"]>("current", "stale"))
        .map(([services, state]) => activityWith(services, state)),
    }),
    { maxLength: 4 },
  ),
  groups: fc.array(fc.subarray(NUMBERS), { maxLength: 3 }),
  changes: fc.array(fc.record({ number, status: fc.constantFrom<AccountStatus>("suspended", "closed") }), {
    maxLength: 3,
  }),
  renamed: fc.array(fc.record({ number, friendlyName }), { maxLength: 2 }),
  showsClosed: fc.boolean(),
  asked: fc.subarray(NUMBERS),
});

const LOOKUPS: readonly Lookup[] = [
  ...[...NAMES, "ada", "bob", ...NUMBERS.map(sid)].map((value) => ({
    attribute: "userName" as const,
    value,
  })),
  ...["x", "X"].map((value) => ({ attribute: "externalId" as const, value })),
  { attribute: "email", value: "ADA@b.example" },
  ...["active", "suspended", "closed"].map((value) => ({ attribute: "status" as const, value })),
];
const SERVICE_LOOKUPS: readonly Lookup[] = SERVICES.map((value) => ({ attribute: "service", value }));

jest.setTimeout(120_000);

describe("a restart", () => {
  it("gives the users that there were before it, in the same order, and found by the same", async () => {
    await fc.assert(
      fc.asyncProperty(world, async (world) => {
        const { showsClosed } = world;
        const before = await live(world);
        const after = new Core(before, { showsClosed });
        const held = hold();
        before.store.interrupt("details", held.beforeEffect);
        await after.directory.load();
        expect(found(after, LOOKUPS)).toEqual(found(before, LOOKUPS));
        for (const number of world.asked) {
          const known = before.directory.index.get(sid(number));
          const asked = after.directory.get(sid(number));
          if (known === undefined) await expect(asked).rejects.toMatchObject({ code: "accountNotFound" });
          else expect(await asked).toEqual(known);
        }
        held.release();
        await after.directory.whole();
        expect(after.users).toEqual(before.users);
        expect(found(after, [...LOOKUPS, ...SERVICE_LOOKUPS])).toEqual(
          found(before, [...LOOKUPS, ...SERVICE_LOOKUPS]),
        );
        expect(tallied(after)).toEqual(tallied(before));
      }),
      { numRuns: 50 },
    );
  });
});

/** A bridge that has gone through all of this, and saved it. */
async function live(world: World): Promise<Core> {
  const accounts = world.accounts.map(({ friendlyName, created }, at) =>
    account(at + 1, { friendlyName, dateCreated: created }),
  );
  const core = await startCore(await surroundings(accounts), { showsClosed: world.showsClosed });
  const { directory, gateway, sync } = core;
  await sync.pass();
  for (const { number, userName, externalId } of world.written) {
    await core.write(sid(number), attributes(userName, { externalId })).catch(expectForeseen);
  }
  for (const { number, activity } of world.activities) directory.activityLearned(sid(number), activity);
  for (const [at, members] of world.groups.entries()) {
    await createGroup(core, `Group ${at}`, members.map(sid));
  }
  for (const { number, friendlyName } of world.renamed) gateway.edit(sid(number), { friendlyName });
  for (const { number, status } of world.changes) {
    if (gateway.account(sid(number)).status !== "closed") gateway.edit(sid(number), { status });
  }
  await sync.pass();
  expect(sync.status.lastError).toBeUndefined();
  return core;
}

function found(core: Core, lookups: readonly Lookup[]) {
  const sids = (narrowings: readonly [Lookup][]) =>
    core.directory.index.sidsOnPage({ narrowings, offset: 0, limit: 100 });
  return { all: sids([]), found: lookups.map((lookup) => sids([[lookup]])) };
}

function tallied({ directory }: Core) {
  const { read, stale } = directory.index.activityTally;
  return { read, stale };
}

function expectForeseen(error: unknown): void {
  if (!isDirectoryError(error)) throw error;
}
