import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Database from "libsql";
import { openSqliteBeside } from "../../src/storage/sqlite-beside.js";
import { lockForOneBridge } from "../../src/storage/sqlite-file.js";
import { MIGRATIONS } from "../../src/storage/sqlite-migrations.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { silentLog } from "./stored-examples.js";

describe("a database that a command opens beside its bridge", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bridge-beside-"));
    path = join(folder, "bridge.db");
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const versionOf = (db: Database.Database) => db.prepare("PRAGMA user_version").raw().get();

  it("is the bridge's own, while the bridge has it", async () => {
    const store = await openSqliteStore({ url: `file:${path}`, log: silentLog });
    const { db, close } = openSqliteBeside(`file:${path}`, silentLog);
    db.exec("UPDATE meta SET complete = 1");
    close();
    expect((await store.load()).complete).toBe(true);
    await store.close();
  });

  it("is made where there is none, and can be had by a bridge then", async () => {
    const { db, close } = openSqliteBeside(`file:${path}`, silentLog);
    expect(versionOf(db)).toEqual([MIGRATIONS.length]);
    await (await openSqliteStore({ url: `file:${path}`, log: silentLog })).close();
    close();
  });

  it("is brought to the newest version, unless a bridge has it", () => {
    const old = new Database(path);
    old.exec(`${MIGRATIONS[0]}; PRAGMA user_version = 1`);
    old.close();
    const unlock = lockForOneBridge(path);
    expect(() => openSqliteBeside(`file:${path}`, silentLog)).toThrow("in use by another bridge");
    unlock();
    const { db, close } = openSqliteBeside(`file:${path}`, silentLog);
    expect(versionOf(db)).toEqual([MIGRATIONS.length]);
    close();
  });

  it("is refused where it is no database of ours, or cannot be shared", () => {
    writeFileSync(path, "x".repeat(10_000));
    for (const url of [`file:${path}`, ":memory:", "postgres://localhost/bridge"]) {
      expect(() => openSqliteBeside(url, silentLog)).toThrow(
        expect.objectContaining({ code: "storageUnavailable" }),
      );
    }
  });
});
