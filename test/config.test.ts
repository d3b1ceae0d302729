import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { CONFIG_VARIABLES, type Config, ConfigError, readConfig, secretsOf } from "../src/config.js";

type Environment = Readonly<Record<string, string | undefined>>;

const SID = `AC${"0123456789abcdef".repeat(2)}`;
const OTHER_SID = `AC${"fedcba9876543210".repeat(2)}`;
const KEY = `SK${"0".repeat(32)}`;

const ENOUGH = {
  TWILIO_ACCOUNT_SID: SID,
  TWILIO_AUTH_TOKEN: "the-auth-token",
  SCIM_TOKEN: "sixteen-letters!",
} as const;

function problemsOf(env: Environment): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("the configuration", () => {
  it("needs an account, its credentials and a token, and has a default for the rest", () => {
    expect(readConfig(ENOUGH)).toEqual({
      twilio: {
        accountSid: SID,
        credentials: { kind: "authToken", authToken: "the-auth-token" },
        apiUrl: "https://api.twilio.com",
        maxConcurrency: 8,
        ca: undefined,
        proxyUrl: undefined,
        proxyExceptions: [],
      },
      http: {
        host: "127.0.0.1",
        port: 8080,
        publicUrl: undefined,
        scimToken: "sixteen-letters!",
        adminToken: undefined,
        trustProxy: false,
        allowedNetworks: undefined,
        tls: undefined,
      },
      directory: {
        emailDomain: undefined,
        ownerAccount: "show",
        closedAccounts: "hide",
        accountSyncIntervalMs: 60_000,
        usageSyncIntervalMs: 3_600_000,
        identityRetentionMs: 30 * 86_400_000,
      },
      lifecycle: {
        protectedAccounts: [],
        manage: "all",
        brakeLimits: { closures: 25, suspensions: 100, creations: undefined, reactivations: undefined },
        closeDelayMs: 0,
        dryRun: false,
        readOnly: false,
      },
      scim: { oktaEntitlements: true },
      databaseUrl: "file:./data/bridge.db",
      audit: { keyFile: undefined, retentionMs: 400 * 86_400_000 },
      logLevel: "info",
      warnings: [],
    });
  });

  it("takes an empty variable for a missing one", () => {
    const empty = Object.fromEntries(CONFIG_VARIABLES.map(({ name }) => [name, ""]));
    expect(readConfig({ ...empty, ...ENOUGH })).toEqual(readConfig(ENOUGH));
  });

  it("cannot be changed, at any depth", () => {
    const parts = (value: unknown): unknown[] =>
      typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(parts)] : [];
    for (const env of [ENOUGH, { ...ENOUGH, PROTECTED_ACCOUNTS: SID, TRUST_PROXY: "loopback" }]) {
      const all = parts(readConfig(env));
      expect(all.length).toBeGreaterThan(5);
      expect(all.filter((part) => !Object.isFrozen(part))).toEqual([]);
    }
  });

  it("lists everything that is wrong at once, by name, and shows no value", () => {
    const env = Object.fromEntries(CONFIG_VARIABLES.map(({ name }) => [name, "\tS3CRET value/"]));
    const problems = problemsOf(env);
    for (const { name } of CONFIG_VARIABLES) {
      expect(problems.filter((problem) => problem.startsWith(`${name} `))).not.toEqual([]);
    }
    const shown = (() => {
      try {
        return readConfig(env);
      } catch (error) {
        return `${error} ${JSON.stringify(error)}`;
      }
    })();
    expect(shown).toContain("TWILIO_ACCOUNT_SID");
    expect(shown).not.toContain("S3CRET");
  });

  it("says what is missing", () => {
    expect(problemsOf({})).toEqual([
      "TWILIO_ACCOUNT_SID is missing; expected: an account SID: AC and 32 hexadecimal digits.",
      "TWILIO_AUTH_TOKEN is missing; expected: either TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET.",
    ]);
  });

  describe("of Twilio's credentials", () => {
    const { TWILIO_AUTH_TOKEN: _, ...rest } = ENOUGH;

    it("may be an API key with its secret", () => {
      const env = { ...rest, TWILIO_API_KEY: KEY, TWILIO_API_SECRET: "the-secret" };
      expect(readConfig(env).twilio.credentials).toEqual({
        kind: "apiKey",
        apiKey: KEY,
        apiSecret: "the-secret",
      });
    });

    const wrong: Record<string, Environment> = {
      "TWILIO_API_SECRET is missing": { ...rest, TWILIO_API_KEY: KEY },
      "TWILIO_API_KEY is missing": { ...rest, TWILIO_API_SECRET: "the-secret" },
      "TWILIO_AUTH_TOKEN is set, and so is": {
        ...ENOUGH,
        TWILIO_API_KEY: KEY,
        TWILIO_API_SECRET: "the-secret",
      },
      "TWILIO_AUTH_TOKEN is set, and so is (half)": { ...ENOUGH, TWILIO_API_SECRET: "the-secret" },
    };
    for (const [said, env] of Object.entries(wrong)) {
      it(`must be whole and of one kind: ${said}`, () => {
        expect(problemsOf(env)).toEqual([expect.stringContaining(said)]);
      });
    }
  });

  const understood: [string, string, (config: Config) => unknown, unknown][] = [
    [
      "TWILIO_ACCOUNT_SID",
      SID.replace(/[a-f]/g, (digit) => digit.toUpperCase()),
      (c) => c.twilio.accountSid,
      SID,
    ],
    ["TWILIO_API_URL", "http://127.0.0.1:9000/", (c) => c.twilio.apiUrl, "http://127.0.0.1:9000"],
    ["TWILIO_MAX_CONCURRENCY", "1", (c) => c.twilio.maxConcurrency, 1],
    ["TWILIO_MAX_CONCURRENCY", "100", (c) => c.twilio.maxConcurrency, 100],
    ["HOST", "0.0.0.0", (c) => c.http.host, "0.0.0.0"],
    ["HOST", "::", (c) => c.http.host, "::"],
    ["HOST", "localhost", (c) => c.http.host, "localhost"],
    ["PORT", "0", (c) => c.http.port, 0],
    ["PORT", "65535", (c) => c.http.port, 65_535],
    ["PUBLIC_URL", "https://scim.example.com//", (c) => c.http.publicUrl, "https://scim.example.com"],
    ["PUBLIC_URL", "https://example.com/twilio/", (c) => c.http.publicUrl, "https://example.com/twilio"],
    ["TRUST_PROXY", "off", (c) => c.http.trustProxy, false],
    ["TRUST_PROXY", "1", (c) => c.http.trustProxy, 1],
    [
      "TRUST_PROXY",
      "loopback, 10.0.0.0/8,fd00::/8 ,::1",
      (c) => c.http.trustProxy,
      ["loopback", "10.0.0.0/8", "fd00::/8", "::1"],
    ],
    [
      "ALLOWED_NETWORKS",
      "10.0.0.0/8, fd00::/8,192.0.2.1",
      (c) => c.http.allowedNetworks,
      ["10.0.0.0/8", "fd00::/8", "192.0.2.1"],
    ],
    ["HTTPS_PROXY", "http://user:word@proxy:3128", (c) => c.twilio.proxyUrl, "http://user:word@proxy:3128/"],
    ["https_proxy", "http://proxy:3128", (c) => c.twilio.proxyUrl, "http://proxy:3128/"],
    [
      "NO_PROXY",
      "localhost,.svc 10.0.0.0/8,*.x.y:443",
      (c) => c.twilio.proxyExceptions,
      ["localhost", ".svc", "10.0.0.0/8", "*.x.y:443"],
    ],
    ["no_proxy", "*", (c) => c.twilio.proxyExceptions, ["*"]],
    ["IDENTITY_RETENTION_DAYS", "1", (c) => c.directory.identityRetentionMs, 86_400_000],
    [
      "DATABASE_URL",
      "file:/var/lib/bridge/bridge.db",
      (c) => c.databaseUrl,
      "file:/var/lib/bridge/bridge.db",
    ],
    ["AUDIT_KEY_FILE", "/run/secrets/audit key", (c) => c.audit.keyFile, "/run/secrets/audit key"],
    ["AUDIT_RETENTION_DAYS", "1", (c) => c.audit.retentionMs, 86_400_000],
    ["EMAIL_DOMAIN", "Example.COM", (c) => c.directory.emailDomain, "example.com"],
    ["OWNER_ACCOUNT", "hide", (c) => c.directory.ownerAccount, "hide"],
    ["CLOSED_ACCOUNTS", "show", (c) => c.directory.closedAccounts, "show"],
    ["PROTECTED_ACCOUNTS", OTHER_SID, (c) => c.lifecycle.protectedAccounts, [OTHER_SID]],
    [
      "PROTECTED_ACCOUNTS",
      ` ${SID} , AC${OTHER_SID.slice(2).toUpperCase()}`,
      (c) => c.lifecycle.protectedAccounts,
      [SID, OTHER_SID],
    ],
    ["MANAGE", "linked", (c) => c.lifecycle.manage, "linked"],
    ["MAX_CLOSURES_PER_HOUR", "0", (c) => c.lifecycle.brakeLimits.closures, 0],
    ["MAX_CREATIONS_PER_HOUR", "1000000", (c) => c.lifecycle.brakeLimits.creations, 1_000_000],
    ["MAX_SUSPENSIONS_PER_HOUR", "off", (c) => c.lifecycle.brakeLimits.suspensions, undefined],
    ["CLOSE_DELAY_HOURS", "72", (c) => c.lifecycle.closeDelayMs, 259_200_000],
    ["DRY_RUN", "on", (c) => c.lifecycle.dryRun, true],
    ["READ_ONLY", "on", (c) => c.lifecycle.readOnly, true],
    ["ACCOUNT_SYNC_SECONDS", "5", (c) => c.directory.accountSyncIntervalMs, 5000],
    ["LOG_LEVEL", "silent", (c) => c.logLevel, "silent"],
    ["SCIM_TOKEN", "a:b/c+d=e~f.g-h_i", (c) => c.http.scimToken, "a:b/c+d=e~f.g-h_i"],
  ];
  for (const [name, value, pick, expected] of understood) {
    it(`understands ${name}=${value}`, () => {
      expect(pick(readConfig({ ...ENOUGH, [name]: value }))).toEqual(expected);
    });
  }

  const refused: Record<string, readonly string[]> = {
    TWILIO_ACCOUNT_SID: ["AC1", KEY, SID.toLowerCase(), `${SID} `, `${SID}\n`],
    TWILIO_AUTH_TOKEN: ["two words", "line\n"],
    TWILIO_API_URL: [
      "api.twilio.com",
      "ftp://x",
      "https://",
      "https://u:p@x",
      "https://x/?a=b",
      "https://x#f",
      "http:x",
    ],
    TWILIO_MAX_CONCURRENCY: ["0", "101", "-1", "8.5", "eight", "1e1", " 8", "0x8"],
    SCIM_TOKEN: ["fifteen-letters", "sixteen letters!", "sixteen-letters!\n", "sixteen-lettersé"],
    HOST: ["http://0.0.0.0", "a b", "-x", "0.0.0.0:80"],
    PORT: ["65536", "http", "-1", "8080 "],
    PUBLIC_URL: [
      "scim.example.com",
      "javascript:alert(1)",
      "https://x/scim/v2",
      "https://x/scim/v2/",
      "https://x/a?b",
    ],
    TRUST_PROXY: [
      "true",
      "false",
      "0",
      "101",
      "0.0.0.0/0",
      "::/0",
      "10.0.0.0/33",
      "::1/129",
      "anybody",
      "loopback,",
      "1,2",
    ],
    DATABASE_URL: ["postgres://localhost/bridge", "bridge.db", "file:", "sqlite:bridge.db"],
    AUDIT_KEY_FILE: ["key\n", "\tkey"],
    AUDIT_RETENTION_DAYS: ["0", "3651", "400d", "-1"],
    ALLOWED_NETWORKS: ["10.0.0.0/33", "::1/129", "10.0.0", "loopback", "10.0.0.0/8,", "fe80::1%eth0"],
    HTTPS_PROXY: ["proxy:3128", "socks5://proxy", "http://proxy/path", "http://proxy?x"],
    NO_PROXY: ["a\tb", "http://x?"],
    IDENTITY_RETENTION_DAYS: ["0", "-1", "30d"],
    EMAIL_DOMAIN: [
      "example",
      "@example.com",
      "a@example.com",
      "example..com",
      "https://example.com",
      "-x.com",
    ],
    OWNER_ACCOUNT: ["yes", "SHOW", "hidden"],
    CLOSED_ACCOUNTS: ["true", "all"],
    PROTECTED_ACCOUNTS: ["AC1", `${SID},AC1`, `${SID};${OTHER_SID}`, `${SID},`, ","],
    MANAGE: ["none", "link"],
    MAX_CLOSURES_PER_HOUR: ["-1", "1000001", "none", "OFF", "1.5"],
    CLOSE_DELAY_HOURS: ["-1", "8761", "1.5", "3d"],
    DRY_RUN: ["true", "ON", "1"],
    READ_ONLY: ["true", "yes"],
    ACCOUNT_SYNC_SECONDS: ["4", "86401", "60s", "1m"],
    LOG_LEVEL: ["verbose", "INFO"],
  };
  for (const [name, values] of Object.entries(refused)) {
    for (const value of values) {
      it(`refuses ${name}=${JSON.stringify(value)}`, () => {
        expect(problemsOf({ ...ENOUGH, [name]: value })).toEqual([
          expect.stringMatching(`^${name} cannot be read; `),
        ]);
      });
    }
  }

  it("says why TRUST_PROXY is not true, and that PostgreSQL comes later", () => {
    const said = problemsOf({ ...ENOUGH, TRUST_PROXY: "true", DATABASE_URL: "postgres://localhost/bridge" });
    expect(said).toEqual([
      expect.stringContaining("would believe everybody"),
      expect.stringContaining("PostgreSQL comes with a later release"),
    ]);
  });

  describe("warns", () => {
    const misspelt = {
      SCIM_TOKENS: "SCIM_TOKEN",
      TWILIO_AUTHTOKEN: "TWILIO_AUTH_TOKEN",
      PROTECTED_ACCOUNT: "PROTECTED_ACCOUNTS",
      PROTECTED_ACOUNTS: "PROTECTED_ACCOUNTS",
      protected_accounts: "PROTECTED_ACCOUNTS",
      TRUSTED_PROXY: undefined,
      ORT: undefined,
      PATH: undefined,
      POST: undefined,
      TWILIO_API_SID: undefined,
    };
    for (const [name, meant] of Object.entries(misspelt)) {
      it(`${meant === undefined ? "not " : ""}of ${name}`, () => {
        const expected = meant === undefined ? [] : [`${name} is not read; is ${meant} meant?`];
        expect(readConfig({ ...ENOUGH, [name]: "S3CRET" }).warnings).toEqual(expected);
      });
    }

    it("of a misspelt name also when it is why another one is missing", () => {
      const { TWILIO_ACCOUNT_SID, ...rest } = ENOUGH;
      expect(problemsOf({ ...rest, TWILLIO_ACCOUNT_SID: TWILIO_ACCOUNT_SID })).toEqual([
        expect.stringContaining("TWILIO_ACCOUNT_SID is missing"),
        "TWILLIO_ACCOUNT_SID is not read; is TWILIO_ACCOUNT_SID meant?",
      ]);
    });

    it("of a database that keeps nothing, and of Twilio credentials sent in the clear", () => {
      const warned = (env: Environment) => readConfig({ ...ENOUGH, ...env }).warnings;
      expect(warned({ DATABASE_URL: ":memory:" })).toEqual([expect.stringContaining("DATABASE_URL")]);
      expect(warned({ TWILIO_API_URL: "http://proxy.example.com" })).toEqual([
        expect.stringContaining("TWILIO_API_URL"),
      ]);
      for (const host of ["localhost", "127.0.0.1:4010", "[::1]:80"]) {
        expect(warned({ TWILIO_API_URL: `http://${host}` })).toEqual([]);
      }
      expect(warned({ TWILIO_API_URL: "http://localhost.example.com" })).toHaveLength(1);
    });
  });
});

