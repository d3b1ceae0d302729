import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock, Log } from "../directory/ports.js";
import type { Actor } from "../lifecycle/audit.js";
import { type BulkResult, completion, inCircle, type Pending } from "./bulk-order.js";
import { bulkIdsIn, readReference, resolveBulkIds } from "./bulk-references.js";
import {
  type BulkChange,
  type BulkLabel,
  type BulkOperation,
  labelOf,
  readBulkOperation,
  readBulkRequest,
} from "./bulk-request.js";
import { invalidValue, ScimError, toScimError } from "./errors.js";
import type { ResourceAnswer, ResourceEndpoint, WriteRequest } from "./resource-endpoint.js";

const BULK_RESPONSE_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/** No operation begins later than this, and each ends within 25 s: clients give up at 60. */
const LAST_BEGIN_MS = 25_000;

/** RFC 7644 §3.7. */
export interface BulkResponse {
  readonly schemas: readonly [string];
  readonly Operations: readonly BulkResult[];
}

export interface BulkOptions {
  readonly endpoints: readonly ResourceEndpoint[];
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Aborted once the bridge stops: then no operation begins any more. */
  readonly stopping: AbortSignal;
}

/** Runs bulk requests: each operation as if it had been sent alone, under the same rules. Throws ScimError. */
export type Bulk = (
  body: unknown,
  request: { readonly baseUrl: string; readonly actor: Actor },
) => Promise<BulkResponse>;

export function createBulk(options: BulkOptions): Bulk {
  return async (body, { baseUrl, actor }) => {
    const { failOnErrors, operations } = readBulkRequest(body);
    const run = new BulkRun(options, baseUrl, actor, failOnErrors ?? Number.POSITIVE_INFINITY);
    return { schemas: [BULK_RESPONSE_SCHEMA], Operations: await run.all(operations) };
  };
}

/**
 * One bulk request. Operations run one at a time, in their order, but one that refers to a resource which is created
 * further down waits for it, and so do those behind it that change the same resource.
 */
class BulkRun {
  readonly #options: BulkOptions;
  readonly #baseUrl: string;
  readonly #actor: Actor;
  readonly #maxErrors: number;
  readonly #lastBegin: number;
  readonly #results = new Map<number, BulkResult>();
  /** What became of bulkIds: the id of a resource, or undefined where there will be none. */
  readonly #settled = new Map<string, string | undefined>();
  #errors = 0;

  constructor(options: BulkOptions, baseUrl: string, actor: Actor, maxErrors: number) {
    this.#options = options;
    this.#baseUrl = baseUrl;
    this.#actor = actor;
    this.#maxErrors = maxErrors;
    this.#lastBegin = options.clock.now() + LAST_BEGIN_MS;
  }

