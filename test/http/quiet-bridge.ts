import { startServer } from "../../src/http/server.js";
import {
  type BridgeOnSimulator,
  type BridgeOnSimulatorOptions,
  startBridgeOnSimulator,
} from "../support/bridge-on-simulator.js";

export interface QuietBridge extends BridgeOnSimulator {
  readonly port: number;
}

/** A bridge that listens and does nothing by itself: what `bridge.listen()` would start goes on beside the requests. */
export async function startQuietBridge(options: BridgeOnSimulatorOptions = {}): Promise<QuietBridge> {
  const running = await startBridgeOnSimulator(options);
  const server = await startServer(running.bridge.app, "127.0.0.1", 0);
  return {
    ...running,
    port: server.port,
    async stop() {
      await server.stop();
      await running.stop();
    },
  };
}
