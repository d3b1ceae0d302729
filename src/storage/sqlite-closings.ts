import type Database from "libsql";
import { z } from "zod";
import { type AccountSid, parseAccountSid } from "../directory/account.js";
import { userNameTaken } from "../directory/errors.js";
import type { ClosingStore, PendingClosing } from "../lifecycle/closing-store.js";
import { createSqliteGroups } from "./sqlite-groups.js";
import { createStoreCalls } from "./sqlite-transaction.js";
import { problemsOf, rowUnreadable } from "./storage-errors.js";
import { foldedText } from "./stored-text.js";

const flag = z.literal([0, 1]).transform((stored) => stored === 1);

const closingRow = z.object({
  account_sid: z.string(),
  asked_at: z.number(),
  due_at: z.number(),
  actor: z.string(),
  request_id: z.string(),
  hidden: flag,
  restore_asked: flag,
  begun: flag,
});

/** The pending closings, in a database that the bridge and commands beside it have open. */
export function createSqliteClosings(db: Database.Database): ClosingStore {
  const statements = {
    all: db.prepare("SELECT * FROM pending_closing ORDER BY due_at, account_sid"),
    get: db.prepare("SELECT * FROM pending_closing WHERE account_sid = ?"),
    open: db.prepare(
      `INSERT OR REPLACE INTO pending_closing (account_sid, asked_at, due_at, actor, request_id)
       VALUES (?, ?, ?, ?, ?)`,
    ),
    hide: db.prepare("UPDATE pending_closing SET hidden = 1 WHERE account_sid = ?"),
    freeName: db.prepare("DELETE FROM user_name WHERE holder = ?"),
    claimName: db.prepare(
      "INSERT INTO user_name (folded, holder) VALUES (?, ?) ON CONFLICT (folded) DO NOTHING",
    ),
    drop: db.prepare("DELETE FROM pending_closing WHERE account_sid = ?"),
    begin: db.prepare("UPDATE pending_closing SET begun = 1 WHERE account_sid = ? AND restore_asked = 0"),
    defer: db.prepare("UPDATE pending_closing SET begun = 0 WHERE account_sid = ?"),
    deferAll: db.prepare("UPDATE pending_closing SET begun = 0"),
    setRestore: db.prepare("UPDATE pending_closing SET restore_asked = ? WHERE account_sid = ?"),
  };
  const groups = createSqliteGroups(db);

  const { answer, change } = createStoreCalls(db);

  function find(sid: AccountSid) {
    const row = statements.get.get(sid);
    return row === undefined ? undefined : readClosing(row);
  }

  return {
    all: () => answer(() => statements.all.all().map(readClosing)),

    get: (sid) => answer(() => find(sid)),

    open: ({ accountSid, askedAt, dueAt, actor }) =>
      change(() => void statements.open.run(accountSid, askedAt, dueAt, actor.name, actor.requestId)),

    hide: (account) =>
      change(() => {
        statements.hide.run(account.sid);
        statements.freeName.run(account.sid);
        groups.leaveAll(account);
      }),

    show: (sid, userName) =>
      change(() => {
        statements.drop.run(sid);
        if (statements.claimName.run(foldedText(userName), sid).changes === 0) throw userNameTaken(userName);
      }),

    drop: (sid) => change(() => void statements.drop.run(sid)),

    begin: (sid) => change(() => statements.begin.run(sid).changes > 0),

    defer: (sid) => change(() => void statements.defer.run(sid)),

    deferAll: () => change(() => void statements.deferAll.run()),

    askRestore: (sid) =>
      change(() => {
        const closing = find(sid);
        if (closing === undefined || !closing.isHidden) return "unknown";
        if (closing.isBegun) return "begun";
        statements.setRestore.run(1, sid);
        return "asked";
      }),

    refuseRestore: (sid) => change(() => void statements.setRestore.run(0, sid)),
  };
}

function readClosing(row: unknown): PendingClosing & { readonly isBegun: boolean } {
  const read = closingRow.safeParse(row);
  const accountSid = read.success ? parseAccountSid(read.data.account_sid) : undefined;
  if (!read.success || accountSid === undefined) {
    const key = new Map(Object.entries(row ?? {})).get("account_sid");
    const problems = read.success ? ["account_sid: is not an account SID"] : problemsOf(read.error);
    throw rowUnreadable("pending_closing", `account_sid ${key}`, problems);
  }
  const { asked_at, due_at, actor, request_id, hidden, restore_asked, begun } = read.data;
  return {
    accountSid,
    askedAt: asked_at,
    dueAt: due_at,
    actor: { name: actor, requestId: request_id },
    isHidden: hidden,
    restoreAsked: restore_asked,
    isBegun: begun,
  };
}
