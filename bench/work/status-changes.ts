import { Client } from "../client.js";
import type { BenchContext, Installation, Part } from "../context.js";
import { lanesOf, runLanes, WARM_UP_ROUNDS } from "../lanes.js";
import { RowsOfRounds } from "../rows.js";
import type { Server } from "../servers.js";
import { perRequest, speedOf, type Times } from "../times.js";
import type { Population } from "../users.js";
import { offAndOn, patchActive } from "./patch-active.js";
import { RAW_SDK, type RawSdk, startRawSdk } from "./raw-sdk.js";

const IN_FLIGHT = 8;

/** What is changed, at how slow a Twilio, and by how many users in each round. */
const WORKS = [
  { name: "status-changes-20ms", latencyMs: 20, users: 80 },
  { name: "status-changes-0ms", latencyMs: 0, users: 240 },
] as const;

/** Users switched off and on, several at the same time. The peers only write it into memory. */
export const statusChanges: Part = {
  title: `Status changes, ${IN_FLIGHT} in flight`,
  works: WORKS.map(({ name }) => name),

  async run(context) {
    const { options, note } = context;
    const installation = await context.installation(context.largest);
    const sdk = await startRawSdk(context, installation.simulator);
    const counted = new RowsOfRounds();
    for (let round = 1 - WARM_UP_ROUNDS; round <= options.rounds; round++) {
      note(`status changes, round ${round} of ${options.rounds}`);
      await playRound({ context, installation, sdk, rows: round < 1 ? new RowsOfRounds() : counted });
    }
    await sdk.stop();
    await installation.simulator.set({ latencyMs: 0 });
    return counted.rows();
  },
};

interface RoundOptions {
  readonly context: BenchContext;
  readonly installation: Installation;
  readonly sdk: RawSdk;
  readonly rows: RowsOfRounds;
}

async function playRound({ context, installation, sdk, rows }: RoundOptions): Promise<void> {
  const { bridge, simulator, population } = installation;
  for (const { name, latencyMs, users } of WORKS.filter((work) => context.asksFor(work.name))) {
    await simulator.set({ latencyMs });
    const ids = openUsers(population);
    const raw = await changeBySdk(sdk, ids.slice(users, 2 * users));
    rows.add(name, RAW_SDK, speedOf(raw));
    await simulator.newRequests();
    const own = await changeAt(bridge, ids.slice(0, users));
    const asked = perRequest(await simulator.newRequests(), own.timesMs.length);
    rows.add(name, bridge.name, { ...speedOf(own), ...asked });
    if (latencyMs > 0) continue;
    for (const peer of await context.peers()) {
      const theirs = openUsers(peer.population).slice(0, users);
      rows.add(name, peer.server.name, speedOf(await changeAt(peer.server, theirs)));
    }
  }
  bridge.process.forgetOutput();
}

function openUsers({ sample }: Population): readonly string[] {
  return sample.filter(({ active }) => active).map(({ id }) => id);
}

function changeBySdk(sdk: RawSdk, ids: readonly string[]): Promise<Times> {
  return sdk.run(
    lanesOf(ids, IN_FLIGHT).map((lane) =>
      offAndOn(lane).map(({ id, active }) => ({
        kind: "update",
        sid: id,
        change: { status: active ? "active" : "suspended" },
      })),
    ),
  );
}

async function changeAt(server: Server, ids: readonly string[]): Promise<Times> {
  const clients: Client[] = [];
  const lanes = lanesOf(ids, IN_FLIGHT).map((lane) => {
    const client = new Client(server);
    clients.push(client);
    return offAndOn(lane).map((change) => () => patchActive(client, server, change));
  });
  try {
    return await runLanes(lanes);
  } finally {
    for (const client of clients) client.close();
  }
}
