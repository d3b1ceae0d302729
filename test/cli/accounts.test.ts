import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createAccounts } from "../../src/cli/accounts.js";
import { runCommandLine } from "../../src/cli/command-line.js";
import { type Account, type AccountSid, parseAccountSid } from "../../src/directory/account.js";
import { type Activity, type Day, parseDay, type Usage } from "../../src/directory/activity.js";
import type { DirectoryStore } from "../../src/directory/ports.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { createFakeTerminal } from "./fake-terminal.js";

const NOW = Date.parse("2026-11-24T23:59:59Z");
const silentLog = { debug() {}, info() {}, warn() {}, error() {} };

function sid(n: number): AccountSid {
  const made = parseAccountSid(`AC${String(n).padStart(32, "0")}`);
  if (made === undefined) throw new Error("That is no SID.");
  return made;
}

function day(text: string): Day {
  const made = parseDay(text);
  if (made === undefined) throw new Error("That is no day.");
  return made;
}

const OWNER = sid(999);

function account(n: number, said: Partial<Account> = {}): Account {
  return {
    sid: sid(n),
    friendlyName: `Account ${n}`,
    status: "active",
    type: "Full",
    ownerAccountSid: OWNER,
    dateCreated: Date.parse("2020-02-29T12:00:00Z") + n,
    dateUpdated: NOW,
    ...said,
  };
}

function activity(said: Partial<Usage> = {}, state: Activity["state"] = "current", asOf = NOW): Activity {
  const usage: Usage = { services: [], recentCharges: {}, readUntil: day("2026-11-24"), ...said };
  return { state, usage, asOf, changedAt: asOf };
}

/** Used last, by somebody, on that day. */
const used = (text: string) => activity({ lastActivity: day(text), lastActivityExcludingFees: day(text) });

const UNKNOWN: Activity = { state: "pending", usage: undefined, asOf: undefined, changedAt: undefined };

