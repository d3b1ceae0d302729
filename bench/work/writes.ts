import { z } from "zod";
import { Client } from "../client.js";
import type { Installation, Part } from "../context.js";
import { runLanes, type Step, WARM_UP_ROUNDS } from "../lanes.js";
import { RowsOfRounds } from "../rows.js";
import type { SdkCall } from "../sdk-calls.js";
import { perRequest, speedOf } from "../times.js";
import { offAndOn, patchActive } from "./patch-active.js";
import { RAW_SDK, type RawSdk, startRawSdk } from "./raw-sdk.js";

const USER = "urn:ietf:params:scim:schemas:core:2.0:User";
const UNLIMITED = 1_000_000;

/** One write after the other at a Twilio without latency, beside the SDK's call that it stands for. */
export const writes: Part = {
  title: "Writes, one after the other, Twilio answers at once",
  works: ["post", "put", "patch-active", "delete"],

  async run(context) {
    const { options, note } = context;
    const installation = await context.installation(context.largest);
    await installation.simulator.set({ subaccountLimit: UNLIMITED });
    const sdk = await startRawSdk(context, installation.simulator);
    const client = new Client(installation.bridge);
    const counted = new RowsOfRounds();
    for (let round = 1 - WARM_UP_ROUNDS; round <= options.rounds; round++) {
      note(`writes, round ${round} of ${options.rounds}`);
      const rows = round < 1 ? new RowsOfRounds() : counted;
      await playRound({ installation, sdk, client, rows, round, users: options.isQuick ? 20 : 50 });
    }
    client.close();
    await sdk.stop();
    return counted.rows().filter(({ work }) => context.asksFor(work));
  },
};

interface RoundOptions {
  readonly installation: Installation;
  readonly sdk: RawSdk;
  readonly client: Client;
  readonly rows: RowsOfRounds;
  readonly round: number;
  /** How many each work is done with. */
  readonly users: number;
}

async function playRound({ installation, sdk, client, rows, round, users }: RoundOptions): Promise<void> {
  const { bridge, simulator, population } = installation;
  const numbers = Array.from({ length: users }, (_, n) => n);
  const open = population.sample.filter(({ active }) => active);
  const [ours, sdks] = [open.slice(0, users), open.slice(users, 2 * users)];
  const posted: string[] = [];

  const compare = async (work: string, calls: readonly SdkCall[], steps: readonly Step[]) => {
    const raw = await sdk.run([calls]);
    await simulator.newRequests();
    const own = await runLanes([steps]);
    const asked = perRequest(await simulator.newRequests(), steps.length);
    rows.add(work, RAW_SDK, speedOf(raw));
    rows.add(work, bridge.name, { ...speedOf(own), ...asked });
    return raw.created;
  };

  const created = await compare(
    "post",
    numbers.map((n) => ({ kind: "create", friendlyName: `Made ${round} ${n}` })),
    numbers.map((n) => async () => {
      const userName = `made-${round}-${n}@bench.example.com`;
      const displayName = `Posted ${round} ${n}`;
      const body = { schemas: [USER], userName, displayName };
      const answer = await client.send("POST", `${bridge.path}/Users`, 201, body);
      posted.push(z.object({ id: z.string() }).parse(JSON.parse(answer.body.toString())).id);
    }),
  );
  await compare(
    "put",
    sdks.map(({ id }, n) => update(id, { friendlyName: `Renamed ${round} ${n}` })),
    ours.map((user, n) => async () => {
      const body = { ...user, displayName: `Renamed ${round} ${n}` };
      await client.send("PUT", `${bridge.path}/Users/${user.id}`, 200, body);
    }),
  );
  await compare(
    "patch-active",
    offAndOn(sdks.map(({ id }) => id)).map(({ id, active }) =>
      update(id, { status: active ? "active" : "suspended" }),
    ),
    offAndOn(ours.map(({ id }) => id)).map((change) => () => patchActive(client, bridge, change)),
  );
  await compare(
    "delete",
    created.map((sid) => update(sid, { status: "closed" })),
    posted.map((id) => async () => {
      await client.send("DELETE", `${bridge.path}/Users/${id}`, 204);
    }),
  );
  bridge.process.forgetOutput();
}

function update(sid: string, change: Extract<SdkCall, { kind: "update" }>["change"]): SdkCall {
  return { kind: "update", sid, change };
}
