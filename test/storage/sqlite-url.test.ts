import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { parseSqliteUrl } from "../../src/storage/sqlite-url.js";

describe("the URL of a SQLite database", () => {
  const known = {
    ":memory:": { kind: "memory" },
    "file::memory:": { kind: "memory" },
    "file:./data/bridge.db": { kind: "file", path: join(process.cwd(), "data/bridge.db") },
    "file:bridge.db": { kind: "file", path: join(process.cwd(), "bridge.db") },
    "file:/var/lib/bridge/b.db": { kind: "file", path: "/var/lib/bridge/b.db" },
    "file:///var/lib/bridge/b.db": { kind: "file", path: "/var/lib/bridge/b.db" },
    "file:/with space/ü%20.db": { kind: "file", path: "/with space/ü%20.db" },
  };
  for (const [url, location] of Object.entries(known)) {
    it(`may be ${url}`, () => {
      expect(parseSqliteUrl(url)).toEqual(location);
    });
  }

  for (const url of [
    "",
    "file:",
    "bridge.db",
    "/abs.db",
    "file:/dir/",
    "file://host/b.db",
    "file:b.db?mode=ro",
    "file:b\0.db",
  ]) {
    it(`is not ${JSON.stringify(url)}`, () => {
      expect(parseSqliteUrl(url)).toBeUndefined();
    });
  }
});
