import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { Retention } from "../../src/lifecycle/retention.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { storageUnavailable } from "../../src/storage/storage-errors.js";
import type { Store } from "../../src/storage/store.js";
import { type Core, startCore, surroundings } from "../support/core.js";
import { account, attributes, sid } from "../support/example-accounts.js";
import { interrupted } from "../support/interrupted-store.js";
import { RecordedLog } from "../support/recorded-log.js";

const DAY_MS = 24 * 60 * 60_000;
const RETENTION_MS = 30 * DAY_MS;
const SHOWN = { showsClosed: true };

describe("the identity of a closed account", () => {
  let folder: string;
  let store: Store;
  let core: Core;
  let around: Awaited<ReturnType<typeof surroundings>>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "retention-"));
    around = await surroundings([account(1), account(2)]);
    await open();
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function open() {
    store = await openSqliteStore({ url: `file:${join(folder, "bridge.db")}`, log: new RecordedLog() });
    core = await startCore({ ...around, store: interrupted(store) }, SHOWN);
    await core.sync.pass();
    await core.directory.save();
  }

  async function restart() {
    await store.close();
    await open();
  }

  function retention(erasing = store.retention): Retention {
    const { directory, clock, log, slices } = core;
    return new Retention({
      directory,
      store: erasing,
      clock,
      log,
      slices,
      identityRetentionMs: RETENTION_MS,
    });
  }

  const shown = (number: number) => core.directory.index.known(sid(number));

  it("is erased so many days after the closing, in the database and in what is shown", async () => {
    await core.write(sid(1), attributes("Ada.Lovelace@example.com", { title: "Countess of Lovelace" }));
    await core.write(sid(2), attributes("grace"));
    await core.close(sid(1));
    await core.clock.advance(RETENTION_MS);
    expect(await retention().erase()).toBe(0);
    expect(shown(1)?.attributes.userName).toBe("Ada.Lovelace@example.com");

    await core.clock.advance(1000);
    expect(await retention().erase()).toBe(1);
    expect(shown(1)).toMatchObject({ identity: undefined, attributes: { userName: "Account 1" } });
    expect(shown(1)?.attributes.title).toBeUndefined();
    expect(shown(2)?.attributes.userName).toBe("grace");
    const found = await core.directory.list({
      narrowings: [[{ attribute: "userName", value: "ada.lovelace@example.com" }]],
      matches: undefined,
      offset: 0,
      limit: 10,
    });
    expect(found.total).toBe(0);
    expect(await retention().erase()).toBe(0);

    await restart();
    expect(shown(1)).toMatchObject({ identity: undefined, attributes: { userName: "Account 1" } });
    expect(shown(2)?.attributes.userName).toBe("grace");
  });

  it("leaves nothing of itself in the files of the database", async () => {
    await core.write(sid(1), attributes("Ada.Lovelace@example.com", { title: "Countess of Lovelace" }));
    await core.close(sid(1));
    const bytes = () => Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
    for (const written of ["Lovelace@", "Countess"]) expect(bytes().includes(written)).toBe(true);
    await core.clock.advance(RETENTION_MS + 1000);
    await retention().erase();
    for (const written of ["Lovelace@", "lovelace@", "Countess"]) {
      expect(bytes().includes(written)).toBe(false);
    }
  });

  it("is erased once a day while the bridge runs, and after a restart when it became due meanwhile", async () => {
    for (const number of [1, 2]) await core.write(sid(number), attributes(`user-${number}`));
    await core.close(sid(1));
    let running = retention();
    running.start();
    await core.clock.advance(10 * DAY_MS);
    await core.close(sid(2));
    await core.clock.advance(21 * DAY_MS);
    expect([shown(1)?.identity, shown(2)?.identity?.attributes.userName]).toEqual([undefined, "user-2"]);
    await running.stop();

    await core.clock.advance(10 * DAY_MS);
    await restart();
    running = retention();
    running.start();
    await core.clock.advance(0);
    expect(shown(2)?.identity).toBeUndefined();
    await running.stop();
  });

  it("is erased an hour later where the database fails", async () => {
    await core.write(sid(1), attributes("ada"));
    await core.close(sid(1));
    await core.clock.advance(RETENTION_MS + 1000);
    let attempts = 0;
    const running = retention({
      async eraseIdentities(...args) {
        attempts += 1;
        if (attempts === 1) throw storageUnavailable("The disk is full.");
        return store.retention.eraseIdentities(...args);
      },
    });
    running.start();
    await core.clock.advance(60_000);
    expect([attempts, core.log.at("error").length]).toEqual([1, 1]);
    await core.clock.advance(60 * 60_000);
    expect([attempts, shown(1)?.identity]).toEqual([2, undefined]);
    await running.stop();
  });

  it("is erased in slices, all of them", async () => {
    const asked: number[] = [];
    const left = [100, 100, 7];
    const erased = await retention({
      async eraseIdentities(_closedBefore, limit) {
        asked.push(limit);
        return Array.from({ length: left.shift() ?? 0 }, () => sid(1));
      },
    }).erase();
    expect([erased, asked]).toEqual([207, [100, 100, 100]]);
  });
});
