import { randomUUID } from "node:crypto";
import type { Account, AccountSid } from "../../src/directory/account.js";
import { AccountSync } from "../../src/directory/account-sync.js";
import { Directory } from "../../src/directory/directory.js";
import { Slices } from "../../src/directory/slices.js";
import type { User } from "../../src/directory/user.js";
import type { UserAttributes } from "../../src/directory/user-attributes.js";
import type { Actor, AuditEntry, AuditLog } from "../../src/lifecycle/audit.js";
import { Creations } from "../../src/lifecycle/creations.js";
import { GroupChanges } from "../../src/lifecycle/group-changes.js";
import { Guards } from "../../src/lifecycle/guards.js";
import { KeyedLock } from "../../src/lifecycle/keyed-lock.js";
import { Lifecycle } from "../../src/lifecycle/lifecycle.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { OWNER, ownerAccount } from "./example-accounts.js";
import { FakeAccountGateway } from "./fake-account-gateway.js";
import { type InterruptedStore, interrupted } from "./interrupted-store.js";
import { ManualClock } from "./manual-clock.js";
import { RecordedLog } from "./recorded-log.js";

export const ACTOR: Actor = { name: "okta", requestId: "request-1" };

export interface CoreOptions {
  readonly emailDomain?: string;
  readonly showsOwner?: boolean;
  readonly showsClosed?: boolean;
  readonly protectedAccounts?: readonly AccountSid[];
  readonly linkedOnly?: boolean;
  readonly intervalMs?: number;
  readonly cpuTimeMs?: () => number;
  readonly slices?: Slices;
  readonly isOutdated?: () => boolean;
}

/** What outlives a bridge: Twilio, time, and the database. */
export interface Surroundings {
  readonly clock: ManualClock;
  readonly gateway: FakeAccountGateway;
  readonly store: InterruptedStore;
}

/** Directory and lifecycle put together as the bridge does it. */
export class Core {
  readonly clock: ManualClock;
  readonly gateway: FakeAccountGateway;
  readonly store: InterruptedStore;
  readonly log = new RecordedLog();
  readonly slices: Slices;
  readonly audit: AuditEntry[] = [];
  readonly directory: Directory;
  readonly creations: Creations;
  readonly lifecycle: Lifecycle;
  readonly groups: GroupChanges;
  readonly sync: AccountSync;

  constructor({ clock, gateway, store }: Surroundings, options: CoreOptions) {
    const { log } = this;
    const { emailDomain, showsOwner = true, showsClosed = false } = options;
    const { slices = new Slices() } = options;
    this.slices = slices;
    this.clock = clock;
    this.gateway = gateway;
    this.store = store;
    this.directory = new Directory({
      gateway,
      store,
      clock,
      log,
      // Not by number: they would begin anew with each start, and meet those of the groups that there are.
      newId: randomUUID,
      emailDomain,
      showsOwner,
      showsClosed,
      slices,
    });
    const { directory } = this;
    let ids = 0;
    const newId = () => {
      ids += 1;
      return `intent-${clock.now()}-${ids}`;
    };
    const accountLock = new KeyedLock();
    const auditLog: AuditLog = {
      ask: async () => 0,
      record: async (entry) => void this.audit.push(entry),
    };
    const audit = { clock, log: auditLog };
    this.creations = new Creations({ directory, gateway, store, clock, log, newId, audit, accountLock });
    this.groups = new GroupChanges({ groups: directory.groups, audit });
    const { creations } = this;
    this.lifecycle = new Lifecycle({
      directory,
      gateway,
      creations,
      guards: new Guards({
        ownerAccountSid: OWNER,
        protectedAccounts: new Set(options.protectedAccounts),
        linkedOnly: options.linkedOnly ?? false,
      }),
      audit,
      clock,
      accountLock,
      isOutdated: () => options.isOutdated?.() ?? false,
    });
    this.sync = new AccountSync({
      directory,
      gateway,
      clock,
      log,
      slices,
      intervalMs: options.intervalMs ?? 60_000,
      cpuTimeMs: options.cpuTimeMs ?? (() => 0),
      beforePass: (signal) => creations.settle(signal),
    });
  }

  /** All users that a client may see. */
  get users(): readonly User[] {
    return this.directory.index.page({ narrowings: [], offset: 0, limit: Number.MAX_SAFE_INTEGER }).users;
  }

  /** The only user with this userName. */
  named(userName: string): User {
    const { users } = this.directory.index.page({
      narrowings: [[{ attribute: "userName", value: userName }]],
      offset: 0,
      limit: 10,
    });
    const [user, ...others] = users;
    if (user === undefined || others.length > 0) {
      throw new Error(`${users.length} users have the userName ${userName}.`);
    }
    return user;
  }

  suspend(sid: AccountSid): Promise<User> {
    return this.lifecycle.update(sid, () => ({ active: false }), ACTOR);
  }

  reactivate(sid: AccountSid): Promise<User> {
    return this.lifecycle.update(sid, () => ({ active: true }), ACTOR);
  }

  write(sid: AccountSid, attributes: UserAttributes, active?: boolean): Promise<User> {
    const change = { attributes, ...(active !== undefined && { active }) };
    return this.lifecycle.update(sid, () => change, ACTOR);
  }

  close(sid: AccountSid): Promise<void> {
    return this.lifecycle.close(sid, ACTOR);
  }

  create(attributes: UserAttributes, active = true): Promise<User> {
    return this.lifecycle.create({ attributes, active }, ACTOR);
  }
}

/** A Twilio with these accounts and an empty database. */
export async function surroundings(
  accounts: readonly Account[] = [],
  { pageSize }: { readonly pageSize?: number } = {},
): Promise<Surroundings> {
  const clock = new ManualClock();
  const gateway = new FakeAccountGateway({
    clock,
    accounts: [ownerAccount(), ...accounts],
    ...(pageSize !== undefined && { pageSize }),
  });
  const store = interrupted(await openSqliteStore({ url: ":memory:", log: new RecordedLog() }));
  return { clock, gateway, store };
}

/** A bridge that takes in what its database remembers, as one does at its start, and all of it. */
export async function startCore(around: Surroundings, options: CoreOptions = {}): Promise<Core> {
  const core = new Core(around, options);
  await core.directory.load();
  await core.directory.whole();
  await core.creations.load();
  return core;
}

/** A bridge that knows all these accounts. */
export async function readyCore(accounts: readonly Account[] = [], options: CoreOptions = {}): Promise<Core> {
  const around = await surroundings(accounts);
  const core = await startCore(around, options);
  await core.sync.pass();
  around.gateway.calls.length = 0;
  return core;
}
