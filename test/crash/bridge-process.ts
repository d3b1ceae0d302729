/**
 * A bridge in a process of its own that kills itself at one point of the creation of one user. It gets its orders as
 * JSON, and prints the port on which it listens.
 */
import { writeSync } from "node:fs";
import { createBridge } from "../../src/bridge.js";
import { readConfig } from "../../src/config.js";
import { createLog } from "../../src/log.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import { twilioGateways } from "../../src/twilio-gateways.js";
import { createHastyClock } from "../support/hasty-clock.js";
import type { CrashOrder } from "./crash-points.js";

const order: CrashOrder = JSON.parse(process.argv[2] ?? "");
/** Whether the creation under way is the one that is not survived. */
let armed = false;

function dieAt(point: CrashOrder["point"]): void {
  if (armed && point === order.point) process.kill(process.pid, "SIGKILL");
}

const log = createLog({
  level: "info",
  secrets: [],
  destination: {
    // The audit line is the last thing before the answer.
    write: (line) => {
      if (JSON.parse(line).msg === "audit") dieAt("before the answer");
    },
  },
});

const bridge = await createBridge(readConfig(order.env), log, {
  clock: createHastyClock(),
  async openStore({ databaseUrl }) {
    const store = await openSqliteStore({ url: databaseUrl, log });
    return {
      ...store,
      async openIntent(intent) {
        armed = intent.attributes.userName === order.userName;
        dieAt("before the intent");
        await store.openIntent(intent);
        dieAt("after the intent");
      },
      async fulfilIntent(...args) {
        dieAt("before the commit");
        await store.fulfilIntent(...args);
        dieAt("after the commit");
      },
    };
  },
  createGateways(config, parts) {
    const gateways = twilioGateways(config, parts);
    return {
      ...gateways,
      accounts: {
        ...gateways.accounts,
        async create(...args) {
          dieAt("before Twilio's effect");
          const account = await gateways.accounts.create(...args);
          dieAt("after Twilio's effect");
          return account;
        },
      },
    };
  },
});
const { port } = await bridge.listen();
await bridge.sync.start();
writeSync(1, `${port}\n`);
