import { setImmediate as turn } from "node:timers/promises";
import supertest from "supertest";
import { type Bridge, type BridgeParts, createBridge } from "../../src/bridge.js";
import { type Config, readConfig } from "../../src/config.js";
import { createLog } from "../../src/log.js";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.js";
import { createHastyClock } from "./hasty-clock.js";

/** Resolves once the activity of all accounts has been read, after `bridge.listen()`. */
export async function untilActivityIsRead({ activity }: Bridge): Promise<void> {
  for (let { read, accounts } = activity.progress; read < accounts; { read, accounts } = activity.progress) {
    await turn();
  }
}

/** The token that the bridge under test wants. */
export const TOKEN = "a-token-for-tests-only";

export const SCIM_JSON = "application/scim+json";

export interface BridgeOnSimulatorOptions {
  readonly simulator?: SimulatorOptions;
  /** One that is running already, such as for a second start of the bridge. It is then not stopped. */
  readonly running?: Simulator;
  /** Variables of the environment on top of those that point to the simulator. */
  readonly env?: Readonly<Record<string, string>>;
  readonly parts?: Partial<BridgeParts>;
}

export interface BridgeOnSimulator {
  readonly bridge: Bridge;
  readonly simulator: Simulator;
  readonly config: Config;
  /** Every log line so far, parsed. */
  readonly logged: readonly Record<string, unknown>[];
  /** A request with the token, such as `scim("get", "/Users")`. */
  scim(method: "get" | "post" | "put" | "patch" | "delete", path: string): supertest.Test;
  /** How many requests Twilio has got, and forgets them. */
  takeTraffic(): { readonly reads: number; readonly writes: number };
  stop(): Promise<void>;
}

/**
 * A whole bridge on a whole simulator, over real HTTP between the two, with a first pass done. The next pass runs only
 * when a test calls `bridge.sync.pass()`.
 */
export async function startBridgeOnSimulator(
  options: BridgeOnSimulatorOptions = {},
): Promise<BridgeOnSimulator> {
  const simulator = options.running ?? (await startSimulator({ accounts: 10, ...options.simulator }));
  const config = readConfig({
    TWILIO_ACCOUNT_SID: simulator.accountSid,
    TWILIO_AUTH_TOKEN: simulator.authToken,
    TWILIO_API_URL: simulator.url,
    SCIM_TOKEN: TOKEN,
    DATABASE_URL: ":memory:",
    ACCOUNT_SYNC_SECONDS: "86400",
    // Whoever tests something else may suspend and close as many accounts as it takes.
    MAX_CLOSURES_PER_HOUR: "off",
    MAX_SUSPENSIONS_PER_HOUR: "off",
    ...options.env,
  });
  const logged: Record<string, unknown>[] = [];
  const log = createLog({
    level: "debug",
    secrets: [TOKEN, simulator.authToken],
    destination: { write: (line) => void logged.push(JSON.parse(line)) },
  });
  const bridge = await createBridge(config, log, { clock: createHastyClock(), ...options.parts });
  await bridge.sync.start();
  const agent = supertest(bridge.app);
  return {
    bridge,
    simulator,
    config,
    logged,
    scim(method, path) {
      const request = agent[method](`/scim/v2${path}`).set("Authorization", `Bearer ${TOKEN}`);
      return method === "get" || method === "delete" ? request : request.set("Content-Type", SCIM_JSON);
    },
    takeTraffic() {
      const { routes } = simulator.world.traffic.report();
      simulator.world.traffic.reset();
      const count = (names: readonly string[]) =>
        names.reduce((sum, name) => sum + (routes[name]?.requests ?? 0), 0);
      return {
        reads: count(["accounts.list", "accounts.fetch"]),
        writes: count(["accounts.create", "accounts.update"]),
      };
    },
    async stop() {
      await bridge.stop();
      if (options.running === undefined) await simulator.close();
    },
  };
}
