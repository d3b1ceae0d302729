import type { BulkLabel, BulkOperation } from "./bulk-request.js";
import type { ErrorBody } from "./errors.js";

/** What became of an operation (RFC 7644 §3.7.3). */
export interface BulkResult {
  readonly method?: string;
  readonly bulkId?: string;
  readonly location?: string;
  readonly version?: string;
  /** The HTTP status that the operation would have had, as a string. */
  readonly status: string;
  /** Present where the operation failed. */
  readonly response?: ErrorBody;
}

/** An operation that waits for its turn. */
export interface Pending {
  readonly index: number;
  readonly label: BulkLabel;
  /** Throws ScimError where it cannot be read. */
  readonly operation: () => BulkOperation;
  /** The bulkId that others know its resource by. */
  readonly creates: string | undefined;
  /** The bulkIds of resources that must exist first, each of which another operation creates. */
  readonly needs: ReadonlySet<string>;
  /** Where this completes what was created without all that it refers to: what is known of that. */
  readonly created?: BulkResult;
}

/**
 * Where all wait for each other, some do so in a circle (RFC 7644 §3.7.1): the first of one such circle, to be created
 * without what is not there yet. Undefined where nobody waits.
 */
export function inCircle(waiting: readonly Pending[]): Pending | undefined {
  const creators = new Map(
    waiting.flatMap((pending) => (pending.creates === undefined ? [] : [[pending.creates, pending]])),
  );
  const passed = new Set<Pending>();
  let [at] = creators.values();
  while (at !== undefined && !passed.has(at)) {
    passed.add(at);
    const needed: string | undefined = [...at.needs].find((id) => creators.has(id));
    at = needed === undefined ? undefined : creators.get(needed);
  }
  return at;
}

/** What writes a resource once more, when all that it refers to is there. */
export function completion(
  { index, label, needs }: Pending,
  { endpoint, data }: BulkOperation,
  id: string,
  created: BulkResult,
): Pending {
  const operation = { method: "PUT", endpoint, id, ifMatch: undefined, data } as const;
  return {
    index,
    label: { ...label, method: "PUT", target: { endpoint, id } },
    operation: () => operation,
    creates: undefined,
    needs,
    created,
  };
}
