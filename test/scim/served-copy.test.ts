import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type AccountSid, isOwnerAccount } from "../../src/directory/account.js";
import type { Activity } from "../../src/directory/activity.js";
import type { User } from "../../src/directory/user.js";
import type { UserAttributes } from "../../src/directory/user-attributes.js";
import { toScimError } from "../../src/scim/errors.js";
import { jsonBytes, parseJsonBytes } from "../../src/scim/json-bytes.js";
import { showAll } from "../../src/scim/members.js";
import { addressBytes, bytesAt, renderToBytes } from "../../src/scim/rendered-user.js";
import { servedMembers } from "../../src/scim/user-members.js";
import { userVersion } from "../../src/scim/user-version.js";
import { type Surroundings, surroundings } from "../support/core.js";
import { account, sid } from "../support/example-accounts.js";
import { operations, request } from "./fake-directory.js";
import type { ReadAnswer } from "./readable.js";
import { type RenderedOnCore, renderedOnCore } from "./rendered-on-core.js";
import { anyActivity, anyAttributes } from "./sample-users.js";

/** The second one is longer in JSON and in UTF-8 than as a text. */
const BASE_URLS = ["https://bridge.example/scim/v2", 'https://brücke.example:8443/"\\/scim/v2'];

/** One thing that happens. `who` and `which` pick one of those that there are, by its place. */
type Happening =
  | { readonly kind: "post"; readonly attributes: UserAttributes; readonly active: boolean }
  | { readonly kind: "put" | "patch"; readonly who: number; readonly attributes: UserAttributes }
  | { readonly kind: "patch active"; readonly who: number; readonly active: boolean }
  | {
      readonly kind: "delete" | "console suspends" | "console closes" | "Twilio forgets";
      readonly who: number;
    }
  | { readonly kind: "console renames"; readonly who: number; readonly name: string }
  | { readonly kind: "console creates"; readonly name: string }
  | { readonly kind: "activity"; readonly who: number; readonly activity: Activity }
  | { readonly kind: "group is created"; readonly name: string; readonly members: readonly number[] }
  | { readonly kind: "group is renamed"; readonly which: number; readonly name: string }
  | { readonly kind: "group gets members"; readonly which: number; readonly members: readonly number[] }
  | { readonly kind: "group is deleted"; readonly which: number }
  | { readonly kind: "get"; readonly who: number; readonly at: number }
  | { readonly kind: "list"; readonly at: number }
  | { readonly kind: "pass" | "background" | "time passes" | "restart" };

const nastyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "a",
        " ",
        "é",
        "ß",
        "日本",
        "\u{1f600}",
        "\ud800",
        "\udfff",
        "\0",
        '"',
        "\\",
        "\n",
        "\u2028",
      ),
      fc.constantFrom("\\u0000", "</script>", "\ufeff", "\x7f", "\xff"),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(""));

const nastyAttributes: fc.Arbitrary<UserAttributes> = fc
  .record({ attributes: anyAttributes, userName: nastyText, displayName: nastyText, title: nastyText })
  .map(({ attributes, ...nasty }) => ({ ...attributes, ...nasty, userName: `u${nasty.userName}` }));

const place = fc.nat(9);
const members = fc.array(place, { maxLength: 4 });

const happening = fc.oneof<fc.Arbitrary<Happening>[]>(
  fc.record({ kind: fc.constant("post"), attributes: nastyAttributes, active: fc.boolean() }),
  fc.record({ kind: fc.constantFrom("put", "patch"), who: place, attributes: nastyAttributes }),
  fc.record({ kind: fc.constant("patch active"), who: place, active: fc.boolean() }),
  fc.record({
    kind: fc.constantFrom("delete", "console suspends", "console closes", "Twilio forgets"),
    who: place,
  }),
  fc.record({ kind: fc.constant("console renames"), who: place, name: nastyText }),
  fc.record({ kind: fc.constant("console creates"), name: nastyText }),
  fc.record({ kind: fc.constant("activity"), who: place, activity: anyActivity }),
  fc.record({ kind: fc.constant("group is created"), name: nastyText, members }),
  fc.record({ kind: fc.constant("group is renamed"), which: place, name: nastyText }),
  fc.record({ kind: fc.constant("group gets members"), which: place, members }),
  fc.record({ kind: fc.constant("group is deleted"), which: place }),
  fc.record({ kind: fc.constant("get"), who: place, at: fc.nat(1) }),
  fc.record({ kind: fc.constant("list"), at: fc.nat(1) }),
  fc.record({ kind: fc.constantFrom("pass", "pass", "background", "background", "time passes", "restart") }),
);

/** A bridge to which things happen. */
class Served {
  readonly #around: Surroundings;
  #on: RenderedOnCore;

  private constructor(around: Surroundings, on: RenderedOnCore) {
    this.#around = around;
    this.#on = on;
  }

  static async begin(): Promise<Served> {
    const around = await surroundings([1, 2, 3].map((number) => account(number)));
    const served = new Served(around, await renderedOnCore(around));
    await served.#on.core.sync.pass();
    return served;
  }

  /** Does it, or has it refused, and says whether it was done. */
  async happen(happening: Happening): Promise<boolean> {
    try {
      await this.#happen(happening);
      return true;
    } catch (error) {
      if (toScimError(error).status >= 500) throw error;
      return false;
    }
  }