describe("the report of accounts", () => {
  let folder: string;
  let url: string;
  let store: DirectoryStore;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "bridge-accounts-"));
    url = `file:${folder}/bridge.db`;
    // Open for the whole of each test: the report is made beside a running bridge.
    store = await openSqliteStore({ url, log: silentLog });
    await store.markComplete();
  });

  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function given(shown: Account, known: Activity | undefined = undefined): Promise<void> {
    await store.saveAccounts([{ account: shown, derivedUserName: shown.friendlyName || shown.sid }]);
    if (known !== undefined) await store.saveActivities([{ accountSid: shown.sid, activity: known }]);
  }

  async function report(args: readonly string[], env: Record<string, string> = {}) {
    const terminal = createFakeTerminal({ DATABASE_URL: url, ...env }, folder);
    const clock = { now: () => NOW, sleep: async () => undefined };
    const code = await createAccounts(clock).run(args, terminal);
    return { code, output: terminal.output, errors: terminal.errors };
  }

  async function run(args: readonly string[], env: Record<string, string> = {}, directory = folder) {
    const terminal = createFakeTerminal(env, directory);
    const code = await runCommandLine(["accounts", ...args], terminal);
    return { code, output: terminal.output, errors: terminal.errors };
  }

  async function listed(...args: string[]): Promise<number[]> {
    const { output } = await report([...args, "--format", "json"]);
    const { accounts }: { accounts: { accountSid: string }[] } = JSON.parse(output);
    return accounts.map(({ accountSid }) => Number(accountSid.slice(2)));
  }

  /** One account for each thing that the formats have to show. */
  async function aFewAccounts(): Promise<void> {
    await given(account(999, { friendlyName: "Acme Inc." }), used("2026-11-24"));
    await given(
      account(1, { friendlyName: "Verification for the customers of the north", type: "Trial" }),
      activity({
        lastActivity: day("2026-11-02"),
        lastActivityExcludingFees: day("2026-08-01"),
        services: [
          { service: "phone-numbers", display: "Phone numbers", lastActivity: day("2026-11-02") },
          {
            service: "sms",
            display: "SMS",
            lastActivity: day("2026-08-01"),
            lastActivityExcludingFees: day("2026-08-01"),
          },
          {
            service: "verify",
            display: "Verify",
            lastActivity: day("2026-08-01"),
            lastActivityExcludingFees: day("2026-07-31"),
          },
        ],
        spend: { total: "1234.00750", currency: "USD" },
      }),
    );
    await given(account(2, { friendlyName: "東京サポート 💡", status: "suspended" }), {
      ...activity({ spend: { total: "-5.2", currency: "JPY" } }, "stale", Date.parse("2026-10-01T00:00:00Z")),
    });
    await given(account(3), UNKNOWN);
    await store.saveIdentity(
      {
        accountSid: sid(3),
        attributes: { userName: "ada@example.com", displayName: "Ada Lovelace" },
        friendlyName: "Account 3",
        updatedAt: NOW,
      },
      { account: account(3), derivedUserName: "Account 3" },
    );
    await given(account(4, { status: "closed" }), used("2020-01-01"));
  }

  describe("chooses", () => {
    it("all accounts that are not closed, by creation", async () => {
      await given(account(5, { dateCreated: NOW - 3 }));
      await given(account(7, { dateCreated: NOW - 9 }));
      await given(account(6, { dateCreated: NOW - 3, status: "suspended" }));
      await given(account(8, { status: "closed" }));
      expect(await listed()).toEqual([7, 5, 6]);
      expect(await listed("--status", "closed")).toEqual([8]);
      expect(await listed("--status", "active")).toEqual([7, 5]);
      expect(await listed("--status", "Suspended")).toEqual([6]);
    });

    it("by type and by a service that was ever used, whatever the case", async () => {
      const services = [{ service: "verify", display: "Verify", lastActivity: day("2020-03-01") }];
      await given(account(1, { type: "Trial" }), activity({ services }));
      await given(account(2), activity({ services }));
      await given(account(3, { type: "Trial" }), activity());
      expect(await listed("--type", "trial")).toEqual([1, 3]);
      expect(await listed("--service", "Verify")).toEqual([1, 2]);
      expect(await listed("--service", "verify", "--type", "Full")).toEqual([2]);
    });

    it("as dormant those that nobody used for so many days, to the day", async () => {
      await given(account(1), used("2026-08-26")); // 90 days ago
      await given(account(2), used("2026-08-27")); // 89 days ago
      await given(account(3), activity({ lastActivity: day("2026-11-24") })); // fees only
      await given(account(4), activity()); // never charged
      await given(account(5), UNKNOWN);
      await given(account(6));
      await given(account(7, { dateCreated: Date.parse("2026-08-26T23:59:59Z") }), activity());
      await given(account(8, { dateCreated: Date.parse("2026-08-27T00:00:00Z") }), activity());
      await given(account(9, { status: "closed" }), used("2021-01-01"));
      expect(await listed("--dormant-days", "90")).toEqual([1, 3, 4, 7]);
      expect(await listed("--dormant-days=89")).toEqual([1, 2, 3, 4, 7, 8]);
      expect(await listed("--dormant-days", "90", "--status", "closed")).toEqual([9]);
      expect(await listed("--dormant-days", "36500")).toEqual([]);
    });

    it("dormant suspended ones by what was known last, since their usage cannot be read", async () => {
      const stale = {
        ...used("2026-02-01"),
        state: "stale" as const,
        asOf: Date.parse("2026-02-03T00:00:00Z"),
      };
      await given(account(1, { status: "suspended" }), stale);
      expect(await listed("--dormant-days", "90")).toEqual([1]);
    });
  });

  describe("as a table", () => {
    it("fits 80 columns, with wide characters too, and ends with a summary", async () => {
      await aFewAccounts();
      const { code, output, errors } = await report([]);
      expect(output).toBe(
        [
          "NAME                      STATUS     TYPE   LAST USED   LAST CHARGE  ACTIVITY",
          "Verification for the cu…  active     Trial  2026-08-01  2026-11-02   current",
          "  AC00000000000000000000000000000001  Verification for the customers of the nor…",
          "  1234.00750 USD: phone-numbers 2026-11-02 (fees only), sms 2026-08-01,",
          "    verify 2026-08-01",
          "東京サポート 💡           suspended  Full   never       never        stale",
          "  AC00000000000000000000000000000002  東京サポート 💡",
          "  -5.2 JPY",
          "Ada Lovelace              active     Full   unknown     unknown      pending",
          "  AC00000000000000000000000000000003  ada@example.com",
          "  spend unknown",
          "Acme Inc.                 active     Full   2026-11-24  2026-11-24   current",
          "  AC00000000000000000000000000000999  Acme Inc. (owner account)",
          "  no spend",
          "",
          "4 accounts. All-time spend: -5.2 JPY, 1234.0075 USD.",
          "The activity of 1 account is not known (1 pending).",
          "",
        ].join("\n"),
      );
      expect([code, errors]).toEqual([0, ""]);
    });

    it("says how many of how many are dormant, and how many are not known to be", async () => {
      await aFewAccounts();
      const { output } = await report(["--dormant-days", "90"]);
      expect(output.split("\n").slice(-4)).toEqual([
        "",
        "Not used after 2026-08-26: 2 of 4 accounts. All-time spend: -5.2 JPY, 1234.0075 USD.",
        "The activity of 1 account is not known (1 pending); they are not listed.",
        "",
      ]);
    });

    it("has room for longer names where the terminal has", async () => {
      await aFewAccounts();
      const { output } = await report([], { COLUMNS: "110" });
      expect(output).toContain("\nVerification for the customers of the north             active  ");
      for (const odd of ["1e12", "Infinity", "-5", "wide"]) {
        const widths = (await report([], { COLUMNS: odd })).output.split("\n").map((line) => line.length);
        expect(Math.max(...widths)).toBeLessThanOrEqual(200);
      }
    });

    it("adds up what accounts have cost without losing a digit", async () => {
      for (const [n, total] of ["0.1", "0.2", "12345678901234567890.0001", "-0.3"].entries()) {
        await given(account(n), activity({ spend: { total, currency: "USD" } }));
      }
      const { output } = await report([]);
      expect(output).toContain("All-time spend: 12345678901234567890.0001 USD.");
    });

    it("shows nothing that a terminal would obey", async () => {
      await given(account(1, { friendlyName: "a\u001b[2J\nb\u009b31m\u202ec\u0007\ud800" }));
      const { output } = await report([]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(output).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|\p{Cs}/u);
      expect(output).toContain("\na\ufffd[2J\ufffdb\ufffd31m\ufffdc\ufffd\ufffd ");
    });

    it.each([
      ["e\u0301".repeat(30), `${"e\u0301".repeat(23)}…  active`],
      ["👩‍👩‍👧‍👦".repeat(13), `${"👩‍👩‍👧‍👦".repeat(11)}…   active`],
      ["한글", `한글${" ".repeat(20)}  active`],
      ["ｱｲ", `ｱｲ${" ".repeat(22)}  active`],
      ["ＡＢ", `ＡＢ${" ".repeat(20)}  active`],
      ["🇨🇭 ❤️", `🇨🇭 ❤️${" ".repeat(19)}  active`],
      ["नमस्ते", `नमस्ते${" ".repeat(21)}  active`],
    ])("keeps its columns for %s", async (friendlyName, expected) => {
      await given(account(1, { friendlyName }));
      expect((await report([])).output.split("\n")[1]).toContain(expected);
    });

    it("is a sentence where there is nothing to list", async () => {
      expect((await report([])).output).toBe("0 accounts.\n");
      expect((await report(["--dormant-days", "30"])).output).toBe(
        "Not used after 2026-10-25: 0 of 0 accounts.\n",
      );
    });
  });

  describe("as CSV", () => {
    const HEADER =
      "\ufeffname,userName,accountSid,ownerAccount,status,accountType,created,lastActivity," +
      "lastActivityExcludingFees,services,spend,currency,activityState,activityAsOf\r\n";

    it("is what RFC 4180 says, with a byte order mark", async () => {
      await aFewAccounts();
      const { output, errors } = await report(["--format", "csv"]);
      const end = "2026-11-24T23:59:59.000Z";
      expect(output).toBe(
        [
          HEADER,
          "Verification for the customers of the north,Verification for the customers of the north,",
          `${sid(1)},false,active,Trial,2020-02-29T12:00:00.001Z,2026-11-02,2026-08-01,`,
          '"phone-numbers 2026-11-02 (fees only); sms 2026-08-01; verify 2026-08-01",',
          `1234.00750,USD,current,${end}\r\n`,
          `東京サポート 💡,東京サポート 💡,${sid(2)},false,suspended,Full,2020-02-29T12:00:00.002Z,,,,-5.2,JPY,`,
          "stale,2026-10-01T00:00:00.000Z\r\n",
          `Ada Lovelace,ada@example.com,${sid(3)},false,active,Full,2020-02-29T12:00:00.003Z,,,,,,pending,\r\n`,
          `Acme Inc.,Acme Inc.,${sid(999)},true,active,Full,2020-02-29T12:00:00.999Z,2026-11-24,2026-11-24,,,,`,
          `current,${end}\r\n`,
        ].join(""),
      );
      expect(errors).toBe("The activity of 1 account is not known (1 pending).\n");
    });

    it("is its header alone where there is nothing to list", async () => {
      expect((await report(["--format", "csv"])).output).toBe(HEADER);
    });

    it.each([
      ["=1+1", "'=1+1"],
      ["+49 30 123", "'+49 30 123"],
      ["-1", "'-1"],
      ["@SUM(A1)", "'@SUM(A1)"],
      ["＝1+1", "'＝1+1"],
      ["\tx", `"'\tx"`],
      ["\rx", `"'\rx"`],
      ["\nx", `"'\nx"`],
      ["\t=1", `"'\t'=1"`],
      [" =1", "' =1"],
      ['"=1', `"'""=1"`],
      ["'=1", "''=1"],
      [`"'" =1`, `"'""'"" =1"`],
      ["=1,2", `"'=1,2"`],
      ['=HYPERLINK("http://x.example","y")', `"'=HYPERLINK(""http://x.example"",""y"")"`],
      ["a;=1", `"a;'=1"`],
      ['a;"=1', `"a;'""=1"`],
      ["a\t+1", `"a\t'+1"`],
      ["a\r\n@x", `"a\r\n'@x"`],
      ["a|-1", `"a|'-1"`],
      ["a;b", `"a;b"`],
      ["a=1", "a=1"],
      ["a-b+c@d", "a-b+c@d"],
      ['say "hi", then', `"say ""hi"", then"`],
      ["O'Brien", "O'Brien"],
      ["", sid(1)],
    ])("makes no formula of %j", async (friendlyName, cell) => {
      await given(account(1, { friendlyName }));
      const { output } = await report(["--format", "csv"]);
      expect(output.slice(HEADER.length)).toMatch(
        new RegExp(`^${escaped(cell)},${escaped(cell)},${sid(1)},`),
      );
    });

    it("makes no formula of a userName, a service or a currency", async () => {
      const services = [{ service: "=cmd", display: "", lastActivity: day("2026-11-01") }];
      await given(account(1), activity({ services, spend: { total: "-1.5", currency: "@x" } }));
      const attributes = { userName: "=user", displayName: "Shown" };
      await store.saveIdentity(
        { accountSid: sid(1), attributes, friendlyName: "Account 1", updatedAt: 0 },
        { account: account(1), derivedUserName: "Account 1" },
      );
      const { output } = await report(["--format", "csv"]);
      expect(output).toContain("\r\nShown,'=user,");
      expect(output).toContain(",'=cmd 2026-11-01 (fees only),-1.5,'@x,");
    });
  });

  describe("as JSON", () => {
    it("has every member for every account", async () => {
      await aFewAccounts();
      const { output, errors } = await report(["--format", "json", "--dormant-days", "90"]);
      const note = "The activity of 1 account is not known (1 pending); they are not listed.";
      expect(JSON.parse(output)).toEqual({
        dormantSince: "2026-08-26",
        notes: [note],
        accounts: [
          {
            name: "Verification for the customers of the north",
            userName: "Verification for the customers of the north",
            accountSid: sid(1),
            ownerAccount: false,
            status: "active",
            accountType: "Trial",
            created: "2020-02-29T12:00:00.001Z",
            lastActivity: "2026-11-02",
            lastActivityExcludingFees: "2026-08-01",
            services: [
              {
                value: "phone-numbers",
                display: "Phone numbers",
                lastActivity: "2026-11-02",
                lastActivityExcludingFees: null,
              },
              {
                value: "sms",
                display: "SMS",
                lastActivity: "2026-08-01",
                lastActivityExcludingFees: "2026-08-01",
              },
              {
                value: "verify",
                display: "Verify",
                lastActivity: "2026-08-01",
                lastActivityExcludingFees: "2026-07-31",
              },
            ],
            spend: { total: "1234.00750", currency: "USD" },
            activityState: "current",
            activityAsOf: "2026-11-24T23:59:59.000Z",
          },
          expect.objectContaining({ name: "東京サポート 💡", activityState: "stale", lastActivity: null }),
        ],
      });
      expect(errors).toBe(`${note}\n`);
    });

    it("says null of what is not known, and of dormancy where it is not asked for", async () => {
      await given(account(1));
      const { output } = await report(["--format", "json"]);
      expect(JSON.parse(output)).toMatchObject({
        dormantSince: null,
        accounts: [
          {
            lastActivity: null,
            lastActivityExcludingFees: null,
            services: [],
            spend: null,
            activityState: "pending",
            activityAsOf: null,
          },
        ],
      });
    });

    it("has its members in the order in which --help names them", async () => {
      await given(account(1));
      const { accounts } = JSON.parse((await report(["--format", "json"])).output);
      const help = (await run(["--help"])).output.replace(/\s+/g, " ");
      const names = Object.keys(accounts[0]).flatMap((name) =>
        name === "spend" ? ["spend", "currency"] : name,
      );
      expect(help).toContain(`${names.join(", ")}. An apostrophe`);
    });
  });

  describe("notes", () => {
    it("that not all accounts have been seen yet", async () => {
      await store.close();
      rmSync(folder, { recursive: true });
      store = await openSqliteStore({ url, log: silentLog });
      expect((await report([])).output).toMatch(/^0 accounts\.\nThe bridge has not seen all accounts yet/);
    });

    it("that a service is none that was ever used, and which are", async () => {
      const services = [
        { service: "verify", display: "" },
        { service: "sms", display: "" },
      ];
      await given(account(1, { status: "closed" }), activity({ services }));
      expect((await report(["--service", "verfy"])).output).toBe(
        '0 accounts.\nNo account has ever used a service "verfy". Used are: sms, verify.\n',
      );
      expect((await report(["--service", "sms"])).output).toBe("0 accounts.\n");
    });

    it("that activity has not been read lately, except where it cannot be", async () => {
      const before = Date.parse("2026-11-22T23:59:58Z");
      await given(account(1), activity({}, "current", before));
      await given(account(2), activity({}, "current", before + 1000));
      await given(account(3, { status: "suspended" }), activity({}, "stale", 0));
      expect((await report([])).output).toMatch(
        /\nThe activity of 1 account was last read more than 2 days ago\. Is the bridge running\?\n$/,
      );
    });

    it("how many are not known, by the reason", async () => {
      await given(account(1));
      await given(account(2), { ...UNKNOWN, state: "unavailable" });
      await given(account(3), UNKNOWN);
      expect((await report([])).output).toContain(
        "The activity of 3 accounts is not known (2 pending, 1 unavailable).",
      );
    });
  });

  describe("the database", () => {
    it("is the one that a running bridge writes to, and is left as it is", async () => {
      await given(account(1), used("2026-11-24"));
      const state = () =>
        readdirSync(folder)
          .filter((name) => !name.endsWith("-shm"))
          .map((name) => [
            name,
            statSync(join(folder, name)).mtimeMs,
            readFileSync(join(folder, name), "hex"),
          ]);
      const before = state();
      expect((await report([])).output).toContain("1 account.");
      expect(state()).toEqual(before);
      await given(account(2));
      expect((await report([])).output).toContain("2 accounts.");
    });

    it("is named by DATABASE_URL alone, by a .env file or by --database, which comes first", async () => {
      await given(account(1));
      expect(await run([], { DATABASE_URL: url })).toMatchObject({ code: 0, errors: "" });
      writeFileSync(join(folder, ".env"), `DATABASE_URL=${url}\nPORT=nonsense\n`);
      expect(await run([])).toMatchObject({ code: 0, errors: "" });
      const elsewhere = { DATABASE_URL: `file:${folder}/elsewhere.db` };
      expect((await run([], elsewhere)).code).toBe(1);
      expect(await run(["--database", url], elsewhere)).toMatchObject({ code: 0, errors: "" });
    });

    it("is not made where there is none, and that is said", async () => {
      const missing = join(folder, "missing/bridge.db");
      const { code, output, errors } = await run(["--database", `file:${missing}`]);
      expect([code, output]).toEqual([1, ""]);
      expect(errors).toContain(`${missing} does not exist`);
      expect(readdirSync(folder)).not.toContain("missing");
    });

    it("has to be a file", async () => {
      expect(await run(["--database", "postgres://localhost/x"])).toMatchObject({
        code: 2,
        errors: expect.stringContaining("--database takes file: and a path"),
      });
      const secret = "postgres://ada:secret@localhost/x";
      const { code, errors } = await run([], { DATABASE_URL: secret });
      expect(code).toBe(2);
      expect(errors).toContain("DATABASE_URL cannot be read; expected: file: and a path");
      expect(errors).not.toContain("secret");
      expect(await run(["--database", ":memory:"])).toMatchObject({ code: 1 });
    });
  });

  it.each([
    [["--format", "xml"], "--format takes table, csv or json"],
    [["--status", "open"], "--status takes active, suspended or closed"],
    [["--type", "Paid"], "--type takes Trial or Full"],
    [["--dormant-days", "0"], "--dormant-days takes a whole number from 1 to 36500"],
    [["--dormant-days", "90d"], "--dormant-days takes a whole number from 1 to 36500"],
    [["--dormant-days"], "--dormant-days"],
    [["surplus"], "surplus"],
  ])("refuses %j", async (args, said) => {
    const { code, output, errors } = await run([...args, "--database", url]);
    expect([code, output]).toEqual([2, ""]);
    expect(errors).toContain(said);
    expect(errors).toContain("Try: twilio-scim-bridge accounts --help");
  });

  it("explains in --help which date makes an account dormant", async () => {
    const { code, output } = await run(["--help"]);
    expect(code).toBe(0);
    expect(output).toMatch(/^Usage: twilio-scim-bridge accounts/);
    expect(output).toMatch(/lastActivityExcludingFees is at least N days\s+ago/);
    for (const option of ["dormant-days", "status", "type", "service", "format", "database"]) {
      expect(output).toContain(`  --${option} `);
    }
  });
});

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
