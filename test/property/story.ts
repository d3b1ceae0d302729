import { expect } from "@jest/globals";
import type { AccountTruth } from "../../src/simulator/console.js";
import { startSimulator } from "../../src/simulator/simulator.js";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";
import { createHastyClock } from "../support/hasty-clock.js";
import type { Happening } from "./happenings.js";

/** What is told of one account, by either side. */
interface Telling {
  readonly sid: string;
  readonly friendlyName: string;
  readonly status: string;
}

export interface Story {
  happen(happening: Happening): Promise<void>;
  /** Faults end, time passes, and the sync runs. */
  calmDown(): Promise<void>;
  /** What the bridge tells of all accounts, in the order of their SIDs. */
  told(): Promise<Telling[]>;
  /** What is so at Twilio. */
  truth(): Telling[];
  /** SIDs that are closed or suspended, or have changed though they must not, and nobody asked for it. */
  unasked(): string[];
  /** Accounts that a POST has made and that nobody knows by their userName. */
  createdTwice(told: readonly Telling[]): string[];
  end(): Promise<void>;
}

/** Longer than an interrupted creation needs to be settled. */
const LONG_ENOUGH_MS = 60_000;

export async function openStory(databaseUrl: string): Promise<Story> {
  const simulator = await startSimulator({ accounts: 6 });
  const { world } = simulator;
  const clock = createHastyClock();
  const closed = world.accounts.list().flatMap(({ sid, status }) => (status === "closed" ? [sid] : []));
  const before = world.accounts.list();
  const protectedSid = before.find(({ status, isOwner }) => status === "active" && !isOwner)?.sid ?? "";
  const mayBeClosed = new Set(closed);
  const mayBeSuspended = new Set(before.filter(({ status }) => status === "suspended").map(({ sid }) => sid));
  const byConsole = new Set(before.map(({ sid }) => sid));
  /** userNames that the bridge shows, by SID: filled by told(). */
  const userNames = new Map<string, string>();
  let bridge = await start();

  function start(): Promise<BridgeOnSimulator> {
    return startBridgeOnSimulator({
      running: simulator,
      env: { DATABASE_URL: databaseUrl, PROTECTED_ACCOUNTS: protectedSid },
      parts: { clock },
    });
  }

  function pick(place: number): AccountTruth {
    const all = world.accounts.list();
    const account = all[place % all.length];
    if (account === undefined) throw new Error("there always is the owner account");
    return account;
  }

  const open = () => world.accounts.list().filter(({ status }) => status !== "closed");
  const at = (sid: string) => world.accounts.get(sid);
  /** Answers that say nothing about the account: the bridge could not, would not, or does not know it. */
  const isNoSuccess = (status: number) => [403, 404, 409, 503].includes(status);

  async function post({ user, name, active }: Extract<Happening, { kind: "post" }>): Promise<void> {
    const known = new Set(world.accounts.list().map(({ sid }) => sid));
    const response = await bridge
      .scim("post", "/Users")
      .send({ userName: `user-${user}@example.com`, displayName: `Team ${name}`, active });
    const made = world.accounts.list().filter(({ sid }) => !known.has(sid));
    expect(made.length).toBeLessThanOrEqual(1);
    for (const { sid } of made) if (!active) mayBeSuspended.add(sid);
    if (isNoSuccess(response.status)) return;
    expect(response.status).toBe(201);
    if (!active) mayBeSuspended.add(response.body.id);
    expect(at(response.body.id)).toMatchObject({
      friendlyName: `Team ${name}`,
      status: active ? "active" : "suspended",
    });
  }

  async function patchActive(sid: string, active: boolean): Promise<void> {
    if (!active) mayBeSuspended.add(sid);
    const response = await bridge
      .scim("patch", `/Users/${sid}`)
      .send({ Operations: [{ op: "replace", path: "active", value: active }] });
    if (isNoSuccess(response.status)) return;
    expect(response.status).toBe(200);
    expect(response.body.active).toBe(active);
  }

  async function put(sid: string, user: number, name: number): Promise<void> {
    const response = await bridge
      .scim("put", `/Users/${sid}`)
      .send({ userName: `user-${user}@example.com`, displayName: `Team ${name}` });
    if (isNoSuccess(response.status)) return;
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({
      userName: `user-${user}@example.com`,
      displayName: `Team ${name}`,
    });
  }

  async function remove(sid: string): Promise<void> {
    mayBeClosed.add(sid);
    const response = await bridge.scim("delete", `/Users/${sid}`);
    if (isNoSuccess(response.status)) return;
    expect(response.status).toBe(204);
    expect(at(sid).status).toBe("closed");
  }

  return {
    async happen(happening) {
      switch (happening.kind) {
        case "post":
          return post(happening);
        case "patch active":
          return patchActive(pick(happening.account).sid, happening.active);
        case "put":
          return put(pick(happening.account).sid, happening.user, happening.name);
        case "delete":
          return remove(pick(happening.account).sid);
        case "console creates":
          byConsole.add(world.accounts.create({ friendlyName: consoleName(happening.name) }).sid);
          return;
        case "fault":
          world.faults.add(happening.rule);
          return;
        case "pass":
          return bridge.bridge.sync.pass();
        case "restart":
          await bridge.stop();
          bridge = await start();
          return;
        default:
          return editInConsole(happening);
      }
    },

    async calmDown() {
      world.faults.clear();
      clock.skip(LONG_ENOUGH_MS);
      await bridge.bridge.sync.pass();
      await bridge.bridge.sync.pass();
    },

    async told() {
      const { body } = await bridge.scim("get", "/Users").query({ count: 1000 });
      const resources: ShownUser[] = body.Resources;
      for (const { id, userName } of resources) userNames.set(id, userName);
      return resources.map(tellingOf).sort(bySid);
    },

    truth: () =>
      open()
        .map(({ sid, friendlyName, status }) => ({ sid, friendlyName, status }))
        .sort(bySid),

    unasked() {
      return world.accounts.list().flatMap(({ sid, status, isOwner }) => {
        const untouchable = isOwner || sid === protectedSid;
        const allowed =
          status === "active" ||
          (status === "closed" && mayBeClosed.has(sid)) ||
          (status === "suspended" && mayBeSuspended.has(sid));
        return allowed && !(untouchable && status !== "active") ? [] : [sid];
      });
    },

    createdTwice(told) {
      const orphans = told.filter(
        ({ sid }) => !byConsole.has(sid) && !/^user-\d@example\.com$/.test(userNames.get(sid) ?? ""),
      );
      return orphans.map(({ sid }) => sid);
    },

    async end() {
      await bridge.stop();
      await simulator.close();
    },
  };

  function editInConsole(happening: Happening & { account: number }): void {
    const { sid, isOwner, status } = pick(happening.account);
    if (isOwner || sid === protectedSid || status === "closed") return;
    if (happening.kind === "console renames") {
      world.accounts.edit(sid, { friendlyName: consoleName(happening.name) });
    } else if (happening.kind === "console suspends") {
      mayBeSuspended.add(sid);
      world.accounts.suspend(sid);
    } else if (happening.kind === "console reactivates") {
      world.accounts.reactivate(sid);
    } else if (happening.kind === "console closes") {
      mayBeClosed.add(sid);
      world.accounts.close(sid);
    }
  }
}

/**
 * Not a name that a POST gives: after a lost answer, nothing at Twilio tells the account that was asked for from one that
 * somebody else made in the same second under the same name.
 */
function consoleName(name: number): string {
  return `Console team ${name}`;
}

const TWILIO = "urn:ietf:params:scim:schemas:extension:twilio:2.0:User";

interface ShownUser {
  readonly id: string;
  readonly userName: string;
  readonly active: boolean;
  readonly [TWILIO]: { readonly accountSid: string; readonly friendlyName: string; readonly status: string };
}

function tellingOf(user: ShownUser): Telling {
  const { accountSid, friendlyName, status } = user[TWILIO];
  expect(user.id).toBe(accountSid);
  expect(user.active).toBe(status === "active");
  return { sid: accountSid, friendlyName, status };
}

function bySid(a: Telling, b: Telling): number {
  return a.sid < b.sid ? -1 : 1;
}
