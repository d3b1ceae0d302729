import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Client } from "./client.js";
import type { BenchProcess, Processes } from "./processes.js";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const TOKEN = "a-token-for-benchmarks-only";

/** A bridge that takes less CPU in that time is idle. */
const IDLE_WINDOW_MS = 1000;
const IDLE_CPU_MS = 100;

/** A server that answers SCIM. */
export interface Server {
  /** Such as `bridge 100000`. */
  readonly name: string;
  readonly process: BenchProcess;
  readonly origin: string;
  /** Where SCIM begins below the origin. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const traffic = z.object({ routes: z.record(z.string(), z.object({ requests: z.number() })) });

/** What Twilio was asked. */
export interface TwilioRequests {
  readonly accounts: number;
  /** For activity, which is read in the background: after a change of status, too. */
  readonly usage: number;
}

/** A simulated Twilio in a process of its own. */
export class BenchSimulator {
  readonly process: BenchProcess;
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly #client: Client;

  constructor(process: BenchProcess, [, url, accountSid, authToken]: readonly string[]) {
    if (url === undefined || accountSid === undefined || authToken === undefined) {
      throw new Error("the simulator did not say where it is");
    }
    this.process = process;
    this.url = url;
    this.accountSid = accountSid;
    this.authToken = authToken;
    this.#client = new Client({ origin: url, headers: {} });
  }

  /** How many requests it has got since it was asked before. */
  async newRequests(): Promise<TwilioRequests> {
    const { routes } = traffic.parse(await this.#client.json("/__simulator/traffic"));
    await this.#client.send("DELETE", "/__simulator/traffic", 200);
    const counts = { accounts: 0, usage: 0 };
    for (const [route, { requests }] of Object.entries(routes)) {
      counts[route.startsWith("usage.") ? "usage" : "accounts"] += requests;
    }
    return counts;
  }

  async set(settings: { readonly latencyMs?: number; readonly subaccountLimit?: number }): Promise<void> {
    await this.#client.send("POST", "/__simulator/settings", 200, settings);
  }
}

export async function startSimulator(
  processes: Processes,
  { accounts, seed }: { readonly accounts: number; readonly seed: number },
): Promise<BenchSimulator> {
  const options = ["--accounts", String(accounts), "--seed", String(seed), "--port", "0"];
  const process = processes.start({
    name: `simulator ${accounts}`,
    args: [MAIN, "simulator", ...options],
  });
  return new BenchSimulator(
    process,
    await process.printed(/TWILIO_API_URL=(\S+)\s.*ACCOUNT_SID=(\S+)\s.*AUTH_TOKEN=(\S+)\s/s),
  );
}

export interface BridgeOptions {
  readonly name: string;
  readonly simulator: BenchSimulator;
  readonly databasePath: string;
  /** From one pass over all accounts to the next. */
  readonly accountSyncSeconds: number;
}

/** Starts the bridge as it ships, and resolves when it listens. */
export async function startBridge(processes: Processes, options: BridgeOptions): Promise<Server> {
  const { name, simulator, databasePath, accountSyncSeconds } = options;
  const process = processes.start({
    name,
    args: [...shippedNodeOptions(), MAIN, "serve"],
    env: {
      TWILIO_API_URL: simulator.url,
      TWILIO_ACCOUNT_SID: simulator.accountSid,
      TWILIO_AUTH_TOKEN: simulator.authToken,
      SCIM_TOKEN: TOKEN,
      MAX_SUSPENSIONS_PER_HOUR: "off",
      HOST: "127.0.0.1",
      PORT: "0",
      DATABASE_URL: `file:${databasePath}`,
      ACCOUNT_SYNC_SECONDS: String(accountSyncSeconds),
    },
  });
  const [, port] = await process.printed(/"port":(\d+),.*"msg":"serving"/);
  return {
    name,
    process,
    origin: `http://127.0.0.1:${port}`,
    path: "/scim/v2",
    headers: { authorization: `Bearer ${TOKEN}` },
  };
}

/** Resolves when a bridge has next to nothing left to do of what comes behind its start. */
export async function untilIdle(bridge: Server): Promise<void> {
  for (let before = Number.NEGATIVE_INFINITY; ; ) {
    const { cpuMs } = await bridge.process.usage();
    if (cpuMs - before < IDLE_CPU_MS) return;
    before = cpuMs;
    await sleep(IDLE_WINDOW_MS);
  }
}

/** Starts a server that is one of our scripts. */
export async function startScriptServer(
  processes: Processes,
  {
    name,
    script,
    args,
  }: { readonly name: string; readonly script: string; readonly args: readonly string[] },
): Promise<Server> {
  const process = processes.startScript(name, script, args);
  const [, origin = ""] = await process.printed(/listening at (http:\S+)/);
  return { name, process, origin, path: "", headers: {} };
}

/** What `npm start` gives to node. */
function shippedNodeOptions(): readonly string[] {
  const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  const { scripts } = z.object({ scripts: z.object({ start: z.string() }) }).parse(JSON.parse(file));
  return scripts.start.split(" ").filter((part) => part.startsWith("--"));
}

const readiness = z.object({ sync: z.object({ ageSeconds: z.number().nullable() }) });

/** Seconds since the bridge has read all accounts; undefined where it has not yet, or is not ready. */
export async function syncAgeSeconds(client: Client): Promise<number | undefined> {
  const { sync } = readiness.parse(await client.json("/readyz"));
  return sync.ageSeconds ?? undefined;
}
