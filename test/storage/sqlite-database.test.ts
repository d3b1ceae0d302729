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
  loaded,
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
      expect((await (await openStore()).load()).users).toEqual([]);
    });

    it("has everything in one file once it is closed", async () => {
      await filledAndClosed();
      const copy = join(folder, "copy.db");
      writeFileSync(copy, readFileSync(path));
      expect((await (await openStore(`file:${copy}`)).load()).users).toHaveLength(3);
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
      expect((await (await openStore(`file:${link}`)).load()).users).toHaveLength(1);
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
        const { users } = await store.load();
        const details = await store.details(users.map(({ account }) => account.sid));
        const identities = details.map(({ identity }) => identity);
        const groups = await store.loadGroups();
        const intents = await store.openIntents();
        for (let n = 1; n <= done; n++) {
          if (n % 4 === 0) expect(users).toContainEqual(loaded(row(account(n))));
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

    /** Goes on with a copy: libsql lets go of a file, and of what it remembers of it, only when its garbage is collected. */
    function damage(change: (bytes: Buffer) => Buffer): void {
      const bytes = readFileSync(path);
      path = join(folder, "damaged.db");
      writeFileSync(path, change(bytes));
    }

    /** Overwrites the page that leads to all others of a table. */
    function overwrite(table: string): void {
      const db = new Database(path);
      const page = Number(readValue(db, `SELECT rootpage FROM sqlite_schema WHERE name = '${table}'`));
      db.close();
      damage((bytes) => bytes.fill(0xff, (page - 1) * 4096, page * 4096));
    }

    it("refuses a damaged database that was not closed, and leaves it as it is", async () => {
      await filledAndClosed(1000);
      overwrite("activity");
      writeFileSync(`${path}-wal`, Buffer.alloc(32)); // of which nothing is taken over
      await expectRefusal("is damaged");
    });

    it("refuses a damaged database that is to be migrated, and leaves it as it is", async () => {
      for (const file of ["version-1.sql", "version-2.sql"]) edit(readFileSync(beside(file), "utf8"));
      overwrite("activity");
      await expectRefusal("is damaged");
    });

    it("refuses a truncated database, and leaves it as it is", async () => {
      await filledAndClosed(1000);
      damage((bytes) => bytes.subarray(0, 3 * 4096 + 100));
      await expectRefusal("is damaged");
    });

    it("refuses a database whose names were damaged since it was closed, and leaves it as it is", async () => {
      await filledAndClosed(1000);
      overwrite("user_name");
      await expectRefusal("is damaged");
    });

    it.each([
      "account",
      "identity",
      "identity_key",
      "activity",
      "user_group",
      "group_member",
      "creation_intent",
    ])(
      "says so while it starts when %s was damaged since it was closed, and leaves it as it is",
      async (table) => {
        const first = await openStore();
        await first.saveIdentity(identity(1), row(account(1)));
        await first.saveActivities([activity(1)]);
        await first.saveGroup(group(1), { added: [sid(1)], removed: [] });
        await first.close();
        overwrite(table);
        const before = readFileSync(path);
        const store = await openStore();
        const start = async () => {
          await store.load();
          await store.details([sid(1)]);
          await store.loadGroups();
          await store.openIntents();
        };
        await expect(start()).rejects.toMatchObject({
          code: "storageUnavailable",
          message: "The bridge's database is damaged. Restore it from a backup.",
        });
        expect(readFileSync(path).equals(before)).toBe(true);
      },
    );

    it("refuses the database of a newer release, and leaves it as it is", async () => {
      await filledAndClosed();
      edit(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
      await expectRefusal("newer release");
      edit(`PRAGMA user_version = ${MIGRATIONS.length}`);
      expect((await (await openStore()).load()).users).toHaveLength(3);
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

    const odd = 'Käse "&" \\ 💡 \u0000 \ud800 end';
    const oddIdentity = identity(3, {
      userName: odd,
      externalId: odd,
      emails: [{ value: odd }, { value: "kaese@example.com", type: "work" }],
    });

    it.each([
      { version: 1, written: undefined, activities: [], groups: [] },
      { version: 2, written: undefined, activities: [activity(1)], groups: [] },
      {
        version: 3,
        written: oddIdentity,
        activities: [activity(1)],
        groups: [group(1, { members: new Set([sid(2)]) })],
      },
    ])("keep everything that version $version wrote", async ({ version, written, activities, groups }) => {
      for (let n = 1; n <= version; n++) edit(readFileSync(beside(`version-${n}.sql`), "utf8"));
      const store = await openStore();
      const kept = {
        complete: true,
        users: [
          loaded(row(account(1, { friendlyName: odd }))),
          loaded(row(account(2, { status: "suspended", type: "Trial", friendlyName: "" }), "(none)")),
          loaded(row(account(3, { status: "closed" })), written),
          loaded(row(account(4)), identity(4, EVERY_ATTRIBUTE)),
        ],
      };
      expect(await store.load()).toEqual(kept);
      const details = await store.details([1, 2, 3, 4].map(sid));
      expect(details.map(({ identity }) => identity)).toEqual([
        undefined,
        undefined,
        written,
        identity(4, EVERY_ATTRIBUTE),
      ]);
      expect(details.flatMap(({ activity }) => activity ?? [])).toEqual(
        activities.map(({ activity }) => activity),
      );
      expect(await store.loadGroups()).toEqual(groups);
      expect(await store.openIntents()).toEqual([intent(5, "promised")]);
      await store.claimOwner(OWNER);
      for (const taken of [odd, "(none)", EVERY_ATTRIBUTE.userName, "promised"]) {
        await expect(store.openIntent(intent(6, taken))).rejects.toMatchObject({ code: "userNameTaken" });
      }
      await store.saveActivities([activity(1)]);
      await store.saveGroup(group(1), { added: [sid(1), sid(2)], removed: [] });
      await store.close();
      const again = await openStore();
      expect(await again.load()).toEqual(kept);
      expect(await again.details([sid(1)])).toMatchObject([activity(1)]);
      expect(await again.loadGroups()).toEqual([group(1, { members: new Set([sid(1), sid(2)]) })]);
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
