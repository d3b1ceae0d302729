import { afterEach, describe, expect, it } from "@jest/globals";
import { AnswerBuffers } from "../../src/http/answer-buffers.js";
import { type BridgeOnSimulator, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";

describe("the buffers of answers", () => {
  it("serve again once they are given back, and not before", () => {
    const buffers = new AnswerBuffers();
    const first = buffers.take(20_000);
    const second = buffers.take(20_000);
    expect(second).not.toBe(first);
    buffers.giveBack(first);
    expect(buffers.take(300_000)).toBe(first);
  });

  it("have room for what is asked for, and are let go where that is very much", () => {
    const buffers = new AnswerBuffers();
    const large = buffers.take(5_000_000);
    expect(large).toHaveLength(5_000_000);
    buffers.giveBack(large);
    expect(buffers.take(5_000_000)).not.toBe(large);
  });
});

describe("many pages at once", () => {
  let running: BridgeOnSimulator | undefined;
  afterEach(() => running?.stop());

  it.each(["identity", "gzip"])("are what each of them is alone, with %s", async (coding) => {
    running = await startBridgeOnSimulator({
      simulator: { accounts: 400 },
      env: { PUBLIC_URL: "https://bridge.example" },
    });
    const { scim } = running;
    const page = async (start: number) => {
      const query = `/Users?startIndex=${start}&count=60`;
      const { status, text } = await scim("get", query).set("Accept-Encoding", coding);
      return { status, text };
    };
    const starts = Array.from({ length: 24 }, (_, number) => 1 + number * 13);
    const alone = [];
    for (const start of starts) alone.push(await page(start));
    expect(alone.every(({ text }) => text.length > 16 * 1024)).toBe(true);
    expect(await Promise.all(starts.map(page))).toEqual(alone);
  });
});
