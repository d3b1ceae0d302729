import { z } from "zod";
import {
  accountSid,
  accountSids,
  apiKeySid,
  brakeLimit,
  claims,
  databaseUrl,
  emailDomain,
  filePath,
  host,
  integer,
  issuerUrl,
  networks,
  proxyExceptions,
  proxyUrl,
  publicUrl,
  rootUrl,
  secret,
  trustProxy,
} from "./config-forms.js";

/** pino's. */
const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Every variable, in the form in which it is used. Whether it must be there, and its default, is in the table. */
export const environment = z.object({
  TWILIO_ACCOUNT_SID: accountSid,
  TWILIO_AUTH_TOKEN: secret.optional(),
  TWILIO_API_KEY: apiKeySid.optional(),
  TWILIO_API_SECRET: secret.optional(),
  TWILIO_API_URL: rootUrl,
  TWILIO_MAX_CONCURRENCY: integer(1, 100),
  TWILIO_CA_FILE: filePath.optional(),
  HTTPS_PROXY: proxyUrl.optional(),
  NO_PROXY: proxyExceptions.optional(),
  SCIM_TOKEN: secret.min(16).optional(),
  ADMIN_TOKEN: secret.min(16).optional(),
  JWT_ISSUER: issuerUrl.optional(),
  JWT_AUDIENCE: secret.optional(),
  JWT_ALLOWED: claims.optional(),
  JWT_JWKS_URL: issuerUrl.optional(),
  JWT_SCOPE: z.enum(["read", "provision", "admin"]),
  HOST: host,
  PORT: integer(0, 65_535),
  PUBLIC_URL: publicUrl.optional(),
  TRUST_PROXY: trustProxy,
  ALLOWED_NETWORKS: networks.optional(),
  TLS_CERT_FILE: filePath.optional(),
  TLS_KEY_FILE: filePath.optional(),
  DATABASE_URL: databaseUrl,
  AUDIT_KEY_FILE: filePath.optional(),
  AUDIT_RETENTION_DAYS: integer(1, 3_650),
  EMAIL_DOMAIN: emailDomain.optional(),
  OWNER_ACCOUNT: z.enum(["show", "hide"]),
  CLOSED_ACCOUNTS: z.enum(["hide", "show"]),
  IDENTITY_RETENTION_DAYS: integer(1, 36_500),
  PROTECTED_ACCOUNTS: accountSids.optional(),
  MANAGE: z.enum(["all", "linked"]),
  MAX_CLOSURES_PER_HOUR: brakeLimit,
  MAX_SUSPENSIONS_PER_HOUR: brakeLimit,
  MAX_CREATIONS_PER_HOUR: brakeLimit,
  MAX_REACTIVATIONS_PER_HOUR: brakeLimit,
  CLOSE_DELAY_HOURS: integer(0, 8_760),
  DRY_RUN: z.enum(["on", "off"]),
  READ_ONLY: z.enum(["on", "off"]),
  ACCOUNT_SYNC_SECONDS: integer(5, 86_400),
  USAGE_SYNC_MINUTES: integer(5, 1_440),
  OKTA_ENTITLEMENTS: z.enum(["on", "off"]),
  LOG_LEVEL: z.enum(LOG_LEVELS),
});

type VariableName = keyof typeof environment.shape;

/** What a human is told about one variable. */
export interface ConfigVariable {
  readonly name: string;
  /** What it is for, as one sentence. */
  readonly purpose: string;
  /** What its value looks like, to follow "expected". */
  readonly expected: string;
  /** What stands for it when it is missing or empty. */
  readonly default?: string;
  /** True: the bridge does not start without it. */
  readonly required?: true;
  /** True: its value is never shown, and may be given as a file, which `<name>_FILE` names. */
  readonly secret?: true;
  /** Another name by which it is known to other programs; read where there is none of its own. */
  readonly alias?: string;
}

