import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { AccountSid } from "../../src/directory/account.js";
import { DueQueue } from "../../src/directory/due-queue.js";
import { sid } from "../support/example-accounts.js";

type Step =
  | { readonly kind: "set"; readonly account: number; readonly second: number }
  | { readonly kind: "delete"; readonly account: number }
  | { readonly kind: "take"; readonly second: number };

const accounts = fc.nat({ max: 8 });
const seconds = fc.nat({ max: 20 });
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("set"), account: accounts, second: seconds }),
    fc.record({ kind: fc.constant("delete"), account: accounts }),
    fc.record({ kind: fc.constant("take"), second: seconds }),
  ) as fc.Arbitrary<Step>,
);

describe("the queue of what is due", () => {
  it("gives out the account that has been due for longest, each once, and none before its time", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const queue = new DueQueue();
        const model = new Map<AccountSid, number>();
        for (const step of taken) {
          if (step.kind === "set") {
            queue.set(sid(step.account), step.second * 1000);
            model.set(sid(step.account), step.second);
          } else if (step.kind === "delete") {
            queue.delete(sid(step.account));
            model.delete(sid(step.account));
          } else {
            const due = Math.min(...model.values());
            const given = queue.takeDue(step.second * 1000);
            expect(given === undefined).toBe(due > step.second);
            if (given !== undefined) expect(model.get(given)).toBe(due);
            if (given !== undefined) model.delete(given);
          }
          expect(queue.size).toBe(model.size);
          expect(queue.nextDueAtMs()).toBe(model.size === 0 ? undefined : Math.min(...model.values()) * 1000);
        }
      }),
    );
  });

  it("gives out at once what is due now, to the millisecond", () => {
    const queue = new DueQueue();
    queue.set(sid(1), 12_345);
    expect(queue.takeDue(12_345)).toBe(sid(1));
  });
});
