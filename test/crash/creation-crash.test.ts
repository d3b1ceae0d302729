import { describe, expect, it, jest } from "@jest/globals";
import { CRASH_POINTS, type CrashPoint } from "./crash-points.js";
import { type CrashSite, openCrashSite } from "./crash-site.js";

/** How often each point is hit. CI hits each 20 times (`npm run test:crash`). */
const HITS = Number(process.env.CRASH_HITS ?? 1);

jest.setTimeout(600_000);

describe("a bridge that is killed while it creates an account", () => {
  it.concurrent.each(CRASH_POINTS)("%s: loses no account, and makes none twice", async (point) => {
    const site = await openCrashSite();
    try {
      await crashAndCheck(site, point);
    } finally {
      await site.clear();
    }
  });
});

async function crashAndCheck(site: CrashSite, point: CrashPoint): Promise<void> {
  const nameOf = (hit: number) => `user-${hit}@example.com`;
  const asked: string[] = [];
  let bridge = await site.startBridge(point, nameOf(0));
  for (let hit = 0; hit < HITS; hit++) {
    const answer = await bridge.createAndDie();
    expect(answer?.status).toBe(point === "after the answer" ? 201 : undefined);
    asked.push(nameOf(hit));

    bridge = await site.startBridge(point, nameOf(hit + 1));
    const again = await bridge.create(nameOf(hit));
    expect([201, 409]).toContain(again?.status);
    const users = await bridge.users();
    const open = site.simulator.world.accounts.list().filter(({ status }) => status !== "closed");
    expect([...users.keys()].sort()).toEqual(open.map(({ sid }) => sid).sort());
    expect([...users.values()].filter((name) => name.startsWith("user-")).sort()).toEqual([...asked].sort());
  }
}
