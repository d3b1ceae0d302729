/** A process that plays some of the worlds of `fuzz.ts`, and tells it what came of them. */
import { type FuzzFailure, type FuzzOptions, runFuzz } from "./fuzz-run.js";

/** What is asked of the process, as a message. */
export type ChildOrder = Omit<FuzzOptions, "onProgress">;

/** What it tells, as messages: how it gets on, and in the end what it found. */
export type ChildMessage =
  | { readonly kind: "progress"; readonly requests: number }
  | {
      readonly kind: "report";
      readonly counts: readonly (readonly [string, number])[];
      readonly failures: readonly FuzzFailure[];
    };

function tell(message: ChildMessage, told?: () => void): void {
  process.send?.(message, undefined, undefined, told);
}

// Nobody waits for what it finds any more.
process.once("disconnect", () => process.exit());

process.once("message", (order: ChildOrder) => {
  void runFuzz({ ...order, onProgress: (requests) => tell({ kind: "progress", requests }) }).then(
    ({ coverage, failures }) => {
      // What is not sent yet when the channel closes is lost.
      tell({ kind: "report", counts: coverage.counts, failures }, () => process.disconnect());
    },
  );
});
