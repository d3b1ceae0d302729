import type { z } from "zod";
import type { Scope } from "./access/principal.js";
import { type FilesRead, readFiles } from "./config-files.js";
import type { TrustProxy } from "./config-forms.js";
import { CONFIG_VARIABLES, environment, type LogLevel } from "./config-variables.js";
import type { AccountSid } from "./directory/account.js";
import { MS_PER_DAY } from "./directory/activity.js";
import type { BrakeLimits } from "./lifecycle/brakes.js";
import { fileVariableOf, readSecretFiles } from "./secret-files.js";
import type { TlsFiles } from "./tls-files.js";

export { CONFIG_VARIABLES, type ConfigVariable } from "./config-variables.js";

export type TwilioCredentials =
  | { readonly kind: "authToken"; readonly authToken: string }
  | { readonly kind: "apiKey"; readonly apiKey: string; readonly apiSecret: string };

/** Whose JWTs are accepted. */
export interface JwtConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly allowed: readonly string[];
  /** Undefined: where the issuer's OpenID configuration says. */
  readonly jwksUrl: string | undefined;
  readonly scope: Scope;
}

/** What the environment says, checked. Frozen, and the same for as long as the process runs. */
export interface Config {
  readonly twilio: {
    readonly accountSid: AccountSid;
    readonly credentials: TwilioCredentials;
    /** Without a slash at its end. */
    readonly apiUrl: string;
    readonly maxConcurrency: number;
    /** Certificate authorities besides the public ones, in PEM. */
    readonly ca: string | undefined;
    /** May hold a password. Undefined: Twilio is reached directly. */
    readonly proxyUrl: string | undefined;
    /** Hosts for which the proxy is not used. */
    readonly proxyExceptions: readonly string[];
  };
  readonly http: {
    readonly host: string;
    /** 0: a free one, chosen by the system. */
    readonly port: number;
    /** Without a slash at its end. Undefined: `meta.location` has the host that the request was sent to. */
    readonly publicUrl: string | undefined;
    /** Undefined: the tokens are all in the database. */
    readonly scimToken: string | undefined;
    /** Undefined: there is no /admin. */
    readonly adminToken: string | undefined;
    readonly trustProxy: TrustProxy;
    /** Addresses and networks. Undefined: everybody may ask. */
    readonly allowedNetworks: readonly string[] | undefined;
    /** Undefined: plain HTTP. */
    readonly tls: TlsFiles | undefined;
  };
  /** Undefined: no JWTs are accepted. */
  readonly jwt: JwtConfig | undefined;
  readonly directory: {
    readonly emailDomain: string | undefined;
    readonly ownerAccount: "show" | "hide";
    readonly closedAccounts: "show" | "hide";
    readonly accountSyncIntervalMs: number;
    readonly usageSyncIntervalMs: number;
    readonly identityRetentionMs: number;
  };
  readonly lifecycle: {
    readonly protectedAccounts: readonly AccountSid[];
    readonly manage: "all" | "linked";
    readonly brakeLimits: BrakeLimits;
    readonly closeDelayMs: number;
    readonly dryRun: boolean;
    readonly readOnly: boolean;
  };
  readonly scim: {
    readonly oktaEntitlements: boolean;
  };
  readonly databaseUrl: string;
  readonly audit: {
    /** Undefined: beside the database. */
    readonly keyFile: string | undefined;
    readonly retentionMs: number;
  };
  readonly logLevel: LogLevel;
  /** What is allowed and yet looks like a mistake, one sentence each. They name variables, never values. */
  readonly warnings: readonly string[];
}

