import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { type Happening, happenings } from "./happenings.js";
import { openStory } from "./story.js";

jest.setTimeout(300_000);

describe("whatever happens, in whatever order", () => {
  it("leaves bridge and Twilio telling one story, and nothing closed that nobody asked to close", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happenings(), { minLength: 1, maxLength: 20 }), async (happened) => {
        await play(happened);
      }),
      { numRuns: Number(process.env.STORY_RUNS ?? 60) },
    );
  });
});

async function play(happened: readonly Happening[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "bridge-story-"));
  const story = await openStory(`file:${folder}/bridge.db`);
  try {
    for (const happening of happened) await story.happen(happening);
    await story.calmDown();

    const [told, truth] = await Promise.all([story.told(), story.truth()]);
    expect(told).toEqual(truth);
    expect(story.unasked()).toEqual([]);
    expect(story.createdTwice(told)).toEqual([]);
  } finally {
    await story.end();
    await rm(folder, { recursive: true });
  }
}
