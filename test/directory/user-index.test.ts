import { describe, expect, it } from "@jest/globals";
import { positionOf } from "../../src/directory/account.js";
import { PENDING_ACTIVITY, parseDay, type Usage } from "../../src/directory/activity.js";
import type { UserQuery } from "../../src/directory/query.js";
import type { UserRecord } from "../../src/directory/user-entry.js";
import { account, attributes, OWNER, ownerAccount, sid } from "../support/example-accounts.js";
import { found, indexOf, list, sidsOf, write } from "./users-of-index.js";

describe("what is shown of a user", () => {
  const renamed = (friendlyName: string) => account(1, { friendlyName });

  it("is what a provider wrote, and what it left out is absent", () => {
    const written = attributes("ada", { title: "Countess" });
    const index = indexOf([account(1)]);
    expect(write(index, account(1), written).attributes).toEqual(written);
  });

  it("is the displayName that a provider wrote, whole, while Twilio has its cut", () => {
    const displayName = "x".repeat(80);
    const index = indexOf([]);
    write(index, renamed("x".repeat(64)), attributes("ada", { displayName }));
    expect(index.get(sid(1))?.attributes.displayName).toBe(displayName);
    index.report({ ...renamed("x".repeat(64)), status: "suspended" }, index.tick());
    expect(index.get(sid(1))?.attributes.displayName).toBe(displayName);
  });

  it("is no displayName where a provider wrote none", () => {
    const index = indexOf([]);
    write(index, renamed("Sales"), attributes("ada"));
    expect(index.get(sid(1))?.attributes).not.toHaveProperty("displayName");
  });

  it.each([{ displayName: "Sales" }, {}])(
    "is the name given in Twilio's console since, after %j",
    (written) => {
      const index = indexOf([]);
      write(index, renamed("Sales"), attributes("ada", written));
      index.report(renamed("Support"), index.tick());
      expect(index.get(sid(1))?.attributes).toEqual(attributes("ada", { displayName: "Support" }));
    },
  );

  it("is the written displayName again where the console's name is taken back", () => {
    const index = indexOf([]);
    write(index, renamed("x".repeat(64)), attributes("ada", { displayName: "x".repeat(80) }));
    index.report(renamed("Support"), index.tick());
    index.report(renamed("x".repeat(64)), index.tick());
    expect(index.get(sid(1))?.attributes.displayName).toBe("x".repeat(80));
  });

  it("has the later of both dates, Twilio's and the provider's, as its last change", () => {
    const index = indexOf([account(1, { dateUpdated: 1000 })]);
    expect(index.get(sid(1))?.lastModified).toBe(1000);
    expect(write(index, account(1, { dateUpdated: 1000 }), attributes("ada"), 2000).lastModified).toBe(2000);
    index.report(account(1, { dateUpdated: 3000 }), index.tick());
    expect(index.get(sid(1))?.lastModified).toBe(3000);
  });
});

describe("who is seen", () => {
  it("is the owner account, unless it is hidden from reads of every kind", () => {
    const owner = ownerAccount({ friendlyName: "boss@example.com" });
    expect(list(indexOf([owner, account(1)])).sids).toEqual([OWNER, sid(1)]);
    const hiding = indexOf([owner, account(1)], { showsOwner: false });
    expect(list(hiding)).toEqual({ sids: [sid(1)], total: 1 });
    expect(hiding.get(OWNER)).toBeUndefined();
    expect(found(hiding, "id", OWNER)).toEqual([]);
    expect(found(hiding, "userName", "boss@example.com")).toEqual([]);
    expect(found(hiding, "email", "boss@example.com")).toEqual([]);
    expect(hiding.known(OWNER)).toBeDefined();
  });

  it("is no closed account, in reads of no kind", () => {
    const index = indexOf([account(1, { friendlyName: "a@b.example" }), account(2)]);
    index.report(account(1, { friendlyName: "a@b.example", status: "closed" }), index.tick());
    expect(list(index)).toEqual({ sids: [sid(2)], total: 1 });
    expect(index.get(sid(1))).toBeUndefined();
    expect(found(index, "id", sid(1))).toEqual([]);
    expect(found(index, "userName", "a@b.example")).toEqual([]);
    expect(found(index, "email", "a@b.example")).toEqual([]);
  });

  it("is every closed account where they are shown, beside the open one that has its name now", () => {
    const closed = account(1, { friendlyName: "Sales", status: "closed" });
    const index = indexOf([closed, account(2, { friendlyName: "sales" })], { showsClosed: true });
    expect(list(index).sids).toEqual([sid(1), sid(2)]);
    expect(index.get(sid(1))?.account.status).toBe("closed");
    expect(found(index, "userName", "SALES")).toEqual([sid(1), sid(2)]);
  });
});

