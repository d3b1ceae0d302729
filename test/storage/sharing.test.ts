import { describe, expect, it } from "@jest/globals";
import { createSharing } from "../../src/storage/sharing.js";

describe("sharing", () => {
  const shareNames = () => createSharing<{ readonly name: string }>(({ name }) => name);

  it("makes equal values one, and keeps others apart", () => {
    const shared = shareNames();
    const first = shared({ name: "Verify" });
    expect(shared({ name: "Verify" })).toBe(first);
    expect(shared({ name: "verify" })).toEqual({ name: "verify" });
    expect(shared({ name: "Verify" })).toBe(first);
  });

  it("forgets where there are more different values than it is worth", () => {
    const shared = shareNames();
    const first = shared({ name: "Verify" });
    for (let n = 0; n < 100_000; n++) shared({ name: String(n) });
    const again = shared({ name: "Verify" });
    expect(again).not.toBe(first);
    expect(shared({ name: "Verify" })).toBe(again);
  });
});
