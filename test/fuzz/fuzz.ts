/**
 * Random requests against bridges on simulators, all decided by a seed: `npm run fuzz -- --seed 1`. Ends with 1 where a
 * request did what it must not, or where a cell of the table of answers was not reached that should have been.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { Coverage } from "./coverage.js";
import type { ChildMessage, ChildOrder } from "./fuzz-child.js";
import { describeFailure, type FuzzFailure, planWorlds, type WorldPlan } from "./fuzz-run.js";
import { REACHABLE } from "./reachable.js";

/** So many reach every cell; fewer may miss one by chance. */
const ENOUGH_FOR_ALL_CELLS = 200_000;

/** A bridge and its simulator keep one processor busy. */
const PROCESSES = 2;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    requests: { type: "string", default: String(ENOUGH_FOR_ALL_CELLS) },
    /** After how many seconds no further world is begun. */
    seconds: { type: "string" },
    /** Plays again what led to the request with this number, and what came after it on the same bridge. */
    request: { type: "string" },
    /** After how many failures a process stops. */
    failures: { type: "string", default: "1" },
  },
});
const startedAt = Date.now();
const seed = Number(values.seed);
const worlds = planWorlds(Number(values.requests)).filter(isAskedFor);
const coverage = new Coverage();
const failures: FuzzFailure[] = [];
let requests = 0;

const shares = await Promise.all(Array.from({ length: PROCESSES }, (_, share) => play(share)));
report(shares.every((isWhole) => isWhole));

function isAskedFor({ firstRequest, requests: count }: WorldPlan): boolean {
  const number = values.request === undefined ? firstRequest : Number(values.request);
  return number >= firstRequest && number < firstRequest + count;
}

/**
 * Has a process of its own play its share of the worlds.
 *
 * @returns whether it has told all that it found, and not crashed
 */
async function play(share: number): Promise<boolean> {
  let isTold = false;
  const child = fork(new URL("fuzz-child.ts", import.meta.url), { serialization: "advanced" });
  child.on("message", (message: ChildMessage) => {
    if (message.kind === "progress") {
      requests += message.requests;
      process.stderr.write(`${requests} requests, ${rate()} a second\r`);
      return;
    }
    for (const [cell, count] of message.counts) coverage.add(cell, count);
    failures.push(...message.failures);
    isTold = true;
  });
  const order: ChildOrder = {
    seed,
    worlds: worlds.filter(({ number }) => number % PROCESSES === share),
    maxFailures: Number(values.failures),
    ...(values.seconds !== undefined && { until: startedAt + Number(values.seconds) * 1000 }),
  };
  child.send(order);
  const [code] = await once(child, "exit");
  return isTold && code === 0;
}

function report(haveAllEnded: boolean): void {
  const missed = coverage.missedOf(REACHABLE);
  const mustReachAll = requests >= ENOUGH_FOR_ALL_CELLS;
  for (const [cell, count] of coverage.counts) print(`${String(count).padStart(8)}  ${cell}`);
  print(`\nseed ${seed}: ${requests} requests, ${rate()} a second`);
  for (const cell of missed) print(`${mustReachAll ? "never reached" : "not reached this time"}: ${cell}`);
  for (const failure of failures) print(describeFailure(failure));
  if (!haveAllEnded) print("a process crashed: see above");
  const isCovered = missed.length === 0 || !mustReachAll;
  process.exitCode = haveAllEnded && failures.length === 0 && isCovered ? 0 : 1;
}

function rate(): number {
  return Math.round((requests * 1000) / (Date.now() - startedAt));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
