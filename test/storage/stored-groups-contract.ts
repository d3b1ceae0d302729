import { describe, expect, it } from "@jest/globals";
import type { Group } from "../../src/directory/group.js";
import type { DirectoryStore, MemberChange } from "../../src/directory/ports.js";
import { account, group, identity, row, sid } from "./stored-examples.js";

const NOBODY: MemberChange = { added: [], removed: [] };

/** What every DirectoryStore does with groups. `current` answers the test's store, `reopen` opens its database anew. */
export function describeStoredGroups(current: () => DirectoryStore, reopen: () => Promise<void>): void {
  describe("a group", () => {
    /** In the order of their ids; the store promises none. */
    async function groups(): Promise<readonly Group[]> {
      return [...(await current().loadGroups())].sort((a, b) => (a.id < b.id ? -1 : 1));
    }

    /** Saves a group with the accounts of these numbers in it, who are saved. */
    async function saveWith(saved: Group, ...numbers: number[]): Promise<void> {
      await current().saveGroup(saved, { added: numbers.map(sid), removed: [] });
    }

    async function saveAccounts(...numbers: number[]): Promise<void> {
      await current().saveAccounts(numbers.map((n) => row(account(n))));
    }

    const members = (...numbers: number[]) => ({ members: new Set(numbers.map(sid)) });
    const named = (displayName: string, externalId?: string) => ({
      attributes: { displayName, ...(externalId !== undefined && { externalId }) },
    });

    it("comes back as it was saved, also after a restart", async () => {
      await saveAccounts(1, 2, 3);
      const odd = 'Käse "&" \\ 💡 \u0000 \ud800 end';
      await saveWith(group(1, named(odd, odd)), 1, 2);
      await saveWith(group(2, named("", "")), 2);
      await saveWith(group(3));
      await reopen();
      expect(await groups()).toEqual([
        group(1, { ...named(odd, odd), ...members(1, 2) }),
        group(2, { ...named("", ""), ...members(2) }),
        group(3),
      ]);
    });

    it("is replaced as a whole, but for its members", async () => {
      await saveAccounts(1, 2);
      await saveWith(group(1, named("Support", "00g1")), 1, 2);
      const renamed = { ...group(1, named("Operations")), created: 5, lastModified: 6 };
      await current().saveGroup(renamed, NOBODY);
      expect(await groups()).toEqual([{ ...renamed, ...members(1, 2) }]);
    });

    it("changes its members by who enters and who leaves, whoever was in it", async () => {
      await saveAccounts(1, 2, 3, 4);
      await saveWith(group(1), 1, 2);
      await saveWith(group(2), 1, 2);
      await current().saveGroup(group(1, members(4)), {
        added: [sid(2), sid(3), sid(3)],
        removed: [sid(1), sid(4), sid(77)],
      });
      expect(await groups()).toEqual([group(1, members(2, 3)), group(2, members(1, 2))]);
    });

    it("takes ten thousand members at once, and lets them go", async () => {
      const numbers = Array.from({ length: 10_000 }, (_, n) => n);
      await saveAccounts(...numbers);
      await saveWith(group(1), ...numbers);
      expect(await groups()).toEqual([group(1, members(...numbers))]);
      await current().saveGroup(group(1), { added: [], removed: numbers.slice(1).map(sid) });
      expect(await groups()).toEqual([group(1, members(0))]);
    });

    it("is not saved with a member whose row is not", async () => {
      await saveAccounts(1, 2);
      await saveWith(group(1), 1);
      for (const one of [group(1, named("Renamed")), group(2)]) {
        await expect(
          current().saveGroup(one, { added: [sid(2), sid(77)], removed: [sid(1)] }),
        ).rejects.toMatchObject({ code: "storageUnavailable" });
      }
      expect(await groups()).toEqual([group(1, members(1))]);
    });

    it("is forgotten with its name, once or twice, and starts empty when it is saved again", async () => {
      await saveAccounts(1);
      await saveWith(group(1), 1);
      await saveWith(group(2), 1);
      await current().deleteGroup(group(1).id);
      await current().deleteGroup(group(1).id);
      expect(await groups()).toEqual([group(2, members(1))]);
      await saveWith(group(3, named("GROUP 1")));
      await saveWith(group(1, named("Again")));
      expect(await groups()).toEqual([
        group(1, named("Again")),
        group(2, members(1)),
        group(3, named("GROUP 1")),
      ]);
    });

    describe("has a name", () => {
      it("that is unique without case, and nothing is changed by a group that claims a taken one", async () => {
        await saveAccounts(1, 2);
        await saveWith(group(1, named("STRASSE")), 1);
        await saveWith(group(2), 2);
        for (const one of [group(2, named("straße")), group(3, named("Straße"))]) {
          await expect(
            current().saveGroup(one, { added: [sid(1)], removed: [sid(2)] }),
          ).rejects.toMatchObject({
            code: "groupNameTaken",
            message: expect.stringContaining(one.attributes.displayName),
          });
        }
        expect(await groups()).toEqual([
          group(1, { ...named("STRASSE"), ...members(1) }),
          group(2, members(2)),
        ]);
      });

      it("that it may write in another case, and that is free once it has another", async () => {
        await saveWith(group(1, named("Support")));
        await saveWith(group(1, named("SUPPORT")));
        await saveWith(group(1, named("Operations")));
        await saveWith(group(2, named("support")));
        expect(await groups()).toEqual([group(1, named("Operations")), group(2, named("support"))]);
      });

      it("that is told apart where only a NUL, a quote or half a surrogate pair differs", async () => {
        const names = ["a", "a\u0000", "a\u0000b", 'a"', "a\\", 'a\\"', "a\ud800", "a\udc00", "a\ufffd"];
        const saved = names.map((name, n) => group(n, named(name)));
        for (const one of saved) await saveWith(one);
        expect(await groups()).toEqual(saved);
      });

      it("that a user may have too", async () => {
        await saveAccounts(1);
        await saveWith(group(1, named("Account 1")));
        await current().saveIdentity(identity(2, { userName: "Group 2" }), row(account(2)));
        await saveWith(group(2));
        expect(await groups()).toHaveLength(2);
      });
    });

    describe("loses an account", () => {
      const closed = row(account(1, { status: "closed", dateUpdated: 1_800_000_000_000 }));
      const earlier = { lastModified: closed.account.dateUpdated - 1 };
      const later = { lastModified: closed.account.dateUpdated + 1 };

      async function fill(): Promise<void> {
        await saveAccounts(1, 2);
        await saveWith(group(1, earlier), 1, 2);
        await saveWith(group(2, later), 1);
        await saveWith(group(3, earlier), 2);
      }

      const filled = [
        group(1, { ...earlier, ...members(1, 2) }),
        group(2, { ...later, ...members(1) }),
        group(3, { ...earlier, ...members(2) }),
      ];

      const closings = {
        saveAccounts: () => current().saveAccounts([row(account(3)), closed]),
        saveIdentity: () => current().saveIdentity(identity(1), closed),
        fulfilIntent: () => current().fulfilIntent("none", identity(1), closed),
      };
      for (const [call, close] of Object.entries(closings)) {
        it(`that ${call} closes, and was modified then at the earliest`, async () => {
          await fill();
          await close();
          await reopen();
          expect(await groups()).toEqual([
            group(1, { lastModified: closed.account.dateUpdated, ...members(2) }),
            group(2, later),
            group(3, { ...earlier, ...members(2) }),
          ]);
        });
      }

      it("with the latest of those that are closed together", async () => {
        await fill();
        const before = row(account(2, { status: "closed", dateUpdated: closed.account.dateUpdated - 5 }));
        await current().saveAccounts([closed, before]);
        expect(await groups()).toEqual([
          group(1, { lastModified: closed.account.dateUpdated }),
          group(2, later),
          group(3, earlier),
        ]);
      });

      it("for good, and was not modified when its row is saved again", async () => {
        await fill();
        await current().saveAccounts([closed]);
        const emptied = await groups();
        await current().saveAccounts([row(account(1, { status: "closed", dateUpdated: 1_900_000_000_000 }))]);
        await saveAccounts(1);
        expect(await groups()).toEqual(emptied);
      });

      it("not while it is suspended, nor where the last of several rows has it open", async () => {
        await fill();
        await current().saveAccounts([closed, row(account(1, { status: "suspended" }))]);
        expect(await groups()).toEqual(filled);
      });

      it("not where the row that closes it cannot be saved", async () => {
        await fill();
        await expect(current().saveAccounts([closed, row(account(3), "Account 2")])).rejects.toMatchObject({
          code: "userNameTaken",
        });
        expect(await groups()).toEqual(filled);
      });

      it("that was closed before it could enter", async () => {
        await fill();
        await current().saveAccounts([closed]);
        await current().saveGroup(group(3, earlier), { added: [sid(1), sid(2)], removed: [] });
        expect((await groups()).at(-1)).toEqual(group(3, { ...earlier, ...members(2) }));
      });

      it("that is forgotten, and is not modified by that", async () => {
        await fill();
        await current().forgetAccounts([sid(1)]);
        expect(await groups()).toEqual([
          group(1, { ...earlier, ...members(2) }),
          group(2, later),
          group(3, { ...earlier, ...members(2) }),
        ]);
      });
    });
  });
}
