import { createBridge } from "../bridge.js";
import { type Config, secretsOf } from "../config.js";
import { isOwnerAccount, parseAccountSid } from "../directory/account.js";
import type { Directory } from "../directory/directory.js";
import { SCIM_PATH } from "../http/base-url.js";
import { createLog } from "../log.js";
import { type Simulator, startSimulator } from "../simulator/simulator.js";
import type { Command } from "./command.js";
import { readOptions, visibleAscii, wholeNumber } from "./options.js";

export const demo: Command = {
  name: "demo",
  summary: "Runs the bridge against a simulated Twilio, with nothing to configure.",
  help: [
    "Usage: twilio-scim-bridge demo [options]",
    "",
    "Runs a simulated Twilio and the bridge in one process, until it is stopped. Nothing is kept.",
    "",
    "  --port N       the bridge's port; 0 takes a free one (default: 8080)",
    "  --accounts N   how many subaccounts there are (default: 25)",
    "  --seed N       which world is made: the same number, the same world (default: 1)",
    "  --token TOKEN  the token that clients must bring (default: demo)",
  ].join("\n"),

  async run(args, terminal) {
    const { port, accounts, seed, token = "demo" } = readOptions(args, ["port", "accounts", "seed", "token"]);
    visibleAscii("token", token);
    const bridgePort = wholeNumber("port", port, { least: 0, most: 65_535, otherwise: 8080 });
    const twilio = await startSimulator({
      port: 0,
      accounts: wholeNumber("accounts", accounts, { least: 0, most: 1_000_000, otherwise: 25 }),
      seed: wholeNumber("seed", seed, { least: 0, most: 2 ** 31, otherwise: 1 }),
    });
    const config = demoConfig(twilio, bridgePort, token);
    const log = createLog({ level: config.logLevel, secrets: secretsOf(config).filter((s) => s !== token) });
    const bridge = await createBridge(config, log);
    try {
      const server = await bridge.listen();
      await bridge.sync.start();
      const baseUrl = `http://${config.http.host}:${server.port}${SCIM_PATH}`;
      terminal.out(await welcome(baseUrl, token, bridge.directory));
      terminal.up();
      await terminal.untilStopped();
    } finally {
      await bridge.stop();
      await twilio.close();
    }
    return 0;
  },
};

function demoConfig({ url, accountSid: owner, authToken }: Simulator, port: number, token: string): Config {
  const accountSid = parseAccountSid(owner);
  if (accountSid === undefined) throw new Error("the simulator's own SID has the form of one");
  return {
    twilio: {
      accountSid,
      credentials: { kind: "authToken", authToken },
      apiUrl: url,
      maxConcurrency: 8,
      ca: undefined,
      proxyUrl: undefined,
      proxyExceptions: [],
    },
    http: {
      host: "127.0.0.1",
      port,
      publicUrl: undefined,
      scimToken: token,
      adminToken: undefined,
      trustProxy: false,
      allowedNetworks: undefined,
      tls: undefined,
    },
    jwt: undefined,
    directory: {
      emailDomain: "example.com",
      ownerAccount: "show",
      closedAccounts: "hide",
      accountSyncIntervalMs: 10_000,
      usageSyncIntervalMs: 60 * 60_000,
      identityRetentionMs: 30 * 24 * 60 * 60_000,
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
    databaseUrl: ":memory:",
    audit: { keyFile: undefined, retentionMs: 400 * 24 * 60 * 60_000 },
    logLevel: "warn",
    warnings: [],
  };
}

async function welcome(baseUrl: string, token: string, directory: Directory): Promise<string> {
  const { users, total } = await directory.list({
    narrowings: [],
    matches: ({ user: { account }, status }) => status === "active" && !isOwnerAccount(account),
    offset: 0,
    limit: 1,
  });
  const [example] = users;
  const curl = `curl -s -H ${shellWord(`Authorization: Bearer ${token}`)}`;
  const lines = [
    `The bridge serves ${directory.index.page({ narrowings: [], offset: 0, limit: 0 }).total} Twilio accounts, ${total} of them active subaccounts.`,
    "",
    `  Base URL  ${baseUrl}`,
    `  Token     ${token}`,
    "",
    "Who has an account?",
    "",
    `  ${curl} "${baseUrl}/Users?count=3"`,
  ];
  if (example === undefined) return lines.join("\n");
  const filter = encodeURIComponent(`userName eq ${JSON.stringify(example.attributes.userName)}`);
  const suspend = JSON.stringify({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    Operations: [{ op: "replace", value: { active: false } }],
  });
  return [
    ...lines,
    "",
    `Who is "${example.attributes.userName}"?`,
    "",
    `  ${curl} "${baseUrl}/Users?filter=${filter.replaceAll("'", "%27")}"`,
    "",
    "Suspend that account:",
    "",
    `  ${curl} -X PATCH -H "Content-Type: application/scim+json" -d '${suspend}' "${baseUrl}/Users/${example.account.sid}"`,
    "",
    "Ctrl-C stops it.",
  ].join("\n");
}

/** `text` as one word of a POSIX shell, whatever is in it. */
function shellWord(text: string): string {
  return /[$`"\\!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}
