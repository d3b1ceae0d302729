import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { isDirectoryError } from "../../src/directory/errors.js";
import type {
  DirectoryStore,
  StoredAccount,
  StoredActivity,
  StoredDetails,
} from "../../src/directory/ports.js";
import type { Identity } from "../../src/directory/user.js";
import { commands, ModelStore, outcome, seen } from "./directory-store-model.js";
import {
  account,
  activity,
  EVERY_ATTRIBUTE,
  EVERY_USAGE,
  group,
  identity,
  intent,
  OWNER,
  row,
  sid,
} from "./stored-examples.js";
import { describeStoredGroups } from "./stored-groups-contract.js";
import { describeStoredUsers } from "./stored-users-contract.js";

/** A database of its own: opened, closed and opened again at will, and removed at the end. */
export interface TestDatabase {
  open(): Promise<DirectoryStore>;
  remove(): Promise<void>;
}

/** What every DirectoryStore does, whatever it is built on. `create` makes an empty database. */
export function describeDirectoryStore(name: string, create: () => Promise<TestDatabase>): void {
  describe(`a DirectoryStore on ${name}`, () => {
    let database: TestDatabase;
    let store: DirectoryStore;

    beforeEach(async () => {
      database = await create();
      store = await database.open();
    });

    afterEach(async () => {
      await store.close();
      await database.remove();
    });

    async function reopen(): Promise<void> {
      await store.close();
      store = await database.open();
    }

    /** The rows of accounts, in the order of lists. */
    async function rows(): Promise<readonly StoredAccount[]> {
      const { users } = await store.load();
      return users.map(({ account, derivedUserName }) => ({ account, derivedUserName }));
    }

    /** What was written about the accounts of these numbers. */
    async function identities(...numbers: number[]): Promise<readonly Identity[]> {
      return (await detailsOf(numbers)).flatMap(({ identity }) => identity ?? []);
    }

    /** What is known of the activity of the accounts of these numbers. */
    async function activities(...numbers: number[]): Promise<readonly StoredActivity[]> {
      return (await detailsOf(numbers)).flatMap(({ accountSid, activity }) =>
        activity === undefined ? [] : { accountSid, activity },
      );
    }

    /** In the order of their SIDs; the store promises none. */
    async function detailsOf(numbers: readonly number[]): Promise<readonly StoredDetails[]> {
      const details = await store.details(numbers.map(sid));
      return details.toSorted((a, b) => (a.accountSid < b.accountSid ? -1 : 1));
    }

    async function isFree(userName: string): Promise<boolean> {
      const probe = { ...intent(9999, userName), id: "probe" };
      try {
        await store.openIntent(probe);
      } catch (error) {
        if (isDirectoryError(error, "userNameTaken")) return false;
        throw error;
      }
      await store.dropIntent(probe.id);
      return true;
    }

    describe("with nothing in it", () => {
      it("holds no accounts, and says that they are not complete", async () => {
        expect(await store.load()).toEqual({ complete: false, users: [] });
        expect(await store.loadGroups()).toEqual([]);
        expect(await store.openIntents()).toEqual([]);
      });

      it("answers a ping", async () => {
        await expect(store.ping()).resolves.toBeUndefined();
      });
    });

    describe("the owner account", () => {
      it("is bound once and recognised afterwards, also after a restart", async () => {
        await store.claimOwner(OWNER);
        await store.claimOwner(OWNER);
        await reopen();
        await store.claimOwner(OWNER);
      });

      it("is not exchanged for another one", async () => {
        await store.claimOwner(OWNER);
        await expect(store.claimOwner(sid(1))).rejects.toMatchObject({
          code: "storageUnavailable",
          message: expect.stringContaining(OWNER),
        });
        await store.claimOwner(OWNER);
      });
    });

    describe("the snapshot", () => {
      it("gives accounts back as they were saved, also after a restart", async () => {
        const saved = [
          row(account(1)),
          row(account(2, { status: "suspended", type: "Trial", friendlyName: "" }), "(none)"),
          row(account(3, { status: "closed", friendlyName: 'Käse "&" \\ 💡 \u0000 \ud800 end' })),
        ];
        await store.saveAccounts(saved);
        await reopen();
        expect(await rows()).toEqual(saved);
      });

      it("replaces an account that it has", async () => {
        await store.saveAccounts([row(account(1)), row(account(2))]);
        const changed = row(account(1, { friendlyName: "Renamed", status: "suspended", dateUpdated: 5 }));
        await store.saveAccounts([changed]);
        expect(await rows()).toEqual([changed, row(account(2))]);
        expect(await isFree("Account 1")).toBe(true);
        expect(await isFree("Renamed")).toBe(false);
      });

      it("takes the last of several rows for one account", async () => {
        await store.saveAccounts([row(account(1), "first"), row(account(1), "last")]);
        expect(await rows()).toEqual([row(account(1), "last")]);
        expect([await isFree("first"), await isFree("last")]).toEqual([true, false]);
      });

      it("takes no rows at all", async () => {
        await store.saveAccounts([]);
        await store.forgetAccounts([]);
        expect(await rows()).toEqual([]);
      });

      it("remembers that a complete pass was saved", async () => {
        await store.markComplete();
        await reopen();
        expect((await store.load()).complete).toBe(true);
      });

      it("forgets accounts, what was written about them, and their names", async () => {
        await store.saveIdentity(identity(1), row(account(1)));
        await store.saveAccounts([row(account(2)), row(account(3))]);
        await store.forgetAccounts([sid(1), sid(2), sid(77)]);
        expect(await rows()).toEqual([row(account(3))]);
        expect(await identities(1)).toEqual([]);
        expect(await isFree("user1@example.com")).toBe(true);
        expect(await isFree("Account 2")).toBe(true);
      });
    });

    describe("names", () => {
      it("are unique without case, and a batch with a taken one changes nothing", async () => {
        await store.saveAccounts([row(account(1, { friendlyName: "STRASSE" }))]);
        const batch = [
          row(account(2)),
          row(account(1), "moved"),
          row(account(3, { friendlyName: "straße" }), "MOVED"),
        ];
        await expect(store.saveAccounts(batch)).rejects.toMatchObject({
          code: "userNameTaken",
          message: expect.stringContaining("MOVED"),
        });
        expect(await rows()).toEqual([row(account(1, { friendlyName: "STRASSE" }))]);
        expect(await isFree("straße")).toBe(false);
        expect(await isFree("moved")).toBe(true);
      });

      it("are told apart where only a NUL, a quote or half a surrogate pair differs", async () => {
        const names = [
          "a",
          "a\u0000",
          "a\u0000b",
          'a"',
          "a\\",
          'a\\"',
          "a\ud800",
          "a\udc00",
          "a\ufffd",
          " a",
        ];
        await store.saveAccounts(names.map((derived, n) => row(account(n), derived)));
        expect((await rows()).map(({ derivedUserName }) => derivedUserName)).toEqual(names);
      });

      it("may be swapped within one batch", async () => {
        await store.saveAccounts([row(account(1), "left"), row(account(2), "right")]);
        await store.saveAccounts([row(account(1), "right"), row(account(2), "LEFT")]);
        await expect(store.saveAccounts([row(account(3), "left")])).rejects.toMatchObject({
          code: "userNameTaken",
        });
        await store.saveAccounts([row(account(2), "other"), row(account(3), "left")]);
      });

      it("are freed by closing the account, for a row of the same batch too", async () => {
        await store.saveAccounts([row(account(1), "acme")]);
        await store.saveAccounts([row(account(2), "Acme"), row(account(1, { status: "closed" }), "acme")]);
        expect(await rows()).toHaveLength(2);
        expect(await isFree("acme")).toBe(false);
        await store.forgetAccounts([sid(2)]);
        expect(await isFree("acme")).toBe(true);
      });

      it("stay taken while an account is suspended", async () => {
        await store.saveAccounts([row(account(1, { status: "suspended" }), "acme")]);
        expect(await isFree("ACME")).toBe(false);
      });

      it("are the written ones where something was written, and the derived one is free", async () => {
        await store.saveAccounts([row(account(1), "acme")]);
        await store.saveIdentity(identity(1, { userName: "ada" }), row(account(1), "acme"));
        expect([await isFree("acme"), await isFree("ada")]).toEqual([true, false]);
        await store.saveAccounts([row(account(1), "renamed at Twilio")]);
        expect([await isFree("renamed at Twilio"), await isFree("ada")]).toEqual([true, false]);
        await store.saveAccounts([row(account(1, { status: "closed" }), "acme")]);
        expect(await isFree("ada")).toBe(true);
      });
    });

    describe("what was written about a user", () => {
      it("comes back with every attribute, also after a restart", async () => {
        const written = { ...identity(1, EVERY_ATTRIBUTE), friendlyName: "Ada \u0000 \ud800" };
        await store.saveIdentity(written, row(account(1)));
        await reopen();
        expect(await identities(1)).toEqual([written]);
      });

      it("is replaced as a whole, together with the account's row", async () => {
        await store.saveIdentity(identity(1, EVERY_ATTRIBUTE), row(account(1)));
        const next = { ...identity(1, { userName: "ada" }), updatedAt: 99, friendlyName: "Ada" };
        await store.saveIdentity(next, row(account(1, { friendlyName: "Ada" })));
        expect(await rows()).toEqual([row(account(1, { friendlyName: "Ada" }))]);
        expect(await identities(1)).toEqual([next]);
        expect(await isFree(EVERY_ATTRIBUTE.userName)).toBe(true);
      });

      it("is not saved under a name that another account or an open intent has, nor is the row", async () => {
        await store.saveAccounts([row(account(1)), row(account(2), "acme")]);
        await store.openIntent(intent(3, "promised"));
        for (const userName of ["ACME", "Promised"]) {
          const saved = store.saveIdentity(
            identity(1, { userName }),
            row(account(1, { friendlyName: "New" })),
          );
          await expect(saved).rejects.toMatchObject({
            code: "userNameTaken",
            message: expect.stringContaining(userName),
          });
        }
        expect(await rows()).toEqual([row(account(1)), row(account(2), "acme")]);
        expect(await identities(1)).toEqual([]);
        expect(await isFree("Account 1")).toBe(false);
      });

      it("stays when the account is closed, without its name", async () => {
        await store.saveIdentity(identity(1), row(account(1)));
        await store.saveAccounts([row(account(1, { status: "closed" }))]);
        await store.saveIdentity(identity(2, { userName: "user1@example.com" }), row(account(2)));
        expect(await identities(1, 2)).toHaveLength(2);
      });
    });

    describe("activity", () => {
      it("comes back as it was saved, also after a restart", async () => {
        const bare = { services: [], recentCharges: {}, readUntil: EVERY_USAGE.readUntil };
        const saved = [
          activity(1),
          activity(2, { state: "pending", usage: undefined, asOf: undefined, changedAt: undefined }),
          activity(3, { state: "stale", usage: bare }),
          activity(4, { state: "unavailable", usage: undefined, asOf: undefined }),
        ];
        await store.saveActivities(saved);
        await reopen();
        expect(await activities(1, 2, 3, 4)).toEqual(saved);
      });

      it("is replaced as a whole, by the last of several rows for one account", async () => {
        await store.saveActivities([activity(1), activity(2)]);
        const last = activity(1, { state: "unavailable", usage: undefined, asOf: undefined });
        await store.saveActivities([activity(1, { state: "stale" }), last]);
        expect(await activities(1, 2)).toEqual([last, activity(2)]);
      });

      it("takes no rows at all", async () => {
        await store.saveActivities([]);
        expect(await activities(1)).toEqual([]);
      });

      it("is kept for an account that is not known yet, and still there when its row comes", async () => {
        await store.saveActivities([activity(1)]);
        expect(await rows()).toEqual([]);
        expect(await activities(1)).toEqual([activity(1)]);
        await store.saveAccounts([row(account(1))]);
        expect(await activities(1)).toEqual([activity(1)]);
      });

      it("stays when its account's row or what was written about it is replaced", async () => {
        await store.saveAccounts([row(account(1))]);
        await store.saveActivities([activity(1)]);
        await store.saveIdentity(identity(1), row(account(1, { friendlyName: "Renamed" })));
        await store.saveAccounts([row(account(1, { status: "closed" }))]);
        expect(await activities(1)).toEqual([activity(1)]);
      });

      it("is forgotten with its account, known or not", async () => {
        await store.saveAccounts([row(account(1)), row(account(2))]);
        await store.saveActivities([activity(1), activity(2), activity(3)]);
        await store.forgetAccounts([sid(1), sid(3)]);
        expect(await activities(1, 2, 3)).toEqual([activity(2)]);
      });
    });

    describe("an intent", () => {
      it("is given back as it was opened until it is settled, the oldest first, also after a restart", async () => {
        const younger = {
          ...intent(1),
          attributes: EVERY_ATTRIBUTE,
          active: false,
          friendlyName: "Ada \ud800",
        };
        const older = { ...intent(2), askedAt: younger.askedAt - 1 };
        await store.openIntent(younger);
        await store.openIntent(older);
        await reopen();
        expect(await store.openIntents()).toEqual([older, younger]);
      });

      it("claims its name against accounts and other intents", async () => {
        await store.saveAccounts([row(account(1), "acme")]);
        await expect(store.openIntent(intent(1, "ACME"))).rejects.toMatchObject({ code: "userNameTaken" });
        await store.openIntent(intent(2, "ada"));
        await expect(store.openIntent(intent(3, "Ada"))).rejects.toMatchObject({ code: "userNameTaken" });
        await expect(store.saveAccounts([row(account(4), "ADA")])).rejects.toMatchObject({
          code: "userNameTaken",
        });
        expect(await store.openIntents()).toEqual([intent(2, "ada")]);
      });

      it("hands its name over to the account that was created", async () => {
        await store.openIntent(intent(1));
        await store.fulfilIntent("intent-1", identity(1), row(account(1)));
        expect(await store.openIntents()).toEqual([]);
        expect(await rows()).toEqual([row(account(1))]);
        expect(await identities(1)).toEqual([identity(1)]);
        expect(await isFree("user1@example.com")).toBe(false);
        expect(await isFree("Account 1")).toBe(true);
      });

      it("is fulfilled for an account that a sync has brought already", async () => {
        await store.openIntent(intent(1));
        await store.saveAccounts([row(account(1))]);
        await store.fulfilIntent("intent-1", identity(1), row(account(1)));
        expect([await isFree("user1@example.com"), await isFree("Account 1")]).toEqual([false, true]);
      });

      it("stays open when it cannot be fulfilled", async () => {
        await store.saveAccounts([row(account(2), "acme")]);
        await store.openIntent(intent(1));
        const fulfilled = store.fulfilIntent("intent-1", identity(1, { userName: "acme" }), row(account(1)));
        await expect(fulfilled).rejects.toMatchObject({ code: "userNameTaken" });
        expect(await store.openIntents()).toEqual([intent(1)]);
        expect(await rows()).toEqual([row(account(2), "acme")]);
        expect(await isFree("user1@example.com")).toBe(false);
      });

      it("frees its name when it is dropped, once or twice", async () => {
        await store.openIntent(intent(1, "ada"));
        await store.dropIntent("intent-1");
        await store.dropIntent("intent-1");
        expect(await store.openIntents()).toEqual([]);
        expect(await isFree("ada")).toBe(true);
      });
    });

    describeStoredUsers(() => store, reopen);

    describeStoredGroups(() => store, reopen);

    it("says that it is unavailable once it is closed, and closes twice", async () => {
      await store.close();
      await store.close();
      const calls = [
        store.claimOwner(OWNER),
        store.load(),
        store.details([]),
        store.loadGroups(),
        store.saveAccounts([row(account(1))]),
        store.saveActivities([activity(1)]),
        store.forgetAccounts([sid(1)]),
        store.markComplete(),
        store.saveIdentity(identity(1), row(account(1))),
        store.openIntent(intent(1)),
        store.openIntents(),
        store.fulfilIntent("intent-1", identity(1), row(account(1))),
        store.dropIntent("intent-1"),
        store.saveGroup(group(1), { added: [], removed: [] }),
        store.deleteGroup(group(1).id),
        store.ping(),
      ];
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: "rejected", reason: { code: "storageUnavailable" } });
      }
      store = await database.open();
      expect(await rows()).toEqual([]);
    });

    it("does what a plain model does, whatever is asked of it", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(commands, { maxLength: 30, size: "medium" }), async (asked) => {
          const fresh = await create();
          const real = await fresh.open();
          const model = new ModelStore();
          try {
            for (const command of asked) {
              expect(await outcome(() => command(real))).toEqual(await outcome(() => command(model)));
            }
            expect(await seen(real)).toEqual(await seen(model));
          } finally {
            await real.close();
            await fresh.remove();
          }
        }),
        { numRuns: 100 },
      );
    }, 60_000);
  });
}