describe("the tokens", () => {
  it("may all be in the database", () => {
    const config = readConfig({ ...ENOUGH, SCIM_TOKEN: "" });
    expect([config.http.scimToken, config.warnings]).toEqual([undefined, []]);
    expect(secretsOf(config)).not.toContain(undefined);
  });

  it("must not be the same for provisioning and administration", () => {
    const env = { ...ENOUGH, ADMIN_TOKEN: ENOUGH.SCIM_TOKEN };
    expect(() => readConfig(env)).toThrow("ADMIN_TOKEN is the same as SCIM_TOKEN");
    expect(readConfig({ ...ENOUGH, ADMIN_TOKEN: "another-sixteen-letters" }).http.adminToken).toBe(
      "another-sixteen-letters",
    );
  });
});

describe("JWTs of an identity provider", () => {
  const JWT = {
    JWT_ISSUER: "https://sts.windows.net/tenant/",
    JWT_AUDIENCE: "api://bridge",
    JWT_ALLOWED: "one, another",
  } as const;

  it("are accepted where issuer, audience and those allowed are said", () => {
    expect(readConfig({ ...ENOUGH, ...JWT }).jwt).toEqual({
      issuer: "https://sts.windows.net/tenant/",
      audience: "api://bridge",
      allowed: ["one", "another"],
      jwksUrl: undefined,
      scope: "provision",
    });
    expect(readConfig(ENOUGH).jwt).toBeUndefined();
  });

  it.each(Object.keys(JWT))("are not without %s", (missing) => {
    expect(problemsOf({ ...ENOUGH, ...JWT, [missing]: undefined })).toEqual([
      expect.stringMatching(
        `^${missing} is missing; expected: JWT_ISSUER, JWT_AUDIENCE, JWT_ALLOWED together`,
      ),
    ]);
  });

  it("need all three also where only the address of the keys is said", () => {
    expect(problemsOf({ ...ENOUGH, JWT_JWKS_URL: "https://login.example/keys" })).toHaveLength(3);
  });

  it.each([
    "http://login.example/",
    "ftp://login.example/",
    "https://a@login.example/",
    "https://x/?a",
    "login",
  ])("are not read with keys from %s", (url) => {
    expect(problemsOf({ ...ENOUGH, ...JWT, JWT_ISSUER: url })).toHaveLength(1);
    expect(problemsOf({ ...ENOUGH, ...JWT, JWT_JWKS_URL: url })).toHaveLength(1);
  });
});

