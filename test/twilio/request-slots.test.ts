import { describe, expect, it } from "@jest/globals";
import type { RequestPriority } from "../../src/directory/ports.js";
import { RequestSlots } from "../../src/twilio/request-slots.js";

/** Requests that last until the test ends them. */
class Held {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();
  readonly #slots: RequestSlots;

  constructor(size: number) {
    this.#slots = new RequestSlots(size);
  }

  ask(name: string, priority: RequestPriority): Promise<unknown> {
    const request = () => {
      this.begun.push(name);
      return new Promise<void>((resolve) => this.#ends.set(name, resolve));
    };
    return this.#slots.run(request, { priority });
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)?.();
    await settled();
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe("a reading of usage", () => {
  it("waits while changes take half of the places, though others are free", async () => {
    const held = new Held(4);
    const asked = [
      held.ask("change 1", "lifecycle"),
      held.ask("change 2", "lifecycle"),
      held.ask("usage", "usage"),
      held.ask("sync", "sync"),
    ];
    await settled();
    expect(held.begun).toEqual(["change 1", "change 2", "sync"]);
    await held.end("change 1");
    expect(held.begun).toEqual(["change 1", "change 2", "sync", "usage"]);
    for (const name of ["change 2", "sync", "usage"]) await held.end(name);
    await Promise.all(asked);
  });

  it("takes any place while there are fewer changes", async () => {
    const held = new Held(4);
    const asked = [held.ask("change", "lifecycle")];
    for (const number of [1, 2, 3]) asked.push(held.ask(`usage ${number}`, "usage"));
    await settled();
    expect(held.begun).toEqual(["change", "usage 1", "usage 2", "usage 3"]);
    for (const name of [...held.begun]) await held.end(name);
    await Promise.all(asked);
  });

  it("goes on after a change that has failed", async () => {
    const slots = new RequestSlots(1);
    const refused = slots.run(() => Promise.reject(new Error("refused")), { priority: "lifecycle" });
    const read = slots.run(async () => "read", { priority: "usage" });
    await expect(refused).rejects.toThrow("refused");
    await expect(read).resolves.toBe("read");
  });
});
