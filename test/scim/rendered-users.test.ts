import { setImmediate as nextTurnOfLoop } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeEach, describe, expect, it } from "@jest/globals";
import type { AccountSid } from "../../src/directory/account.js";
import type { User } from "../../src/directory/user.js";
import { UserIndex } from "../../src/directory/user-index.js";
import { parseProjection } from "../../src/scim/projection.js";
import { addressBytes, bytesAt, type RenderedUser, renderToBytes } from "../../src/scim/rendered-user.js";
import { createRenderedUsers } from "../../src/scim/rendered-users.js";
import { userVersion } from "../../src/scim/user-version.js";
import { shortSlices } from "../directory/short-slices.js";
import { surroundings } from "../support/core.js";
import { account, sid } from "../support/example-accounts.js";
import { BASE_URL, operations, request } from "./fake-directory.js";
import { HeldTurns } from "./held-turns.js";
import { type RenderedOnCore, renderedOnCore } from "./rendered-on-core.js";
import { BUSY, schema } from "./sample-users.js";

const ADA = sid(1);
const BOB = sid(2);
const CAT = sid(3);

const EVERYBODY = ["Parent", "Ada", "Bob", "Cat"];

let on: RenderedOnCore;
beforeEach(async () => {
  const accounts = ["Ada", "Bob", "Cat"].map((friendlyName, index) => account(index + 1, { friendlyName }));
  on = await renderedOnCore(await surroundings(accounts));
  await on.core.sync.pass();
});

const list = (query: Record<string, unknown> = {}) => on.users.list(request(query));
const patch = (id: AccountSid, ...all: object[]) => on.users.patch(id, operations(...all), request());
const setActive = (id: AccountSid, value: boolean) => patch(id, { op: "replace", path: "active", value });

describe("a user", () => {
  it("is rendered in the background when it is known", async () => {
    expect(on.takeRendered()).toEqual([]);
    await on.background.next();
    expect(on.takeRendered()).toEqual(EVERYBODY);
  });

  it("is rendered at once where somebody asks before, and then not again", async () => {
    await on.users.get(BOB, request());
    expect(on.takeRendered()).toEqual(["Bob"]);
    await on.background.next();
    expect(on.takeRendered()).toEqual(["Parent", "Ada", "Cat"]);
  });

  it("is rendered once, however often it is read", async () => {
    for (let times = 0; times < 10; times++) {
      await list();
      await list({ sortBy: "displayName", count: "2" });
      await on.users.get(ADA, request());
      await on.users.get(ADA, { ...request(), baseUrl: "https://other.example/scim/v2" });
      if (times === 5) await on.background.next();
    }
    expect(on.takeRendered().sort()).toEqual(EVERYBODY.toSorted());
  });
});

describe("once all are rendered", () => {
  beforeEach(async () => {
    await on.background.next();
    on.takeRendered();
  });

  it("a PATCH renders the one user that it changes, and nobody where nothing changes", async () => {
    await setActive(ADA, false);
    await on.background.next();
    await list();
    expect(on.takeRendered()).toEqual(["Ada"]);
    await setActive(ADA, false);
    await patch(BOB, { op: "replace", path: "displayName", value: "Bob" });
    await on.background.next();
    await list();
    expect(on.takeRendered()).toEqual([]);
  });

  it("a pass over unchanged accounts renders nobody, and a rename in Twilio's console one", async () => {
    await on.core.sync.pass();
    await on.background.next();
    expect(on.takeRendered()).toEqual([]);
    on.core.gateway.edit(CAT, { friendlyName: "Katharina" });
    await on.core.sync.pass();
    await on.background.next();
    expect(on.takeRendered()).toEqual(["Katharina"]);
  });

  it("what is learned of one user's activity and groups renders it, and no other", async () => {
    on.core.directory.activityLearned(BOB, BUSY);
    await on.background.next();
    expect(on.takeRendered()).toEqual(["Bob"]);
    const { id } = await on.core.directory.groups.create({
      attributes: { displayName: "Guides" },
      members: [ADA, CAT],
    });
    await on.background.next();
    expect(on.takeRendered()).toEqual(["Ada", "Cat"]);
    await on.core.directory.groups.delete(id);
    await on.background.next();
    expect(on.takeRendered()).toEqual(["Ada", "Cat"]);
  });

  it("several changes before the background has its turn render a user once, as it is then", async () => {
    await on.core.suspend(ADA);
    on.core.directory.activityLearned(ADA, BUSY);
    await on.core.reactivate(ADA);
    await on.background.next();
    expect(on.rendered).toEqual([on.core.directory.index.get(ADA)]);
  });

  it("a user that is closed is not rendered, and neither is one that Twilio has forgotten", async () => {
    await on.core.close(ADA);
    on.core.directory.activityLearned(ADA, BUSY);
    on.core.directory.activityLearned(BOB, BUSY);
    on.core.directory.accountGone(BOB);
    await on.background.next();
    await list();
    expect(on.takeRendered()).toEqual([]);
  });

  it("filters, orders and sub-attributes render nobody", async () => {
    await on.core.suspend(ADA);
    await on.core.suspend(BOB);
    await list({ filter: "active eq false and displayName pr", attributes: "userName" });
    await list({ sortBy: "meta.lastModified", count: "0" });
    await list({ filter: "title pr" });
    await on.users.get(CAT, request({ attributes: "emails,groups,entitlements" }));
    expect(on.takeRendered()).toEqual([]);
  });

  it("closed users are rendered where they are shown", async () => {
    const shown = await renderedOnCore(await surroundings([account(1, { status: "closed" })]), {
      showsClosed: true,
    });
    await shown.core.sync.pass();
    await shown.background.next();
    expect(shown.takeRendered()).toEqual(["Parent", "Account 1"]);
  });
});

