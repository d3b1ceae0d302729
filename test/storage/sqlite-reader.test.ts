import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Database from "libsql";
import type { DirectoryStore } from "../../src/directory/ports.js";
import { MIGRATIONS } from "../../src/storage/sqlite-migrations.js";
import { readSqliteDirectory } from "../../src/storage/sqlite-reader.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import {
  account,
  activity,
  EVERY_ATTRIBUTE,
  group,
  identity,
  intent,
  row,
  sid,
  silentLog,
} from "./stored-examples.js";

describe("reading a database beside its bridge", () => {
  let folder: string;
  let path: string;
  let stores: DirectoryStore[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bridge-storage-"));
    path = join(folder, "bridge %23 100% ü.db");
    stores = [];
  });

  afterEach(async () => {
    for (const store of stores) await store.close();
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });

  async function openStore(): Promise<DirectoryStore> {
    const store = await openSqliteStore({ url: `file:${path}`, log: silentLog });
    stores.push(store);
    return store;
  }

  async function fill(store: DirectoryStore): Promise<void> {
    await store.saveIdentity(identity(1), row(account(1)));
    await store.saveAccounts([row(account(2))]);
    await store.saveActivities([activity(1), activity(2)]);
    await store.saveGroup(group(1), { added: [sid(1)], removed: [] });
    await store.openIntent(intent(3));
    await store.markComplete();
  }

  const FILLED = {
    complete: true,
    users: [
      { ...row(account(1)), ...activity(1), identity: identity(1) },
      { ...row(account(2)), ...activity(2), identity: undefined },
    ],
  };

  /** What can be seen of the files from outside: their names, modes, owners, times and contents. */
  function files() {
    return readdirSync(folder).map((name) => {
      const { mode, uid, mtimeMs } = statSync(join(folder, name));
      // The index of the log is shared memory, in which readers leave their marks.
      const content = name.endsWith("-shm") ? "" : readFileSync(join(folder, name), "latin1");
      return { name, mode, uid, mtimeMs: name.endsWith("-shm") ? 0 : mtimeMs, content };
    });
  }

  function edit(sql: string): void {
    const db = new Database(path);
    db.exec(sql);
    db.close();
  }

  async function expectRefusal(said: string): Promise<void> {
    const before = files();
    await expect(readSqliteDirectory(`file:${path}`)).rejects.toMatchObject({
      code: "storageUnavailable",
      message: expect.stringContaining(said),
    });
    expect(files()).toEqual(before);
  }

  it("sees what a running bridge has written, and what it writes next", async () => {
    const store = await openStore();
    await fill(store);
    expect(await readSqliteDirectory(`file:${path}`)).toEqual(FILLED);
    await store.saveAccounts([row(account(2, { friendlyName: "Renamed" }))]);
    const { users } = await readSqliteDirectory(`file:${path}`);
    expect(users[1]).toMatchObject(row(account(2, { friendlyName: "Renamed" })));
  });

  it("changes nothing beside a running bridge: no file, no mode, no checkpoint of the log", async () => {
    await fill(await openStore());
    chmodSync(path, 0o640);
    const before = files();
    expect(before.map(({ name }) => name.replace(/^.*\.db/, ""))).toEqual(["", "-lock", "-shm", "-wal"]);
    await readSqliteDirectory(`file:${path}`);
    expect(files()).toEqual(before);
  });

  it("does not wait for a bridge that is writing, and sees nothing of what is half done", async () => {
    await fill(await openStore());
    const writer = new Database(path);
    writer.exec("BEGIN IMMEDIATE");
    writer.exec("DELETE FROM account");
    expect(await readSqliteDirectory(`file:${path}`)).toEqual(FILLED);
    writer.exec("ROLLBACK");
    writer.close();
  });

  it("leaves no trace where no bridge runs, also in a folder that may not be written", async () => {
    const store = await openStore();
    await fill(store);
    await store.close();
    for (const leftover of ["-wal", "-shm", "-lock"]) rmSync(path + leftover, { force: true });
    chmodSync(path, 0o400);
    chmodSync(folder, 0o500);
    const before = files();
    expect(await readSqliteDirectory(`file:${path}`)).toEqual(FILLED);
    expect(files()).toEqual(before);
  });

  it("reads the log of a bridge that was killed, and does not merge it", async () => {
    await fill(await openStore());
    const killed = join(folder, "killed.db");
    for (const part of ["", "-wal"]) writeFileSync(killed + part, readFileSync(path + part));
    path = killed;
    const before = files().filter(({ name }) => !name.endsWith("-shm"));
    expect(await readSqliteDirectory(`file:${path}`)).toEqual(FILLED);
    await collectGarbage();
    expect(files().filter(({ name }) => !name.endsWith("-shm"))).toEqual(before);
  });

  it("finds the log also where the file goes by another name", async () => {
    await fill(await openStore());
    const link = join(folder, "link.db");
    symlinkSync(path, link);
    expect(await readSqliteDirectory(`file:${link}`)).toEqual(FILLED);
  });

  it("keeps no bridge from starting", async () => {
    const store = await openStore();
    await fill(store);
    await store.close();
    const reading = readSqliteDirectory(`file:${path}`);
    await openStore();
    expect(await reading).toEqual(FILLED);
  });

  it("says that there is no such file, and makes none", async () => {
    await expectRefusal("does not exist");
    path = join(folder, "no-such-folder/bridge.db");
    await expectRefusal("does not exist");
  });

  it("says that a file is empty", async () => {
    writeFileSync(path, "");
    await expectRefusal("is empty");
  });

  it.each([2, 3])("reads what version %s wrote, and migrates nothing", async (version) => {
    for (let n = 1; n <= version; n++) edit(readBeside(`version-${n}.sql`));
    const before = files();
    expect(await readSqliteDirectory(`file:${path}`)).toMatchObject({
      complete: true,
      users: [activity(1), {}, {}, { identity: identity(4, EVERY_ATTRIBUTE), activity: undefined }],
    });
    expect(files()).toEqual(before);
  });

  it("says that another release wrote it, a newer one or one too old", async () => {
    const store = await openStore();
    await store.close();
    edit(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    await expectRefusal("was written by a newer release");
    rmSync(path);
    edit(readBeside("version-1.sql"));
    await expectRefusal(
      `was written by an older release of the bridge (its version is 1, this release reads 2 to ${MIGRATIONS.length})`,
    );
  });

  it("says that it is another program's, no database, damaged, or a folder", async () => {
    edit("CREATE TABLE theirs (x)");
    await expectRefusal("belongs to another program");
    // Each a file of its own: libsql lets go of a file only when its garbage is collected.
    path = join(folder, "text.db");
    writeFileSync(path, "something else entirely\n".repeat(300));
    await expectRefusal("is not a SQLite database");
    path = join(folder, "damaged.db");
    const store = await openStore();
    await store.saveAccounts(Array.from({ length: 1000 }, (_, n) => row(account(n))));
    await store.close();
    const damaged = readFileSync(path).fill(0xff, 5 * 4096, 9 * 4096);
    path = join(folder, "damaged-copy.db");
    writeFileSync(path, damaged);
    await expectRefusal("is damaged");
    path = folder;
    await expectRefusal("is a folder, and no SQLite database");
  });

  it("names a row that it cannot read", async () => {
    const store = await openStore();
    await fill(store);
    edit("UPDATE activity SET usage = '{}' WHERE state = 'current'");
    await expectRefusal("table activity, account_sid");
  });

  it.each([":memory:", "file::memory:", "postgres://localhost/bridge"])("refuses %s", async (url) => {
    await expect(readSqliteDirectory(url)).rejects.toMatchObject({ code: "storageUnavailable" });
  });
});

function readBeside(name: string): string {
  return readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
}

/** libsql closes a file for good only when the statements are garbage. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc()");
  await nextTurn();
}
