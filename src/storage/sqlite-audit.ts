import type Database from "libsql";
import { CHAIN_START } from "../lifecycle/audit-chain.js";
import type {
  AuditPage,
  AuditQuery,
  AuditRow,
  AuditStore,
  ChainHead,
  SealedCheckpoint,
  SealedRow,
} from "../lifecycle/audit-store.js";
import { createStoreCalls } from "./sqlite-transaction.js";
import { readAuditRow, readCheckpoint, readSealedRow } from "./stored-audit.js";

/** The audit on a database that is open, and stays so. */
export function createSqliteAudit(db: Database.Database): AuditStore {
  const reading = createSqliteAuditReading(db);
  const statements = {
    last: db.prepare("SELECT number, text, mac FROM audit ORDER BY number DESC LIMIT 1"),
    add: db.prepare("INSERT INTO audit (number, text, mac) VALUES (?, ?, ?)"),
    upTo: db.prepare("SELECT number, text, mac FROM audit WHERE number = ?"),
    firstSince: db.prepare("SELECT min(number) AS number FROM audit WHERE time >= ?").raw(),
    unanswered: db.prepare(
      `SELECT audit.number, audit.text, audit.mac FROM audit_open JOIN audit USING (number) ORDER BY number`,
    ),
    cut: db.prepare("DELETE FROM audit WHERE number <= ?"),
    setCheckpoint: db.prepare(
      `INSERT INTO audit_checkpoint (id, number, mac, time, count, seal) VALUES (1, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET number = excluded.number, mac = excluded.mac, time = excluded.time,
         count = excluded.count, seal = excluded.seal`,
    ),
  };

  const { answer, change } = createStoreCalls(db);

  function head(): ChainHead {
    const last = statements.last.get();
    const { number, mac } = last === undefined ? (reading.checkpoint() ?? CHAIN_START) : readSealedRow(last);
    return { number, mac };
  }

  function cutUpTo(
    last: SealedRow,
    sign: (cut: { number: number; mac: string; count: number }) => SealedCheckpoint,
  ): number {
    const before = reading.checkpoint();
    const cut = statements.cut.run(last.number).changes;
    const count = (before?.count ?? 0) + cut;
    const { number, mac, time, seal } = sign({ number: last.number, mac: last.mac, count });
    statements.setCheckpoint.run(number, mac, time, count, seal);
    return cut;
  }

  return {
    append: (seal) =>
      change(() => {
        for (const { number, text, mac } of seal(head())) statements.add.run(number, text, mac);
      }),

    page: (page) => answer(() => reading.page(page)),

    unanswered: () => answer(() => statements.unanswered.all().map(readAuditRow)),

    head: () => answer(head),

    cut: (before, sign) =>
      change(() => {
        const first: unknown = statements.firstSince.get(timeOf(before));
        // The clock may have gone back: only what comes before all that is kept is cut.
        const kept = Array.isArray(first) && typeof first[0] === "number" ? first[0] : head().number + 1;
        const last = statements.upTo.get(kept - 1);
        return last === undefined ? 0 : cutUpTo(readSealedRow(last), sign);
      }),
  };
}

/** What only reads, for commands as well that look at the database beside its bridge. */
export interface SqliteAuditReading {
  /** The newest first. */
  page(page: AuditPage): readonly AuditRow[];
  /** All of them, the oldest first, as they are stored. */
  rows(): Iterable<SealedRow>;
  checkpoint(): SealedCheckpoint | undefined;
}

/** Its methods throw what SQLite throws, and DirectoryError `storageUnavailable` for a row that cannot be read. */
export function createSqliteAuditReading(db: Database.Database): SqliteAuditReading {
  const checkpoint = db.prepare("SELECT number, mac, time, count, seal FROM audit_checkpoint");
  const all = db.prepare("SELECT number, text, mac FROM audit ORDER BY number");
  const firstSince = db.prepare("SELECT min(number) AS number FROM audit WHERE time >= ?").raw();

  /** Time goes by the number: without a bound, a page with few rows would be looked for in all of them. */
  function leastNumber(since: number | undefined): number | undefined {
    if (since === undefined) return 0;
    const first: unknown = firstSince.get(timeOf(since));
    return Array.isArray(first) && typeof first[0] === "number" ? first[0] : undefined;
  }

  return {
    page({ before, limit, ...query }) {
      const least = leastNumber(query.since);
      if (least === undefined) return [];
      const conditions = conditionsOf(query);
      const where = ["number >= ?", "number < ?", ...conditions.map(([sql]) => sql)].join(" AND ");
      const values = [least, before ?? Number.MAX_SAFE_INTEGER, ...conditions.map(([, value]) => value)];
      return db
        .prepare(`SELECT number, text, mac FROM audit WHERE ${where} ORDER BY number DESC LIMIT ?`)
        .all(...values, limit)
        .map(readAuditRow);
    },

    *rows() {
      for (const row of all.iterate()) yield readSealedRow(row);
    },

    checkpoint: () => readCheckpoint(checkpoint.get()),
  };
}

function conditionsOf({ since, accountSid, actor, action }: AuditQuery): [sql: string, value: string][] {
  const conditions: [string, string | undefined][] = [
    ["time >= ?", since === undefined ? undefined : timeOf(since)],
    ["account_sid = ?", accountSid],
    ["actor = ?", actor],
    ["EXISTS (SELECT 1 FROM json_each(text, '$.actions') WHERE value = ?)", action],
  ];
  return conditions.flatMap(([sql, value]): [string, string][] =>
    value === undefined ? [] : [[sql, value]],
  );
}

/** As rows have it: in this form an earlier time is the smaller text. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
