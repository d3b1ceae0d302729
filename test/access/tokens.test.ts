import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Principal, Scope } from "../../src/access/principal.js";
import { digestOf, makeToken } from "../../src/access/token.js";
import type { TokenStore, TokenUse } from "../../src/access/token-store.js";
import { Tokens } from "../../src/access/tokens.js";
import { DirectoryError } from "../../src/directory/errors.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import type { Store } from "../../src/storage/store.js";
import { ManualClock } from "../support/manual-clock.js";
import { RecordedLog } from "../support/recorded-log.js";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

describe("the tokens in memory", () => {
  let clock: ManualClock;
  let log: RecordedLog;
  let store: Store;
  let calls: string[];
  let uses: TokenUse[];
  let isFailing: boolean;
  let tokens: Tokens;

  beforeEach(async () => {
    clock = new ManualClock();
    log = new RecordedLog();
    store = await openSqliteStore({ url: ":memory:", log });
    calls = [];
    uses = [];
    isFailing = false;
    tokens = new Tokens({ store: watched(store.tokens), clock, log });
  });
  afterEach(async () => {
    await tokens.settled();
    await store.close();
  });

  function watched(inner: TokenStore): TokenStore {
    async function through<T>(call: keyof TokenStore, effect: () => Promise<T>): Promise<T> {
      calls.push(call);
      if (isFailing) throw new DirectoryError("storageUnavailable", "The disk is gone.");
      return effect();
    }
    return {
      add: (token) => through("add", () => inner.add(token)),
      all: () => through("all", () => inner.all()),
      revoke: (name, at) => through("revoke", () => inner.revoke(name, at)),
      recordUses(used) {
        uses.push(...used);
        return through("recordUses", () => inner.recordUses(used));
      },
      version: () => through("version", () => inner.version()),
    };
  }

  async function make(name: string, scope: Scope = "provision", expiresAt?: number): Promise<string> {
    const token = makeToken(randomBytes);
    await store.tokens.add({ name, scope, digest: digestOf(token), createdAt: clock.now(), expiresAt });
    return token;
  }

  const verify = async (token: string): Promise<Principal | undefined> => tokens.verify(token);

  it("tell who holds one, with which scope", async () => {
    const made = { okta: await make("okta"), reports: await make("reports", "read") };
    expect(await verify(made.okta)).toEqual({ name: "okta", scheme: "token", scope: "provision" });
    expect(await verify(made.reports)).toEqual({ name: "reports", scheme: "token", scope: "read" });
    expect(await verify(makeToken(randomBytes))).toBeUndefined();
  });

  it("are checked without the database, and without a promise, for a second", async () => {
    const token = await make("okta");
    await verify(token);
    calls.length = 0;
    await clock.advance(SECOND_MS - 1);
    expect(tokens.verify(token)).toMatchObject({ name: "okta" });
    expect(calls).not.toContain("version");
    await clock.advance(1);
    await verify(token);
    await verify(token);
    expect(calls.filter((call) => call === "version" || call === "all")).toEqual(["version"]);
  });

  it("do not ask the database about what has not the form of one", () => {
    const odd = ["", "tsb_", `tsb_${"A".repeat(42)}`, `TSB_${"A".repeat(43)}`, `tsb_${"+".repeat(43)}`, "x"];
    expect(odd.map((credential) => tokens.verify(credential))).toEqual(odd.map(() => undefined));
    expect(calls).toEqual([]);
  });

  it("know a new one at once, and another of the same name once the first is revoked", async () => {
    const first = await make("okta");
    await verify(first);
    await store.tokens.revoke("okta", clock.now());
    const second = await make("okta");
    expect(await verify(second)).toMatchObject({ name: "okta" });
    expect(await verify(first)).toBeUndefined();
  });

  it("refuse one within a second after it was revoked", async () => {
    const token = await make("okta");
    await verify(token);
    await store.tokens.revoke("okta", clock.now());
    await clock.advance(SECOND_MS);
    expect(await verify(token)).toBeUndefined();
  });

  it("refuse one from the millisecond on in which it expires", async () => {
    const token = await make("okta", "read", clock.now() + 100);
    expect(await verify(token)).toBeDefined();
    await clock.advance(99);
    expect(await verify(token)).toBeDefined();
    await clock.advance(1);
    expect(await verify(token)).toBeUndefined();
  });

  it("look again where the clock was set back", async () => {
    const token = await make("okta");
    let now = clock.now();
    tokens = new Tokens({
      store: watched(store.tokens),
      clock: { now: () => now, sleep: async () => undefined },
      log,
    });
    await verify(token);
    await store.tokens.revoke("okta", now);
    now -= 60 * MINUTE_MS;
    expect(await verify(token)).toBeUndefined();
  });

  it("have their use written once a minute, behind the answer", async () => {
    const token = await make("okta");
    await verify(token);
    expect(uses).toEqual([]);
    await tokens.settled();
    const first = clock.now();
    for (let second = 0; second < 59; second++) {
      await clock.advance(SECOND_MS);
      await verify(token);
    }
    await tokens.settled();
    expect(uses).toEqual([{ digest: digestOf(token), at: first }]);
    await clock.advance(SECOND_MS);
    await verify(token);
    await tokens.settled();
    expect(uses).toHaveLength(2);
    expect((await store.tokens.all())[0]?.lastUsedAt).toBe(clock.now());
  });

  it("let in whose use cannot be written, and say so", async () => {
    const token = await make("okta");
    await verify(makeToken(randomBytes));
    isFailing = true;
    expect(tokens.verify(token)).toMatchObject({ name: "okta" });
    await tokens.settled();
    expect(log.at("warn").map(({ message }) => message)).toEqual([
      "when tokens were used last could not be saved",
    ]);
  });

  it("let nobody in while the database cannot tell whether a token is revoked", async () => {
    const token = await make("okta");
    await verify(token);
    isFailing = true;
    await clock.advance(SECOND_MS);
    await expect(verify(token)).rejects.toMatchObject({ code: "storageUnavailable" });
    isFailing = false;
    expect(await verify(token)).toBeDefined();
  });

  it("tell when those expire that do, also of what was known before the database failed", async () => {
    await make("for-ever");
    await make("okta", "admin", clock.now() + MINUTE_MS);
    await make("gone", "admin", clock.now() + MINUTE_MS);
    await store.tokens.revoke("gone", clock.now());
    const known = [{ name: "okta", expiresAt: clock.now() + MINUTE_MS }];
    expect(await tokens.expiries()).toEqual(known);
    isFailing = true;
    expect(await tokens.expiries()).toEqual(known);
  });
});

describe("a new token", () => {
  it("has a prefix and 256 random bits, and is as long as visible ASCII makes it", () => {
    const sizes: number[] = [];
    const token = makeToken((size) => {
      sizes.push(size);
      return Buffer.alloc(size, 0xfb);
    });
    expect([sizes, token]).toEqual([[32], `tsb_${"-_v7".repeat(10)}-_s`]);
  });
});
