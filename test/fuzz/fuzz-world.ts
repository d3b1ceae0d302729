import { setImmediate as turn } from "node:timers/promises";
import { startServer } from "../../src/http/server.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import {
  type BridgeOnSimulator,
  startBridgeOnSimulator,
  TOKEN,
  untilActivityIsRead,
} from "../support/bridge-on-simulator.js";
import { type InterruptedStore, interrupted } from "../support/interrupted-store.js";
import { Memory } from "./acquaintances.js";
import { Dice } from "./dice.js";
import { FuzzClient } from "./fuzz-client.js";
import { FuzzClock } from "./fuzz-clock.js";
import type { FuzzAnswer } from "./request.js";

/** Configurations that change what can be reached. */
interface WorldKind {
  readonly env: Readonly<Record<string, string>>;
  /** How many more accounts Twilio lets the owner create. */
  readonly room: number;
}

const KINDS: readonly WorldKind[] = [
  { env: {}, room: 40 },
  { env: { CLOSED_ACCOUNTS: "show" }, room: 40 },
  { env: { MANAGE: "linked", PUBLIC_URL: "https://bridge.example.com" }, room: 40 },
  { env: { OWNER_ACCOUNT: "hide", TRUST_PROXY: "1", EMAIL_DOMAIN: "accounts.example.com" }, room: 8 },
];

const ACCOUNTS = 8;

/** After which the bridge tries again to read all accounts for the first time. */
const FIRST_PASS_RETRY_MS = 5_000;

/** One bridge on one simulator. Seed and number make it what it is, and all its times, ids and tokens. */
export interface FuzzWorld {
  readonly dice: Dice;
  readonly memory: Memory;
  readonly clock: FuzzClock;
  readonly client: Pick<FuzzClient, "exchange">;
  readonly simulator: Simulator;
  readonly bridge: BridgeOnSimulator;
  /** The bridge's database, whose calls can be made to fail. */
  readonly store: InterruptedStore;
  readonly secrets: readonly string[];
  /** Accounts that nothing may change. */
  readonly untouchable: ReadonlySet<string>;
  readonly showsOwner: boolean;
  readonly showsClosed: boolean;
  /** Reads what is at a path below `/scim/v2`, to see what came of a request. */
  look(path: string): Promise<FuzzAnswer>;
  /** Has the bridge read all accounts, and in every other world their activity. Before, it answers 503. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

export async function openWorld(seed: number, number: number): Promise<FuzzWorld> {
  const { env, room } = kindOf(number);
  const dice = new Dice("fuzz", seed, number);
  const clock = new FuzzClock();
  const simulator = await startSimulator({
    accounts: ACCOUNTS,
    seed: dice.integer(1, 2 ** 30),
    subaccountLimit: ACCOUNTS + room,
    now: () => clock.now(),
  });
  const { faults, accounts } = simulator.world;
  const open = accounts.list().filter(({ isOwner, status }) => !isOwner && status !== "closed");
  const protectedSid = dice.pick(open.filter(({ status }) => status === "active")).sid;
  const memory = new Memory(simulator.accountSid, protectedSid);
  for (const { sid } of open) if (sid !== protectedSid) memory.users.learn(sid, undefined, undefined);
  // The first pass fails, so that the fuzzer meets a bridge that knows nothing yet.
  faults.add({ kind: "status", status: 500 });
  const { bridge, store } = await startBridge(
    simulator,
    { ...env, PROTECTED_ACCOUNTS: protectedSid },
    clock,
    [seed, number],
  );
  const server = await startServer(bridge.bridge.app, "127.0.0.1", 0);
  const client = new FuzzClient(server.port);
  return {
    dice,
    memory,
    clock,
    client,
    simulator,
    bridge,
    store,
    secrets: [TOKEN, simulator.authToken],
    untouchable: new Set([simulator.accountSid, protectedSid]),
    showsOwner: env.OWNER_ACCOUNT !== "hide",
    showsClosed: env.CLOSED_ACCOUNTS === "show",
    look: (path) =>
      client.exchange({
        method: "GET",
        path: `/scim/v2${path}`,
        headers: { authorization: `Bearer ${TOKEN}` },
        body: undefined,
      }),
    async warmUp() {
      faults.clear();
      await readAccounts(bridge, clock);
      if (number % 2 === 0) await readActivity(bridge);
    },
    async close() {
      client.close();
      await server.stop();
      await bridge.stop();
      await simulator.close();
    },
  };
}

function kindOf(number: number): WorldKind {
  const kind = KINDS[number % KINDS.length];
  if (kind === undefined) throw new RangeError("worlds are counted from 0");
  return kind;
}

/** A bridge whose ids and pauses depend on nothing but these words. */
async function startBridge(
  simulator: Simulator,
  env: Readonly<Record<string, string>>,
  clock: FuzzClock,
  words: readonly number[],
): Promise<{ readonly bridge: BridgeOnSimulator; readonly store: InterruptedStore }> {
  const stores: InterruptedStore[] = [];
  const bridge = await startBridgeOnSimulator({
    running: simulator,
    env,
    parts: {
      clock,
      random: new Dice("jitter", ...words).next,
      newId: new Dice("ids", ...words).uuid,
      async openStore({ databaseUrl }, log) {
        const store = interrupted(await openSqliteStore({ url: databaseUrl, log }));
        stores.push(store);
        return store;
      },
    },
  });
  const [store] = stores;
  if (store === undefined) throw new Error("the bridge opened no store");
  return { bridge, store };
}

async function readAccounts({ bridge }: BridgeOnSimulator, clock: FuzzClock): Promise<void> {
  await clock.advance(FIRST_PASS_RETRY_MS);
  while (bridge.sync.status.lastCompleteAt === undefined) await turn();
}

/** Once: what is read later would change versions at times that no seed decides. */
async function readActivity({ bridge }: BridgeOnSimulator): Promise<void> {
  bridge.activity.start();
  await untilActivityIsRead(bridge);
  await bridge.activity.stop();
}
