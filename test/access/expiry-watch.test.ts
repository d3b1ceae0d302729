import { describe, expect, it } from "@jest/globals";
import { ExpiryWatch } from "../../src/access/expiry-watch.js";
import type { TokenExpiry } from "../../src/access/tokens.js";
import { ManualClock } from "../support/manual-clock.js";
import { RecordedLog } from "../support/recorded-log.js";

const DAY_MS = 24 * 60 * 60_000;

describe("the watch over tokens that expire", () => {
  function watch(days: Readonly<Record<string, number>>) {
    const clock = new ManualClock();
    const log = new RecordedLog();
    const expiries: TokenExpiry[] = Object.entries(days).map(([name, inDays]) => ({
      name,
      expiresAt: clock.now() + inDays * DAY_MS,
    }));
    const tokens = { expiries: async () => expiries };
    const warned = () => log.at("warn").map(({ fields, message }) => ({ ...fields, message }));
    return { clock, warned, watched: new ExpiryWatch({ tokens, clock, log }) };
  }

  it("tells which expire within 30 days, and which have", async () => {
    const { watched } = watch({ later: 30, soon: 29.9, today: 0.01, now: 0, gone: -400 });
    expect(await watched.current()).toEqual({ expiring: ["soon", "today"], expired: ["now", "gone"] });
  });

  it("warns at the start and once a day, until it is stopped", async () => {
    const { clock, warned, watched } = watch({ okta: 31.5, old: 100 });
    const started = watched.start();
    await clock.advance(2 * DAY_MS - 1);
    expect(warned()).toEqual([]);
    await clock.advance(1);
    expect(warned()).toEqual([
      {
        token: "okta",
        expiresAt: "2026-02-16T00:00:00.000Z",
        message: "a token expires within 30 days; make another one",
      },
    ]);
    await clock.advance(29.5 * DAY_MS);
    expect(warned()).toHaveLength(30);
    await clock.advance(0.5 * DAY_MS);
    expect(warned().at(-1)?.message).toMatch(/^a token has expired/);
    watched.stop();
    await started;
    expect(clock.sleepers).toBe(0);
  });
});
