import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../client.js";
import { type BenchContext, bridgeName, type Part } from "../context.js";
import { type Row, singleRow } from "../rows.js";
import {
  type BenchSimulator,
  type Server,
  startBridge,
  startSimulator,
  syncAgeSeconds,
  untilIdle,
} from "../servers.js";
import type { SnapshotOptions } from "../snapshot.js";
import { readPopulation } from "../users.js";

/** Seldom, since the bridge looks at all accounts to answer, and that is no part of a pass. */
const POLL_MS = 500;
/** The shortest that the bridge takes, so that nobody has to wait long for the second pass. */
const ACCOUNT_SYNC_SECONDS = 5;
const SIZES = ["usual", "large"] as const;

/** From a full database to ready, and passes over accounts that have not changed. */
export const start: Part = {
  title: "Start from a snapshot, and a sync pass over unchanged accounts",
  works: ["start", "sync-pass"],

  async run(context) {
    const { options, processes, largest: accounts } = context;
    // Its own, in which nothing was changed.
    const simulator = await startSimulator(processes, { accounts, seed: options.seed });
    const rows: Row[] = [];
    for (const size of SIZES) rows.push(...(await startWith(context, simulator, size)));
    await simulator.process.stop();
    return rows.filter(({ work }) => context.asksFor(work));
  },
};

async function startWith(
  context: BenchContext,
  simulator: BenchSimulator,
  size: SnapshotOptions["size"],
): Promise<readonly Row[]> {
  const { processes, snapshots, note, largest: accounts } = context;
  const databasePath = await snapshots.copy(accounts, size);
  const name = size === "usual" ? bridgeName(accounts) : `${bridgeName(accounts)}, large users`;
  note(`starts a bridge from a snapshot of ${accounts} accounts (${size})`);
  const startedAt = performance.now();
  const options = { name, simulator, databasePath, accountSyncSeconds: ACCOUNT_SYNC_SECONDS };
  const bridge = await startBridge(processes, options);
  const client = new Client(bridge);
  await untilReady(client);
  const seconds = (performance.now() - startedAt) / 1000;
  await untilPassEnds(client, undefined);
  note("waits until users are rendered behind the start");
  await untilIdle(bridge);
  const { peakRssMib, cpuMs: cpuMsBefore } = await bridge.process.usage();
  note("waits for the second pass");
  await untilPassEnds(client, await syncAgeSeconds(client));
  const { cpuMs, loopDelayMaxMs, peakRssMib: peakAfter } = await bridge.process.usage();
  client.close();
  const bytesPerUser = await meanUserBytes(bridge);
  await bridge.process.stop();
  const pass = { cpuSeconds: (cpuMs - cpuMsBefore) / 1000, loopDelayMaxMs, peakRssMib: peakAfter };
  return [
    singleRow("start", name, { seconds, peakRssMib, bytesPerUser }),
    singleRow("sync-pass", name, pass),
  ];
}

async function untilReady(client: Client): Promise<void> {
  for (;;) {
    const ready = await client.get("/readyz").catch(() => undefined);
    if (ready !== undefined) return;
    await sleep(5);
  }
}

/** @param age of the pass before, as it was last seen: the next one has ended when it is less */
async function untilPassEnds(client: Client, age: number | undefined): Promise<void> {
  for (let before = age; ; ) {
    const now = await syncAgeSeconds(client);
    if (now !== undefined && (before === undefined || now < before)) return;
    before = now;
    await sleep(POLL_MS);
  }
}

async function meanUserBytes(bridge: Server): Promise<number> {
  const { sample } = await readPopulation(bridge, 1000);
  const bytes = sample.reduce((sum, user) => sum + Buffer.byteLength(JSON.stringify(user)), 0);
  return bytes / sample.length;
}
