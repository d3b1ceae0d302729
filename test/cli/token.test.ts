import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { runCommandLine } from "../../src/cli/command-line.js";
import { ManualClock } from "../support/manual-clock.js";
import { type TokensBeside, tokensBeside } from "../support/tokens-beside.js";
import { createFakeTerminal } from "./fake-terminal.js";

const DAY_MS = 24 * 60 * 60_000;

describe("twilio-scim-bridge token", () => {
  let clock: ManualClock;
  let beside: TokensBeside;

  beforeEach(() => {
    clock = new ManualClock(Date.parse("2026-11-24T08:30:59Z"));
    beside = tokensBeside(clock);
  });
  afterEach(() => beside.remove());

  it("writes a new token alone to the standard output, this once, and keeps only its hash", async () => {
    const { code, terminal } = await beside.run("create", "--name", "okta", "--expires", "365d");
    expect(code).toBe(0);
    expect(terminal.output).toMatch(/^tsb_[\w-]{43}\n$/);
    expect(terminal.errors).toContain(
      'The token "okta" has the scope provision and is valid from now until 2027-11-24T08:30:59.000Z.',
    );
    const token = terminal.output.trim();
    expect(terminal.errors).not.toContain(token);
    const { terminal: listing } = await beside.run("list", "--json");
    const database = readFileSync(beside.url.slice("file:".length), "latin1");
    expect(listing.output + database).not.toContain(token.slice(4));
  });

  it("never makes the same token twice", async () => {
    expect(await beside.create("a")).not.toBe(await beside.create("b"));
  });

  it("lists all tokens, also revoked ones", async () => {
    await beside.create("old");
    await beside.revoke("old");
    await clock.advance(60_000);
    await beside.create("okta", "--scope", "ADMIN", "--expires", "30d");
    await clock.advance(31 * DAY_MS);
    await beside.create("reports", "--scope=read");
    expect((await beside.run("list")).terminal.output).toBe(
      [
        "NAME     SCOPE      STATE    CREATED            EXPIRES            LAST USED",
        "old      provision  revoked  2026-11-24 08:30Z  never              never",
        "okta     admin      expired  2026-11-24 08:31Z  2026-12-24 08:31Z  never",
        "reports  read       valid    2026-12-25 08:31Z  never              never",
        "",
      ].join("\n"),
    );
    expect(JSON.parse((await beside.run("list", "--json")).terminal.output)).toEqual([
      expect.objectContaining({ name: "old", state: "revoked", revoked: "2026-11-24T08:30:59.000Z" }),
      {
        name: "okta",
        scope: "admin",
        state: "expired",
        created: "2026-11-24T08:31:59.000Z",
        expires: "2026-12-24T08:31:59.000Z",
        revoked: null,
        lastUsed: null,
      },
      expect.objectContaining({ name: "reports", scope: "read", state: "valid", expires: null }),
    ]);
  });

  it("says how to make the first one", async () => {
    const { code, terminal } = await beside.run("list");
    expect([code, terminal.output]).toEqual([0, expect.stringContaining("token create --name okta")]);
    expect((await beside.run("list", "--json")).terminal.output).toBe("[]\n");
  });

  it("makes no second token of a name, and revokes none that is not there", async () => {
    await beside.create("okta");
    const second = await beside.run("create", "--name", "okta");
    expect([second.code, second.terminal.output]).toEqual([1, ""]);
    expect(second.terminal.errors).toContain('There is a token "okta" already.');
    const revoked = await beside.run("revoke", "entra");
    expect([revoked.code, revoked.terminal.errors]).toEqual([
      1,
      expect.stringContaining('There is no token "entra"'),
    ]);
  });

  it.each([
    [[], "create, list or revoke"],
    [["delete", "okta"], "create, list or revoke"],
    [["create"], "the name of a token"],
    [["create", "--name", "two words"], "the name of a token"],
    [["create", "--name", '"'], "the name of a token"],
    [["create", "--name", "x".repeat(65)], "the name of a token"],
    [["create", "--name", "a", "--scope", "root"], "--scope takes read, provision or admin"],
    [["create", "--name", "a", "--expires", "0d"], "--expires takes a number of days"],
    [["create", "--name", "a", "--expires", "3651d"], "--expires takes a number of days"],
    [["create", "--name", "a", "--expires", "soon"], "--expires takes a number of days"],
    [["create", "--name", "a", "--database", "postgres://x/y"], "--database takes file:"],
    [["create", "a"], "a"],
    [["list", "--name", "a"], "--name"],
    [["revoke"], "the name of a token"],
    [["revoke", "--name", "a"], "comes right after revoke"],
    [["revoke", "a", "b"], "b"],
  ])("is called in a wrong way with %j", async (args, said) => {
    const terminal = createFakeTerminal({ DATABASE_URL: beside.url });
    expect(await runCommandLine(["token", ...args], terminal)).toBe(2);
    expect(terminal.errors).toContain(said);
    expect(terminal.output).toBe("");
  });

  it("says that a database in memory cannot be shared", async () => {
    const terminal = createFakeTerminal({ DATABASE_URL: ":memory:" });
    expect(await runCommandLine(["token", "list"], terminal)).toBe(1);
    expect(terminal.errors).toContain("in memory");
  });
});
