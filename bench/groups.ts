/**
 * What it takes to change a large group, and to read it: over HTTP, against a bridge on the simulator with its database on
 * disk, all in one process: `npm run bench:groups`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { type Bridge, createBridge } from "../src/bridge.js";
import { readConfig } from "../src/config.js";
import { startServer } from "../src/http/server.js";
import { createLog } from "../src/log.js";
import { startSimulator } from "../src/simulator/simulator.js";

const TOKEN = "a-token-for-benchmarks-only";
/** Runs of each request that do not count. */
const WARM_UPS = 5;

const { values } = parseArgs({
  options: {
    members: { type: "string", default: "10000" },
    runs: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
  },
});
const size = Number(values.members);
const runs = Number(values.runs);

/** A request that is sent again and again. */
interface Measured {
  readonly name: string;
  readonly method: "GET" | "PATCH";
  readonly query?: string;
  /** The body of the PATCH that is sent before each run, unmeasured, so that there is something to do. */
  readonly before?: string;
  /** The body of the nth run. */
  readonly body?: (n: number) => string;
}

interface Run {
  readonly ms: number;
  /** Of the answer, as it comes over the line. */
  readonly bytes: number;
}

const folder = await mkdtemp(join(tmpdir(), "bench-groups-"));
// More than there are members: some are closed.
const simulator = await startSimulator({ accounts: Math.ceil(size * 1.25) + 25, seed: Number(values.seed) });
const config = readConfig({
  TWILIO_ACCOUNT_SID: simulator.accountSid,
  TWILIO_AUTH_TOKEN: simulator.authToken,
  TWILIO_API_URL: simulator.url,
  SCIM_TOKEN: TOKEN,
  DATABASE_URL: `file:${join(folder, "bridge.db")}`,
  ACCOUNT_SYNC_SECONDS: "86400",
});
const log = createLog({ level: "silent", secrets: [], destination: { write() {} } });
const bridge = await createBridge(config, log);
// `listen()` would also read the activity of all accounts meanwhile.
await bridge.sync.start();
const server = await startServer(bridge.app, "127.0.0.1", 0);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
try {
  await measure(bridge);
} finally {
  agent.destroy();
  await server.stop();
  await bridge.stop();
  await simulator.close();
  await rm(folder, { recursive: true });
}

async function measure({ directory }: Bridge): Promise<void> {
  const sids = directory.index.sidsOnPage({ narrowings: [], offset: 0, limit: size + 1 });
  const members = sids.slice(0, size);
  const [outsider = ""] = sids.slice(size);
  const { id } = await directory.groups.create({ attributes: { displayName: "Everyone" }, members });
  process.stdout.write(
    [
      `\n${members.length} members, ${directory.index.size} accounts, ${runs} runs of each`,
      row("", "KiB sent", "KiB back", "median ms", "95th percentile ms"),
      "",
    ].join("\n"),
  );
  for (const measured of requests(id, members, outsider)) {
    const { name, method, query = "", before, body } = measured;
    const path = `/scim/v2/Groups/${id}`;
    const done: Run[] = [];
    for (let n = -WARM_UPS; n < runs; n++) {
      if (before !== undefined) await send("PATCH", path, before);
      const run = await send(method, `${path}${query}`, body?.(n));
      if (n >= 0) done.push(run);
    }
    const inOrder = done.map(({ ms }) => ms).sort((a, b) => a - b);
    const sent = Buffer.byteLength(body?.(0) ?? "");
    const back = Math.max(...done.map(({ bytes }) => bytes));
    const cells = [kib(sent), kib(back), quantile(inOrder, 0.5), quantile(inOrder, 0.95)];
    process.stdout.write(`${row(name, ...cells)}\n`);
  }
}

function requests(id: string, members: readonly string[], outsider: string): readonly Measured[] {
  const okta = (ids: readonly string[]) => ids.map((value) => ({ value, display: `${value}@example.com` }));
  const add = (ids: readonly string[]) => patch({ op: "add", path: "members", value: okta(ids) });
  const addOne = add([outsider]);
  const removeOne = patch({ op: "remove", path: `members[value eq "${outsider}"]` });
  const ten = members.slice(0, 10);
  const removeTen = patch({
    op: "Remove",
    path: "members",
    value: ten.map((value) => ({ $ref: null, value })),
  });
  const replace = patch({ op: "replace", path: "members", value: okta(members) });
  const rename = (n: number) => patch({ op: "replace", value: { id, displayName: `Everyone ${n}` } });
  return [
    { name: "PATCH: add one", method: "PATCH", before: removeOne, body: () => addOne },
    { name: "PATCH: remove one by path", method: "PATCH", before: addOne, body: () => removeOne },
    { name: "PATCH: remove ten by value", method: "PATCH", before: add(ten), body: () => removeTen },
    { name: "PATCH: rename", method: "PATCH", body: rename },
    { name: "PATCH: replace all by the same", method: "PATCH", body: () => replace },
    { name: "GET without members", method: "GET", query: "?excludedAttributes=members" },
    { name: "GET", method: "GET" },
  ];
}

function patch(...Operations: readonly object[]): string {
  return JSON.stringify({ schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations });
}

/** Sends a request, and reads the answer as it is. */
async function send(method: string, path: string, body: string | undefined): Promise<Run> {
  const start = performance.now();
  const bytes = await new Promise<number>((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      "accept-encoding": "gzip,deflate",
      ...(body !== undefined && { "content-type": "application/scim+json" }),
    };
    const sending = request({ agent, port: server.port, method, path, headers }, (response) => {
      buffer(response).then(({ length }) => {
        const { statusCode } = response;
        if (statusCode === (method === "GET" ? 200 : 204)) resolve(length);
        else reject(new Error(`${method} ${path} was answered with ${statusCode}.`));
      }, reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
  return { ms: performance.now() - start, bytes };
}

function quantile(inOrder: readonly number[], part: number): string {
  return (inOrder[Math.ceil(inOrder.length * part) - 1] ?? Number.NaN).toFixed(1);
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(bytes < 10_240 ? 1 : 0);
}

function row(...cells: string[]): string {
  const widths = [34, 10, 10, 11, 20];
  return cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join("");
}
