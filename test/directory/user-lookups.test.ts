import { describe, expect, it } from "@jest/globals";
import { type Account, positionOf } from "../../src/directory/account.js";
import type { Lookup, Narrowing } from "../../src/directory/query.js";
import type { UserRecord } from "../../src/directory/user-entry.js";
import type { UserIndex } from "../../src/directory/user-index.js";
import { account, attributes, OWNER, ownerAccount, sid } from "../support/example-accounts.js";
import { shortSlices } from "./short-slices.js";
import { activityWith, found, indexOf, list, sidsOf, write } from "./users-of-index.js";

const status = (value: string): Lookup => ({ attribute: "status", value });
const service = (value: string): Lookup => ({ attribute: "service", value });

describe("a lookup of users", () => {
  const index = indexOf([account(1, { friendlyName: "Ada@Example.com" }), account(3)]);
  write(
    index,
    account(2),
    attributes("Bob", { externalId: "ext-1", emails: [{ value: "Bob@b.example" }, { type: "home" }] }),
  );
  write(
    index,
    account(3),
    attributes("Carol", { externalId: "ext-1", emails: [{ value: "x" }, { value: "bob@B.example" }] }),
  );

  it("finds by id, exactly", () => {
    expect(found(index, "id", sid(2))).toEqual([sid(2)]);
    expect(found(index, "id", sid(2).toLowerCase())).toEqual([]);
    expect(found(index, "id", "AC..")).toEqual([]);
  });

  it("finds by userName without case", () => {
    expect(found(index, "userName", "bOB")).toEqual([sid(2)]);
    expect(found(index, "userName", "ADA@example.COM")).toEqual([sid(1)]);
  });

  it("no longer finds a userName that was written over", () => {
    expect(found(index, "userName", "Account 3")).toEqual([]);
  });

  it("finds by externalId, all who have it, with case", () => {
    expect(found(index, "externalId", "ext-1")).toEqual([sid(2), sid(3)]);
    expect(found(index, "externalId", "EXT-1")).toEqual([]);
  });

  it("finds by e-mail without case, derived or written, in any place", () => {
    expect(found(index, "email", "BOB@b.EXAMPLE")).toEqual([sid(2), sid(3)]);
    expect(found(index, "email", "ada@example.com")).toEqual([sid(1)]);
  });

  it("gives who answers to any of several, once and in the order of lists", () => {
    const lookups: Lookup[] = [
      { attribute: "userName", value: "carol" },
      { attribute: "id", value: sid(1) },
      { attribute: "externalId", value: "ext-1" },
    ];
    expect(list(index, lookups)).toEqual({ sids: [sid(1), sid(2), sid(3)], total: 3 });
    expect(list(index, lookups, 1, 1)).toEqual({ sids: [sid(2)], total: 3 });
  });
});

describe("a lookup by status", () => {
  const suspended = (number: number) => account(number, { status: "suspended" });
  const closed = (number: number) => account(number, { status: "closed" });

  it("finds all who have it, in the order of lists", () => {
    const index = indexOf([account(4), suspended(3), account(2), suspended(1)]);
    expect(list(index, [status("active")])).toEqual({ sids: [sid(2), sid(4)], total: 2 });
    expect(list(index, [status("suspended")], 1, 1)).toEqual({ sids: [sid(3)], total: 2 });
    expect(found(index, "status", "banana")).toEqual([]);
  });

  it("finds a user by the status that it has now, whoever changed it", () => {
    const index = indexOf([account(1), account(2), account(3)]);
    index.report(suspended(1), index.tick());
    index.write(suspended(3), undefined);
    expect(found(index, "status", "active")).toEqual([sid(2)]);
    expect(found(index, "status", "suspended")).toEqual([sid(1), sid(3)]);
    index.write(account(1), undefined);
    expect(found(index, "status", "active")).toEqual([sid(1), sid(2)]);
    expect(found(index, "status", "suspended")).toEqual([sid(3)]);
  });

  it("finds no closed user, unless they are shown", () => {
    for (const showsClosed of [false, true]) {
      const index = indexOf([account(1), closed(2)], { showsClosed });
      index.write(closed(1), undefined);
      expect(found(index, "status", "active")).toEqual([]);
      expect(found(index, "status", "closed")).toEqual(showsClosed ? [sid(1), sid(2)] : []);
    }
  });

  it("finds neither who is hidden nor who is forgotten", () => {
    const index = indexOf([ownerAccount(), account(1), account(2)], { showsOwner: false });
    index.forget(sid(2));
    expect(found(index, "status", "active")).toEqual([sid(1)]);
    expect(found(index, "id", OWNER)).toEqual([]);
  });
});

