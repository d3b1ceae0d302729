/** What may happen only so often in an hour. */
export const BRAKE_NAMES = ["closures", "suspensions", "creations", "reactivations"] as const;

export type BrakeName = (typeof BRAKE_NAMES)[number];

/** Something that happened at Twilio, or may have happened. */
export interface BrakeEvent {
  readonly id: string;
  readonly brake: BrakeName;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** How many may happen in a window of time. */
export interface BrakeWindow {
  readonly limit: number;
  /** Epoch milliseconds. What happened then or earlier counts no more. */
  readonly after: number;
}

/** What the database knows of one brake. */
export interface BrakeCount {
  /** How many events are in the window. */
  readonly counted: number;
  /**
   * Epoch milliseconds of the event that has to leave the window so that one more may happen; undefined where there is room,
   * or where no event is in the way.
   */
  readonly blockedBy: number | undefined;
  /** Epoch milliseconds until which the brake is released; undefined where it never was. */
  readonly releasedUntil: number | undefined;
}

export interface BrakeRelease {
  readonly brake: BrakeName;
  /** Epoch milliseconds. */
  readonly until: number;
  /** Epoch milliseconds. */
  readonly releasedAt: number;
  /** Who did it: the name of a token, or of the command line. */
  readonly releasedBy: string;
}

/**
 * The counts of the brakes, shared by all who use the database. Every method is one transaction. Throws DirectoryError
 * `storageUnavailable`.
 */
export interface BrakeStore {
  /**
   * Counts an event, unless the window is full and the brake is not released: of any number that ask at once, no more than
   * there is room for are counted.
   *
   * @returns undefined: it is counted; otherwise how things stand
   */
  reserve(event: BrakeEvent, window: BrakeWindow): Promise<BrakeCount | undefined>;
  /** Takes an event back that has not happened after all; nothing where it is not there. */
  giveBack(eventId: string): Promise<void>;
  count(brake: BrakeName, window: BrakeWindow): Promise<BrakeCount>;
  /** Replaces the release of that brake before. */
  release(release: BrakeRelease): Promise<void>;
}
