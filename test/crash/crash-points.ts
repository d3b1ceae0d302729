/** Where a process that creates an account can be killed, in the order in which it passes them. */
export const CRASH_POINTS = [
  "before the intent",
  "after the intent",
  "before Twilio's effect",
  "while Twilio works",
  "while Twilio answers",
  "after Twilio's effect",
  "before the commit",
  "after the commit",
  "before the answer",
  "after the answer",
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/** What a bridge process is told: to kill itself at a point of the creation of one user. */
export interface CrashOrder {
  readonly point: CrashPoint;
  readonly userName: string;
  readonly env: Readonly<Record<string, string>>;
}
