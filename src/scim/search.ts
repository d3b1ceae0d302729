import { createHash } from "node:crypto";
import type { Clock } from "../directory/ports.js";
import type { Position } from "../directory/position.js";
import type { Slice, Slices } from "../directory/slices.js";
import { SortedRuns } from "../directory/sorted-runs.js";
import { readCursor, writeCursor } from "./cursor.js";
import { type Filter, printFilter } from "./filter.js";
import type { JsonBytes } from "./json-bytes.js";
import { type ListQuery, parseListQuery } from "./list-query.js";
import { listPieces } from "./list-response.js";
import { comparePlaces, type Place, type SortKey } from "./place.js";
import type { Projection } from "./projection.js";
import type { QueryParameters } from "./query-parameters.js";
import type { AttributeNames, ResourceSchema } from "./resource-schema.js";
import type { Sort } from "./sort.js";

/** Which resources of a type are asked for. */
export interface Selection {
  /** The address of the SCIM service, without a slash at the end. */
  readonly baseUrl: string;
  readonly filter: Filter | undefined;
  /** Has each resource found come with its key; they are in the order of creation all the same. */
  readonly sort: Sort | undefined;
  /** Undefined: from the first one on. */
  readonly after: Position | undefined;
  readonly offset: number;
  readonly limit: number;
  /** What the work on very many resources is cut into. */
  readonly slice: Slice;
}

/** A resource that was found, and is not rendered yet. */
export interface Found extends Position {
  readonly key: SortKey | undefined;
  /** How many values it has that are shown, where it can have very many; undefined: few. */
  readonly size?: ((projection: Projection) => number) | undefined;
  /** Gives its JSON. */
  readonly render: (projection: Projection) => JsonBytes;
}

export interface Selected {
  readonly found: readonly Found[];
  /** How many match, from the first one on. */
  readonly total: number;
}

/** The resources of one type. */
export interface Searchable {
  /** Where they are, below the base URL, such as `/Users`. */
  readonly path: string;
  readonly schema: ResourceSchema;
  /** Those that match, in the order of creation. Throws DirectoryError. */
  select(selection: Selection): Promise<Selected>;
}

/** What a list or a search says. */
export interface SearchQuery {
  readonly baseUrl: string;
  readonly query: QueryParameters;
}

/**
 * Lists the resources of one or several types (RFC 7644 §3.4.2), by index or by cursor (RFC 9865), and gives the JSON of
 * the ListResponse, in pieces. Throws ScimError or DirectoryError.
 */
export type Search = (types: readonly Searchable[], request: SearchQuery) => Promise<readonly JsonBytes[]>;

/** So much of a key is in a cursor, and compared by it: a cursor must fit into an address. */
const CURSOR_KEY_LENGTH = 200;

/** So many resources are sorted in one go. */
const RUN_LENGTH = 256;

/** A million members are some 150 MB of JSON. */
const MAX_VALUES_OF_PAGE = 1_000_000;

export interface SearchOptions {
  readonly clock: Pick<Clock, "now">;
  readonly slices: Slices;
}

export function createSearch({ clock, slices }: SearchOptions): Search {
  return async (types, { baseUrl, query }) => {
    const asked = parseListQuery(query, namesOf(types));
    const { startIndex, count, cursor, projection } = asked;
    const slice = slices.begin();
    const find = finder(types, baseUrl, slice);
    const render = (hits: readonly Hit[]) => renderInSlices(hits, projection, slice);
    if (cursor === undefined) {
      const { hits, total } = await find(asked, { offset: startIndex - 1, limit: count });
      return listPieces(await render(withFewValues(hits, projection)), { totalResults: total, startIndex });
    }
    const now = clock.now();
    const list = fingerprint(types, asked);
    const after = cursor === "" ? undefined : readCursor(cursor, list, now);
    // One more than is asked for tells whether there is another page.
    const { hits, total } = await find(withShortKeys(asked), { after, offset: 0, limit: count + 1 });
    const page = withFewValues(hits.slice(0, count), projection);
    const last = hits.length > page.length ? page.at(-1) : undefined;
    return listPieces(await render(page), {
      totalResults: total,
      ...(last !== undefined && { nextCursor: writeCursor(last, list, now) }),
    });
  };
}

/** A resource that was found, with its place among those of all types. */
type Hit = Found & Place;

/** A spread would take three times as long, which a page of a hundred notices. */
function ranked({ created, id, key, size, render }: Found, rank: number): Hit {
  return { created, id, key, rank, size, render };
}

/**
 * A page, which is shorter than was asked for (RFC 7644 §3.4.2.4) where its groups have so many members together that
 * the answer would not fit into memory. It has one at least.
 */