const VARIABLES: { readonly [N in VariableName]: Omit<ConfigVariable, "name"> } = {
  TWILIO_ACCOUNT_SID: {
    purpose: "The owner account, whose subaccounts are served.",
    expected: "an account SID: AC and 32 hexadecimal digits",
    required: true,
  },
  TWILIO_AUTH_TOKEN: {
    purpose: "The owner account's auth token. Either this, or an API key and its secret.",
    expected: "an auth token, without spaces",
    secret: true,
  },
  TWILIO_API_KEY: {
    purpose: "A Main API key of the owner account, instead of its auth token.",
    expected: "an API key SID: SK and 32 hexadecimal digits",
  },
  TWILIO_API_SECRET: {
    purpose: "The secret of TWILIO_API_KEY.",
    expected: "the API key's secret, without spaces",
    secret: true,
  },
  TWILIO_API_URL: {
    purpose: "Where Twilio's API is; another one for the simulator only.",
    expected: "an http or https URL without credentials, query or fragment",
    default: "https://api.twilio.com",
  },
  TWILIO_MAX_CONCURRENCY: {
    purpose: "How many requests to Twilio may be in flight at once.",
    expected: "a whole number from 1 to 100",
    default: "8",
  },
  TWILIO_CA_FILE: {
    purpose: "Certificate authorities to believe at Twilio's address, besides the public ones.",
    expected: "the path of a file with certificates in PEM",
  },
  HTTPS_PROXY: {
    purpose: "The proxy through which Twilio is reached; https_proxy is read as well.",
    expected: "an http or https URL without a path; a user and a password may be in it",
    secret: true,
    alias: "https_proxy",
  },
  NO_PROXY: {
    purpose: "Hosts that are reached without the proxy, with all below them; no_proxy is read as well.",
    expected: "host names separated by commas, or * for all",
    alias: "no_proxy",
  },
  SCIM_TOKEN: {
    purpose:
      "The bearer token with which the identity provider authenticates; without it, token create makes others.",
    expected: "at least 16 printable ASCII characters, without spaces",
    secret: true,
  },
  ADMIN_TOKEN: {
    purpose:
      "A bearer token that may do everything, /admin included; token create --scope admin makes others.",
    expected: "at least 16 printable ASCII characters, without spaces, and another one than SCIM_TOKEN",
    secret: true,
  },
  JWT_ISSUER: {
    purpose: "Whose JWTs are accepted too: the claim iss, exactly.",
    expected:
      "an https URL as it stands in the tokens (http on this machine only); the slash at its end counts",
  },
  JWT_AUDIENCE: {
    purpose: "Whom these JWTs are for: the claim aud, exactly.",
    expected: "printable ASCII characters, without spaces",
  },
  JWT_ALLOWED: {
    purpose: "Who may come with such a JWT, since an audience may be shared: values of azp, appid or sub.",
    expected: "values separated by commas",
  },
  JWT_JWKS_URL: {
    purpose: "Where the issuer's keys are; without it, where its OpenID configuration says.",
    expected: "an https URL (http on this machine only) without query",
  },
  JWT_SCOPE: {
    purpose: "What those who come with a JWT may do.",
    expected: "read, provision or admin",
    default: "provision",
  },
  HOST: {
    purpose:
      "The address to listen on. Without TLS_CERT_FILE the token travels in plain HTTP, so others are let in only when this says so: 0.0.0.0 behind a TLS proxy or in a container.",
    expected: "an IP address or a host name",
    default: "127.0.0.1",
  },
  PORT: {
    purpose: "The port to listen on; 0 takes a free one.",
    expected: "a whole number from 0 to 65535",
    default: "8080",
  },
  PUBLIC_URL: {
    purpose:
      "What clients call the bridge, for meta.location; without it, the host that a request was sent to.",
    expected: "an http or https URL without credentials, query or fragment, and without /scim/v2",
  },
  TRUST_PROXY: {
    purpose:
      "Whose X-Forwarded headers are believed: those of so many proxies in front, or of the proxies listed.",
    expected:
      "off, a number of proxies from 1 to 100, or addresses, networks, loopback, linklocal or uniquelocal, separated by commas; not true and no network /0, which would believe everybody",
    default: "off",
  },
  ALLOWED_NETWORKS: {
    purpose: "Who may ask; others are refused before their token is looked at. /healthz is open to all.",
    expected: "addresses and networks such as 10.0.0.0/8 or fd00::/8, separated by commas",
  },
  TLS_CERT_FILE: {
    purpose:
      "The certificate to serve HTTPS with, and those that it is signed with. Read again when it changes.",
    expected: "the path of a file in PEM",
  },
  TLS_KEY_FILE: {
    purpose: "The private key of TLS_CERT_FILE.",
    expected: "the path of a file in PEM, without a passphrase",
  },
  DATABASE_URL: {
    purpose: "The bridge's own database, a SQLite file; it is made where there is none.",
    expected: "file: and a path, or :memory: for nothing that lasts (PostgreSQL comes with a later release)",
    default: "file:./data/bridge.db",
  },
  AUDIT_KEY_FILE: {
    purpose:
      "The file with the key that seals the audit, made where there is none; without it, the database's name with .audit-key behind.",
    expected: "a path without control characters",
  },
  AUDIT_RETENTION_DAYS: {
    purpose: "How many days rows of the audit are kept.",
    expected: "a whole number from 1 to 3650",
    default: "400",
  },
  EMAIL_DOMAIN: {
    purpose: "Gives accounts that nobody wrote to an e-mail address: their SID at this domain.",
    expected: "a domain name such as example.com",
  },
  OWNER_ACCOUNT: {
    purpose: "Whether the owner account is listed. Nothing of it is changed at Twilio either way.",
    expected: "show or hide",
    default: "show",
  },
  CLOSED_ACCOUNTS: {
    purpose: "Whether closed accounts can be read and are listed, for reports.",
    expected: "hide or show",
    default: "hide",
  },
  IDENTITY_RETENTION_DAYS: {
    purpose: "Days from the closing of an account until what was written about its user is erased.",
    expected: "a whole number from 1 to 36500",
    default: "30",
  },
  PROTECTED_ACCOUNTS: {
    purpose: "Accounts of which the bridge changes nothing at Twilio.",
    expected: "account SIDs separated by commas",
  },
  MANAGE: {
    purpose: "Which accounts may be changed: all, or only those linked to a user of the identity provider.",
    expected: "all or linked",
    default: "all",
  },
  MAX_CLOSURES_PER_HOUR: {
    purpose:
      "How many accounts may be closed in any hour; more are answered 429 until an administrator lets them through.",
    expected: "off, or a whole number from 0 to 1000000",
    default: "25",
  },
  MAX_SUSPENSIONS_PER_HOUR: {
    purpose: "The same for suspensions.",
    expected: "off, or a whole number from 0 to 1000000",
    default: "100",
  },
  MAX_CREATIONS_PER_HOUR: {
    purpose: "The same for creations.",
    expected: "off, or a whole number from 0 to 1000000",
    default: "off",
  },
  MAX_REACTIVATIONS_PER_HOUR: {
    purpose: "The same for reactivations.",
    expected: "off, or a whole number from 0 to 1000000",
    default: "off",
  },
  CLOSE_DELAY_HOURS: {
    purpose:
      "Hours from a deletion, which suspends at once, to the closing, which can be undone until then; 0 closes at once.",
    expected: "a whole number from 0 to 8760",
    default: "0",
  },
  DRY_RUN: {
    purpose:
      "Whether changes are only checked and answered as if they were done: nothing is sent to Twilio, and nothing kept.",
    expected: "on or off",
    default: "off",
  },
  READ_ONLY: {
    purpose: "Whether whatever would change something is answered 403.",
    expected: "on or off",
    default: "off",
  },
  ACCOUNT_SYNC_SECONDS: {
    purpose:
      "Seconds from one look at all of Twilio's accounts to the next; more where looks would take more than a tenth of one core.",
    expected: "a whole number from 5 to 86400",
    default: "60",
  },
  USAGE_SYNC_MINUTES: {
    purpose:
      "Minutes from one reading of an account's activity to the next; a dormant one is read less often, down to once a day.",
    expected: "a whole number from 5 to 1440",
    default: "60",
  },
  OKTA_ENTITLEMENTS: {
    purpose: "Whether account types and services can be discovered as entitlements, in Okta's form.",
    expected: "on or off",
    default: "on",
  },
  LOG_LEVEL: {
    purpose: "The least that is logged.",
    expected: `one of ${LOG_LEVELS.join(", ")}`,
    default: "info",
  },
};

/** Every variable of the environment that the bridge reads, in the order in which they are explained. */
export const CONFIG_VARIABLES: readonly ConfigVariable[] = Object.entries(VARIABLES).map(([name, about]) => ({
  name,
  ...about,
}));