describe("a list", () => {
  it("is ordered by creation and then by SID, whatever the order of reports", () => {
    const sameTime = { dateCreated: account(2).dateCreated };
    const index = indexOf([account(5), account(4, sameTime), account(3, sameTime), account(1)]);
    expect(list(index).sids).toEqual([sid(1), sid(3), sid(4), sid(5)]);
  });

  it("is cut into pages, each with the total", () => {
    const index = indexOf([1, 2, 3, 4, 5].map((number) => account(number)));
    expect(list(index, undefined, 0, 2)).toEqual({ sids: [sid(1), sid(2)], total: 5 });
    expect(list(index, undefined, 4, 2)).toEqual({ sids: [sid(5)], total: 5 });
    expect(list(index, undefined, 7, 2)).toEqual({ sids: [], total: 5 });
    expect(list(index, undefined, 0, 0)).toEqual({ sids: [], total: 5 });
  });

  it("reads beside a user what the user is at that time", async () => {
    const index = indexOf([account(1), account(2)]);
    const days = async () => {
      const seen: (readonly unknown[])[] = [];
      const matches = ({ user, status, lastActivityDay, lastActivityExcludingFeesDay }: UserRecord) => {
        expect(status).toBe(user.account.status);
        return seen.push([lastActivityDay, lastActivityExcludingFeesDay]) > 0;
      };
      await index.list({ narrowings: [], matches, offset: 0, limit: 2 });
      return seen;
    };
    expect(await days()).toEqual([
      [undefined, undefined],
      [undefined, undefined],
    ]);
    const usage = { services: [], recentCharges: {}, readUntil: parseDay("1970-01-31") };
    const lastActivity = parseDay("1970-01-11");
    const current = { ...PENDING_ACTIVITY, state: "current" } as const;
    index.setActivity(sid(1), { ...current, usage: { ...usage, lastActivity } as Usage });
    index.report(account(2, { status: "suspended", dateUpdated: 1 }), index.tick());
    expect(await days()).toEqual([
      [10, undefined],
      [undefined, undefined],
    ]);
    index.setActivity(sid(1), {
      ...current,
      usage: { ...usage, lastActivityExcludingFees: lastActivity } as Usage,
    });
    expect(await days()).toEqual([
      [undefined, 10],
      [undefined, undefined],
    ]);
  });

  it("counts what matches on all pages", async () => {
    const index = indexOf([1, 2, 3, 4, 5].map((number) => account(number)));
    const matches = ({ user }: UserRecord) => user.account.sid !== sid(2);
    const page = await index.list({ narrowings: [], matches, offset: 1, limit: 2 });
    expect(sidsOf(page)).toEqual({ sids: [sid(3), sid(4)], total: 4 });
  });
});

describe("a page behind a position", () => {
  const index = indexOf([1, 2, 3, 4, 5].map((number) => account(number)));
  const page = async (query: Partial<UserQuery>) =>
    sidsOf(await index.list({ narrowings: [], matches: undefined, offset: 0, limit: 2, ...query }));
  const after = positionOf(account(2));

  it("begins with the one behind it, and has the total of all that match", async () => {
    expect(await page({ after })).toEqual({ sids: [sid(3), sid(4)], total: 5 });
    expect(await page({ after, offset: 2 })).toEqual({ sids: [sid(5)], total: 5 });
    expect(await page({ after: positionOf(account(5)) })).toEqual({ sids: [], total: 5 });
  });

  it("begins there also where the one that had it is gone, or never was", async () => {
    const gone = indexOf([account(1), account(3)]);
    expect(sidsOf(gone.page({ narrowings: [], after, offset: 0, limit: 2 })).sids).toEqual([sid(3)]);
    expect(await page({ after: { created: 0, id: "" } })).toEqual({ sids: [sid(1), sid(2)], total: 5 });
    expect(await page({ after: { ...after, id: "" } })).toEqual({ sids: [sid(2), sid(3)], total: 5 });
  });

  it("counts only what matches, also before it", async () => {
    const matches = ({ user }: UserRecord) => user.account.sid !== sid(3);
    expect(await page({ after, matches })).toEqual({ sids: [sid(4), sid(5)], total: 4 });
    expect(await page({ after, matches, offset: 1 })).toEqual({ sids: [sid(5)], total: 4 });
    expect(await page({ after, matches, limit: 1 })).toEqual({ sids: [sid(4)], total: 4 });
  });

  it("follows in what lookups give, too", async () => {
    const lookups = [1, 2, 4].map((number) => ({ attribute: "id" as const, value: sid(number) }));
    expect(await page({ after, narrowings: [lookups] })).toEqual({ sids: [sid(4)], total: 3 });
  });
});

