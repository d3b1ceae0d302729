import { randomBytes, randomUUID } from "node:crypto";
import type { FederatedBinding } from "../access/client-store.js";
import { isIssuerUrl } from "../access/issuer-url.js";
import { createOAuthClients, type OAuthClients } from "../access/oauth-clients.js";
import { SCOPES } from "../access/principal.js";
import type { Clock, Log } from "../directory/ports.js";
import { createSqliteClients } from "../storage/sqlite-clients.js";
import { formatClientJson, formatClientTable } from "./client-list.js";
import { type Command, type ExitCode, type Terminal, UsageError } from "./command.js";
import { withDatabaseBeside } from "./database-beside.js";
import { readOptions, takeFlag, visibleAscii } from "./options.js";

/** @param clock dates what is created and revoked */
export function createClient(clock: Clock): Command {
  return {
    name: "client",
    summary: "Creates, lists and revokes clients of the OAuth token endpoint.",
    help: HELP,

    async run([action, ...args], terminal) {
      switch (action) {
        case "create":
          return create(args, terminal, clock);
        case "list":
          return list(args, terminal, clock);
        case "revoke":
          return revoke(args, terminal, clock);
        default:
          throw new UsageError(
            `create, list or revoke is missing${action === undefined ? "" : `; "${action}" is none`}`,
          );
      }
    },
  };
}

async function create(args: readonly string[], terminal: Terminal, clock: Clock): Promise<ExitCode> {
  const { isSet: isFederated, rest } = takeFlag(args, "federated");
  const options = readOptions(rest, ["name", "scope", "issuer", "subject", "audience", "tenant", "database"]);
  const name = clientName(options.name);
  const scope = SCOPES.find((known) => known === (options.scope ?? "provision"));
  if (scope === undefined) throw new UsageError("--scope takes read, provision or admin");
  const { issuer, subject, audience, tenant } = options;
  const isBound = [issuer, subject, audience, tenant].some((value) => value !== undefined);
  if (isBound && !isFederated) throw new UsageError("--issuer and the like go with --federated");
  const binding = isFederated ? readBinding(issuer, subject, audience, tenant) : undefined;
  const created = await withClients(options.database, terminal, clock, (clients) =>
    clients.create({ name, scope, binding }),
  );
  if (created === undefined) {
    terminal.err(`There is a client "${name}" already. Choose another name, or revoke it first.`);
    return 1;
  }
  const { client, secret } = created;
  terminal.out(`client_id      ${client.id}`);
  if (secret !== undefined) terminal.out(`client_secret  ${secret}`);
  terminal.err(
    secret === undefined
      ? `The client "${name}" has no secret: its issuer signs for it.`
      : `Keep the secret of "${name}" now: it is shown this once.`,
  );
  return 0;
}

async function list(args: readonly string[], terminal: Terminal, clock: Clock): Promise<ExitCode> {
  const { isSet: asJson, rest } = takeFlag(args, "json");
  const options = readOptions(rest, ["database"]);
  const clients = await withClients(options.database, terminal, clock, (all) => all.list());
  terminal.out(asJson ? formatClientJson(clients) : formatClientTable(clients));
  return 0;
}

async function revoke(
  [given, ...args]: readonly string[],
  terminal: Terminal,
  clock: Clock,
): Promise<ExitCode> {
  const name = clientName(given);
  const options = readOptions(args, ["database"]);
  const isRevoked = await withClients(options.database, terminal, clock, (clients) => clients.revoke(name));
  if (isRevoked) terminal.out(`The client "${name}" is revoked, and its tokens are refused from now on.`);
  else terminal.err(`There is no client "${name}". See: twilio-scim-bridge client list`);
  return isRevoked ? 0 : 1;
}

function withClients<T>(
  option: string | undefined,
  terminal: Terminal,
  clock: Clock,
  work: (clients: OAuthClients) => Promise<T>,
): Promise<T> {
  return withDatabaseBeside({ option, terminal, log: SILENT }, (db) =>
    work(createOAuthClients({ store: createSqliteClients(db), clock, newId: randomUUID, randomBytes })),
  );
}

/** The standard output is for what was asked. */
const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** One that can stand in a log line and on a command line as it is. */
function clientName(text: string | undefined): string {
  if (text !== undefined && /^[A-Za-z0-9][\w.-]{0,63}$/.test(text)) return text;
  throw new UsageError("a client's name has up to 64 letters, digits, dots, dashes and underscores");
}

function readBinding(
  issuer: string | undefined,
  subject: string | undefined,
  audience: string | undefined,
  tenant: string | undefined,
): FederatedBinding {
  if (issuer === undefined || subject === undefined || audience === undefined) {
    throw new UsageError("--federated needs --issuer, --subject and --audience");
  }
  if (!isIssuerUrl(issuer)) throw new UsageError("--issuer takes an https URL");
  // The portal shows it so, and no token has it.
  if (audience.endsWith("/.default")) {
    throw new UsageError("--audience takes what the tokens say, without /.default at its end");
  }
  return {
    issuer,
    subject: visibleAscii("subject", subject),
    audience: visibleAscii("audience", audience),
    tenant: tenant === undefined ? undefined : visibleAscii("tenant", tenant),
  };
}

const HELP = [
  "Usage: twilio-scim-bridge client create --name NAME [--scope SCOPE] [--federated ...]",
  "       twilio-scim-bridge client list [--json]",
  "       twilio-scim-bridge client revoke NAME",
  "",
  "Clients get access tokens at /oauth/token (OAuth 2.0 client credentials). It works beside a running bridge,",
  "which knows of it at once.",
  "",
  "create makes a client and shows its id and secret, this once.",
  "  --name NAME          what it is called in logs and here",
  "  --scope SCOPE        read, provision or admin (default: provision)",
  "  --federated          no secret: an issuer such as Entra ID signs for the client. Each of these is compared",
  "                       exactly with what its tokens say:",
  "    --issuer URL       iss, such as https://login.microsoftonline.com/TENANT/v2.0; its keys are found by",
  "                       its OpenID configuration",
  "    --subject TEXT     sub; for Entra ID the object id of the workload that calls",
  "    --audience TEXT    aud, such as api://APPLICATION, without /.default",
  "    --tenant TEXT      tid; without it, tokens must have none (those of Entra ID have one)",
  "list shows all clients, also the revoked ones; --json: one array of them.",
  "revoke ends a client and all of its tokens.",
  "  --database URL       file: and the path of the database (default: DATABASE_URL, from the environment or",
  "                       a file .env; no other variable is read)",
  "",
  "Exit code 0: done; 1: the name is taken or not known, or the database cannot be used; 2: it was called in a",
  "wrong way.",
].join("\n");
