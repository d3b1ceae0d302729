import { SCOPES } from "../access/principal.js";
import { digestOf, makeToken } from "../access/token.js";
import type { StoredToken, TokenStore } from "../access/token-store.js";
import type { Clock } from "../directory/ports.js";
import { createSqliteTokens } from "../storage/sqlite-tokens.js";
import { type Command, type ExitCode, type Terminal, UsageError } from "./command.js";
import { withDatabaseBeside } from "./database-beside.js";
import { oneOf, readOptions, takeFlag } from "./options.js";
import { formatTokenJson, formatTokenTable } from "./token-list.js";

const DAY_MS = 24 * 60 * 60_000;
const LONGEST_DAYS = 3650;

export interface TokenCommandOptions {
  readonly clock: Clock;
  /** So many bytes that nobody can foresee. */
  readonly randomBytes: (size: number) => Buffer;
}

/** `token create`, `token list` and `token revoke`. */
export function createTokenCommand(options: TokenCommandOptions): Command {
  return {
    name: "token",
    summary: "Makes, lists and revokes the bearer tokens with which clients authenticate.",
    help: HELP,

    async run([action, ...args], terminal) {
      switch (action) {
        case "create":
          return create(args, terminal, options);
        case "list":
          return list(args, terminal, options.clock);
        case "revoke":
          return revoke(args, terminal, options.clock);
        default:
          throw new UsageError("what to do with tokens is create, list or revoke");
      }
    },
  };
}

async function create(
  args: readonly string[],
  terminal: Terminal,
  { clock, randomBytes }: TokenCommandOptions,
): Promise<ExitCode> {
  const given = readOptions(args, ["name", "scope", "expires", "database"]);
  const name = tokenName(given.name);
  const scope = oneOf("scope", SCOPES, given.scope ?? "provision");
  const createdAt = clock.now();
  const expiresAt = given.expires === undefined ? undefined : createdAt + days(given.expires) * DAY_MS;
  const token = makeToken(randomBytes);
  const isAdded = await withTokens(given.database, terminal, (tokens) =>
    tokens.add({ name, scope, digest: digestOf(token), createdAt, expiresAt }),
  );
  if (!isAdded) {
    terminal.err(`There is a token "${name}" already. Choose another name, or revoke that one first.`);
    return 1;
  }
  const until =
    expiresAt === undefined ? "until it is revoked" : `until ${new Date(expiresAt).toISOString()}`;
  terminal.err(`The token "${name}" has the scope ${scope} and is valid from now ${until}.`);
  terminal.err("It is shown this once, and cannot be read again from anywhere:");
  // Alone on the standard output, so that a script can take it.
  terminal.out(token);
  return 0;
}

async function list(args: readonly string[], terminal: Terminal, clock: Clock): Promise<ExitCode> {
  const { isSet: asJson, rest } = takeFlag(args, "json");
  const { database } = readOptions(rest, ["database"]);
  const tokens = await withTokens(database, terminal, (store) => store.all());
  if (asJson) terminal.out(formatTokenJson(tokens, clock.now()));
  else if (tokens.length > 0) terminal.out(formatTokenTable(tokens, clock.now()));
  else terminal.out("There are no tokens. Make one: twilio-scim-bridge token create --name okta");
  return 0;
}

async function revoke(args: readonly string[], terminal: Terminal, clock: Clock): Promise<ExitCode> {
  const [first, ...rest] = args;
  if (first?.startsWith("--")) throw new UsageError("the name of the token comes right after revoke");
  const name = tokenName(first);
  const { database } = readOptions(rest, ["database"]);
  const isRevoked = await withTokens(database, terminal, (tokens) => tokens.revoke(name, clock.now()));
  if (!isRevoked) {
    terminal.err(`There is no token "${name}" that could be revoked. See: twilio-scim-bridge token list`);
    return 1;
  }
  terminal.out(`The token "${name}" is revoked. A running bridge refuses it within a second.`);
  return 0;
}

function withTokens<T>(
  option: string | undefined,
  terminal: Terminal,
  work: (tokens: TokenStore) => Promise<T>,
): Promise<T> {
  const warn = (_fields: object, message: string) => terminal.err(message);
  const log = { debug() {}, info() {}, warn, error: warn };
  return withDatabaseBeside({ option, terminal, log }, (db) => work(createSqliteTokens(db)));
}

/** @throws UsageError where it could not be shown in a log, a metric and a table as it is */
function tokenName(text: string | undefined): StoredToken["name"] {
  if (text !== undefined && /^[A-Za-z0-9][\w.-]{0,63}$/.test(text)) return text;
  throw new UsageError("the name of a token has 1 to 64 letters, digits, dots, dashes and underscores");
}

/** @throws UsageError */
function days(text: string): number {
  const number = Number(/^(\d{1,4})d$/.exec(text)?.[1]);
  if (number >= 1 && number <= LONGEST_DAYS) return number;
  throw new UsageError(`--expires takes a number of days from 1d to ${LONGEST_DAYS}d`);
}

const HELP = [
  "Usage: twilio-scim-bridge token create --name NAME [--scope SCOPE] [--expires DAYS]",
  "       twilio-scim-bridge token list [--json]",
  "       twilio-scim-bridge token revoke NAME",
  "",
  "Works on the bridge's database, also while the bridge runs and before its first start. A running bridge",
  "knows a new token at once, and refuses a revoked one within a second; it needs no restart.",
  "",
  "create   makes a token and writes it to the standard output, this once: only its hash is kept.",
  "list     shows all tokens, also revoked ones, and when each was used last (up to a minute behind).",
  "revoke   ends a token for good. Its name is free then.",
  "",
  "  --name NAME      what the token is for, such as okta; it stands in the audit and in metrics",
  "  --scope SCOPE    read: may read; provision: may also change users and groups; admin: may also use /admin",
  "                   (default: provision)",
  "  --expires DAYS   such as 365d (default: it is valid until it is revoked)",
  "  --json           an array of objects: name, scope, state, created, expires, revoked, lastUsed. State is",
  "                   valid, expired or revoked; times are in the form 2026-11-24T08:00:00.000Z, or null",
  "  --database URL   file: and the path of the database (default: DATABASE_URL, from the environment or",
  "                   a file .env; no other variable is read)",
  "",
  "To replace a token: create another one (okta-2027), give it to the provider, and revoke the old one when",
  "list shows that the new one is used.",
  "",
  "Exit code 0: done; 1: not done, and why is said; 2: it was called in a wrong way.",
].join("\n");
