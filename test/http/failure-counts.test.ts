import { describe, expect, it } from "@jest/globals";
import { createFailureCounts } from "../../src/http/failure-counts.js";
import { ManualClock } from "../support/manual-clock.js";

const MINUTE_MS = 60_000;

describe("the counts of failures", () => {
  function counts(maxKeys = 3) {
    const clock = new ManualClock();
    const store = createFailureCounts({ clock, windowMs: MINUTE_MS, maxKeys });
    const hits = async (key: string) => (await store.get?.(key))?.totalHits;
    return { clock, store, hits };
  }

  it("begin with the first failure of a key, and end a minute later, however many come", async () => {
    const { clock, store, hits } = counts();
    const endsAt = new Date(clock.now() + MINUTE_MS);
    expect(await store.increment("a")).toEqual({ totalHits: 1, resetTime: endsAt });
    await clock.advance(MINUTE_MS - 1);
    expect(await store.increment("a")).toEqual({ totalHits: 2, resetTime: endsAt });
    expect(await hits("b")).toBeUndefined();
    await clock.advance(1);
    expect(await hits("a")).toBeUndefined();
    expect(await store.increment("a")).toMatchObject({ totalHits: 1 });
  });

  it("forget the oldest key rather than fill the memory", async () => {
    const { store, hits } = counts(3);
    for (const key of ["a", "b", "c", "a", "d"]) await store.increment(key);
    expect(await Promise.all(["a", "b", "c", "d"].map(hits))).toEqual([undefined, 1, 1, 1]);
  });

  it("can be taken back and forgotten", async () => {
    const { store, hits } = counts();
    await store.increment("a");
    await store.increment("a");
    await store.decrement("a");
    expect(await hits("a")).toBe(1);
    await store.resetKey("a");
    expect(await hits("a")).toBeUndefined();
  });
});
