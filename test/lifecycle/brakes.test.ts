import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { DirectoryError } from "../../src/directory/errors.js";
import { BRAKE_NAMES } from "../../src/lifecycle/brake-store.js";
import { type BrakeLimits, Brakes } from "../../src/lifecycle/brakes.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import type { Store } from "../../src/storage/store.js";
import { ManualClock } from "../support/manual-clock.js";
import { RecordedLog } from "../support/recorded-log.js";

const HOUR_MS = 3_600_000;
const OFF: BrakeLimits = {
  closures: undefined,
  suspensions: undefined,
  creations: undefined,
  reactivations: undefined,
};
const done = async () => "done";

function failing(error: Error): () => Promise<never> {
  return () => Promise.reject(error);
}

describe("a brake", () => {
  let clock: ManualClock;
  let store: Store;
  let ids: number;
  const log = new RecordedLog();

  beforeEach(async () => {
    clock = new ManualClock();
    ids = 0;
    store = await openSqliteStore({ url: ":memory:", log });
  });
  afterEach(() => store.close());

  function brakes(limits: Partial<BrakeLimits>): Brakes {
    const newId = () => {
      ids += 1;
      return `event-${ids}`;
    };
    return new Brakes({ store: store.brakes, limits: { ...OFF, ...limits }, clock, log, newId });
  }

  const closuresOf = async (of: Brakes) => {
    const status = (await of.status()).find(({ brake }) => brake === "closures");
    if (status === undefined) throw new Error("there is no such brake");
    return status;
  };

  it("lets so many through in an hour, and says which it is, its limit, when to come back and how it is released", async () => {
    const under = brakes({ closures: 2 });
    await under.run("closures", done);
    await clock.advance(600_500);
    await under.run("closures", done);
    const refused = under.run("closures", done);
    await expect(refused).rejects.toMatchObject({ code: "brakeEngaged", retryAfterSeconds: 3000 });
    await expect(refused).rejects.toThrow(
      /closures.* 2 .*MAX_CLOSURES_PER_HOUR.* 3000 s.*brake release closures.*\/admin\/brakes\/closures\/release/,
    );
    expect(await closuresOf(under)).toMatchObject({ limit: 2, counted: 2, engaged: true });
  });

  it("lets the next one through as the oldest leaves the window, and not a millisecond before", async () => {
    const under = brakes({ closures: 1 });
    await under.run("closures", done);
    await clock.advance(HOUR_MS - 1);
    await expect(under.run("closures", done)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    await clock.advance(1);
    expect(await under.run("closures", done)).toBe("done");
  });

  it("counts each kind by itself, and nothing of what has no limit", async () => {
    const under = brakes({ closures: 1, suspensions: 1 });
    await under.run("closures", done);
    await under.run("suspensions", done);
    for (let i = 0; i < 3; i++) await under.run("reactivations", done);
    expect((await under.status()).map(({ brake, counted }) => [brake, counted])).toEqual([
      ["closures", 1],
      ["suspensions", 1],
      ["creations", 0],
      ["reactivations", 0],
    ]);
  });

  it("takes back what did not happen, and counts what may have happened", async () => {
    const under = brakes({ closures: 5 });
    const failures = [
      [new DirectoryError("twilioUnavailable", "Twilio is down."), 0],
      [new DirectoryError("accountNotFound", "It is gone."), 0],
      [new DirectoryError("outcomeUnknown", "The answer was lost."), 1],
      [new TypeError("nobody foresaw this"), 2],
    ] as const;
    for (const [error, counted] of failures) {
      await expect(under.run("closures", failing(error))).rejects.toBe(error);
      expect((await closuresOf(under)).counted).toBe(counted);
    }
  });

  it("with a limit of nothing lets nothing through", async () => {
    await expect(brakes({ closures: 0 }).run("closures", done)).rejects.toMatchObject({
      code: "brakeEngaged",
      retryAfterSeconds: 3600,
    });
  });

  it("is not begun anew by a restart, and holds a lower limit against what went before", async () => {
    const before = brakes({ closures: 5 });
    for (let i = 0; i < 4; i++) {
      await before.run("closures", done);
      await clock.advance(60_000);
    }
    const after = brakes({ closures: 2 });
    // Three of the four have to leave: the third is an hour old in 58 minutes.
    await expect(after.run("closures", done)).rejects.toMatchObject({ retryAfterSeconds: 58 * 60 });
  });

  it("lets any number through while it is released, which is logged, and counts them for the time after", async () => {
    const under = brakes({ closures: 1 });
    await under.run("closures", done);
    await under.release("closures", 60_000, "ADMIN_TOKEN");
    for (let i = 0; i < 3; i++) await under.run("closures", done);
    expect(await closuresOf(under)).toMatchObject({ counted: 4, engaged: false });
    expect(log.lines).toContainEqual(
      expect.objectContaining({
        message: "a brake is released",
        fields: expect.objectContaining({ releasedBy: "ADMIN_TOKEN" }),
      }),
    );
    await clock.advance(60_000);
    await expect(under.run("closures", done)).rejects.toMatchObject({ code: "brakeEngaged" });
  });

  it("makes nobody wait longer than an hour where the clock was set back", async () => {
    const under = brakes({ closures: 1 });
    await store.brakes.reserve(
      { id: "from the future", brake: "closures", at: clock.now() + 5 * HOUR_MS },
      { limit: 1, after: 0 },
    );
    await expect(under.run("closures", done)).rejects.toMatchObject({ retryAfterSeconds: 3600 });
  });

  it("lets exactly as many through as it may, however many come at once and whatever becomes of them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...BRAKE_NAMES),
        fc.nat(8),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        async (brake, limit, fails) => {
          const own = await openSqliteStore({ url: ":memory:", log });
          const newId = () => `event-${++ids}`;
          const under = new Brakes({
            store: own.brakes,
            limits: { ...OFF, [brake]: limit },
            clock,
            log,
            newId,
          });
          let begun = 0;
          const outcomes = await Promise.allSettled(
            fails.map((isLost) =>
              under.run(brake, async () => {
                begun += 1;
                await clock.rest();
                if (isLost) throw new DirectoryError("outcomeUnknown", "The answer was lost.");
              }),
            ),
          );
          const refused = outcomes.filter(
            (outcome) => outcome.status === "rejected" && outcome.reason.code === "brakeEngaged",
          );
          expect(begun).toBe(Math.min(limit, fails.length));
          expect(refused).toHaveLength(fails.length - begun);
          await own.close();
        },
      ),
      { numRuns: 50 },
    );
  });
});