describe("a lookup by service", () => {
  function withServices(services: Readonly<Record<number, readonly string[]>>): UserIndex {
    const numbers = Object.keys(services).map(Number);
    const index = indexOf(numbers.map((number) => account(number)));
    for (const number of numbers) index.setActivity(sid(number), activityWith(services[number] ?? []));
    return index;
  }

  it("finds all who were ever charged for it", () => {
    const index = withServices({ 1: ["sms", "voice"], 2: [], 3: ["sms"], 4: ["verify"] });
    expect(list(index, [service("sms")])).toEqual({ sids: [sid(1), sid(3)], total: 2 });
    expect(found(index, "service", "voice")).toEqual([sid(1)]);
    expect(found(index, "service", "SMS")).toEqual([]);
  });

  it("finds whom a reading has found to use it, and no longer who does not", () => {
    const index = withServices({ 1: ["sms"], 2: ["sms"], 3: [] });
    index.setActivity(sid(1), activityWith(["voice"]));
    index.setActivity(sid(3), activityWith(["sms", "voice"]));
    expect(found(index, "service", "sms")).toEqual([sid(2), sid(3)]);
    expect(found(index, "service", "voice")).toEqual([sid(1), sid(3)]);
  });

  it("keeps whom it finds whatever else changes, until it is closed or forgotten", () => {
    const index = withServices({ 1: ["sms"], 2: ["sms"], 3: ["sms"] });
    index.write(account(1, { status: "suspended" }), undefined);
    write(index, account(2), attributes("ada"));
    expect(found(index, "service", "sms")).toEqual([sid(1), sid(2), sid(3)]);
    index.write(account(1, { status: "closed" }), undefined);
    index.forget(sid(3));
    expect(found(index, "service", "sms")).toEqual([sid(2)]);
  });
});

describe("a user whose creation date is another one than was known", () => {
  it("stands in its new place in every list, once", () => {
    const index = indexOf([account(1), account(2), account(3)]);
    for (const number of [1, 2, 3]) index.setActivity(sid(number), activityWith(["sms"]));
    const { dateCreated } = account(9);
    index.report(account(1, { dateCreated }), index.tick());
    const inOrder = [sid(2), sid(3), sid(1)];
    expect(list(index)).toEqual({ sids: inOrder, total: 3 });
    expect(found(index, "status", "active")).toEqual(inOrder);
    expect(found(index, "service", "sms")).toEqual(inOrder);
    index.forget(sid(1));
    expect(list(index)).toEqual({ sids: [sid(2), sid(3)], total: 2 });
    expect(found(index, "service", "sms")).toEqual([sid(2), sid(3)]);
  });
});

describe("lookups of which any will do", () => {
  const index = indexOf([
    account(1),
    account(2, { status: "suspended" }),
    account(3),
    account(4, { status: "suspended" }),
    account(5),
  ]);
  for (const number of [1, 2, 5]) index.setActivity(sid(number), activityWith(["sms"]));

  it("give each user once, in the order of lists", () => {
    const either: Narrowing<Lookup> = [
      status("suspended"),
      service("sms"),
      { attribute: "id", value: sid(5) },
    ];
    expect(list(index, either)).toEqual({ sids: [sid(1), sid(2), sid(4), sid(5)], total: 4 });
    expect(list(index, either, 1, 2)).toEqual({ sids: [sid(2), sid(4)], total: 4 });
    const after = positionOf(account(3));
    expect(sidsOf(index.page({ narrowings: [either], after, offset: 1, limit: 5 })).sids).toEqual([sid(5)]);
    expect(list(index, [service("sms"), service("sms")]).sids).toEqual([sid(1), sid(2), sid(5)]);
  });

  it("give nobody where there are none", () => {
    expect(list(index, [])).toEqual({ sids: [], total: 0 });
  });
});

describe("a search", () => {
  const accounts: Account[] = Array.from({ length: 50 }, (_, at) =>
    account(at + 1, { status: at % 10 === 0 ? "suspended" : "active" }),
  );

  /** How many users a search looks at. */
  async function lookedAt(index: UserIndex, narrowings: readonly Narrowing<Lookup>[]): Promise<number> {
    let users = 0;
    const matches = () => {
      users += 1;
      return true;
    };
    await index.list({ narrowings, matches, offset: 0, limit: 10 });
    return users;
  }

  it("looks at those only whom the narrowing leaves that leaves the fewest", async () => {
    const index = indexOf(accounts);
    for (const number of [1, 2, 3]) index.setActivity(sid(number), activityWith(["sms"]));
    const one: Lookup = { attribute: "userName", value: "account 7" };
    expect(await lookedAt(index, [])).toBe(50);
    expect(await lookedAt(index, [[status("active")]])).toBe(45);
    expect(await lookedAt(index, [[status("active")], [status("suspended")]])).toBe(5);
    expect(await lookedAt(index, [[status("active")], [service("sms")], [status("suspended")]])).toBe(3);
    expect(await lookedAt(index, [[one], [status("active")]])).toBe(1);
    expect(
      await lookedAt(index, [
        [status("active"), one],
        [service("sms"), one],
      ]),
    ).toBe(4);
    expect(await lookedAt(index, [[status("active")], [service("fax")]])).toBe(0);
  });

  it("shows nobody who was closed while it went on, unless closed accounts are shown", async () => {
    for (const showsClosed of [false, true]) {
      const slices = shortSlices(() => index.write(account(3, { status: "closed" }), undefined));
      const index = indexOf([account(1), account(2), account(3)], { showsClosed, slices });
      const matches = ({ user: { account } }: UserRecord) => account.sid !== sid(2);
      const page = await index.list({ narrowings: [], matches, offset: 0, limit: 10 });
      const shown = showsClosed ? [sid(1), sid(3)] : [sid(1)];
      expect(sidsOf(page)).toEqual({ sids: shown, total: shown.length });
    }
  });
});
