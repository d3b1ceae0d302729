import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { cutPage, type Page, searchPage } from "../../src/directory/page.js";
import { comparePositions, type Position } from "../../src/directory/position.js";
import type { PageBounds } from "../../src/directory/query.js";
import { Slices } from "../../src/directory/slices.js";
import { SortedList } from "../../src/directory/sorted-list.js";
import { shortSlices } from "./short-slices.js";

interface Item extends Position {
  readonly isWanted: boolean;
}

const position = fc.record({ created: fc.nat(3), id: fc.constantFrom("a", "b", "c", "d") });
const item: fc.Arbitrary<Item> = fc
  .tuple(position, fc.boolean())
  .map(([position, isWanted]) => ({ ...position, isWanted }));
const items = fc.uniqueArray(item, {
  maxLength: 16,
  selector: ({ created, id }) => `${created} ${id}`,
});
const bounds: fc.Arbitrary<PageBounds> = fc.record({
  after: fc.option(position, { nil: undefined }),
  offset: fc.nat(5),
  limit: fc.nat(5),
});

function listOf(items: readonly Item[]): SortedList<Item> {
  const list = new SortedList<Item>();
  for (const item of items) list.add(item);
  return list;
}

/** The page as a filter and a cut give it. */
function naivePage(items: readonly Item[], { after, offset, limit }: PageBounds): Page<Item> {
  const inOrder = items.toSorted(comparePositions);
  const behind = inOrder.filter((item) => after === undefined || comparePositions(item, after) > 0);
  return { items: behind.slice(offset, offset + limit), total: items.length };
}

const wanted = (item: Item) => (item.isWanted ? item : undefined);

const EVERYTHING: PageBounds = { offset: 0, limit: 100 };
const FOUR = ["a", "b", "c", "d"].map((id, created) => ({ id, created, isWanted: id !== "b" }));
const idsOf = ({ items, total }: Page<Item>) => ({ ids: items.map(({ id }) => id).join(""), total });

describe("a page of all items", () => {
  it("is what a naive cut gives", () => {
    fc.assert(
      fc.property(items, bounds, (items, bounds) => {
        expect(cutPage(listOf(items).items, bounds)).toEqual(naivePage(items, bounds));
      }),
    );
  });

  it.each([
    { what: "at an item", after: { created: 1, id: "b" }, ids: "cd" },
    { what: "where an item is no more", after: { created: 1, id: "c" }, ids: "cd" },
    { what: "before an item of the same time", after: { created: 1, id: "a" }, ids: "bcd" },
    { what: "behind all", after: { created: 9, id: "" }, ids: "" },
  ])("begins behind a position $what, and has the total of all", ({ after, ids }) => {
    expect(idsOf(cutPage(FOUR, { ...EVERYTHING, after }))).toEqual({ ids, total: 4 });
  });
});

describe("a page of what is searched for", () => {
  it("is what a naive filter gives of the list at the beginning, whatever comes and goes meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(items, bounds, fc.array(items, { maxLength: 8 }), async (items, bounds, changes) => {
        const list = listOf(items);
        const left = [...changes];
        const slices = shortSlices(() => {
          for (const item of left.shift() ?? []) {
            if (list.items.some((other) => comparePositions(item, other) === 0)) list.remove(item);
            else list.add(item);
          }
        });
        const expected = naivePage(
          items.filter(({ isWanted }) => isWanted),
          bounds,
        );
        expect(await searchPage(list.items, wanted, bounds, slices.begin())).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("has the total of all that is wanted, on all pages", async () => {
    const page = (bounds: Partial<PageBounds>) =>
      searchPage(FOUR, wanted, { ...EVERYTHING, ...bounds }, shortSlices().begin());
    expect(idsOf(await page({ limit: 1 }))).toEqual({ ids: "a", total: 3 });
    expect(idsOf(await page({ limit: 0 }))).toEqual({ ids: "", total: 3 });
    expect(idsOf(await page({ offset: 2 }))).toEqual({ ids: "d", total: 3 });
    expect(idsOf(await page({ offset: 3 }))).toEqual({ ids: "", total: 3 });
    expect(idsOf(await page({ after: { created: 1, id: "b" }, limit: 1 }))).toEqual({ ids: "c", total: 3 });
    expect(idsOf(await page({ after: { created: 1, id: "x" }, offset: 1 }))).toEqual({ ids: "d", total: 3 });
  });

  it("gives what is selected in the place of the items", async () => {
    const select = ({ id, isWanted }: Item) => (isWanted ? id.toUpperCase() : undefined);
    expect(await searchPage(FOUR, select, EVERYTHING, shortSlices().begin())).toEqual({
      items: ["A", "C", "D"],
      total: 3,
    });
  });

  it("is searched for in slices, and at once where it takes one only", async () => {
    let turns = 0;
    const slices = shortSlices(() => {
      turns += 1;
    });
    await searchPage(FOUR, wanted, EVERYTHING, slices.begin());
    expect(turns).toBe(4);
    const patient = new Slices({ now: () => 0, nextTurn: () => Promise.reject(new Error("It waits.")) });
    expect(idsOf(await searchPage(FOUR, wanted, EVERYTHING, patient.begin()))).toEqual({
      ids: "acd",
      total: 3,
    });
  });
});
