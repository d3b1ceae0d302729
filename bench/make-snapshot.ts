/** Makes a database of one size: `make-snapshot.ts PATH ACCOUNTS SEED SIZE`. A process of its own, for its memory. */
import { renameSync } from "node:fs";
import { startSimulator } from "../src/simulator/simulator.js";
import { writeSnapshot } from "./snapshot.js";

const [path = "", accounts, seed, size] = process.argv.slice(2);
const simulator = await startSimulator({ accounts: Number(accounts), seed: Number(seed) });
await writeSnapshot({ simulator, path: `${path}.part`, size: size === "large" ? "large" : "usual" });
await simulator.close();
renameSync(`${path}.part`, path);
