import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Database from "libsql";
import type { DirectoryStore } from "../../src/directory/ports.js";
import { openSqliteDatabase } from "../../src/storage/sqlite-database.js";
import { createSqliteStore, openSqliteStore } from "../../src/storage/sqlite-store.js";
import { readValue } from "../../src/storage/sqlite-transaction.js";
import { describeDirectoryStore } from "./directory-store-contract.js";
import {
  account,
  activity,
  group,
  identity,
  intent,
  loaded,
  row,
  sid,
  silentLog,
} from "./stored-examples.js";

const temporaryFolder = () => mkdtempSync(join(tmpdir(), "bridge-storage-"));

describeDirectoryStore("SQLite", async () => {
  const folder = temporaryFolder();
  return {
    open: () => openSqliteStore({ url: `file:${folder}/bridge.db`, log: silentLog }),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});

describe("a SQLite store", () => {
  let folder: string;
  let path: string;
  let stores: DirectoryStore[];

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, "bridge.db");
    stores = [];
  });

  afterEach(async () => {
    for (const store of stores) await store.close();
    rmSync(folder, { recursive: true });
  });

  async function openStore(url = `file:${path}`): Promise<DirectoryStore> {
    const store = await openSqliteStore({ url, log: silentLog });
    stores.push(store);
    return store;
  }

  /** Does something to the file as another program would. Without statements, so that closing it is final. */
  function edit(sql: string): void {
    const db = new Database(path);
    db.exec(sql);
    db.close();
  }

  it("in memory starts empty each time and touches no file", async () => {
    for (const url of [":memory:", "file::memory:"]) {
      const store = await openStore(url);
      await store.saveAccounts([row(account(1))]);
      expect((await store.load()).users).toHaveLength(1);
      expect((await (await openStore(url)).load()).users).toHaveLength(0);
    }
    expect(readdirSync(folder)).toEqual([]);
    expect(readdirSync(".").filter((file) => file.includes(":memory:"))).toEqual([]);
  });

  describe("with a row that it cannot read", () => {
    const inLoad = [
      ["table account, sid", `UPDATE account SET owner_account_sid = 'nobody'`],
      ["friendly_name", `UPDATE account SET friendly_name = '"'`],
      ["derived_user_name", `UPDATE account SET derived_user_name = 'half an escape \\'`],
      ["table identity, account_sid", `UPDATE identity SET attributes = '{"userName":'`],
      ["attributes.userName", `UPDATE identity SET attributes = '{}'`],
      ["attributes.userName", `UPDATE identity SET attributes = '{"userName":7}'`],
      ["attributes.externalId", `UPDATE identity SET attributes = '{"userName":"a","externalId":7}'`],
      ["attributes.emails", `UPDATE identity SET attributes = '{"userName":"a","emails":[{"value":7}]}'`],
    ];
    const inDetails = [
      ["table identity, account_sid", `UPDATE identity SET attributes = '{"userName":'`],
      ["attributes.userName", `UPDATE identity SET attributes = '{"userName":7}'`],
      [
        "attributes.emails.0",
        `UPDATE identity SET attributes = '{"userName":"a","emails":["a@example.com"]}'`,
      ],
      ["attributes.emails", `UPDATE identity SET attributes = '{"userName":"a","emails":"a@example.com"}'`],
      [
        "attributes.emails.0.primary",
        `UPDATE identity SET attributes = '{"userName":"a","emails":[{"primary":"yes"}]}'`,
      ],
      ["friendly_name", `UPDATE identity SET friendly_name = '"'`],
      ["table activity, account_sid", `UPDATE activity SET usage = '{"services":'`],
      [
        "usage.readUntil: is not a day",
        `UPDATE activity SET usage = json_set(usage, '$.readUntil', '2026-02-30')`,
      ],
      [
        "usage.services.0.lastActivity",
        `UPDATE activity SET usage = json_set(usage, '$.services[0].lastActivity', 7)`,
      ],
      [
        "usage.spend.total: is not a decimal",
        `UPDATE activity SET usage = json_set(usage, '$.spend.total', '1e3')`,
      ],
      [
        "usage.recentCharges",
        `UPDATE activity SET usage = json_set(usage, '$.recentCharges.yesterday', '1')`,
      ],
    ];
    const calls: [string, string[][], (store: DirectoryStore) => Promise<unknown>][] = [
      ["load", inLoad, (store) => store.load()],
      ["details", inDetails, (store) => store.details([sid(2), sid(1)])],
    ];
    for (const [call, damages, read] of calls) {
      it.each(damages)(`names it in ${call}: %s`, async (said, damage) => {
        const store = await openStore();
        await store.saveIdentity(identity(1), row(account(1)));
        await store.saveActivities([activity(1)]);
        edit(damage);
        await expect(read(store)).rejects.toMatchObject({
          code: "storageUnavailable",
          message: expect.stringContaining(said),
        });
        await expect(read(store)).rejects.toThrow(sid(1));
      });
    }

    it("goes on once it is mended", async () => {
      const store = await openStore();
      await store.saveAccounts(Array.from({ length: 500 }, (_, n) => row(account(n))));
      edit("UPDATE account SET derived_user_name = 'half an escape \\'");
      await expect(store.load()).rejects.toMatchObject({ code: "storageUnavailable" });
      edit("UPDATE account SET derived_user_name = friendly_name");
      await store.saveAccounts([row(account(500))]);
      expect((await store.load()).users).toHaveLength(501);
    });

    it("names an intent", async () => {
      const store = await openStore();
      await store.openIntent(intent(1));
      edit("UPDATE creation_intent SET attributes = 'null'");
      await expect(store.openIntents()).rejects.toThrow("table creation_intent, id intent-1");
    });

    it.each([
      ["display_name", "UPDATE user_group SET display_name = 'half an escape \\'"],
      ["external_id", "UPDATE user_group SET external_id = '\"'"],
      ["members: nobody is not", "UPDATE group_member SET account_sid = 'nobody'"],
      [`members: ${sid(1)} is not`, "DELETE FROM account"],
    ])("names a group: %s", async (said, damage) => {
      const store = await openStore();
      await store.saveAccounts([row(account(1))]);
      await store.saveGroup(group(1), { added: [sid(1)], removed: [] });
      edit(`PRAGMA foreign_keys = OFF; ${damage}`);
      await expect(store.loadGroups()).rejects.toMatchObject({
        code: "storageUnavailable",
        message: expect.stringContaining(`table user_group, id ${group(1).id} (${said}`),
      });
    });

    it("drops what it does not know of usage", async () => {
      const store = await openStore();
      await store.saveActivities([activity(1)]);
      edit(`UPDATE activity SET usage = json_set(usage, '$.mood', 'good')`);
      expect(await store.details([sid(1)])).toMatchObject([activity(1)]);
      expect(JSON.stringify(await store.details([sid(1)]))).not.toContain("mood");
    });

    it("drops an attribute that it does not know", async () => {
      const store = await openStore();
      await store.saveIdentity(identity(1), row(account(1)));
      edit(`UPDATE identity SET attributes = '{"userName":"ada","shoeSize":7}'`);
      expect(await store.details([sid(1)])).toMatchObject([
        { identity: { attributes: { userName: "ada" } } },
      ]);
      expect(JSON.stringify(await store.details([sid(1)]))).not.toContain("shoeSize");
    });
  });

  describe("when the database fails", () => {
    const unavailable = (code: string) => ({
      code: "storageUnavailable",
      message: "The bridge's database does not work at the moment.",
      cause: expect.objectContaining({ code }),
    });

    function openWithDatabase() {
      const opened = openSqliteDatabase(`file:${path}`, silentLog);
      opened.db.exec("PRAGMA busy_timeout = 0");
      const store = createSqliteStore(opened);
      stores.push(store);
      return { store, db: opened.db };
    }

    it("says so when the disk is full, keeps what it had, and goes on when there is room", async () => {
      const { store, db } = openWithDatabase();
      await store.saveAccounts([row(account(1))]);
      db.exec(`PRAGMA max_page_count = ${readValue(db, "PRAGMA page_count")}`);
      const many = Array.from({ length: 2000 }, (_, n) => row(account(n + 2)));
      await expect(store.saveAccounts(many)).rejects.toMatchObject(unavailable("SQLITE_FULL"));
      expect((await store.load()).users).toEqual([loaded(row(account(1)))]);
      db.exec("PRAGMA max_page_count = 100000");
      await store.saveAccounts(many);
      expect((await store.load()).users).toHaveLength(2001);
    });

    it("says so when another process holds the database, and goes on when it lets go", async () => {
      const { store } = openWithDatabase();
      const other = new Database(path);
      other.exec("BEGIN IMMEDIATE");
      await expect(store.saveAccounts([row(account(1))])).rejects.toMatchObject(unavailable("SQLITE_BUSY"));
      other.exec("ROLLBACK");
      other.close();
      await store.saveAccounts([row(account(1))]);
    });

    it("says so when a value is none that it can store", async () => {
      const { store } = openWithDatabase();
      const broken = [row(account(1)), row(account(2, { dateCreated: Number.NaN }))];
      await expect(store.saveAccounts(broken)).rejects.toMatchObject({ code: "storageUnavailable" });
      const half = [activity(1), activity(2, { asOf: 0.5 })];
      await expect(store.saveActivities(half)).rejects.toMatchObject({ code: "storageUnavailable" });
      await expect(
        store.saveGroup(group(1, { created: 0.5 }), { added: [], removed: [] }),
      ).rejects.toMatchObject({ code: "storageUnavailable" });
      expect((await store.load()).users).toEqual([]);
      expect(await store.details([sid(1)])).toMatchObject([{ activity: undefined }]);
      expect(await store.loadGroups()).toEqual([]);
    });
  });
});
