import { setImmediate as nextTurn } from "node:timers/promises";
import type { SeenChange } from "../directory/directory.js";
import type { Clock, Log } from "../directory/ports.js";
import type { AskedEntry, AuditAction, AuditEntry, AuditLog } from "./audit.js";
import { sealCheckpoint, sealRow } from "./audit-chain.js";
import type { AuditRecord, AuditStore, ChainHead, SealedRow } from "./audit-store.js";

/** In whose name what somebody did in Twilio's console is recorded. */
const TWILIO = "twilio";

const HEAD_EVERY_MS = 60 * 60_000;
const CUT_EVERY_MS = 24 * 60 * 60_000;

/** Rows in one transaction: small enough that a request hardly waits for those of a pass that saw many changes. */
const ROWS_PER_COMMIT = 500;

/** Rows that wait for a database which does not work. Each of them is in the log already. */
const MAX_WAITING = 10_000;

/** The audit on the standard output. */
export interface AuditLines {
  /** @param row what the row is in the database; undefined where it could not be written there */
  asked(entry: AskedEntry, row: ChainHead | undefined): void;
  outcome(entry: AuditEntry, row: ChainHead | undefined): void;
  /** The end of the chain, so that rows which are taken from it there are missed here. */
  head(head: ChainHead): void;
}

export interface AuditTrailOptions {
  readonly store: AuditStore;
  /** 32 bytes. */
  readonly key: Buffer;
  readonly lines: AuditLines;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a row is kept at least, in milliseconds. */
  readonly retentionMs: number;
}

interface Waiting {
  readonly record: AuditRecord;
  readonly written: (row: SealedRow) => void;
  readonly failed: (error: unknown) => void;
  /** Whether it is written later where that does not work now. */
  readonly lasts: boolean;
}

/**
 * The audit in the database. Rows that are made in one turn of the event loop share a transaction, so that many changes at
 * a time cost little more than one.
 */
export class AuditTrail implements AuditLog {
  readonly #options: AuditTrailOptions;
  readonly #stopping = new AbortController();
  /** Accounts that are being changed, by the number of the row: what is seen of them now is the bridge's own doing. */
  readonly #underWay = new Map<number, string>();
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();
  #cutAt = Number.NEGATIVE_INFINITY;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  /**
   * Says of what a crash interrupted that nobody knows the outcome. Call it once, before anything is changed.
   *
   * @throws DirectoryError `storageUnavailable`
   */
  async load(): Promise<void> {
    for (const {
      number,
      actor,
      actions,
      accountSid,
      groupId,
      from,
      to,
      dryRun,
    } of await this.#options.store.unanswered()) {
      const asked = {
        actor,
        actions,
        accountSid,
        ...(groupId !== undefined && { groupId }),
        from,
        to,
        dryRun,
      };
      await this.record({ ...asked, outcome: "unknown", reason: "interrupted" }, number);
    }
  }

  async ask(entry: AskedEntry): Promise<number> {
    const { lines } = this.#options;
    try {
      const row = await this.#append({ ...said(entry), kind: "asked", time: this.#now() }, false);
      lines.asked(entry, row);
      if (entry.accountSid !== undefined) this.#underWay.set(row.number, entry.accountSid);
      return row.number;
    } catch (error) {
      lines.asked(entry, undefined);
      throw error;
    }
  }

