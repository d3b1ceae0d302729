import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { DirectoryStore } from "../../src/directory/ports.js";
import type { UserAttributes } from "../../src/directory/user-attributes.js";
import {
  account,
  activity,
  day,
  EVERY_ATTRIBUTE,
  EVERY_USAGE,
  identity,
  keysOf,
  loaded,
  row,
  sid,
} from "./stored-examples.js";

/**
 * What every DirectoryStore tells a restart of users, at first and later. `current` answers the test's store, `reopen` opens
 * its database anew.
 */
export function describeStoredUsers(current: () => DirectoryStore, reopen: () => Promise<void>): void {
  describe("a restart", () => {
    it("learns of users in the order of lists", async () => {
      const created = (dateCreated: number) => ({ dateCreated });
      const rows = [
        row(account(4, created(1))),
        row(account(1, created(2))),
        row(account(3, created(2))),
        row(account(2, created(3))),
      ];
      await current().saveAccounts(rows.toReversed());
      await reopen();
      expect((await current().load()).users).toEqual(rows.map((saved) => loaded(saved)));
    });

    it("learns what users are looked up by, as it was written last", async () => {
      await current().saveAccounts([row(account(1)), row(account(2))]);
      await current().saveIdentity(identity(2, EVERY_ATTRIBUTE), row(account(2)));
      await current().saveIdentity(identity(3, EVERY_ATTRIBUTE), row(account(3, { status: "closed" })));
      await current().saveIdentity(identity(3, { userName: "Ada" }), row(account(3)));
      await reopen();
      const { users } = await current().load();
      expect(users.map(({ keys }) => keys)).toEqual([
        undefined,
        { userName: "ada@example.com", externalId: "00u1", emails: ["ada@example.com", "ada@home.example"] },
        { userName: "Ada" },
      ]);
    });

    it("does not learn what was written about an account that was forgotten meanwhile", async () => {
      await current().saveIdentity(identity(1), row(account(1)));
      await current().forgetAccounts([sid(1)]);
      await current().saveAccounts([row(account(1))]);
      expect((await current().load()).users).toEqual([loaded(row(account(1)))]);
    });

    it("learns the very names, addresses and ids that the attributes have, whatever is in them", async () => {
      const store = current();
      await fc.assert(
        fc.asyncProperty(fc.array(attributes, { minLength: 1, maxLength: 4 }), async (all) => {
          for (const [n, one] of all.entries()) {
            // A name is another account's for as long as that account is open.
            await store.saveIdentity(identity(n, one), row(account(n, { status: "closed" })));
          }
          const { users } = await store.load();
          const details = await store.details(users.map(({ account: { sid } }) => sid));
          const written = new Map(details.map(({ accountSid, identity }) => [accountSid, identity]));
          for (const [n, one] of all.entries()) {
            expect(users[n]?.keys).toEqual(keysOf(one));
            expect(written.get(sid(n))?.attributes).toEqual(one);
          }
        }),
        { numRuns: 100 },
      );
    });
  });

  describe("details", () => {
    it("are those that were asked for, one for each account, known or not", async () => {
      await current().saveIdentity(identity(1, EVERY_ATTRIBUTE), row(account(1)));
      await current().saveAccounts([row(account(2)), row(account(3))]);
      await current().saveActivities([1, 2, 5].map((n) => activity(n)));
      const details = await current().details([sid(4), sid(1), sid(2), sid(5)]);
      const known = { identity: undefined, activity: activity(1).activity };
      expect(details.toSorted((a, b) => (a.accountSid < b.accountSid ? -1 : 1))).toEqual([
        { accountSid: sid(1), identity: identity(1, EVERY_ATTRIBUTE), activity: activity(1).activity },
        { ...known, accountSid: sid(2), activity: activity(2).activity },
        { ...known, accountSid: sid(4), activity: undefined },
        { ...known, accountSid: sid(5), activity: activity(5).activity },
      ]);
    });

    it("are not mixed up where those of accounts are nearly the same", async () => {
      const charged = [
        {},
        { lastActivity: day("2026-11-30") },
        { lastActivityExcludingFees: day("2026-11-30") },
      ];
      const names = [
        { service: "sms", display: "SMS" },
        { service: "sms", display: "sms" },
        { service: "smsS", display: "MS" },
        { service: "sm", display: "sSMS" },
      ];
      const saved = charged.flatMap((days) => names.map((name) => ({ ...name, ...days })));
      await current().saveActivities(
        saved.map((service, n) => activity(n, { usage: { ...EVERY_USAGE, services: [service] } })),
      );
      const details = await current().details(saved.map((_, n) => sid(n)));
      const read = new Map(
        details.map(({ accountSid, activity }) => [accountSid, activity?.usage?.services]),
      );
      expect(saved.map((_, n) => read.get(sid(n)))).toEqual(saved.map((service) => [service]));
    });

    it("are none where nobody is asked for", async () => {
      await current().saveActivities([activity(1)]);
      expect(await current().details([])).toEqual([]);
    });

    it("are read for a thousand accounts at once", async () => {
      const numbers = Array.from({ length: 1000 }, (_, n) => n);
      await current().saveActivities(numbers.map((n) => activity(n)));
      const details = await current().details(numbers.map(sid));
      expect(details.map((one) => one.activity?.asOf).toSorted()).toEqual(
        numbers.map((n) => activity(n).activity.asOf),
      );
    });
  });
}

/** What JSON or SQL might trip over, and plain characters. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '"',
        "\\",
        "/",
        "\n",
        "\r",
        "\u0000",
        "\u0007",
        "\u2028",
        "\ud800",
        "\udc00",
        "💡",
        "'",
        ",",
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));

const emails = fc.array(fc.record({ value: text, type: text, primary: fc.boolean() }, { requiredKeys: [] }), {
  minLength: 1,
  maxLength: 3,
});

const attributes: fc.Arbitrary<UserAttributes> = fc.oneof(
  fc.record({ userName: text, externalId: text, emails }, { requiredKeys: ["userName"] }),
  text.map((userName) => ({ userName, emails: [{ value: userName }] })),
);