describe("a page with some attributes", () => {
  it.each([
    { attributes: "userName" },
    { attributes: "meta.version" },
    { attributes: "meta.location,groups.$ref" },
    { attributes: "meta,groups" },
    { attributes: 'groups[display eq "guides"].value,emails' },
    { attributes: "services.value,schemas" },
    { attributes: "shoeSize" },
    { excludedAttributes: "groups,entitlements" },
    { excludedAttributes: "meta.version,groups.display" },
    { excludedAttributes: "meta" },
  ])("has what is left of the whole resources: %j", async (query) => {
    const attributes = { displayName: "Guides" };
    await on.core.directory.groups.create({ attributes, members: [ADA, BOB] });
    on.core.directory.activityLearned(ADA, BUSY);
    const whole = await list();
    const part = await list(query);
    const { apply } = parseProjection(query, schema);
    expect(part.Resources).toEqual(whole.Resources.map((resource) => apply(resource)));
    const one = await on.users.get(ADA, request(query));
    expect(one.resource).toEqual(part.Resources[1]);
  });
});

/** An index of users who are there, with a renderer on it. */
function renderedOnIndex(slices: HeldTurns["slices"], renderAnew: (user: User) => RenderedUser) {
  const index = new UserIndex({
    emailDomain: undefined,
    showsOwner: true,
    showsClosed: false,
    slices: shortSlices(),
  });
  const render = createRenderedUsers({ index, slices, renderAnew });
  const put = (number: number, friendlyName: string) =>
    index.write(account(number, { friendlyName }), undefined);
  return { index, render, put };
}

describe("the background", () => {
  it("passes over who is not there any more, and takes in what changes while it is at work", async () => {
    const rendered: string[] = [];
    const { index, put } = renderedOnIndex(
      shortSlices(() => {
        if (rendered.at(-1) !== "Ada") return;
        index.forget(BOB);
        put(3, "Katharina");
        put(4, "Dan");
      }),
      (user) => {
        rendered.push(user.attributes.userName);
        return renderToBytes(user);
      },
    );
    put(1, "Ada");
    put(2, "Bob");
    put(3, "Cat");
    await nextTurnOfLoop();
    expect(rendered).toEqual(["Ada", "Katharina", "Dan"]);
  });

  it("renders also who changes in the moment in which it is done", async () => {
    const rendered: string[] = [];
    const held = new HeldTurns();
    const { put } = renderedOnIndex(held.slices, (user) => {
      rendered.push(user.attributes.userName);
      if (rendered.length === 1) queueMicrotask(() => put(1, "Countess"));
      return renderToBytes(user);
    });
    put(1, "Ada");
    await held.next();
    await held.next();
    expect(rendered).toEqual(["Ada", "Countess"]);
  });

  it("goes on where a user cannot be rendered, and leaves it to whoever asks to be told", async () => {
    const rendered: string[] = [];
    const { put, render } = renderedOnIndex(shortSlices(), (user) => {
      if (user.account.sid === ADA) throw new RangeError("Invalid time value");
      rendered.push(user.attributes.userName);
      return renderToBytes(user);
    });
    const ada = put(1, "Ada");
    put(2, "Bob");
    await nextTurnOfLoop();
    expect(rendered).toEqual(["Bob"]);
    expect(() => render(ada)).toThrow(RangeError);
  });
});

describe("an older user, which a search still holds", () => {
  it("is rendered as it was, and does not come in the way of what is known now", async () => {
    const rendered: User[] = [];
    const { put, render } = renderedOnIndex(new HeldTurns().slices, (user) => {
      rendered.push(user);
      return renderToBytes(user);
    });
    const older = put(1, "Ada");
    const known = put(1, "Countess");
    const address = addressBytes(BASE_URL);
    for (const user of [older, known, older, known]) {
      const { version, parts } = render(user);
      expect(bytesAt({ version, parts }, address)).toBe(bytesAt(renderToBytes(user), address));
      expect(version).toBe(userVersion(user));
    }
    expect(rendered.filter((user) => user === known)).toHaveLength(1);
  });
});

describe("what was rendered", () => {
  it.each<[string, (index: UserIndex) => unknown]>([
    ["has changed", (index) => index.write(account(1, { friendlyName: "Countess" }), undefined)],
    ["is closed", (index) => index.write(account(1, { status: "closed" }), undefined)],
    ["is forgotten", (index) => index.forget(ADA)],
  ])("is let go when the user %s", async (_how, happen) => {
    const held = new HeldTurns();
    const copies: WeakRef<RenderedUser>[] = [];
    const { index, put } = renderedOnIndex(held.slices, (user) => {
      const copy = renderToBytes(user);
      copies.push(new WeakRef(copy));
      return copy;
    });
    put(1, "Ada");
    await held.next();
    await collectGarbage();
    expect(copies.map((copy) => copy.deref() !== undefined)).toEqual([true]);
    await nextTurnOfLoop();
    happen(index);
    await collectGarbage();
    expect(copies.map((copy) => copy.deref() !== undefined)).toEqual([false]);
  });
});

/** Jest's realm has no garbage collector to call, and Node has one only where it is asked for. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  // What a WeakRef was asked for stays until the turn is over.
  await nextTurnOfLoop();
  collect();
}
