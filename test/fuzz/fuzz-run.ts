import { createBombs } from "./body-mutations.js";
import { Coverage } from "./coverage.js";
import { openWorld } from "./fuzz-world.js";
import { describeRequest, type FuzzRequest } from "./request.js";
import { readResourceDefinitions } from "./schema-files.js";
import { WorldRun } from "./world-run.js";

/** What one bridge is asked. It depends on nothing that another one is asked. */
export interface WorldPlan {
  /** Counts from 0; with the seed, it decides everything. */
  readonly number: number;
  /** The number that its first request has in the whole run. Counts from 1. */
  readonly firstRequest: number;
  /** What is sent on top, to look at what came of a request, does not count. */
  readonly requests: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly worlds: readonly WorldPlan[];
  /** Epoch milliseconds after which no world is begun. */
  readonly until?: number;
  /** After how many failures to stop. Default 1. */
  readonly maxFailures?: number;
  /** Told after each world how many requests it had. */
  readonly onProgress?: (requests: number) => void;
}

/** Something that must not happen. */
export interface FuzzFailure {
  readonly seed: number;
  readonly requestNumber: number;
  /** Undefined: it came to light between two requests. */
  readonly request: FuzzRequest | undefined;
  readonly answer: string;
  readonly complaints: readonly string[];
}

export interface FuzzReport {
  readonly requests: number;
  readonly coverage: Coverage;
  readonly failures: readonly FuzzFailure[];
}

/** So that an account is met many times, and the lists stay short. */
const REQUESTS_PER_WORLD = 4000;

export function planWorlds(requests: number, requestsPerWorld = REQUESTS_PER_WORLD): readonly WorldPlan[] {
  return Array.from({ length: Math.ceil(requests / requestsPerWorld) }, (_, number) => {
    const before = number * requestsPerWorld;
    return { number, firstRequest: before + 1, requests: Math.min(requestsPerWorld, requests - before) };
  });
}

/** Plays random requests against bridges of their own, and looks at what comes of each. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { seed, worlds, until = Number.POSITIVE_INFINITY, maxFailures = 1, onProgress } = options;
  const coverage = new Coverage();
  const failures: FuzzFailure[] = [];
  const definitions = readResourceDefinitions();
  const bombs = createBombs();
  let requests = 0;
  for (const plan of worlds) {
    if (failures.length >= maxFailures || Date.now() > until) break;
    const world = await openWorld(seed, plan.number);
    const run = new WorldRun({ world, plan, definitions, bombs, coverage, seed, maxFailures });
    try {
      const played = await run.play();
      requests += played;
      onProgress?.(played);
    } catch (cause) {
      throw new Error(`the fuzzer failed in world ${plan.number} of seed ${seed}, ${run.position}`, {
        cause,
      });
    } finally {
      await world.close();
    }
    failures.push(...run.failures);
  }
  return { requests, coverage, failures };
}

export function describeFailure({ seed, requestNumber, request, answer, complaints }: FuzzFailure): string {
  return [
    `Failure at request ${requestNumber} with seed ${seed}:`,
    ...complaints.map((complaint) => `- ${complaint}`),
    request === undefined ? "(between two requests)" : describeRequest(request),
    `  answer: ${answer}`,
    "",
  ].join("\n");
}
