import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
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
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import Database from "libsql";
import type { DirectoryStore } from "../../src/directory/ports.js";
import { openSqliteDatabase } from "../../src/storage/sqlite-database.js";
import { MIGRATIONS, migrate } from "../../src/storage/sqlite-migrations.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { readValue } from "../../src/storage/sqlite-transaction.js";
import {
  account,
  activity,
  EVERY_ATTRIBUTE,
  group,
  identity,
  intent,
  OWNER,
  row,
  sid,
  silentLog,
} from "./stored-examples.js";

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const temporaryFolder = () => mkdtempSync(join(tmpdir(), "bridge-storage-"));

describe("a SQLite database file", () => {
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

  async function openStore(url = `file:${path}`, log = silentLog): Promise<DirectoryStore> {
    const store = await openSqliteStore({ url, log });
    stores.push(store);
    return store;
  }

  /** Does something to the file as another program would. Without statements, so that closing it is final. */
  function edit(sql: string): void {
    const db = new Database(path);
    db.exec(sql);
    db.close();
  }

  function mode(file: string): string {
    return (statSync(file).mode & 0o777).toString(8);
  }

  async function filledAndClosed(accounts = 3): Promise<void> {
    const store = await openStore();
    await store.saveAccounts(Array.from({ length: accounts }, (_, n) => row(account(n))));
    await store.close();
  }

  describe("on the file system", () => {
    it("is for its owner's eyes only, with its directory, log and lock, whatever the umask", async () => {
      const before = process.umask(0);
      try {
        const store = await openStore(`file:${folder}/new/data/bridge.db`);
        await store.saveAccounts([row(account(1))]);
      } finally {
        process.umask(before);
      }
      const files = readdirSync(join(folder, "new/data")).sort();
      expect(files).toEqual(["bridge.db", "bridge.db-lock", "bridge.db-shm", "bridge.db-wal"]);
      expect(files.map((file) => mode(join(folder, "new/data", file)))).toEqual(["600", "600", "600", "600"]);
      expect(mode(join(folder, "new/data"))).toBe("700");
    });

    it("takes from others what they could do with an existing file, and says so", async () => {
      await filledAndClosed();
      for (const file of [path, `${path}-wal`]) if (existsSync(file)) chmodSync(file, 0o664);
      const warnings: object[] = [];
      await openStore(`file:${path}`, { ...silentLog, warn: (fields) => warnings.push(fields) });
      expect([path, `${path}-wal`, `${path}-shm`].map(mode)).toEqual(["600", "600", "600"]);
      expect(warnings).toContainEqual({ file: path });
    });

    it("takes an empty file for a new database", async () => {
      writeFileSync(path, "");
      expect((await (await openStore()).load()).accounts).toEqual([]);
    });

    it("has everything in one file once it is closed", async () => {
      await filledAndClosed();
      const copy = join(folder, "copy.db");
      writeFileSync(copy, readFileSync(path));
      expect((await (await openStore(`file:${copy}`)).load()).accounts).toHaveLength(3);
    });

    it("says so when the path cannot be a file", async () => {
      writeFileSync(join(folder, "plain"), "");
      for (const url of [`file:${folder}/plain/bridge.db`, `file:${folder}`]) {
        await expect(openStore(url)).rejects.toMatchObject({
          code: "storageUnavailable",
          message: expect.stringContaining("cannot be opened"),
        });
      }
    });

    it("commits to the disk and minds foreign keys", () => {
      const opened = openSqliteDatabase(`file:${path}`, silentLog);
      const settings = ["journal_mode", "synchronous", "foreign_keys"].map((name) =>
        readValue(opened.db, `PRAGMA ${name}`),
      );
      opened.close();
      expect(settings).toEqual(["wal", 2, 1]);
    });
  });

  describe("beside other processes", () => {
    it("has its file for itself, by whatever name, and lets go of it when it is closed", async () => {
      const first = await openStore();
      const link = join(folder, "link.db");
      symlinkSync(path, link);
      for (const url of [`file:${path}`, `file:${link}`]) {
        await expect(openStore(url)).rejects.toMatchObject({
          code: "storageUnavailable",
          message: expect.stringContaining("in use by another bridge"),
        });
      }
      await first.saveAccounts([row(account(1))]);
      await first.close();
      expect((await (await openStore(`file:${link}`)).load()).accounts).toHaveLength(1);
    });

    it("lets a command read while it writes", async () => {
      const store = await openStore();
      const reader = new Database(path);
      await store.saveAccounts([row(account(1))]);
      expect(readValue(reader, "SELECT count(*) FROM account")).toBe(1);
      await store.saveAccounts([row(account(2))]);
      expect(readValue(reader, "SELECT count(*) FROM account")).toBe(2);
      reader.close();
    });

    it("lets go of the file when it cannot be opened after all", async () => {
      writeFileSync(path, "no database".repeat(100));
      await expect(openStore()).rejects.toMatchObject({ code: "storageUnavailable" });
      writeFileSync(path, "");
      await openStore();
    });

    it("loses nothing that was said to be done when it is killed", async () => {
      for (const enough of [1, 2, 3, 25, 100]) {
        const url = `file:${folder}/killed-${enough}.db`;
        const script = [
          "--import",
          beside("../support/typescript-loader.mjs"),
          beside("write-until-killed.mjs"),
          url,
        ];
        const child = spawn(process.execPath, script, { stdio: ["ignore", "pipe", "inherit"] });
        const exited = once(child, "exit");
        let done = 0;
        for await (const line of createInterface({ input: child.stdout })) {
          done = Number(line);
          if (done === 1) await expect(openStore(url)).rejects.toThrow("in use by another bridge");
          if (done === enough) child.kill("SIGKILL");
        }
        expect(await exited).toEqual([null, "SIGKILL"]);
        expect(done).toBeGreaterThanOrEqual(enough);

        const store = await openStore(url);
        const { accounts, identities, groups } = await store.load();
        const intents = await store.openIntents();
        for (let n = 1; n <= done; n++) {
          if (n % 4 === 0) expect(accounts).toContainEqual(row(account(n)));
          if (n % 4 === 1) expect(identities).toContainEqual(identity(n));
          if (n % 4 === 2) expect(groups).toContainEqual(group(n, { members: new Set([sid(n - 1)]) }));
          if (n % 4 === 3) expect(intents).toContainEqual(intent(n));
        }
      }
    }, 60_000);
  });

  describe("with a file that it cannot use", () => {
    async function expectRefusal(said: string): Promise<void> {
      const before = readFileSync(path);
      await expect(openStore()).rejects.toMatchObject({
        code: "storageUnavailable",
        message: expect.stringContaining(said),
      });
      expect(readFileSync(path).equals(before)).toBe(true);
    }

    it("refuses what is no database, and leaves it as it is", async () => {
      writeFileSync(path, "the only copy of something else\n".repeat(300), { mode: 0o644 });
      await expectRefusal("is not a SQLite database");
      expect(mode(path)).toBe("644");
    });

    it("refuses another program's database, and leaves it as it is", async () => {
      edit("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
      await expectRefusal("belongs to another program");
    });

    it("refuses a damaged database, and leaves it as it is", async () => {
      await filledAndClosed(1000);
      const bytes = readFileSync(path);
      bytes.fill(0xff, 5 * 4096, 9 * 4096);
      writeFileSync(path, bytes);
      await expectRefusal("is damaged");
    });

    it("refuses a truncated database, and leaves it as it is", async () => {
      await filledAndClosed(1000);
      writeFileSync(path, readFileSync(path).subarray(0, 3 * 4096 + 100));
      await expectRefusal("is damaged");
    });

    it("refuses the database of a newer release, and leaves it as it is", async () => {
      await filledAndClosed();
      edit(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
      await expectRefusal("newer release");
      edit(`PRAGMA user_version = ${MIGRATIONS.length}`);
      expect((await (await openStore()).load()).accounts).toHaveLength(3);
    });

    it("refuses a URL that names no SQLite file", async () => {
      await expect(openStore("postgres://localhost/bridge")).rejects.toMatchObject({
        code: "storageUnavailable",
      });
    });
  });

  describe("migrations", () => {
    it("run once on an empty file, and not again when it is opened later", async () => {
      const versions: object[] = [];
      const log = { ...silentLog, info: (fields: object) => versions.push(fields) };
      const first = await openStore(`file:${path}`, log);
      await first.close();
      await openStore(`file:${path}`, log);
      expect(versions).toEqual(MIGRATIONS.map((_, index) => ({ version: index + 1 })));
    });

    it.each([
      { version: 1, wrote: ["version-1.sql"], activities: [] },
      { version: 2, wrote: ["version-1.sql", "version-2.sql"], activities: [activity(1)] },
    ])("keep everything that version $version wrote", async ({ wrote, activities }) => {
      for (const file of wrote) edit(readFileSync(beside(file), "utf8"));
      const store = await openStore();
      const odd = 'Käse "&" \\ 💡 \u0000 \ud800 end';
      const kept = {
        complete: true,
        accounts: [
          row(account(1, { friendlyName: odd })),
          row(account(2, { status: "suspended", type: "Trial", friendlyName: "" }), "(none)"),
          row(account(3, { status: "closed" })),
          row(account(4)),
        ],
        identities: [identity(4, EVERY_ATTRIBUTE)],
        activities,
        groups: [],
      };
      expect(await store.load()).toEqual(kept);
      expect(await store.openIntents()).toEqual([intent(5, "promised")]);
      await store.claimOwner(OWNER);
      for (const taken of [odd, "(none)", EVERY_ATTRIBUTE.userName, "promised"]) {
        await expect(store.openIntent(intent(6, taken))).rejects.toMatchObject({ code: "userNameTaken" });
      }
      await store.saveActivities([activity(1)]);
      await store.saveGroup(group(1), { added: [sid(1), sid(2)], removed: [] });
      await store.close();
      expect(await (await openStore()).load()).toEqual({
        ...kept,
        activities: [activity(1)],
        groups: [group(1, { members: new Set([sid(1), sid(2)]) })],
      });
    });

    it("leave the version before the one that fails", () => {
      const db = new Database(":memory:");
      const steps = ["CREATE TABLE first (x)", "CREATE TABLE second (x); INSERT INTO missing VALUES (1)"];
      expect(() => migrate(db, steps, 0, silentLog)).toThrow("missing");
      expect(readValue(db, "PRAGMA user_version")).toBe(1);
      expect(readValue(db, "SELECT group_concat(name) FROM sqlite_schema")).toBe("first");
      migrate(db, [...steps.slice(0, 1), "CREATE TABLE second (x)"], 1, silentLog);
      expect(readValue(db, "PRAGMA user_version")).toBe(2);
      db.close();
    });
  });
});