  /** The results of all operations, without those that were not begun since there were too many errors before. */
  async all(operations: readonly unknown[]): Promise<readonly BulkResult[]> {
    let waiting = this.#read(operations);
    while (true) {
      const next = this.#next(waiting) ?? inCircle(waiting);
      if (next === undefined) break;
      // A database in the process answers without ever letting anything else run in between.
      await nextTurn();
      const completion = await this.#attempt(next);
      const others = waiting.filter((pending) => pending !== next);
      // In front of all, so that it undoes none of the changes that others make to what was created.
      waiting = completion === undefined ? others : [completion, ...others];
      if (this.#errors >= this.#maxErrors) waiting = this.#giveUp(waiting);
    }
    return [...this.#results].sort(([a], [b]) => a - b).map(([, result]) => result);
  }

  #read(operations: readonly unknown[]): readonly Pending[] {
    const { endpoints } = this.#options;
    const labels = operations.map((operation) => labelOf(operation, endpoints));
    /** Which operation makes the resource of a bulkId: the first one that says so. */
    const creators = new Map<string, number>();
    for (const [index, { method, bulkId }] of labels.entries()) {
      if (method === "POST" && bulkId !== undefined && !creators.has(bulkId)) creators.set(bulkId, index);
    }
    return labels.map((label, index) => {
      const { method, bulkId } = label;
      const isCreator = bulkId !== undefined && creators.get(bulkId) === index;
      const pending = { index, label, creates: isCreator ? bulkId : undefined };
      try {
        const operation = readBulkOperation(operations[index], endpoints);
        if (method === "POST" && !isCreator) throw invalidValue(`The bulkId "${bulkId}" is there twice.`);
        const needs = bulkIdsIn([operation.data, label.target?.id]);
        const unknown = [...needs].find((id) => !creators.has(id));
        if (unknown !== undefined) throw invalidValue(`"bulkId:${unknown}" refers to no operation.`);
        return { ...pending, operation: () => operation, needs };
      } catch (error) {
        const refuse = () => {
          throw error;
        };
        return { ...pending, operation: refuse, needs: new Set<string>() };
      }
    });
  }

  /** The first one that waits for nothing; undefined where all wait for each other, or there is none. */
  #next(waiting: readonly Pending[]): Pending | undefined {
    const held = new Set<string>();
    for (const pending of waiting) {
      const { label, needs } = pending;
      const target = label.method === "POST" ? undefined : this.#locationOf(label);
      const isFree = target === undefined || !held.has(target);
      if (isFree && [...needs].every((id) => this.#settled.has(id))) return pending;
      if (target !== undefined) held.add(target);
    }
    return undefined;
  }

  /** What is begun is brought to its end, and nothing else. */
  #giveUp(waiting: readonly Pending[]): readonly Pending[] {
    for (const { creates } of waiting) if (creates !== undefined) this.#settled.set(creates, undefined);
    return waiting.filter(({ created }) => created !== undefined);
  }

  /** @returns what completes it, where it was created without all that it refers to */
  async #attempt(pending: Pending): Promise<Pending | undefined> {
    const { index, label, creates, needs, created } = pending;
    try {
      const operation = pending.operation();
      this.#assertTime();
      for (const id of needs) this.#assertToCome(id);
      const answer = await this.#run(operation);
      const result = { ...this.#describe(label, answer), ...(created && { method: "POST", status: "201" }) };
      this.#results.set(index, result);
      if (operation.method !== "POST" || creates === undefined || answer === undefined) return undefined;
      const { id } = answer;
      const isWhole = [...needs].every((needed) => this.#settled.has(needed));
      this.#settled.set(creates, id);
      return isWhole ? undefined : completion(pending, operation, id, result);
    } catch (error) {
      // Deleted by another operation meanwhile: it was created all the same, and there is nothing to complete.
      if (created !== undefined && toScimError(error).status === 404) return undefined;
      if (creates !== undefined) this.#settled.set(creates, undefined);
      this.#fail(pending, error);
      return undefined;
    }
  }

  #assertToCome(bulkId: string): void {
    if (!this.#settled.has(bulkId) || this.#settled.get(bulkId) !== undefined) return;
    throw new ScimError(409, undefined, `What "bulkId:${bulkId}" refers to could not be created.`);
  }

  #assertTime(): void {
    const { clock, stopping } = this.#options;
    const isLate = clock.now() > this.#lastBegin;
    if (!isLate && !stopping.aborted) return;
    const why = isLate ? "the operations before it took too long" : "the service is being stopped";
    throw new ScimError(503, undefined, `Not begun, since ${why}. Send it again.`);
  }

  async #run(operation: BulkOperation): Promise<ResourceAnswer | undefined> {
    const request = { baseUrl: this.#baseUrl, query: {}, actor: this.#actor };
    const data = resolveBulkIds(operation.data, (bulkId) => this.#settled.get(bulkId));
    return operation.method === "POST"
      ? operation.endpoint.create(data, request)
      : this.#change(operation, data, request);
  }

  async #change(
    { method, endpoint, id: named, ifMatch }: BulkChange,
    data: unknown,
    request: Omit<WriteRequest, "preconditions">,
  ): Promise<ResourceAnswer | undefined> {
    const id = this.#resolveId(named);
    const conditional = { ...request, preconditions: { ifMatch, ifNoneMatch: undefined } };
    switch (method) {
      case "PUT":
        return endpoint.replace(id, data, conditional);
      case "PATCH":
        return endpoint.patch(id, data, conditional);
      case "DELETE":
        await endpoint.remove(id, conditional);
        return undefined;
    }
  }

  /** A reference stays as it is where there is no resource for it. */
  #resolveId(id: string): string {
    const bulkId = readReference(id);
    return bulkId === undefined ? id : (this.#settled.get(bulkId) ?? id);
  }

  #locationOf({ target }: BulkLabel): string | undefined {
    if (target?.id === undefined) return undefined;
    return `${this.#baseUrl}${target.endpoint.path}/${this.#resolveId(target.id)}`;
  }

  /** RFC 7644 §3.7.3: there is a location, unless it is that of something that could not be created. */
  #name(label: BulkLabel): BulkName {
    const { method, bulkId } = label;
    const location = method === "POST" ? undefined : this.#locationOf(label);
    return {
      ...(method !== undefined && { method }),
      ...(bulkId !== undefined && { bulkId }),
      ...(location !== undefined && { location }),
    };
  }

  #describe(label: BulkLabel, answer: ResourceAnswer | undefined): BulkResult {
    if (answer === undefined) return { ...this.#name(label), status: "204" };
    const { location, version, body } = answer;
    const succeeded = body === undefined ? "204" : "200";
    const status = label.method === "POST" ? "201" : succeeded;
    return { ...this.#name(label), location, version, status };
  }

  #fail({ index, label, created }: Pending, error: unknown): void {
    const { status, body } = toScimError(error);
    const { requestId } = this.#actor;
    const { log } = this.#options;
    if (status === 500) log.error({ err: error, requestId }, "a bulk operation failed");
    // Of what was not begun there is nothing to tell.
    else if (status > 500 && !(error instanceof ScimError)) {
      log.warn({ err: error, requestId }, "a bulk operation could not be served");
    }
    const detail = created ? `Created, but not with all that it refers to: ${body.detail}` : body.detail;
    this.#errors += 1;
    this.#results.set(index, {
      ...(created ?? this.#name(label)),
      status: String(status),
      response: { ...body, detail },
    });
  }
}

type BulkName = Pick<BulkResult, "method" | "bulkId" | "location">;
