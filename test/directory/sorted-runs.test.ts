import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { SortedRuns } from "../../src/directory/sorted-runs.js";

describe("items that come in parts", () => {
  it("are given in order, equal ones as they came", () => {
    const item = fc.record({ rank: fc.nat({ max: 9 }), name: fc.string() });
    fc.assert(
      fc.property(fc.array(fc.array(item)), (parts) => {
        const runs = new SortedRuns<{ rank: number; name: string }>((a, b) => a.rank - b.rank);
        for (const part of parts) runs.add(part);
        expect([...runs]).toEqual(parts.flat().sort((a, b) => a.rank - b.rank));
      }),
    );
  });
});
