import type { ExpiryWatch } from "./access/expiry-watch.js";
import type { AccountSync } from "./directory/account-sync.js";
import type { ActivitySync } from "./directory/activity-sync.js";
import type { Directory } from "./directory/directory.js";
import type { Clock } from "./directory/ports.js";
import type { Readiness } from "./http/health.js";
import type { Brakes } from "./lifecycle/brakes.js";
import type { Store } from "./storage/store.js";

export interface ReadinessSources {
  readonly directory: Directory;
  readonly sync: AccountSync;
  readonly activity: ActivitySync;
  readonly store: Store;
  readonly brakes: Brakes;
  readonly clock: Clock;
  readonly expiryWatch: ExpiryWatch;
}

/** What `/readyz` tells. */
export async function readiness(sources: ReadinessSources): Promise<Readiness> {
  const { directory, sync, activity, store, brakes, clock, expiryWatch } = sources;
  const database = await store.ping().then(
    () => (directory.isUnreadable ? ("failing" as const) : ("ok" as const)),
    () => "failing" as const,
  );
  const engaged = await brakes.engaged().catch(() => null);
  const { lastCompleteAt, lastError } = sync.status;
  const { state, accounts, read } = activity.progress;
  return {
    ready: directory.isReady && database === "ok",
    directory: directory.isReady ? "ready" : "loading",
    database,
    sync: {
      ageSeconds: lastCompleteAt === undefined ? null : Math.round((clock.now() - lastCompleteAt) / 1000),
      error: lastError ?? null,
    },
    activity: { state, filled: accounts === 0 ? 0 : Math.floor((read / accounts) * 100) / 100 },
    tokens: await expiryWatch.current(),
    brakes: { engaged },
    closings: { pending: directory.index.leaving.size },
  };
}
