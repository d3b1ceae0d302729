import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { openSqliteBeside } from "../../src/storage/sqlite-beside.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { createSqliteTokens } from "../../src/storage/sqlite-tokens.js";
import { silentLog } from "./stored-examples.js";
import { describeTokenStore } from "./token-store-contract.js";

async function open() {
  const folder = mkdtempSync(join(tmpdir(), "bridge-tokens-"));
  const url = `file:${join(folder, "bridge.db")}`;
  const store = await openSqliteStore({ url, log: silentLog });
  const { db, close } = openSqliteBeside(url, silentLog);
  return {
    db,
    store,
    stores: [store.tokens, createSqliteTokens(db)] as const,
    async close() {
      close();
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

describeTokenStore("SQLite", open);

describe("bearer tokens in SQLite", () => {
  it("name the row that cannot be read, and not what is in it", async () => {
    const { db, store, close } = await open();
    db.exec(
      "INSERT INTO bearer_token (digest, name, scope, created_at) VALUES ('secret', 'okta', 'read', 1)",
    );
    db.exec("PRAGMA ignore_check_constraints = ON; UPDATE bearer_token SET scope = 'root'");
    const message = await store.tokens.all().then(String, String);
    expect(message).toContain("table bearer_token, name okta");
    expect(message).not.toContain("secret");
    await close();
  });

  it("cannot be had once the database is closed", async () => {
    const { store, close } = await open();
    await close();
    await expect(store.tokens.all()).rejects.toMatchObject({ code: "storageUnavailable" });
    await expect(store.tokens.version()).rejects.toMatchObject({ code: "storageUnavailable" });
  });
});
