import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { StoredToken, TokenStore } from "../../src/access/token-store.js";

export interface TestTokenStores {
  /** Two on one database, as the bridge and a command beside it have them. */
  readonly stores: readonly [TokenStore, TokenStore];
  /** Closes the database of the first, and that of the second. */
  close(): Promise<void>;
}

/** What every TokenStore does, whatever it is built on. `open` makes an empty database. */
export function describeTokenStore(name: string, open: () => Promise<TestTokenStores>): void {
  describe(`a TokenStore on ${name}`, () => {
    let database: TestTokenStores;
    let tokens: TokenStore;
    let beside: TokenStore;

    beforeEach(async () => {
      database = await open();
      [tokens, beside] = database.stores;
    });
    afterEach(() => database.close());

    const token = (name: string, createdAt: number, said: Partial<StoredToken> = {}) => ({
      name,
      digest: `digest of ${name} ${createdAt}`,
      scope: "provision" as const,
      createdAt,
      expiresAt: undefined,
      ...said,
    });
    const unused = { revokedAt: undefined, lastUsedAt: undefined };

    it("keeps what it is given, in the order of creation", async () => {
      const [late, early] = [token("b", 2, { scope: "admin" }), token("c", 1, { expiresAt: 9 })];
      expect([await tokens.add(late), await beside.add(early)]).toEqual([true, true]);
      const all = [
        { ...early, ...unused },
        { ...late, ...unused },
      ];
      expect(await tokens.all()).toEqual(all);
      expect(await beside.all()).toEqual(all);
    });

    it("gives a name to one token at a time, and keeps those that had it", async () => {
      await tokens.add(token("okta", 1));
      expect([await tokens.add(token("okta", 2)), await beside.add(token("okta", 3))]).toEqual([
        false,
        false,
      ]);
      expect(await tokens.all()).toHaveLength(1);
      expect(await beside.revoke("okta", 4)).toBe(true);
      expect(await tokens.add(token("okta", 5))).toBe(true);
      expect((await tokens.all()).map(({ createdAt, revokedAt }) => [createdAt, revokedAt])).toEqual([
        [1, 4],
        [5, undefined],
      ]);
    });

    it("revokes nothing where no valid token has the name", async () => {
      expect(await tokens.revoke("okta", 1)).toBe(false);
      await tokens.add(token("okta", 1));
      expect(await tokens.revoke("Okta", 2)).toBe(false);
      expect([await tokens.revoke("okta", 3), await tokens.revoke("okta", 4)]).toEqual([true, false]);
      expect((await tokens.all())[0]?.revokedAt).toBe(3);
    });

    it("keeps when each was used last", async () => {
      await tokens.add(token("a", 1));
      await tokens.add(token("b", 2));
      await tokens.recordUses([
        { digest: token("a", 1).digest, at: 10 },
        { digest: token("b", 2).digest, at: 11 },
        { digest: "of nobody", at: 12 },
      ]);
      expect((await beside.all()).map(({ lastUsedAt }) => lastUsedAt)).toEqual([10, 11]);
    });

    it("has another version after each change, whoever made it, and the same while there is none", async () => {
      const versions = [await tokens.version()];
      for (const store of [tokens, beside]) {
        await store.add(token("okta", versions.length));
        versions.push(await tokens.version());
        expect(await tokens.version()).toBe(versions.at(-1));
        await store.revoke("okta", versions.length);
        versions.push(await tokens.version());
      }
      expect(new Set(versions).size).toBe(5);
    });
  });
}
