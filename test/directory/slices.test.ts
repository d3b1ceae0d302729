import { describe, expect, it } from "@jest/globals";
import { type Slice, Slices } from "../../src/directory/slices.js";

/** An event loop whose turns a test makes, and the clock beside it. */
class FakeLoop {
  now = 0;
  /** How often the time was looked at. */
  looks = 0;
  readonly slices = new Slices({
    now: () => {
      this.looks += 1;
      return this.now;
    },
    nextTurn: () => new Promise<void>((resolve) => this.#waiting.push(resolve)),
  });
  #waiting: (() => void)[] = [];

  /** How many pieces of work will run in the next turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  async turn(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const run of waiting) run();
    await settled();
  }
}

/** Resolves when all has run that waits for no turn. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Takes steps until the slice is over, and tells how many. */
function stepsOf(slice: Slice, loop: FakeLoop, stepMs: number): number {
  for (let steps = 1; ; steps++) {
    loop.now += stepMs;
    if (slice.isOver()) return steps;
  }
}

describe("a slice", () => {
  it.each([0.5, 1, 2, 3])("is over once its steps have taken 4 ms, with steps of %d ms", (stepMs) => {
    const loop = new FakeLoop();
    expect(stepsOf(loop.slices.begin(), loop, stepMs)).toBe(Math.ceil(4 / stepMs));
  });

  it("is over after one step that has taken longer", () => {
    const loop = new FakeLoop();
    expect(stepsOf(loop.slices.begin(), loop, 100)).toBe(1);
  });

  it("is not over before, however many steps there are", () => {
    const loop = new FakeLoop();
    const slice = loop.slices.begin();
    const steps = Array.from({ length: 10_000 }, () => slice.isOver());
    expect(steps).not.toContain(true);
  });

  it("seldom looks at the time where steps are cheap, and is over soon after 4 ms all the same", () => {
    const loop = new FakeLoop();
    const steps = stepsOf(loop.slices.begin(), loop, 0.001);
    expect(steps).toBeGreaterThanOrEqual(4_000);
    expect(steps).toBeLessThanOrEqual(4_064);
    expect(loop.looks).toBeLessThan(100);
  });

  it("looks after each step from a costly one on", () => {
    const loop = new FakeLoop();
    const slice = loop.slices.begin();
    for (let step = 0; step < 1_000; step++) slice.isOver();
    loop.now += 1;
    loop.looks = 0;
    while (loop.looks === 0) slice.isOver();
    loop.looks = 0;
    for (let step = 0; step < 2; step++) {
      loop.now += 1;
      expect(slice.isOver()).toBe(false);
    }
    expect(loop.looks).toBe(2);
    loop.now += 1;
    expect(slice.isOver()).toBe(true);
  });

  it("has 4 ms again in its next turn, whatever the wait has taken", async () => {
    const loop = new FakeLoop();
    const slice = loop.slices.begin();
    stepsOf(slice, loop, 1);
    const next = slice.next();
    loop.now += 1_000;
    await settled();
    await loop.turn();
    await next;
    expect(stepsOf(slice, loop, 1)).toBe(4);
  });
});

describe("pieces of work at the same time", () => {
  it("take turns, and one slice runs in each", async () => {
    const loop = new FakeLoop();
    const ran: string[] = [];
    const work = async (name: string) => {
      const slice = loop.slices.begin();
      for (let number = 1; number <= 3; number++) {
        await slice.next();
        ran.push(`${name}${number}`);
      }
    };
    const all = Promise.all([work("a"), work("b"), work("c")]);
    for (const expected of ["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]) {
      await settled();
      expect(loop.waiting).toBe(1);
      ran.length = 0;
      await loop.turn();
      expect(ran).toEqual([expected]);
    }
    await all;
  });

  it("begin with a few steps only while others wait for their turn", async () => {
    const loop = new FakeLoop();
    const waiting = loop.slices.begin().next();
    const second = loop.slices.begin();
    const steps = stepsOf(second, loop, 1 / 1024);
    expect(steps).toBeGreaterThanOrEqual(64);
    expect(steps).toBeLessThan(200);
    const next = second.next();
    await settled();
    await loop.turn();
    await waiting;
    await loop.turn();
    await next;
    expect(stepsOf(second, loop, 1)).toBe(4);
  });

  it("let all others have the event loop between two slices", async () => {
    const slice = new Slices().begin();
    const ran: string[] = [];
    for (let number = 1; number <= 3; number++) {
      setImmediate(() => ran.push("somebody else"));
      await slice.next();
      ran.push("slice");
    }
    expect(ran).toEqual(["somebody else", "slice", "somebody else", "slice", "somebody else", "slice"]);
  });
});
