import { z } from "zod";
import { Client } from "./client.js";

const PAGE = 100;

const user = z.looseObject({
  id: z.string(),
  userName: z.string(),
  externalId: z.string().optional(),
  active: z.boolean(),
});

/** A user as a server answers it. */
export type BenchUser = z.infer<typeof user>;

export const userList = z.object({
  totalResults: z.number(),
  // RFC 7644 lets it be left out where there are none.
  Resources: z.array(user).default([]),
});

export interface Population {
  /** How many users there are. */
  readonly total: number;
  /** Some of them, from all over the directory, in no order. All have an externalId. */
  readonly sample: readonly (BenchUser & { readonly externalId: string })[];
}

/** Reads up to so many users, evenly spread. */
export async function readPopulation(
  scim: { origin: string; headers: Readonly<Record<string, string>>; path: string },
  size: number,
): Promise<Population> {
  const client = new Client(scim);
  const page = async (startIndex: number) =>
    userList.parse(await client.json(`${scim.path}/Users?startIndex=${startIndex}&count=${PAGE}`));
  try {
    const { totalResults } = await page(1);
    const pages = Math.ceil(Math.min(size, totalResults) / PAGE);
    const users: BenchUser[] = [];
    for (let n = 0; n < pages; n++) {
      const { Resources } = await page(1 + Math.floor((n * totalResults) / pages));
      users.push(...Resources);
    }
    return { total: totalResults, sample: mixed(users.filter(isLinked)) };
  } finally {
    client.close();
  }
}

function isLinked(user: BenchUser): user is BenchUser & { readonly externalId: string } {
  return user.externalId !== undefined;
}

/** Always in the same disorder: neighbours in a list come far from each other. */
function mixed<T>(items: readonly T[]): readonly T[] {
  const rank = (n: number) => (n * 0.618_033_988_75) % 1;
  return items
    .map((item, n) => ({ item, rank: rank(n) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}
