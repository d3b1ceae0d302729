import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Account, AccountSid, AccountStatus } from "../../src/directory/account.js";
import { type Activity, PENDING_ACTIVITY } from "../../src/directory/activity.js";
import type { GroupOfUser } from "../../src/directory/group.js";
import type { Position } from "../../src/directory/position.js";
import type { Lookup, Narrowing } from "../../src/directory/query.js";
import type { User } from "../../src/directory/user.js";
import type { UserAttributes } from "../../src/directory/user-attributes.js";
import { isWhole, type PartialUser, type UserRecord } from "../../src/directory/user-entry.js";
import type { UserIndex } from "../../src/directory/user-index.js";
import { account, sid } from "../support/example-accounts.js";
import { shortSlices } from "./short-slices.js";
import { UserIndexModel } from "./user-index-model.js";
import { activityWith, indexOf, list, sidsOf } from "./users-of-index.js";

const NUMBERS = [1, 2, 3, 4, 5];
const NAMES = ["sales", "Sales", "Support", `Sales (${sid(2)})`, sid(3), `Support (${sid(1)})`];
const SERVICES = ["sms", "voice"];
const EMAILS = ["a@b.example", "A@B.example", "c@d.example"];

type Step =
  | {
      readonly does: "report";
      readonly number: number;
      readonly said: Partial<Account>;
      readonly age: number;
    }
  | { readonly does: "write account"; readonly number: number; readonly said: Partial<Account> }
  | { readonly does: "write identity"; readonly number: number; readonly written: UserAttributes }
  | { readonly does: "join"; readonly number: number; readonly groups: readonly GroupOfUser[] }
  | { readonly does: "learn"; readonly number: number; readonly activity: Activity }
  | { readonly does: "forget"; readonly number: number }
  | { readonly does: "reserve"; readonly userName: string }
  | { readonly does: "release" };

const number = fc.constantFrom(...NUMBERS);
const name = fc.constantFrom(...NAMES);
const said = fc.record(
  {
    friendlyName: name,
    status: fc.constantFrom<AccountStatus>("active", "suspended", "closed"),
    dateCreated: fc.constantFrom(1, 2, 3),
  },
  { requiredKeys: ["friendlyName", "status", "dateCreated"] },
);
const written = fc.record(
  {
    userName: name,
    displayName: name,
    externalId: fc.constantFrom("x", "X"),
    emails: fc.uniqueArray(fc.record({ value: fc.constantFrom(...EMAILS) }), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ["userName"] },
);
const groups = fc.subarray(["a", "b"].map((id) => ({ id, attributes: { displayName: id } })));
const activity = fc
  .tuple(fc.subarray(SERVICES), fc.constantFrom<Activity["state"]>("current", "stale", "pending"))
  .map(([services, state]) => activityWith(services, state));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant("report" as const), number, said, age: fc.constantFrom(0, 0, 1, 3) }),
  fc.record({ does: fc.constant("write account" as const), number, said }),
  fc.record({ does: fc.constant("write identity" as const), number, written }),
  fc.record({ does: fc.constant("join" as const), number, groups }),
  fc.record({ does: fc.constant("learn" as const), number, activity }),
  fc.record({ does: fc.constant("forget" as const), number }),
  fc.record({ does: fc.constant("reserve" as const), userName: name }),
  fc.record({ does: fc.constant("release" as const) }),
);

const LOOKUPS: Lookup[] = [
  ...NUMBERS.map((number) => ({ attribute: "id" as const, value: sid(number) })),
  ...[...NAMES, ...NUMBERS.map(sid), "SUPPORT"].map((value) => ({ attribute: "userName" as const, value })),
  ...["x", "X", "y"].map((value) => ({ attribute: "externalId" as const, value })),
  ...EMAILS.map((value) => ({ attribute: "email" as const, value })),
  ...["active", "suspended", "closed"].map((value) => ({ attribute: "status" as const, value })),
  ...[...SERVICES, "fax"].map((value) => ({ attribute: "service" as const, value })),
];

const narrowing = fc.array(fc.constantFrom(...LOOKUPS), { maxLength: 3 });

/** Before, at and between accounts, and behind them all. */
const POSITIONS: Position[] = [0, 1, 2, 3, 4].flatMap((created) =>
  ["", sid(2), `${sid(2)}0`].map((id) => ({ created, id })),
);

describe("the index of users", () => {
  it.each([{ showsClosed: false }, { showsClosed: true }])(
    "says after any history what a naive model says, with %j",
    async ({ showsClosed }) => {
      const narrowings = fc.array(narrowing, { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), narrowings, async (steps, narrowings) => {
          const index = indexOf([], { showsClosed, slices: shortSlices() });
          const model = new UserIndexModel(showsClosed);
          const heard = listen(index);
          let release: (() => void) | undefined;
          for (const step of steps) release = take(step, index, model, release);
          expect(told(index)).toEqual(toldByModel(model));
          for (const narrowing of narrowings) {
            expect(list(index, narrowing).sids).toEqual(model.list([narrowing]));
          }
          expect(await searched(index, narrowings)).toEqual(model.list(narrowings));
          const everyone = [...index.everyone()].sort(byId);
          expect([...heard.changed.values()].sort(byId)).toEqual(everyone.map(withoutUntold));
          expect([...heard.shown.values()].sort(byId)).toEqual(everyone);
        }),
        { numRuns: 400 },
      );
    },
  );
});

