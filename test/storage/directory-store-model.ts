import fc from "fast-check";
import { type AccountSid, compareAccounts } from "../../src/directory/account.js";
import {
  DirectoryError,
  groupNameTaken,
  isDirectoryError,
  userNameTaken,
} from "../../src/directory/errors.js";
import type { Group } from "../../src/directory/group.js";
import type {
  CreationIntent,
  DirectoryStore,
  MemberChange,
  StoredAccount,
  StoredActivity,
} from "../../src/directory/ports.js";
import type { Identity } from "../../src/directory/user.js";
import { foldCase } from "../../src/directory/user-attributes.js";
import { account, activity, group, identity, intent, loaded, row, sid } from "./stored-examples.js";

interface State {
  readonly owner: AccountSid | undefined;
  readonly complete: boolean;
  readonly accounts: ReadonlyMap<string, StoredAccount>;
  readonly identities: ReadonlyMap<string, Identity>;
  readonly activities: ReadonlyMap<string, StoredActivity>;
  readonly intents: ReadonlyMap<string, CreationIntent>;
  readonly groups: ReadonlyMap<string, Group>;
}

/**
 * The DirectoryStore in a few lines: a change is tried, and kept if no name is claimed twice in what it leads to. Then
 * whoever is closed leaves all groups.
 */
export class ModelStore implements DirectoryStore {
  private state: State = {
    owner: undefined,
    complete: false,
    accounts: new Map(),
    identities: new Map(),
    activities: new Map(),
    intents: new Map(),
    groups: new Map(),
  };

  private become(change: Partial<State>): void {
    const next = { ...this.state, ...change };
    const names = [...next.intents.values()].map(({ attributes }) => attributes.userName);
    for (const [
      key,
      {
        account: { status },
        derivedUserName,
      },
    ] of next.accounts) {
      if (status !== "closed") names.push(next.identities.get(key)?.attributes.userName ?? derivedUserName);
    }
    const repeated = findRepeated(names);
    if (repeated !== undefined) throw userNameTaken(repeated);
    const groupName = findRepeated([...next.groups.values()].map(({ attributes }) => attributes.displayName));
    if (groupName !== undefined) throw groupNameTaken(groupName);
    for (const member of [...next.groups.values()].flatMap(({ members }) => [...members])) {
      if (!next.accounts.has(member)) throw new DirectoryError("storageUnavailable", "no such account");
    }
    const closed = [...next.accounts.values()].filter(({ account }) => account.status === "closed");
    const groups = [...next.groups].map(([id, one]) => [id, closed.reduce(withoutMember, one)] as const);
    this.state = { ...next, groups: new Map(groups) };
  }

  async claimOwner(owner: AccountSid): Promise<void> {
    if (this.state.owner !== undefined && this.state.owner !== owner) {
      throw new DirectoryError("storageUnavailable", "another owner");
    }
    this.become({ owner });
  }

  async load() {
    const { complete, accounts, identities } = this.state;
    const users = [...accounts.values()].map((saved) => loaded(saved, identities.get(saved.account.sid)));
    return { complete, users: users.sort((a, b) => compareAccounts(a.account, b.account)) };
  }

  async details(sids: readonly AccountSid[]) {
    const { identities, activities } = this.state;
    return sids.map((accountSid) => ({
      accountSid,
      identity: identities.get(accountSid),
      activity: activities.get(accountSid)?.activity,
    }));
  }

  async loadGroups() {
    return [...this.state.groups.values()];
  }

  async saveAccounts(rows: readonly StoredAccount[]): Promise<void> {
    this.become({
      accounts: new Map([...this.state.accounts, ...rows.map((one) => [one.account.sid, one] as const)]),
    });
  }

  async saveActivities(rows: readonly StoredActivity[]): Promise<void> {
    this.become({
      activities: new Map([...this.state.activities, ...rows.map((one) => [one.accountSid, one] as const)]),
    });
  }

  async forgetAccounts(sids: readonly AccountSid[]): Promise<void> {
    const kept = <T>(all: ReadonlyMap<string, T>) =>
      new Map([...all].filter(([key]) => !sids.some((one) => one === key)));
    this.become({
      accounts: kept(this.state.accounts),
      identities: kept(this.state.identities),
      activities: kept(this.state.activities),
      groups: new Map(
        [...this.state.groups].map(([id, one]) => {
          const members = new Set([...one.members].filter((member) => !sids.includes(member)));
          return [id, { ...one, members }];
        }),
      ),
    });
  }

  async markComplete(): Promise<void> {
    this.become({ complete: true });
  }

  async saveIdentity(written: Identity, saved: StoredAccount): Promise<void> {
    await this.fulfilIntent("none", written, saved);
  }

  async openIntent(opened: CreationIntent): Promise<void> {
    this.become({ intents: new Map([...this.state.intents, [opened.id, opened]]) });
  }

  async openIntents(): Promise<readonly CreationIntent[]> {
    return [...this.state.intents.values()].sort((a, b) => a.askedAt - b.askedAt);
  }

  async fulfilIntent(id: string, written: Identity, saved: StoredAccount): Promise<void> {
    this.become({
      accounts: new Map([...this.state.accounts, [saved.account.sid, saved]]),
      identities: new Map([...this.state.identities, [written.accountSid, written]]),
      intents: new Map([...this.state.intents].filter(([key]) => key !== id)),
    });
  }

  async dropIntent(id: string): Promise<void> {
    this.become({ intents: new Map([...this.state.intents].filter(([key]) => key !== id)) });
  }

