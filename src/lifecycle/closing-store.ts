import type { Account, AccountSid } from "../directory/account.js";
import type { Actor } from "./audit.js";

/** A closing that was asked for and is to follow after `CLOSE_DELAY_HOURS`. Instants are epoch milliseconds. */
export interface PendingClosing {
  readonly accountSid: AccountSid;
  readonly askedAt: number;
  readonly dueAt: number;
  readonly actor: Actor;
  /** False: the account is not known to be suspended yet, and is still shown. */
  readonly isHidden: boolean;
  /** Somebody at the command line wants it undone. It is not begun any more. */
  readonly restoreAsked: boolean;
}

/**
 * The closings that are pending. Every method is one transaction. Throws DirectoryError `storageUnavailable`.
 *
 * The account of a hidden one holds no userName, and is in no group.
 */
export interface ClosingStore {
  all(): Promise<readonly PendingClosing[]>;
  get(sid: AccountSid): Promise<PendingClosing | undefined>;
  /** Adds a closing, or replaces that of the same account. */
  open(closing: Omit<PendingClosing, "isHidden" | "restoreAsked">): Promise<void>;
  /** The account is suspended: it frees its userName and leaves its groups, as a closed one does. */
  hide(account: Account): Promise<void>;
  /** Ends a closing that is undone: the account holds its userName again. Throws `userNameTaken` where another has it. */
  show(sid: AccountSid, userName: string): Promise<void>;
  /** Ends a closing that has been done, or came to nothing. */
  drop(sid: AccountSid): Promise<void>;
  /** Says that the account is about to be closed; false where that must not be, since somebody wants it undone. */
  begin(sid: AccountSid): Promise<boolean>;
  /** Says that it was not closed after all. */
  defer(sid: AccountSid): Promise<void>;
  /** The same of all that were begun: whoever did has crashed. */
  deferAll(): Promise<void>;
  /** Asks the bridge, from another process, to undo a closing. `begun`: it is too late. */
  askRestore(sid: AccountSid): Promise<"asked" | "begun" | "unknown">;
  refuseRestore(sid: AccountSid): Promise<void>;
}