  /** Everybody is served as by a fresh rendering, at both addresses, and nobody was ever rendered twice. */
  async check(): Promise<void> {
    for (const baseUrl of BASE_URLS) {
      await this.#list(baseUrl);
      for (const user of this.#on.core.users) await this.#get(user, baseUrl);
    }
    const { rendered } = this.#on;
    expect(new Set(rendered).size).toBe(rendered.length);
    expect(rendered.filter(({ account }) => account.status === "closed")).toEqual([]);
  }

  async #happen(happening: Happening): Promise<unknown> {
    const { users, groups, core, background } = this.#on;
    const { directory, sync, gateway, clock } = core;
    switch (happening.kind) {
      case "post":
        return users.create({ ...happening.attributes, active: happening.active }, request());
      case "put":
        return users.replace(this.#pick(happening.who), happening.attributes, request());
      case "patch":
        return this.#patch(happening.who, { op: "replace", value: happening.attributes });
      case "patch active":
        return this.#patch(happening.who, { op: "replace", path: "active", value: happening.active });
      case "delete":
        return users.remove(this.#pick(happening.who), request());
      case "console renames":
        return this.#edit(happening.who, { friendlyName: happening.name });
      case "console suspends":
        return this.#edit(happening.who, { status: "suspended" });
      case "console closes":
        return this.#edit(happening.who, { status: "closed" });
      case "console creates":
        return gateway.createInConsole(happening.name);
      case "Twilio forgets":
        return gateway.delete(this.#pick(happening.who));
      case "activity":
        return directory.activityLearned(this.#pick(happening.who), happening.activity);
      case "group is created":
        return groups.create({ displayName: happening.name, ...this.#members(happening.members) }, request());
      case "group is renamed":
        return groups.patch(
          await this.#group(happening.which),
          operations({ op: "replace", path: "displayName", value: happening.name }),
          request(),
        );
      case "group gets members":
        return groups.patch(
          await this.#group(happening.which),
          operations({ op: "replace", value: this.#members(happening.members) }),
          request(),
        );
      case "group is deleted":
        return groups.remove(await this.#group(happening.which), request());
      case "get": {
        const user = directory.index.get(this.#pick(happening.who));
        return user && this.#get(user, baseUrlOf(happening.at));
      }
      case "list":
        return this.#list(baseUrlOf(happening.at));
      case "pass":
        return sync.pass();
      case "background":
        return background.next();
      case "time passes":
        return clock.advance(1000);
      case "restart":
        return this.#restart();
    }
  }

  /** Versions are the same after it, since clients keep them. */
  async #restart(): Promise<void> {
    const { directory } = this.#on.core;
    await directory.save();
    const versions = this.#on.core.users.map(userVersion);
    this.#on = await renderedOnCore(this.#around);
    await this.#on.core.directory.whole();
    expect(this.#on.core.users.map(userVersion)).toEqual(versions);
  }

  async #get(user: User, baseUrl: string): Promise<void> {
    const answer = await this.#on.users.get(user.account.sid, { ...request(), baseUrl });
    expectFresh(answer, user, baseUrl);
  }

  async #list(baseUrl: string): Promise<void> {
    const { core, users } = this.#on;
    const { Resources } = await users.list({ baseUrl, query: { count: "1000" } });
    expect(Resources).toEqual(core.users.map((user) => freshlyServed(user, baseUrl)));
  }

  #patch(who: number, operation: object): Promise<unknown> {
    return this.#on.users.patch(this.#pick(who), operations(operation), request());
  }

  #edit(who: number, edit: Parameters<Surroundings["gateway"]["edit"]>[1]): void {
    const { gateway } = this.#around;
    const known = this.#pick(who);
    if (
      gateway.accounts.some((one) => one.sid === known && !isOwnerAccount(one) && one.status !== "closed")
    ) {
      gateway.edit(known, edit);
    }
  }

  #pick(who: number): AccountSid {
    const { users } = this.#on.core;
    return users[who % users.length]?.account.sid ?? sid(0xbad);
  }

  #members(places: readonly number[]): object {
    return { members: places.map((who) => ({ value: this.#pick(who) })) };
  }

  async #group(which: number): Promise<string> {
    const { Resources } = await this.#on.groups.list(request());
    return String(Resources[which % Math.max(1, Resources.length)]?.id);
  }
}

function baseUrlOf(at: number): string {
  return BASE_URLS[at] ?? "";
}

/** The resource as a client reads it, of a rendering that nobody has kept. */
function freshlyServed(user: User, baseUrl: string): unknown {
  const resource = showAll(servedMembers({ baseUrl, versionOf: userVersion }), user);
  return JSON.parse(JSON.stringify(resource));
}

function expectFresh({ body, resource, version }: ReadAnswer, user: User, baseUrl: string): void {
  expect(resource).toEqual(freshlyServed(user, baseUrl));
  expect(version).toBe(userVersion(user));
  expect(body).toBe(bytesAt(renderToBytes(user), addressBytes(baseUrl)));
  // The one way to write it: nothing is escaped that need not be, and every character is UTF-8.
  expect(body).toBe(body && jsonBytes(Object(parseJsonBytes(body))));
}

describe("what is served from the rendered copy", () => {
  it("equals a fresh rendering after any sequence of changes", async () => {
    const sequence = fc.array(happening, { minLength: 1, maxLength: 25, size: "max" });
    const done = new Map<Happening["kind"], number>();
    await fc.assert(
      fc.asyncProperty(sequence, async (happenings) => {
        const served = await Served.begin();
        for (const one of happenings) {
          if (await served.happen(one)) done.set(one.kind, (done.get(one.kind) ?? 0) + 1);
        }
        await served.check();
      }),
      { numRuns: 60 },
    );
    // Every kind.
    expect(done.size).toBe(21);
    for (const [, times] of done) expect(times).toBeGreaterThan(1);
  });
});