  async saveGroup(saved: Group, { added, removed }: MemberChange): Promise<void> {
    const staying = [...(this.state.groups.get(saved.id)?.members ?? [])].filter(
      (one) => !removed.includes(one),
    );
    const entering = added.filter((one) => this.state.accounts.get(one)?.account.status !== "closed");
    const members = new Set([...staying, ...entering]);
    this.become({ groups: new Map([...this.state.groups, [saved.id, { ...saved, members }]]) });
  }

  async deleteGroup(id: string): Promise<void> {
    this.become({ groups: new Map([...this.state.groups].filter(([key]) => key !== id)) });
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}

function findRepeated(names: readonly string[]): string | undefined {
  return names.find((name, at) => names.findIndex((other) => foldCase(other) === foldCase(name)) !== at);
}

function withoutMember(one: Group, { account: { sid, dateUpdated } }: StoredAccount): Group {
  if (!one.members.has(sid)) return one;
  const members = new Set([...one.members].filter((member) => member !== sid));
  return { ...one, members, lastModified: Math.max(one.lastModified, dateUpdated) };
}

/** Few of everything, so that names collide often. */
const NAMES = ["acme", "ACME", "Straße", "STRASSE", "ada", "b\u0000", "b"];
const number = fc.integer({ min: 1, max: 4 });
const name = fc.constantFrom(...NAMES);
const status = fc.constantFrom("active", "suspended", "closed");
const aRow = fc
  .record({ n: number, name, status })
  .map((said) => row(account(said.n, { status: said.status }), said.name));
const emails = fc.array(fc.record({ value: name }, { requiredKeys: [] }), { maxLength: 2 });
const aUser = fc.record({ n: number, name, status, derived: name, emails }).map((said) => ({
  identity: identity(said.n, { userName: said.name, ...(said.emails.length > 0 && { emails: said.emails }) }),
  row: row(account(said.n, { status: said.status }), said.derived),
}));

const anActivity = fc
  .record({
    n: number,
    state: fc.constantFrom("current", "stale", "unavailable", "pending"),
    changedAt: fc.option(fc.nat(), { nil: undefined }),
  })
  .map(({ n, ...said }) => activity(n, said));

/** Last modified before or after the accounts were updated, or in between. */
const aGroup = fc
  .record({
    n: number,
    name,
    externalId: fc.option(name, { nil: undefined }),
    lastModified: fc.constantFrom(1, account(2).dateUpdated, 2_000_000_000_000),
  })
  .map(({ n, name, externalId, lastModified }) =>
    group(n, {
      attributes: { displayName: name, ...(externalId !== undefined && { externalId }) },
      lastModified,
    }),
  );

/** Most stay as they are, in the group or out of it; the others enter or leave. */
const aMemberChange = fc
  .array(fc.constantFrom("stays", "stays", "added", "removed"), { maxLength: 4 })
  .map((fates): MemberChange => {
    const sidsOf = (fate: string) => fates.flatMap((one, at) => (one === fate ? [sid(at + 1)] : []));
    return { added: sidsOf("added"), removed: sidsOf("removed") };
  });

type Command = (store: DirectoryStore) => Promise<unknown>;

export const commands: fc.Arbitrary<Command> = fc.oneof(
  fc.array(aRow, { maxLength: 5 }).map(
    (rows): Command =>
      (store) =>
        store.saveAccounts(rows),
  ),
  fc.array(anActivity, { maxLength: 5 }).map(
    (rows): Command =>
      (store) =>
        store.saveActivities(rows),
  ),
  aUser.map(
    (user): Command =>
      (store) =>
        store.saveIdentity(user.identity, user.row),
  ),
  fc.record({ n: number, name }).map(
    ({ n, name }): Command =>
      async (store) => {
        await store.dropIntent(intent(n).id);
        await store.openIntent(intent(n, name));
      },
  ),
  fc.record({ n: number, user: aUser }).map(
    ({ n, user }): Command =>
      (store) =>
        store.fulfilIntent(intent(n).id, user.identity, user.row),
  ),
  number.map(
    (n): Command =>
      (store) =>
        store.dropIntent(intent(n).id),
  ),
  fc.array(number, { maxLength: 2 }).map(
    (ns): Command =>
      (store) =>
        store.forgetAccounts(ns.map(sid)),
  ),
  {
    // Often, since much has to come together: an account, a group with it, and that it is closed.
    weight: 4,
    arbitrary: fc.record({ saved: aGroup, members: aMemberChange }).map(
      ({ saved, members }): Command =>
        (store) =>
          store.saveGroup(saved, members),
    ),
  },
  number.map(
    (n): Command =>
      (store) =>
        store.deleteGroup(group(n).id),
  ),
  number.map(
    (n): Command =>
      (store) =>
        store.claimOwner(sid(n)),
  ),
  fc.constant<Command>((store) => store.markComplete()),
);

/** How a call ended, in a form that two stores can be compared by. */
export async function outcome(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "done";
  } catch (error) {
    if (isDirectoryError(error)) return error.code;
    throw error;
  }
}

/** Everything that can be seen of a store from outside, the names that it holds included. */
export async function seen(store: DirectoryStore) {
  const { complete, users } = await store.load();
  const groups = await store.loadGroups();
  const details = await store.details([1, 2, 3, 4].map(sid));
  const intents = await store.openIntents();
  const names = new Map<string, string>();
  for (const userName of NAMES) {
    const probe = { ...intent(0, userName), id: "probe" };
    names.set(userName, await outcome(() => store.openIntent(probe)));
    await store.dropIntent(probe.id);
  }
  return {
    complete,
    users,
    details: [...details].sort((a, b) => (a.accountSid < b.accountSid ? -1 : 1)),
    groups: [...groups].sort((a, b) => (a.id < b.id ? -1 : 1)),
    intents,
    names,
  };
}
