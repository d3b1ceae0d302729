import type { Activity } from "./activity.js";

/** Of how many accounts the activity is known, counted as it changes: to go through all of them takes too long. */
export class ActivityTally {
  #read = 0;
  #stale = 0;

  /** How many accounts something has been read of. */
  get read(): number {
    return this.#read;
  }

  /** How many are `stale`. */
  get stale(): number {
    return this.#stale;
  }

  /** Says that an account's activity has changed; undefined: it was not known before, or is not any more. */
  change(before: Activity | undefined, after: Activity | undefined): void {
    this.#count(before, -1);
    this.#count(after, 1);
  }

  #count(activity: Activity | undefined, by: 1 | -1): void {
    if (activity?.asOf !== undefined) this.#read += by;
    if (activity?.state === "stale") this.#stale += by;
  }
}
