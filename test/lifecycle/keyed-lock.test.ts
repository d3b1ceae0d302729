import { beforeEach, describe, expect, it } from "@jest/globals";
import { KeyedLock } from "../../src/lifecycle/keyed-lock.js";

const NEVER = new AbortController().signal;

describe("a lock", () => {
  let lock: KeyedLock;
  let done: string[];
  let finish: () => void;

  /** Work that goes on until `finish()`. */
  function endless(): Promise<void> {
    return new Promise((resolve) => {
      finish = resolve;
    });
  }

  const work = (name: string) => async () => {
    done.push(name);
    return name;
  };

  beforeEach(() => {
    lock = new KeyedLock();
    done = [];
    finish = () => undefined;
  });

  it("gives what the work gives, or throws what it throws", async () => {
    expect(await lock.run("key", NEVER, work("a"))).toBe("a");
    const failing = lock.run("key", NEVER, async () => {
      throw new TypeError("no");
    });
    await expect(failing).rejects.toThrow(TypeError);
    expect(await lock.run("key", NEVER, work("b"))).toBe("b");
  });

  it("keeps nobody waiting whose signal aborts, and never does their work", async () => {
    const giving = new AbortController();
    const first = lock.run("key", NEVER, endless);
    const second = lock.run("key", giving.signal, work("second"));
    const third = lock.run("key", NEVER, work("third"));
    giving.abort(new RangeError("too late"));
    await expect(second).rejects.toThrow(RangeError);
    expect(done).toEqual([]);
    finish();
    await Promise.all([first, third]);
    expect(done).toEqual(["third"]);
  });

  it("does no work for a signal that has aborted already", async () => {
    await expect(lock.run("key", AbortSignal.abort(new RangeError()), work("a"))).rejects.toThrow(RangeError);
    expect(done).toEqual([]);
  });

  it("lets work that has begun come to its end, though its signal aborts", async () => {
    const giving = new AbortController();
    const running = lock.run("key", giving.signal, endless);
    await Promise.resolve();
    giving.abort(new RangeError());
    finish();
    await expect(running).resolves.toBeUndefined();
  });
});