  async record(entry: AuditEntry, asked: number | undefined): Promise<void> {
    const { lines } = this.#options;
    if (asked !== undefined) this.#underWay.delete(asked);
    const row = { kind: "outcome", time: this.#now(), ...(asked !== undefined && { asked }) } as const;
    try {
      lines.outcome(entry, await this.#append({ ...said(entry), ...row }, true));
    } catch (error) {
      lines.outcome(entry, undefined);
      throw error;
    }
  }

  /** Records what was changed by others than the bridge, as the sync sees it. */
  seen({ before, after, userName }: SeenChange): void {
    if ([...this.#underWay.values()].includes(before.sid)) return;
    const actions: AuditAction[] = [];
    if (after === undefined) actions.push("vanish");
    else {
      if (after.status === "closed" && before.status !== "closed") actions.push("close");
      if (after.status === "suspended" && before.status !== "suspended") actions.push("suspend");
      if (after.status === "active" && before.status !== "active") actions.push("reactivate");
      if (after.friendlyName !== before.friendlyName) actions.push("rename");
    }
    if (actions.length === 0) return;
    const from = { status: before.status, friendlyName: before.friendlyName, userName };
    const to = after === undefined ? {} : { status: after.status, friendlyName: after.friendlyName };
    const entry = {
      actor: { name: TWILIO },
      actions,
      accountSid: before.sid,
      from,
      to,
      outcome: "done",
    } as const;
    this.record(entry, undefined).catch((error: unknown) => {
      this.#options.log.error(
        { err: error },
        "a change that Twilio told of could not be written to the audit",
      );
    });
  }

  /** Begins to tell the end of the chain every hour, and to cut old rows every day. */
  start(): void {
    this.#running = this.#loop();
  }

  /** Resolves when everything is written that can be. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#flush();
  }

  /**
   * Cuts what is older than rows are kept.
   *
   * @throws DirectoryError `storageUnavailable`
   */
  async cut(): Promise<void> {
    const { store, key, clock, log, retentionMs } = this.#options;
    const cut = await store.cut(clock.now() - retentionMs, (last) =>
      sealCheckpoint(key, { ...last, time: this.#now() }),
    );
    if (cut > 0)
      log.info({ rows: cut }, "rows of the audit were cut that are older than AUDIT_RETENTION_DAYS");
  }

  async #loop(): Promise<void> {
    const { store, lines, clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (clock.now() - this.#cutAt >= CUT_EVERY_MS) {
          await this.cut();
          this.#cutAt = clock.now();
        }
        await this.#flush();
        const head = await store.head();
        // A chain without rows has no end to keep.
        if (head.number > 0) lines.head(head);
      } catch (error) {
        log.error({ err: error }, "the audit could not be looked after");
      }
      await clock.sleep(HEAD_EVERY_MS, signal);
    }
  }

  #append(record: AuditRecord, lasts: boolean): Promise<SealedRow> {
    return new Promise((written, failed) => {
      this.#waiting.push({ record, written, failed, lasts });
      this.#writing ??= this.#write();
    });
  }

  async #flush(): Promise<void> {
    if (this.#waiting.length > 0) this.#writing ??= this.#write();
    await this.#writing;
  }

  /** Writes all that waits, in several transactions where it is much. */
  async #write(): Promise<void> {
    try {
      await nextTurn();
      await this.#writeAll();
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeAll(): Promise<void> {
    const { store, key } = this.#options;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, ROWS_PER_COMMIT);
      let rows: readonly SealedRow[] = [];
      try {
        await store.append((head) => {
          rows = sealAll(key, head, batch);
          return rows;
        });
      } catch (error) {
        this.#giveUp(batch, error);
        return;
      }
      for (const [at, row] of rows.entries()) batch[at]?.written(row);
    }
  }

  /** Nobody waits any longer; but what has happened is written as soon as something can be. */
  #giveUp(batch: readonly Waiting[], error: unknown): void {
    const all = [...batch, ...this.#waiting];
    this.#waiting = all.filter(({ lasts }) => lasts).slice(-MAX_WAITING);
    for (const { failed } of all) failed(error);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

function sealAll(key: Buffer, start: ChainHead, batch: readonly Waiting[]): SealedRow[] {
  const rows: SealedRow[] = [];
  let head = start;
  for (const { record } of batch) {
    const row = sealRow(key, head, record);
    rows.push(row);
    head = row;
  }
  return rows;
}

/** What a row says of an entry. */
function said<E extends AskedEntry>(entry: E) {
  const { accountSid, from, to, dryRun = false, ...rest } = entry;
  const identity = from?.userName ?? to.userName;
  return {
    ...rest,
    ...(accountSid !== undefined && { accountSid }),
    ...(identity !== undefined && { identity }),
    ...(from !== undefined && { from }),
    to,
    dryRun,
  };
}