/** A configuration that cannot be used, with everything that is wrong with it. No message holds a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "configInvalid";
  /** One sentence each, naming the variable and what is expected. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(["The configuration cannot be used:", ...problems.map((problem) => `- ${problem}`)].join("\n"));
    this.problems = problems;
  }
}

/**
 * Reads the configuration out of environment variables. An empty one counts as missing: that is how compose files and
 * shells say "not set". One that is not ours is left alone. Throws ConfigError with everything that is wrong.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const secrets = CONFIG_VARIABLES.filter(({ secret }) => secret).map(({ name }) => name);
  const { env: known, problems } = readSecretFiles(secrets, env);
  const given = new Map(
    CONFIG_VARIABLES.map(({ name, alias = name, default: byDefault }) => [
      name,
      known[name] || known[alias] || byDefault,
    ]),
  );
  const read = environment.safeParse(Object.fromEntries(given));
  const twilioFiles = ["TWILIO_AUTH_TOKEN", "TWILIO_API_SECRET"].some((name) => problems.has(name));
  const credentials = readCredentials(
    given.get("TWILIO_AUTH_TOKEN"),
    given.get("TWILIO_API_KEY"),
    given.get("TWILIO_API_SECRET"),
  );
  const misspelt = misspeltNames(Object.keys(env));
  const clashing = clashingTokens(given.get("SCIM_TOKEN"), given.get("ADMIN_TOKEN"));
  const files = read.success ? readFiles(read.data) : { problems: [] };
  const unusable = [...problems.values(), ...clashing, ...files.problems, ...incompleteJwt(given)];
  if (!read.success || typeof credentials === "string" || unusable.length > 0) {
    // What is wrong with a secret's file has been said; that its variable is empty then, is no news.
    const malformed = read.success
      ? []
      : read.error.issues
          .filter(({ path }) => !problems.has(String(path[0])))
          .map(({ path }) => malformedVariable(path[0], given));
    const incomplete = typeof credentials === "string" && !twilioFiles ? [credentials] : [];
    throw new ConfigError([...new Set(malformed), ...incomplete, ...unusable, ...misspelt]);
  }
  return toConfig(read.data, credentials, files, [...misspelt, ...doubtfulValues(read.data)]);
}

/** What must never be seen in a log line or an answer. */
export function secretsOf({ twilio, http }: Config): string[] {
  const { credentials } = twilio;
  return [
    ...(http.scimToken === undefined ? [] : [http.scimToken]),
    ...(http.adminToken === undefined ? [] : [http.adminToken]),
    credentials.kind === "authToken" ? credentials.authToken : credentials.apiSecret,
    ...(twilio.proxyUrl === undefined ? [] : proxySecrets(new URL(twilio.proxyUrl))),
  ];
}

/** The password of a proxy, as it stands in the URL and as it is sent. */
function proxySecrets({ username, password }: URL): string[] {
  if (password === "") return [];
  const decoded = decodeURIComponent(password);
  return [password, decoded, Buffer.from(`${decodeURIComponent(username)}:${decoded}`).toString("base64")];
}

function toConfig(
  variables: z.infer<typeof environment>,
  credentials: TwilioCredentials,
  files: FilesRead,
  warnings: readonly string[],
): Config {
  return Object.freeze({
    twilio: Object.freeze({
      accountSid: variables.TWILIO_ACCOUNT_SID,
      credentials: Object.freeze(credentials),
      apiUrl: variables.TWILIO_API_URL,
      maxConcurrency: variables.TWILIO_MAX_CONCURRENCY,
      ca: files.ca,
      proxyUrl: variables.HTTPS_PROXY,
      proxyExceptions: variables.NO_PROXY ?? Object.freeze([]),
    }),
    http: Object.freeze({
      host: variables.HOST,
      port: variables.PORT,
      publicUrl: variables.PUBLIC_URL,
      scimToken: variables.SCIM_TOKEN,
      adminToken: variables.ADMIN_TOKEN,
      trustProxy: variables.TRUST_PROXY,
      allowedNetworks: variables.ALLOWED_NETWORKS,
      tls: files.tls,
    }),
    jwt: jwtOf(variables),
    directory: Object.freeze({
      emailDomain: variables.EMAIL_DOMAIN,
      ownerAccount: variables.OWNER_ACCOUNT,
      closedAccounts: variables.CLOSED_ACCOUNTS,
      accountSyncIntervalMs: variables.ACCOUNT_SYNC_SECONDS * 1000,
      usageSyncIntervalMs: variables.USAGE_SYNC_MINUTES * 60_000,
      identityRetentionMs: variables.IDENTITY_RETENTION_DAYS * 86_400_000,
    }),
    lifecycle: Object.freeze({
      protectedAccounts: variables.PROTECTED_ACCOUNTS ?? Object.freeze([]),
      manage: variables.MANAGE,
      brakeLimits: Object.freeze({
        closures: variables.MAX_CLOSURES_PER_HOUR,
        suspensions: variables.MAX_SUSPENSIONS_PER_HOUR,
        creations: variables.MAX_CREATIONS_PER_HOUR,
        reactivations: variables.MAX_REACTIVATIONS_PER_HOUR,
      }),
      closeDelayMs: variables.CLOSE_DELAY_HOURS * 3_600_000,
      dryRun: variables.DRY_RUN === "on",
      readOnly: variables.READ_ONLY === "on",
    }),
    scim: Object.freeze({ oktaEntitlements: variables.OKTA_ENTITLEMENTS === "on" }),
    databaseUrl: variables.DATABASE_URL,
    audit: Object.freeze({
      keyFile: variables.AUDIT_KEY_FILE,
      retentionMs: variables.AUDIT_RETENTION_DAYS * MS_PER_DAY,
    }),
    logLevel: variables.LOG_LEVEL,
    warnings: Object.freeze(warnings),
  });
}