function withFewValues(hits: readonly Hit[], projection: Projection): readonly Hit[] {
  let values = 0;
  const end = hits.findIndex(({ size }, index) => {
    values += size?.(projection) ?? 0;
    return index > 0 && values > MAX_VALUES_OF_PAGE;
  });
  return end < 0 ? hits : hits.slice(0, end);
}

async function renderInSlices(
  hits: readonly Hit[],
  projection: Projection,
  slice: Slice,
): Promise<readonly JsonBytes[]> {
  const rendered: JsonBytes[] = [];
  for (const hit of hits) {
    if (slice.isOver()) await slice.next();
    rendered.push(hit.render(projection));
  }
  return rendered;
}

interface Page {
  readonly after?: Place | undefined;
  readonly offset: number;
  readonly limit: number;
}

interface Hits {
  readonly hits: readonly Hit[];
  readonly total: number;
}

type Find = (query: ListQuery, page: Page) => Promise<Hits>;

function finder(types: readonly Searchable[], baseUrl: string, slice: Slice): Find {
  return ({ filter, sort }, page) => {
    const select: Select = (type, part) => {
      // A type that has not the attribute has no data for it.
      const isKnown = sort !== undefined && type.schema.find(sort.target.name) !== undefined;
      return type.select({ baseUrl, filter, sort: isKnown ? sort : undefined, slice, ...part });
    };
    return sort === undefined
      ? inCreationOrder(types, select, page)
      : inOrderOf(sort, types, select, page, slice);
  };
}

type Select = (type: Searchable, part: Pick<Selection, "after" | "offset" | "limit">) => Promise<Selected>;

/** One type after the other. */
async function inCreationOrder(
  types: readonly Searchable[],
  select: Select,
  { after, offset, limit }: Page,
): Promise<Hits> {
  const hits: Hit[] = [];
  let total = 0;
  for (const [rank, type] of types.entries()) {
    const isBehind = after !== undefined && rank < after.rank;
    const selected = await select(type, {
      after: after?.rank === rank ? after : undefined,
      offset: Math.max(0, offset - total),
      limit: isBehind ? 0 : limit - hits.length,
    });
    for (const found of selected.found) hits.push(ranked(found, rank));
    total += selected.total;
  }
  return { hits, total };
}

/** Every match takes part in the order, but only the page is rendered. */
async function inOrderOf(
  { descending }: Sort,
  types: readonly Searchable[],
  select: Select,
  { after, offset, limit }: Page,
  slice: Slice,
): Promise<Hits> {
  const runs = new SortedRuns<Hit>((a, b) => comparePlaces(a, b, descending));
  let total = 0;
  for (const [rank, type] of types.entries()) {
    const { found } = await select(type, { after: undefined, offset: 0, limit: Number.MAX_SAFE_INTEGER });
    total += found.length;
    for (let start = 0; start < found.length; start += RUN_LENGTH) {
      runs.add(found.slice(start, start + RUN_LENGTH).map((one) => ranked(one, rank)));
      if (slice.isOver()) await slice.next();
    }
  }
  const hits: Hit[] = [];
  let passed = 0;
  for (const hit of runs) {
    if (hits.length >= limit) break;
    if (slice.isOver()) await slice.next();
    if (after !== undefined && comparePlaces(hit, after, descending) <= 0) continue;
    passed += 1;
    if (passed > offset) hits.push(hit);
  }
  return { hits, total };
}

/**
 * Of several types, the names of all; what two of them have is read as the first one has it. A name with the URN of a
 * type keeps it, since no other type has that attribute (RFC 7644 §3.4.2.1).
 */
function namesOf(types: readonly Searchable[]): AttributeNames {
  const [only, ...others] = types;
  if (only !== undefined && others.length === 0) return only.schema;
  return {
    find(name) {
      for (const { schema } of types) {
        const target = schema.find(name);
        if (target === undefined) continue;
        const urn = `${schema.core.id}:`;
        const isOfOneType = name.toLowerCase().startsWith(urn.toLowerCase());
        return isOfOneType ? { ...target, name: `${urn}${target.name}` } : target;
      }
      return undefined;
    },
  };
}

function withShortKeys({ sort, ...query }: ListQuery): ListQuery {
  if (sort === undefined) return { sort, ...query };
  const keyReader: Sort["keyReader"] = (members) => {
    const keyOf = sort.keyReader(members);
    return (item) => {
      const key = keyOf(item);
      return typeof key === "string" ? key.slice(0, CURSOR_KEY_LENGTH) : key;
    };
  };
  return { ...query, sort: { ...sort, keyReader } };
}

/** What must be the same on every page of a list. */
function fingerprint(types: readonly Searchable[], { filter, sort }: ListQuery): string {
  const parts = [
    types.map(({ path }) => path),
    filter && printFilter(filter),
    sort && [sort.target.name, sort.descending],
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 12);
}
