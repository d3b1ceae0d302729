import type { Bombs } from "./body-mutations.js";
import { type Coverage, cellsOf } from "./coverage.js";
import { NoAnswerError } from "./fuzz-client.js";
import type { FuzzFailure, WorldPlan } from "./fuzz-run.js";
import type { FuzzWorld } from "./fuzz-world.js";
import { happen } from "./happenings.js";
import { type Exchange, Judge } from "./judge.js";
import { learnFrom } from "./learning.js";
import type { FuzzAnswer, FuzzRequest } from "./request.js";
import { RequestSource } from "./requests.js";
import { labelOf } from "./routes.js";
import type { ResourceDefinitions } from "./schema-files.js";
import { breakSomething, mendEverything, runOutOfTime } from "./twilio-faults.js";

export interface WorldRunOptions {
  readonly world: FuzzWorld;
  readonly plan: WorldPlan;
  readonly definitions: ResourceDefinitions;
  readonly bombs: Bombs;
  readonly coverage: Coverage;
  readonly seed: number;
  /** After how many failures to stop. */
  readonly maxFailures: number;
}

/** How much of a world's requests meet a bridge that has read nothing yet, and how much one whose Twilio fails. */
const COLD_SHARE = 0.04;
const FAULTY_SHARE = 0.1;

/** How many requests that change nothing are under way at once. */
const READS_AT_ONCE = 6;

/** How likely something happens between two batches that no client asks for. */
const HAPPENING_PROBABILITY = 0.03;

/** So much time passes from one batch to the next. */
const PACE_MS = 50;

const LONGER_THAN_ANY_SETTLING_MS = 60_000;

const SAFE_METHODS = ["GET", "HEAD", "OPTIONS"];

/** The life of one bridge: cold, then well, then with a Twilio that fails. */
export class WorldRun {
  readonly failures: FuzzFailure[] = [];
  readonly #options: WorldRunOptions;
  readonly #source: RequestSource;
  readonly #judge: Judge;
  #number: number;

  constructor(options: WorldRunOptions) {
    const { world, definitions, bombs, plan } = options;
    const { memory, dice } = world;
    this.#options = options;
    this.#source = new RequestSource({ definitions, memory, bombs, dice });
    this.#judge = new Judge(world);
    this.#number = plan.firstRequest - 1;
  }

  /** @returns how many requests were made */
  async play(): Promise<number> {
    const { world, plan } = this.#options;
    const first = this.#number;
    const last = first + plan.requests;
    await this.#calmly(first + Math.floor(plan.requests * COLD_SHARE));
    await world.warmUp();
    this.#judge.isFaulty = false;
    this.#complain(await this.#judge.judgeDirectory());
    await this.#calmly(last - Math.floor(plan.requests * FAULTY_SHARE));
    this.#judge.isFaulty = true;
    await this.#faultily(last);
    await this.#recover();
    return this.#number - first;
  }

  /** Where it stands, for whoever has to find out why it went no further. */
  get position(): string {
    return `after request ${this.#number}`;
  }

  get #isOver(): boolean {
    return this.failures.length >= this.#options.maxFailures;
  }

  async #calmly(until: number): Promise<void> {
    const { world } = this.#options;
    while (this.#number < until && !this.#isOver) {
      await world.clock.advance(PACE_MS);
      if (!this.#judge.isFaulty && world.dice.chance(HAPPENING_PROBABILITY)) await this.#somethingHappens();
      await this.#playBatch(this.#nextBatch(until - this.#number));
    }
  }

  /** Requests that change nothing, with one in front that may change something. */
  #nextBatch(most: number): readonly FuzzRequest[] {
    const batch: FuzzRequest[] = [];
    while (batch.length < Math.min(most, READS_AT_ONCE)) {
      const request = this.#source.next();
      if (!SAFE_METHODS.includes(request.method)) return [request, ...batch];
      batch.push(request);
    }
    return batch;
  }

  async #playBatch(batch: readonly FuzzRequest[]): Promise<void> {
    const exchanges = await Promise.all(batch.map((request) => this.#exchange(request)));
    const isOnlyRead = batch.every(({ method }) => SAFE_METHODS.includes(method));
    // What is read beside a write depends on which was first, and so would all requests to come.
    await this.#finish(exchanges, isOnlyRead ? exchanges : exchanges.slice(0, 1));
  }

  async #exchange(request: FuzzRequest): Promise<Exchange> {
    const { world, coverage } = this.#options;
    try {
      const answer = await world.client.exchange(request);
      coverage.count(cellsOf(request, answer));
      return { request, answer };
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      return { request, answer: undefined, error: error.message };
    }
  }

  async #finish(exchanges: readonly Exchange[], toLearnFrom: readonly Exchange[]): Promise<void> {
    for (const { request, answer } of toLearnFrom) {
      if (answer !== undefined) learnFrom(request, answer, this.#options.world.memory);
    }
    const complaints = await this.#judge.judge(exchanges);
    for (const [index, { request, answer }] of exchanges.entries()) {
      this.#number += 1;
      this.#complain(complaints[index] ?? [], request, answer);
    }
  }

  #complain(complaints: readonly string[], request?: FuzzRequest, answer?: FuzzAnswer): void {
    if (complaints.length === 0) return;
    this.failures.push({
      seed: this.#options.seed,
      requestNumber: this.#number,
      request,
      answer: answer === undefined ? "none" : `${answer.status} ${answer.text.slice(0, 2000)}`,
      complaints,
    });
  }

  /** One request at a time, each with a fault of its own. */
  async #faultily(until: number): Promise<void> {
    const { world } = this.#options;
    while (this.#number < until && !this.#isOver) {
      await world.clock.advance(PACE_MS);
      const request = this.#source.next();
      const { timesOut } = breakSomething(world, world.dice, { isBulk: labelOf(request) === "POST /Bulk" });
      const exchanging = this.#exchange(request);
      if (timesOut) await runOutOfTime(world, exchanging);
      const exchanges = [await exchanging];
      await mendEverything(world);
      await this.#finish(exchanges, exchanges);
    }
  }

  /** Twilio is well again: the next pass brings to an end what was left open, and then both sides tell the same. */
  async #recover(): Promise<void> {
    const { world } = this.#options;
    await world.clock.advance(LONGER_THAN_ANY_SETTLING_MS);
    await world.bridge.bridge.sync.pass();
    this.#complain(this.#judge.judgeUnasked());
    this.#complain(await this.#judge.judgeDirectory());
  }

  async #somethingHappens(): Promise<void> {
    this.#complain(this.#judge.judgeUnasked());
    const hasSynced = await happen(this.#options.world, this.#judge.outdated);
    this.#judge.lookAgain();
    if (hasSynced) this.#complain(await this.#judge.judgeDirectory());
  }
}