describe(".env.example", () => {
  const paragraphs = readFileSync(new URL("../.env.example", import.meta.url), "utf8")
    .trim()
    .split("\n\n")
    .slice(1);

  it("explains every variable, in order, with its default", () => {
    const explained = paragraphs.map((paragraph) => {
      const lines = paragraph.split("\n");
      const comment = lines.slice(0, -1).map((line) => line.replace(/^# /, ""));
      return { comment: comment.join(" "), assignment: lines.at(-1)?.replace(/^#/, "") };
    });
    expect(explained).toEqual(
      CONFIG_VARIABLES.map((variable) => ({
        comment: `${variable.purpose} Expected: ${variable.expected}.`,
        assignment: `${variable.name}=${variable.default ?? ""}`,
      })),
    );
  });

  it("leaves open what must be filled in, and nothing else", () => {
    const open = paragraphs
      .map((paragraph) => /^(\w+)=/m.exec(paragraph)?.[1])
      .filter((name) => name !== undefined);
    expect(open).toEqual(["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SCIM_TOKEN"]);
  });

  it("is no configuration before it is filled in", () => {
    const filled = Object.fromEntries(
      paragraphs.map((paragraph) => (paragraph.split("\n").at(-1) ?? "").replace(/^#/, "").split(/=(.*)/)),
    );
    expect(problemsOf(filled)).toHaveLength(2);
    expect(problemsOf({ ...filled, ...ENOUGH })).toEqual([]);
  });
});