function malformedVariable(name: unknown, given: ReadonlyMap<string, string | undefined>): string {
  const variable = CONFIG_VARIABLES.find((variable) => variable.name === name);
  if (variable === undefined) return "The environment cannot be read.";
  const fault = given.get(variable.name) === undefined ? "is missing" : "cannot be read";
  return `${variable.name} ${fault}; expected: ${variable.expected}.`;
}

/** Exactly one way to authenticate at Twilio, or else what is wrong. */
function readCredentials(
  authToken: string | undefined,
  apiKey: string | undefined,
  apiSecret: string | undefined,
): TwilioCredentials | string {
  const way = "expected: either TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET";
  if (authToken !== undefined) {
    if (apiKey === undefined && apiSecret === undefined) return { kind: "authToken", authToken };
    return `TWILIO_AUTH_TOKEN is set, and so is (half) an API key; ${way}.`;
  }
  if (apiKey !== undefined && apiSecret !== undefined) return { kind: "apiKey", apiKey, apiSecret };
  if (apiKey !== undefined) return `TWILIO_API_SECRET is missing, which belongs to TWILIO_API_KEY; ${way}.`;
  if (apiSecret !== undefined)
    return `TWILIO_API_KEY is missing, which TWILIO_API_SECRET belongs to; ${way}.`;
  return `TWILIO_AUTH_TOKEN is missing; ${way}.`;
}

/** Each of them alone lets in whom nobody meant to let in. */
const JWT_TOGETHER = ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_ALLOWED"] as const;

function incompleteJwt(given: ReadonlyMap<string, string | undefined>): string[] {
  const asked = [...JWT_TOGETHER, "JWT_JWKS_URL"].some((name) => given.get(name) !== undefined);
  return JWT_TOGETHER.filter((name) => asked && given.get(name) === undefined).map(
    (name) => `${name} is missing; expected: ${JWT_TOGETHER.join(", ")} together, or none of them.`,
  );
}

function jwtOf(variables: z.infer<typeof environment>): JwtConfig | undefined {
  const { JWT_ISSUER: issuer, JWT_AUDIENCE: audience, JWT_ALLOWED: allowed } = variables;
  if (issuer === undefined || audience === undefined || allowed === undefined) return undefined;
  return Object.freeze({
    issuer,
    audience,
    allowed,
    jwksUrl: variables.JWT_JWKS_URL,
    scope: variables.JWT_SCOPE,
  });
}

/** One token for both would give the identity provider what is the administrator's. */
function clashingTokens(scimToken: string | undefined, adminToken: string | undefined): string[] {
  const isSame = adminToken !== undefined && adminToken === scimToken;
  return isSame ? ["ADMIN_TOKEN is the same as SCIM_TOKEN; expected: another one."] : [];
}

function doubtfulValues(variables: z.infer<typeof environment>): string[] {
  const warnings: string[] = [];
  if (variables.DATABASE_URL.includes(":memory:")) {
    warnings.push("DATABASE_URL keeps nothing: what providers write is lost when the bridge stops.");
  }
  if (/^http:(?!\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$))/.test(variables.TWILIO_API_URL)) {
    warnings.push("TWILIO_API_URL is not https: the Twilio credentials travel unencrypted.");
  }
  if (variables.DRY_RUN === "on") warnings.push("DRY_RUN is on: nothing that is asked for is done.");
  return warnings;
}

/** A misspelt PROTECTED_ACCOUNTS would protect nothing, in silence. */
function misspeltNames(names: readonly string[]): string[] {
  const ours = CONFIG_VARIABLES.flatMap(({ name, secret }) =>
    secret ? [name, fileVariableOf(name)] : [name],
  );
  const aliases = CONFIG_VARIABLES.map(({ alias }) => alias);
  return names
    .filter((name) => !ours.includes(name) && !aliases.includes(name))
    .flatMap((name) =>
      ours.filter((our) => looksLike(name, our)).map((our) => `${name} is not read; is ${our} meant?`),
    );
}

/** Whether two names of some length differ by one letter, underscores aside. */
function looksLike(name: string, other: string): boolean {
  const [a, b] = [name.replaceAll("_", "").toUpperCase(), other.replaceAll("_", "")];
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return shorter > 4 && Math.max(a.length, b.length) - start - end <= 1;
}
