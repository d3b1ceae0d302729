import type { Dice } from "./dice.js";
import type { FuzzWorld } from "./fuzz-world.js";
import { isMembers } from "./json.js";
import { encode } from "./list-queries.js";

type Resource = Readonly<Record<string, unknown>>;

interface Page {
  readonly resources: readonly Resource[];
  readonly nextCursor: unknown;
}

/** Every resource at a path, read as one page. */
export async function readAll(world: FuzzWorld, path: string, query = ""): Promise<readonly Resource[]> {
  const { resources } = await readPage(world, `${path}?count=1000${query}`);
  return resources;
}

/** @throws Error where there is no page */
async function readPage({ look }: FuzzWorld, target: string): Promise<Page> {
  const answer = await look(target);
  const { status, body } = answer;
  if (status !== 200 || !isMembers(body) || !Array.isArray(body.Resources)) {
    throw new Error(`${target} was answered ${status}: ${answer.text.slice(0, 500)}`);
  }
  return { resources: body.Resources.filter(isMembers), nextCursor: body.nextCursor };
}

const SORTED_BY = [
  "",
  "userName",
  "displayName",
  "meta.created",
  "active",
  "name.familyName",
  "emails",
  "id",
  "members",
];

/** What pages by cursor or by index tell otherwise than one large page does. */
export async function complaintsAboutPaging(world: FuzzWorld, dice: Dice): Promise<string[]> {
  const path = dice.pick(["/", "/Users", "/Groups", "/AccountServices"]);
  const sortBy = path.startsWith("/Account") ? dice.pick(["", "displayName"]) : dice.pick(SORTED_BY);
  const isKnown = path !== "/Groups" || !["userName", "active", "name.familyName", "emails"].includes(sortBy);
  const isSorted = sortBy !== "" && isKnown && !(path === "/Users" && sortBy === "members");
  const order = dice.pick(["ascending", "descending"]);
  const query = isSorted ? `&sortBy=${sortBy}&sortOrder=${order}` : "";
  const count = dice.integer(5, 40);
  const whole = (await readAll(world, path, query)).map(({ id }) => id);
  const [byCursor, byIndex] = [
    await idsByCursor(world, path, count, query),
    await idsByIndex(world, path, count, query),
  ];
  const what = `${path} in pages of ${count}${query}`;
  return [
    ...(byCursor.join() === whole.join()
      ? []
      : [`${what}: by cursor ${byCursor.length}, at once ${whole.length}`]),
    ...(byIndex.join() === whole.join()
      ? []
      : [`${what}: by index ${byIndex.length}, at once ${whole.length}`]),
  ];
}

async function idsByCursor(world: FuzzWorld, path: string, count: number, query: string): Promise<unknown[]> {
  const ids: unknown[] = [];
  for (let cursor: unknown = ""; typeof cursor === "string" && ids.length < 2000; ) {
    const page: Page = await readPage(world, `${path}?count=${count}${query}&cursor=${encode(cursor)}`);
    ids.push(...page.resources.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}

async function idsByIndex(world: FuzzWorld, path: string, count: number, query: string): Promise<unknown[]> {
  const ids: unknown[] = [];
  for (;;) {
    const { resources } = await readPage(
      world,
      `${path}?count=${count}${query}&startIndex=${ids.length + 1}`,
    );
    if (resources.length === 0 || ids.length > 2000) return ids;
    ids.push(...resources.map(({ id }) => id));
  }
}
