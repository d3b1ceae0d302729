import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Config, ConfigError, readConfig } from "../config.js";
import { isOwnerAccount } from "../directory/account.js";
import { withDeadline } from "../directory/deadline.js";
import { isDirectoryError } from "../directory/errors.js";
import type { AccountGateway } from "../directory/ports.js";
import { parseSqliteUrl } from "../storage/sqlite-url.js";
import { systemClock } from "../system-clock.js";
import { createUsageCatalogue } from "../twilio/usage-catalogue.js";
import { type TwilioGateways, twilioGateways } from "../twilio-gateways.js";
import type { Command, Terminal } from "./command.js";
import { readEnvironment } from "./environment.js";
import { readOptions } from "./options.js";

/** How long Twilio is given to answer. */
const PATIENCE_MS = 15_000;

export const check: Command = {
  name: "check",
  summary: "Tries the configuration and the Twilio credentials, and says what works.",
  help: [
    "Usage: twilio-scim-bridge check",
    "",
    "Reads the same variables as serve, asks Twilio what the credentials may do, and says in words what works",
    "and what to do about what does not. It changes nothing. Exit code 0: all works; 1: something does not;",
    "2: the configuration cannot be used.",
  ].join("\n"),

  async run(args, terminal) {
    readOptions(args, []);
    const config = tryConfig(terminal);
    if (config === undefined) return 2;
    terminal.out("✓ The configuration is complete.");
    for (const warning of config.warnings) terminal.out(`! ${warning}`);
    const findings = [...(await checkTwilio(config)), await checkDatabase(config)];
    for (const { works, says } of findings) terminal.out(`${works ? "✓" : "✗"} ${says}`);
    return findings.every(({ works }) => works) ? 0 : 1;
  },
};

interface Finding {
  readonly works: boolean;
  readonly says: string;
}

function tryConfig(terminal: Terminal): Config | undefined {
  try {
    return readConfig(readEnvironment(terminal));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) terminal.out(`✗ ${problem}`);
    return undefined;
  }
}

async function checkTwilio(config: Config): Promise<Finding[]> {
  const gateways = twilioGateways(config, {
    clock: systemClock,
    random: Math.random,
    catalogue: createUsageCatalogue(),
  });
  try {
    return await withDeadline(systemClock, PATIENCE_MS, async (signal) => [
      await checkOwner(config, gateways.accounts, signal),
      await checkList(gateways.accounts, signal),
      await checkUsage(gateways, signal),
    ]);
  } catch (error) {
    return [{ works: false, says: explainFailure(error, config) }];
  }
}

async function checkOwner(
  { twilio: { accountSid } }: Config,
  gateway: AccountGateway,
  signal: AbortSignal,
): Promise<Finding> {
  const account = await gateway.fetch(accountSid, { priority: "lookup", signal });
  if (!isOwnerAccount(account)) {
    return {
      works: false,
      says: `${accountSid} is itself a subaccount, of ${account.ownerAccountSid}. Set TWILIO_ACCOUNT_SID to that one.`,
    };
  }
  if (account.status !== "active") {
    return {
      works: false,
      says: `The owner account ${accountSid} is ${account.status}, and so nothing works.`,
    };
  }
  const trial = account.type === "Trial" ? " It is a trial account, which can have one subaccount." : "";
  return { works: true, says: `Twilio accepts the credentials of "${account.friendlyName}".${trial}` };
}

async function checkList(gateway: AccountGateway, signal: AbortSignal): Promise<Finding> {
  for await (const page of gateway.pages({ priority: "lookup", signal })) {
    const open = page.filter((account) => account.status !== "closed" && !isOwnerAccount(account)).length;
    const more = page.length === 1000 ? "at least " : "";
    return { works: true, says: `The subaccounts can be listed: ${more}${open} are open.` };
  }
  return { works: true, says: "The subaccounts can be listed: there are none." };
}

/** Without usage all works but activity, so that nothing is wrong, but worth to be known. */
async function checkUsage({ accounts, usage }: TwilioGateways, signal: AbortSignal): Promise<Finding> {
  for await (const page of accounts.pages({ priority: "lookup", signal })) {
    const subaccount = page.find((account) => account.status === "active" && !isOwnerAccount(account));
    if (subaccount === undefined) continue;
    return (await usage.mayReadUsage(subaccount.sid, { priority: "lookup", signal }))
      ? { works: true, says: "Usage records can be read, and so activity can be shown." }
      : {
          works: true,
          says: "Usage records cannot be read with these credentials, so activity is unavailable. It takes the auth token.",
        };
  }
  return { works: true, says: "There is no active subaccount whose usage records could be tried." };
}

function explainFailure(error: unknown, { twilio }: Config): string {
  if (isDirectoryError(error, "credentialsRefused", "accountNotFound")) {
    const names =
      twilio.credentials.kind === "authToken"
        ? "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN"
        : "TWILIO_ACCOUNT_SID, TWILIO_API_KEY (it has to be a Main key) and TWILIO_API_SECRET";
    const code = error.twilioCode === undefined ? "" : ` (${error.twilioCode})`;
    return `Twilio refuses the credentials${code}. Compare ${names} with Twilio's console.`;
  }
  if (isDirectoryError(error)) {
    return `Twilio could not be reached at ${twilio.apiUrl}. Is the address right, and may this machine reach it?`;
  }
  throw error;
}

async function checkDatabase({ databaseUrl }: Config): Promise<Finding> {
  const location = parseSqliteUrl(databaseUrl);
  if (location?.kind !== "file") {
    return { works: true, says: "The database is in memory: what providers write is lost at each stop." };
  }
  const { path } = location;
  const { R_OK, W_OK } = constants;
  if (await isFolder(path)) return { works: false, says: `The database ${path} is a folder, not a file.` };
  if (await isAllowed(path, R_OK | W_OK)) return { works: true, says: `The database ${path} can be used.` };
  if (await isAllowed(path, constants.F_OK)) {
    return { works: false, says: `The database ${path} may not be read and written by this user.` };
  }
  const folder = await nearestFolder(path);
  return (await isFolder(folder)) && (await isAllowed(folder, W_OK))
    ? { works: true, says: `The database ${path} will be made at the first start.` }
    : { works: false, says: `The database ${path} cannot be made: this user may not write to ${folder}.` };
}

async function nearestFolder(path: string): Promise<string> {
  const folder = dirname(path);
  if (folder === path || (await isAllowed(folder, constants.F_OK))) return folder;
  return nearestFolder(folder);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
