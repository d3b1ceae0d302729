import { DirectoryError, isDirectoryError } from "../directory/errors.js";
import type { Clock, Log } from "../directory/ports.js";
import { BRAKE_NAMES, type BrakeCount, type BrakeName, type BrakeStore } from "./brake-store.js";

const WINDOW_MS = 3_600_000;

/** How long a release lasts where nobody says otherwise: by then all that it let through counts no more. */
export const RELEASE_MS = WINDOW_MS;

/** The longest release: one that was forgotten must end some day. */
export const LONGEST_RELEASE_MS = 7 * 24 * WINDOW_MS;

/** The variable that sets each limit. */
export const BRAKE_VARIABLES: Readonly<Record<BrakeName, string>> = {
  closures: "MAX_CLOSURES_PER_HOUR",
  suspensions: "MAX_SUSPENSIONS_PER_HOUR",
  creations: "MAX_CREATIONS_PER_HOUR",
  reactivations: "MAX_REACTIVATIONS_PER_HOUR",
};

/** How many of each may happen in an hour; undefined: any number. */
export type BrakeLimits = Readonly<Record<BrakeName, number | undefined>>;

export interface BrakesOptions {
  readonly store: BrakeStore;
  readonly limits: BrakeLimits;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
  /** Gives a UUID. */
  readonly newId: () => string;
}

/** How a brake stands now. Instants are epoch milliseconds. */
export interface BrakeStatus {
  readonly brake: BrakeName;
  /** Undefined: the brake is off, and nothing is counted. */
  readonly limit: number | undefined;
  /** How many in the last hour. */
  readonly counted: number;
  /** Whether the next one is refused. */
  readonly engaged: boolean;
  /** When the next one may happen by itself; undefined where that is now. */
  readonly freeAt: number | undefined;
  /** Until when the brake is released; undefined where it is not. */
  readonly releasedUntil: number | undefined;
}

/** How a brake stands, for programs: what is not there is null, and instants are texts. */
export function describeBrake({ brake, limit, counted, engaged, freeAt, releasedUntil }: BrakeStatus) {
  return {
    brake,
    limit: limit ?? null,
    counted,
    engaged,
    freeAt: freeAt === undefined ? null : new Date(freeAt).toISOString(),
    releasedUntil: releasedUntil === undefined ? null : new Date(releasedUntil).toISOString(),
  };
}

/** A place in the window that was taken for a change about to be made. */
export interface BrakePlace {
  /** Gives the place back: nothing has happened. A failure is logged, and the place stays taken. */
  giveBack(): Promise<void>;
}

/**
 * Stops a provider that is misconfigured, or a token in wrong hands, before it has closed or suspended everything: only so
 * many changes of a kind are let through in any hour. The counts are in the database, so that neither a restart nor another
 * replica begins anew.
 */
export class Brakes {
  readonly #options: BrakesOptions;

  constructor(options: BrakesOptions) {
    this.#options = options;
  }

  /**
   * Runs what makes a change at Twilio, if there is room for it. It counts also where nobody knows whether it happened.
   *
   * @throws DirectoryError `brakeEngaged`, `storageUnavailable`: it was not run; or what `change` throws
   */
  async run<T>(brake: BrakeName, change: () => Promise<T>): Promise<T> {
    const place = await this.take(brake);
    try {
      return await change();
    } catch (error) {
      if (hasNotHappened(error)) await place.giveBack();
      throw error;
    }
  }

  /**
   * Takes a place for a change.
   *
   * @throws DirectoryError `brakeEngaged`, `storageUnavailable`
   */
  async take(brake: BrakeName): Promise<BrakePlace> {
    const { store, limits, clock, log, newId } = this.#options;
    const limit = limits[brake];
    if (limit === undefined) return { giveBack: async () => {} };
    const now = clock.now();
    const id = newId();
    const full = await store.reserve({ id, brake, at: now }, { limit, after: now - WINDOW_MS });
    if (full !== undefined) throw brakeEngaged(brake, limit, freeAt(full, now) - now);
    return {
      giveBack: () =>
        store.giveBack(id).catch((error: unknown) => {
          log.error({ err: error, brake }, "a change that did not happen still counts at its brake");
        }),
    };
  }

  /**
   * Counts nothing, and only tells whether there is room.
   *
   * @throws DirectoryError `brakeEngaged`, `storageUnavailable`
   */
  async assertFree(brake: BrakeName): Promise<void> {
    const { limit, engaged, freeAt = 0 } = await this.#statusOf(brake);
    if (limit !== undefined && engaged) throw brakeEngaged(brake, limit, freeAt - this.#options.clock.now());
  }

  /**
   * Lets any number of changes through for a time. They are counted all the same, so that the brake is what it was at its
   * end.
   *
   * @param forMs milliseconds, from now on
   * @param releasedBy the name of who asks for it, for the log
   * @throws DirectoryError `storageUnavailable`
   */
  async release(brake: BrakeName, forMs: number, releasedBy: string): Promise<BrakeStatus> {
    const { store, clock, log } = this.#options;
    const releasedAt = clock.now();
    const until = releasedAt + forMs;
    await store.release({ brake, until, releasedAt, releasedBy });
    log.warn({ brake, until: new Date(until).toISOString(), releasedBy }, "a brake is released");
    return this.#statusOf(brake);
  }

  /** @throws DirectoryError `storageUnavailable` */
  status(): Promise<readonly BrakeStatus[]> {
    return Promise.all(BRAKE_NAMES.map((brake) => this.#statusOf(brake)));
  }

  /**
   * The brakes that let nothing through now.
   *
   * @throws DirectoryError `storageUnavailable`
   */
  async engaged(): Promise<readonly BrakeName[]> {
    return (await this.status()).filter(({ engaged }) => engaged).map(({ brake }) => brake);
  }

  async #statusOf(brake: BrakeName): Promise<BrakeStatus> {
    const { store, limits, clock } = this.#options;
    const limit = limits[brake];
    if (limit === undefined) {
      return { brake, limit, counted: 0, engaged: false, freeAt: undefined, releasedUntil: undefined };
    }
    const now = clock.now();
    const count = await store.count(brake, { limit, after: now - WINDOW_MS });
    const { counted } = count;
    const isReleased = count.releasedUntil !== undefined && count.releasedUntil > now;
    const isFull = counted >= limit;
    return {
      brake,
      limit,
      counted,
      engaged: isFull && !isReleased,
      freeAt: isFull ? freeAt(count, now) : undefined,
      releasedUntil: isReleased ? count.releasedUntil : undefined,
    };
  }
}

/** When there is room again. A clock that was set back must not make it later than a whole window. */
function freeAt({ blockedBy }: BrakeCount, now: number): number {
  return Math.min(blockedBy ?? now, now) + WINDOW_MS;
}

/** Whatever Twilio's gateway throws but `outcomeUnknown` says that nothing changed; what nobody foresaw says nothing. */
export function hasNotHappened(error: unknown): boolean {
  return isDirectoryError(error) && error.code !== "outcomeUnknown";
}

function brakeEngaged(brake: BrakeName, limit: number, waitMs: number): DirectoryError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new DirectoryError(
    "brakeEngaged",
    `The brake on ${brake} is engaged: no more than ${limit} are let through in an hour (${BRAKE_VARIABLES[brake]}). ` +
      `There is room again in ${retryAfterSeconds} s. An administrator who knows that this is meant releases it with ` +
      `"twilio-scim-bridge brake release ${brake}" or POST /admin/brakes/${brake}/release.`,
    { retryAfterSeconds },
  );
}
