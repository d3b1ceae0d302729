import { Client } from "../client.js";
import type { Part } from "../context.js";
import { lanesOf, runLanes, type Step } from "../lanes.js";
import { singleRow } from "../rows.js";
import type { Server } from "../servers.js";
import { speedOf } from "../times.js";
import type { BenchUser } from "../users.js";
import { patchActive } from "./patch-active.js";

/** One every 40 minutes. */
const CYCLES = 36;
const IN_FLIGHT = 8;
/** In each cycle, of the users of one connection. */
const CHANGED_USERS = 2;

/** A day of Entra ID without its pauses: each cycle looks for every user, reads it, and changes a few. */
export const entraDay: Part = {
  title: `A day of Entra ID: ${CYCLES} cycles without pauses, ${IN_FLIGHT} requests in flight`,
  works: ["entra-day"],

  async run(context) {
    const { bridge, simulator, population } = await context.installation(context.largest);
    const users = population.sample
      .filter(({ active }) => active)
      .slice(0, context.options.isQuick ? 200 : 1000);
    const lanes = lanesOf(users, IN_FLIGHT).map((part) => ({ part, client: new Client(bridge) }));
    context.note(`a day of Entra ID with ${users.length} users`);
    await bridge.process.usage();
    await simulator.newRequests();
    const day = await runLanes(
      lanes.map(({ part, client }) =>
        Array.from({ length: CYCLES }, (_, cycle) => stepsOf(client, bridge, part, cycle)).flat(),
      ),
    );
    const asked = await simulator.newRequests();
    const { loopDelayP99Ms, peakRssMib } = await bridge.process.usage();
    for (const { client } of lanes) client.close();
    bridge.process.forgetOutput();
    const figures = {
      ...speedOf(day),
      loopDelayP99Ms,
      twilioRequests: asked.accounts,
      usageRequests: asked.usage,
      peakRssMib,
    };
    return [singleRow("entra-day", bridge.name, figures)];
  },
};

/** What a cycle asks for its part of the users. */
function stepsOf(
  client: Client,
  { path }: Server,
  users: readonly BenchUser[],
  cycle: number,
): readonly Step[] {
  // Off in one cycle and on in the next, so that each is a change.
  const first = (Math.floor(cycle / 2) * CHANGED_USERS) % users.length;
  return users.flatMap(({ id, userName }, n) => {
    const filter = encodeURIComponent(`userName eq "${userName}"`);
    const steps: Step[] = [
      async () => void (await client.get(`${path}/Users?filter=${filter}`)),
      async () => void (await client.get(`${path}/Users/${id}`)),
    ];
    const isChanged = n >= first && n < first + CHANGED_USERS;
    return isChanged
      ? [...steps, () => patchActive(client, { path }, { id, active: cycle % 2 === 1 })]
      : steps;
  });
}
