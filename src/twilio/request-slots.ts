import PQueue from "p-queue";
import { DirectoryError } from "../directory/errors.js";
import type { RequestOptions, RequestPriority } from "../directory/ports.js";

const ORDER: Readonly<Record<RequestPriority, number>> = { lifecycle: 3, lookup: 2, sync: 1, usage: 0 };

/** Reads of unknown ids are a client's to ask for, and must not crowd out what matters. */
const LOOKUP_SLOTS = 2;
const LOOKUPS_WAITING = 200;

/**
 * The places for requests to Twilio, which limits how many it works on at the same time. Where requests have to wait, the
 * next free place goes to the most urgent. While changes take half of the places, no usage is read: it would take the
 * place of the change that comes next.
 */
export class RequestSlots {
  readonly #queue: PQueue;
  readonly #lookups = new PQueue({ concurrency: LOOKUP_SLOTS });
  readonly #usage = new PQueue();
  readonly #changesWithUsage: number;
  #changes = 0;

  /** @param size `TWILIO_MAX_CONCURRENCY`: how many requests may be under way */
  constructor(size: number) {
    this.#queue = new PQueue({ concurrency: size });
    this.#changesWithUsage = Math.ceil(size / 2) - 1;
  }

  /**
   * Runs `request` when its turn comes. Where the signal has aborted by then, rejects with its reason and never runs it.
   *
   * @throws DirectoryError `twilioUnavailable` where too many lookups are waiting already
   */
  run<T>(request: () => Promise<T>, { priority, signal }: RequestOptions): Promise<T> {
    // The queue does not get the signal: it would give away the place of a request that Twilio still works on.
    const turn = async () => {
      signal?.throwIfAborted();
      return request();
    };
    const take = () => this.#queue.add(turn, { priority: ORDER[priority] });
    switch (priority) {
      case "lifecycle":
        return this.#change(take);
      case "lookup":
        return this.#lookUp(take);
      case "sync":
        return take();
      case "usage":
        return this.#usage.add(take);
    }
  }

  async #change<T>(take: () => Promise<T>): Promise<T> {
    this.#changes += 1;
    if (this.#changes > this.#changesWithUsage) this.#usage.pause();
    try {
      return await take();
    } finally {
      this.#changes -= 1;
      if (this.#changes <= this.#changesWithUsage) this.#usage.start();
    }
  }

  #lookUp<T>(take: () => Promise<T>): Promise<T> {
    if (this.#lookups.size >= LOOKUPS_WAITING) {
      return Promise.reject(
        new DirectoryError("twilioUnavailable", "Too many unknown accounts are asked for at once.", {
          retryAfterSeconds: 1,
        }),
      );
    }
    return this.#lookups.add(take);
  }
}
