import { DirectoryError, type DirectoryErrorCode } from "../../src/directory/errors.js";

/**
 * What comes between a call and its answer.
 *
 * @param effect does what was asked for, and tells what the answer would be
 * @param signal aborts when the caller gives up
 */
export type Interruption = <T>(effect: () => Promise<T>, signal: AbortSignal | undefined) => Promise<T>;

/** Nothing comes between. */
export const passes: Interruption = (effect) => effect();

/** Refused or failed: nothing happens. */
export function fails(code: DirectoryErrorCode, twilioCode?: number): Interruption {
  return async () => {
    throw new DirectoryError(code, `told to fail with ${code}`, { twilioCode });
  };
}

/** It happens, but the answer is lost. */
export const losesAnswer: Interruption = async (effect) => {
  await effect();
  throw answerLost();
};

/** It never happens, and nobody can tell. */
export const losesRequest: Interruption = async () => {
  throw answerLost();
};

/** Where the process dies: before the effect or after it, the call never ends. */
export const diesBefore: Interruption = () => new Promise(() => undefined);
export const diesAfter: Interruption = async (effect) => {
  await effect();
  return new Promise(() => undefined);
};

/** Never answers, and gives up when the caller does. */
export const hangs: Interruption = (_effect, signal) => givenUp(signal);

/** A call that a test holds in its hand. */
export interface Held {
  /** Holds the call back until `release()`: before its effect, or with the answer already made. */
  readonly beforeEffect: Interruption;
  readonly beforeAnswer: Interruption;
  /** Resolves when the call has come to where it is held. */
  readonly arrived: Promise<void>;
  release(): void;
}

export function hold(): Held {
  let release: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return {
    arrived,
    release,
    async beforeEffect(effect, signal) {
      arrive();
      await Promise.race([released, givenUp(signal)]);
      return effect();
    },
    async beforeAnswer(effect, signal) {
      const answer = await effect();
      arrive();
      await Promise.race([released, givenUp(signal)]);
      return answer;
    },
  };
}

export function answerLost(): DirectoryError {
  return new DirectoryError("outcomeUnknown", "Twilio's answer was lost.");
}

function givenUp(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(answerLost()));
  });
}
