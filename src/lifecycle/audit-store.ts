import type { AccountSid } from "../directory/account.js";
import type { AuditAction, AuditEntry } from "./audit.js";

/** What a row of the audit says. It never changes once it is written. */
export interface AuditRecord
  extends Omit<AuditEntry, "accountSid" | "from" | "dryRun" | "outcome">,
    Partial<Pick<AuditEntry, "from" | "outcome">> {
  /** `asked`: somebody wants a change, and it is about to be made; `outcome`: what became of a change. */
  readonly kind: "asked" | "outcome";
  /** When the row was made: RFC 3339 in UTC, with milliseconds. */
  readonly time: string;
  /** Of an outcome: the number of the row in which the change was asked for, where there is one. */
  readonly asked?: number;
  readonly accountSid?: AccountSid;
  /** The userName of the account, as far as it is known. */
  readonly identity?: string;
  readonly dryRun: boolean;
}

/** A row of the audit. */
export interface AuditRow extends AuditRecord {
  /** Its place: 1, 2, 3 and so on, without a gap. */
  readonly number: number;
}

/** A row as it is stored: its text is what the seal is about, to the last character. */
export interface SealedRow {
  readonly number: number;
  /** The row in canonical JSON. */
  readonly text: string;
  /** 64 hexadecimal digits. */
  readonly mac: string;
}

/** Where a chain of rows ends, and the next row joins on. */
export type ChainHead = Pick<SealedRow, "number" | "mac">;

/** What stands for the rows that were cut off at the beginning: the chain goes on from it. */
export interface Checkpoint extends ChainHead {
  /** When the cut was made: RFC 3339 in UTC. */
  readonly time: string;
  /** How many rows have been cut so far. */
  readonly count: number;
}

export interface SealedCheckpoint extends Checkpoint {
  /** 64 hexadecimal digits. */
  readonly seal: string;
}

/** Which rows to read; what is undefined is not asked for. */
export interface AuditQuery {
  /** Epoch milliseconds: rows made then or later. */
  readonly since?: number | undefined;
  readonly accountSid?: string | undefined;
  readonly actor?: string | undefined;
  readonly action?: AuditAction | undefined;
}

export interface AuditPage extends AuditQuery {
  /** Only rows with a smaller number: those behind the last one of the page before. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The audit in the database. All methods throw DirectoryError `storageUnavailable`. */
export interface AuditStore {
  /**
   * Appends rows, all or none.
   *
   * @param seal makes the rows that join on to the end of the chain; nobody else appends meanwhile
   */
  append(seal: (head: ChainHead) => readonly SealedRow[]): Promise<void>;
  /** The newest first. */
  page(page: AuditPage): Promise<readonly AuditRow[]>;
  /** Rows in which something was asked for, and of which no row tells the outcome, in their order. */
  unanswered(): Promise<readonly AuditRow[]>;
  head(): Promise<ChainHead>;
  /**
   * Cuts the rows off that are older, and puts a checkpoint in their place. Nothing where no row is.
   *
   * @param before epoch milliseconds
   * @param sign makes the checkpoint of the last row that is cut and the number of all that have ever been
   * @returns how many were cut
   */
  cut(before: number, sign: (cut: Omit<Checkpoint, "time">) => SealedCheckpoint): Promise<number>;
}