describe("the groups of a user", () => {
  const groups = [{ id: "1", attributes: { displayName: "Sales" } }];

  it("are shown, and change nothing else", () => {
    const index = indexOf([account(1)]);
    const before = index.get(sid(1));
    index.setGroups(sid(1), groups);
    expect(index.get(sid(1))).toEqual({ ...before, groups });
    expect(index.page({ narrowings: [], offset: 0, limit: 1 }).users).toEqual([index.get(sid(1))]);
  });

  it("stay with it whatever changes, until it is closed", () => {
    const index = indexOf([account(1)]);
    index.setGroups(sid(1), groups);
    index.report(account(1, { status: "suspended" }), index.tick());
    write(index, account(1), attributes("ada"));
    index.setActivity(sid(1), PENDING_ACTIVITY);
    expect(index.get(sid(1))?.groups).toEqual(groups);
    index.report(account(1, { status: "closed" }), index.tick());
    expect(index.known(sid(1))?.groups).toEqual([]);
  });

  it("are none of a closed account, and of none that is gone", () => {
    const index = indexOf([account(1, { status: "closed" })]);
    index.setGroups(sid(1), groups);
    index.setGroups(sid(2), groups);
    expect(index.known(sid(1))?.groups).toEqual([]);
    expect(index.known(sid(2))).toBeUndefined();
  });

  it("are the last that a listener sees of an account that is closed or forgotten", () => {
    const index = indexOf([account(1), account(2)]);
    for (const number of [1, 2]) index.setGroups(sid(number), groups);
    const heard: unknown[] = [];
    index.onChange({
      changed: (user, before) => heard.push([user.account.status, user.groups, before?.groups]),
      forgotten: (user) => heard.push([user.account.sid, user.groups]),
    });
    index.report(account(1, { status: "closed" }), index.tick());
    index.forget(sid(2));
    index.forget(sid(3));
    expect(heard).toEqual([
      ["closed", [], groups],
      [sid(2), groups],
    ]);
  });
});

describe("a report", () => {
  const active = account(1);
  const suspended = account(1, { status: "suspended" });

  it("that was asked for before a write changes nothing", () => {
    const index = indexOf([active]);
    const asked = index.tick();
    index.write(suspended, undefined);
    expect(index.report(active, asked)).toBe("outdated");
    expect(index.get(sid(1))?.account.status).toBe("suspended");
  });

  it("that was asked for after a write is taken in", () => {
    const index = indexOf([active]);
    index.write(suspended, undefined);
    expect(index.report(active, index.tick())).toBe("changed");
    expect(index.get(sid(1))?.account.status).toBe("active");
  });

  it("that is older than another one changes nothing, though the other one only told what was known", () => {
    const index = indexOf([active]);
    const asked = index.tick();
    expect(index.report(active, index.tick())).toBe("same");
    expect(index.report(suspended, asked)).toBe("outdated");
    expect(index.get(sid(1))?.account.status).toBe("active");
  });

  it("never brings a closed account back: at Twilio nothing does", () => {
    const index = indexOf([active]);
    index.write({ ...active, status: "closed" }, undefined);
    index.report(account(2, { friendlyName: active.friendlyName }), index.tick());
    expect(index.report(active, index.tick())).toBe("outdated");
    expect(index.get(sid(1))).toBeUndefined();
    expect(found(index, "userName", active.friendlyName)).toEqual([sid(2)]);
  });

  it("makes an account count as seen: who was told of since is not missing", () => {
    const index = indexOf([account(1), account(2), account(3), account(4)]);
    const start = index.tick();
    index.write(suspended, undefined);
    index.report(account(2), index.tick());
    expect(index.missing(new Set([sid(3)]), start)).toEqual([sid(4)]);
  });
});
