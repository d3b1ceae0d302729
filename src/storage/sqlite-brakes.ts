import type Database from "libsql";
import { z } from "zod";
import type { BrakeCount, BrakeName, BrakeStore, BrakeWindow } from "../lifecycle/brake-store.js";
import { createStoreCalls } from "./sqlite-transaction.js";
import { problemsOf, rowUnreadable } from "./storage-errors.js";

const countRow = z.object({
  counted: z.number(),
  blocked_by: z.number().nullable(),
  released_until: z.number().nullable(),
});

/** The brakes' counts, in a database that the bridge and commands beside it have open. */
export function createSqliteBrakes(db: Database.Database): BrakeStore {
  const statements = {
    add: db.prepare("INSERT INTO brake_event (id, brake, at) VALUES (?, ?, ?)"),
    giveBack: db.prepare("DELETE FROM brake_event WHERE id = ?"),
    // Where a release, or a limit that was lower before, has let more through than there is room for, it is not the oldest
    // that has to leave, but the one after which the window is no longer full.
    count: db.prepare(
      `SELECT
         (SELECT count(*) FROM brake_event WHERE brake = ?1 AND at > ?2) AS counted,
         (SELECT at FROM brake_event WHERE brake = ?1 AND at > ?2 ORDER BY at DESC
          LIMIT 1 OFFSET max(?3 - 1, 0)) AS blocked_by,
         (SELECT until FROM brake_release WHERE brake = ?1) AS released_until`,
    ),
    prune: db.prepare("DELETE FROM brake_event WHERE brake = ? AND at <= ?"),
    release: db.prepare(
      `INSERT INTO brake_release (brake, until, released_at, released_by) VALUES (?, ?, ?, ?)
       ON CONFLICT (brake) DO UPDATE SET until = excluded.until, released_at = excluded.released_at,
         released_by = excluded.released_by`,
    ),
  };

  const { answer, change } = createStoreCalls(db);

  function count(brake: BrakeName, { limit, after }: BrakeWindow): BrakeCount {
    const read = countRow.safeParse(statements.count.get(brake, after, limit));
    if (!read.success) throw rowUnreadable("brake_event", `brake ${brake}`, problemsOf(read.error));
    const { counted, blocked_by, released_until } = read.data;
    return {
      counted,
      blockedBy: counted >= limit ? (blocked_by ?? undefined) : undefined,
      releasedUntil: released_until ?? undefined,
    };
  }

  return {
    reserve: ({ id, brake, at }, window) =>
      change(() => {
        statements.prune.run(brake, window.after);
        const before = count(brake, window);
        const isReleased = before.releasedUntil !== undefined && before.releasedUntil > at;
        if (before.counted >= window.limit && !isReleased) return before;
        statements.add.run(id, brake, at);
        return undefined;
      }),

    giveBack: (eventId) => change(() => void statements.giveBack.run(eventId)),

    count: (brake, window) => answer(() => count(brake, window)),

    release: ({ brake, until, releasedAt, releasedBy }) =>
      change(() => void statements.release.run(brake, until, releasedAt, releasedBy)),
  };
}
