import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AccountType } from "./account.js";
import { accountCredentials, apiKey } from "./account-credentials.js";
import { CONTROL_PREFIX, createControlServer } from "./control-api.js";
import type { SimulatorIdentity } from "./simulator-identity.js";
import { createTwilioServer } from "./twilio-server.js";
import { createWorld, type World } from "./world.js";

export interface SimulatorOptions {
  /** 0, the default, takes any free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Subaccounts to start with, besides the owner account. Default 25. */
  readonly accounts?: number;
  /** The same seed, number of accounts and day of start give the same world. Default 1. */
  readonly seed?: number;
  /** Of the owner account; `AC` and 32 hexadecimal digits. Default: made from the seed. */
  readonly accountSid?: string;
  /** Of the owner account. Default: made from the seed. */
  readonly authToken?: string;
  /** How long each answer takes, in milliseconds. Default 0. */
  readonly latencyMs?: number;
  /** Requests beyond this many at the same time are answered 429. Default: no ceiling. */
  readonly maxConcurrency?: number;
  /** Most subaccounts that are not closed. Default: 1000 more than there are at the start. */
  readonly subaccountLimit?: number;
  /** Type of the owner account. A Trial one may have a single subaccount. Default `Full`. */
  readonly parentType?: AccountType;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
}

export interface Simulator extends SimulatorIdentity {
  readonly world: World;
  /** Stops listening and cuts all connections, those of requests without an answer too. */
  close(): Promise<void>;
}

/**
 * Starts a simulated Twilio on HTTP: accounts and usage records as `api.twilio.com` has them under `/2010-04-01`, and
 * the control endpoint under `/__simulator`.
 *
 * Throws RangeError for an accountSid or a number of accounts that cannot be; rejects when the port is taken.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, host = "127.0.0.1", accounts = 25, seed = 1 } = options;
  const credentials = credentialsFrom(options, seed);
  if (!/^AC[0-9a-fA-F]{32}$/.test(credentials.accountSid)) {
    throw new RangeError("accountSid must be AC and 32 hexadecimal digits.");
  }
  if (!Number.isInteger(accounts) || accounts < 0) {
    throw new RangeError("accounts must be a whole number of at least 0.");
  }
  const { accountSid, authToken, mainKey, standardKey } = credentials;
  const { world, router } = createWorld({
    seed,
    accounts,
    owner: { sid: accountSid, authToken, type: options.parentType ?? "Full" },
    keys: { main: mainKey, standard: standardKey },
    settings: {
      latencyMs: options.latencyMs ?? 0,
      maxConcurrency: options.maxConcurrency ?? null,
      subaccountLimit: options.subaccountLimit ?? accounts + 1000,
      suspendedUsage: "readable",
      emptyPeriods: "listed",
    },
    now: options.now ?? Date.now,
  });

  // Idle connections are kept: the only resets that a client sees are those that a fault was set for.
  const server = createServer({ keepAliveTimeout: 0 });
  const address = await listen(server, port, host);
  const identity = { ...credentials, port: address.port, url: urlOf(address) };
  const serveTwilio = createTwilioServer(world, router);
  const serveControl = createControlServer(world, identity);
  server.on("request", (request, response) => {
    const isControl = request.url === CONTROL_PREFIX || request.url?.startsWith(`${CONTROL_PREFIX}/`);
    const served = isControl ? serveControl(request, response) : serveTwilio(request, response);
    served.catch((error: unknown) => answerBug(response, error));
  });
  return {
    ...identity,
    world,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function credentialsFrom(
  options: SimulatorOptions,
  seed: number,
): Pick<SimulatorIdentity, "accountSid" | "authToken" | "mainKey" | "standardKey"> {
  const made = accountCredentials(seed, "owner", 0);
  return {
    accountSid: options.accountSid ?? made.sid,
    authToken: options.authToken ?? made.authToken,
    mainKey: apiKey(seed, "main"),
    standardKey: apiKey(seed, "standard"),
  };
}

function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** Nothing foreseen ends here, so the answer shows where it went wrong. */
function answerBug(response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!response.headersSent) response.writeHead(500, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ message: `The simulator failed: ${message}`, status: 500 }));
}

function urlOf({ address, port, family }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