/** Gathers what a listener is told: the users as they were when they changed last, and as they are shown. */
function listen(index: UserIndex) {
  const changed = new Map<AccountSid, User>();
  const shown = new Map<AccountSid, User>();
  index.onChange({
    changed(user, before) {
      expect(before && withoutUntold(before)).toEqual(changed.get(user.account.sid));
      expect(index.known(user.account.sid)).toBe(user);
      changed.set(user.account.sid, withoutUntold(user));
    },
    shown(user) {
      expect(index.known(user.account.sid)).toBe(user);
      shown.set(user.account.sid, user);
    },
    forgotten(user) {
      expect(withoutUntold(wholeOf(user))).toEqual(changed.get(user.account.sid));
      expect(shown.get(user.account.sid)).toBe(user);
      changed.delete(user.account.sid);
      shown.delete(user.account.sid);
    },
  });
  return { changed, shown };
}

/** Who is found by a search for those that each of the narrowings leaves. */
async function searched(index: UserIndex, narrowings: readonly Narrowing<Lookup>[]): Promise<AccountSid[]> {
  const left = narrowings.map((narrowing) => new Set(list(index, narrowing).sids));
  const matches = ({ user: { account } }: UserRecord) => left.every((sids) => sids.has(account.sid));
  return sidsOf(await index.list({ narrowings, matches, offset: 0, limit: 100 })).sids;
}

/** Takes a step in both, and gives what releases the name that is reserved now. */
function take(
  step: Step,
  index: UserIndex,
  model: UserIndexModel,
  release: (() => void) | undefined,
): (() => void) | undefined {
  switch (step.does) {
    case "report": {
      const reported = account(step.number, step.said);
      const asOf = Math.max(0, index.tick() - step.age);
      index.report(reported, asOf);
      model.report(reported, asOf);
      return release;
    }
    case "write account": {
      const known = model.users.get(sid(step.number));
      if (known?.account.status === "closed") return release;
      const changed = account(step.number, step.said);
      index.write(changed, index.known(changed.sid)?.identity);
      model.become(changed, known?.written, known?.writtenAt ?? "", index.tick() - 1);
      return release;
    }
    case "write identity": {
      const known = model.users.get(sid(step.number));
      if (known === undefined || known.account.status === "closed") return release;
      const { account } = known;
      if (!model.mayTake(step.written.userName, account.sid)) return release;
      const { sid: accountSid, friendlyName } = account;
      index.write(account, { accountSid, attributes: step.written, friendlyName, updatedAt: 0 });
      model.become(account, step.written, friendlyName, index.tick() - 1);
      return release;
    }
    case "join":
      index.setGroups(sid(step.number), step.groups);
      model.join(sid(step.number), step.groups);
      return release;
    case "learn":
      index.setActivity(sid(step.number), step.activity);
      model.learn(sid(step.number), step.activity);
      return release;
    case "forget":
      index.forget(sid(step.number));
      model.users.delete(sid(step.number));
      return release;
    case "reserve": {
      if (release !== undefined || model.holder(step.userName) !== undefined) return release;
      model.reserved = step.userName;
      return index.reserveUserName(step.userName);
    }
    case "release":
      release?.();
      model.reserved = undefined;
      return undefined;
  }
}

/** All that the index tells. */
function told(index: UserIndex) {
  const behind = (after: Position) =>
    sidsOf(index.page({ narrowings: [], after, offset: 0, limit: 100 })).sids;
  return {
    all: list(index).sids,
    behind: POSITIONS.map(behind),
    size: index.size,
    found: LOOKUPS.map((lookup) => list(index, [lookup]).sids),
    users: NUMBERS.map((number) => {
      const user = index.known(sid(number));
      if (user === undefined) return undefined;
      const { account, attributes, groups, activity } = user;
      return [account, attributes.userName, attributes.displayName, groups, activity];
    }),
    read: index.activityTally.read,
    stale: index.activityTally.stale,
    stored: NUMBERS.map((number) => index.stored(sid(number))?.derivedUserName),
    free: NAMES.map((userName) => NUMBERS.map((number) => isFree(index, userName, number))),
  };
}

function toldByModel(model: UserIndexModel): ReturnType<typeof told> {
  const users = NUMBERS.map((number) => model.users.get(sid(number)));
  return {
    all: model.list(),
    behind: POSITIONS.map((after) => model.list([], after)),
    size: model.users.size,
    found: LOOKUPS.map((lookup) => model.list([[lookup]])),
    users: users.map(
      (user) =>
        user && [user.account, model.userName(user), model.displayName(user), user.groups, user.activity],
    ),
    read: users.filter((user) => user?.activity.asOf !== undefined).length,
    stale: users.filter((user) => user?.activity.state === "stale").length,
    stored: users.map((user) => user?.derived),
    free: NAMES.map((userName) => NUMBERS.map((number) => model.mayTake(userName, sid(number)))),
  };
}

function isFree(index: UserIndex, userName: string, holder: number): boolean {
  try {
    index.reserveUserName(userName, sid(holder))();
    return true;
  } catch {
    return false;
  }
}

/** Of groups that an account enters or leaves, and of its activity, `changed` does not tell. */
function withoutUntold(user: User): User {
  return { ...user, groups: [], activity: PENDING_ACTIVITY };
}

function wholeOf(user: User | PartialUser): User {
  if (isWhole(user)) return user;
  throw new Error("A user that never was partial is.");
}

function byId(a: User, b: User): number {
  return a.account.sid < b.account.sid ? -1 : 1;
}
