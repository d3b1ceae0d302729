import { Client } from "../client.js";
import type { Part } from "../context.js";
import { RowsOfRounds } from "../rows.js";
import type { Server } from "../servers.js";
import { userList } from "../users.js";

const PAGE = 100;
/** It takes long, and differs little. */
const MOST_ROUNDS = 3;

/** One way to read all users; gives the bodies of the pages. */
type Import = (client: Client, server: Server, total: number) => AsyncGenerator<Buffer>;

const WORKS: Readonly<Record<string, Import>> = {
  "import-by-index": async function* (client, { path }, total) {
    for (let startIndex = 1; startIndex <= total; startIndex += PAGE) {
      yield (await client.get(`${path}/Users?startIndex=${startIndex}&count=${PAGE}`)).body;
    }
  },
  "import-by-cursor": async function* (client, { path }) {
    for (let cursor: string | undefined = ""; cursor !== undefined; ) {
      const { body }: { body: Buffer } = await client.get(`${path}/Users?cursor=${cursor}&count=${PAGE}`);
      yield body;
      cursor = nextCursor(body);
    }
  },
};

/** A whole import, page after page, as a provider does. */
export const imports: Part = {
  title: `Import of all users, pages of ${PAGE}, one after the other`,
  works: Object.keys(WORKS),

  async run(context) {
    const { bridge, population } = await context.installation(context.largest);
    const works = Object.entries(WORKS).filter(([name]) => context.asksFor(name));
    const client = new Client(bridge);
    const rows = new RowsOfRounds();
    for (const [name, pages] of works)
      await check(name, pages(client, bridge, population.total), population.total);
    const rounds = Math.min(context.options.rounds, MOST_ROUNDS);
    for (let round = 1; round <= rounds; round++) {
      context.note(`import, round ${round} of ${rounds}`);
      for (const [name, pages] of works) {
        await bridge.process.usage();
        const startedAt = performance.now();
        let bytes = 0;
        for await (const page of pages(client, bridge, population.total)) bytes += page.length;
        const seconds = (performance.now() - startedAt) / 1000;
        const { loopDelayP99Ms } = await bridge.process.usage();
        rows.add(name, bridge.name, { seconds, loopDelayP99Ms, bytesPerUser: bytes / population.total });
      }
    }
    client.close();
    return rows.rows();
  },
};

/** Whether each user comes once. */
async function check(name: string, pages: AsyncGenerator<Buffer>, total: number): Promise<void> {
  const ids = new Set<string>();
  let users = 0;
  for await (const page of pages) {
    const { Resources } = userList.parse(JSON.parse(page.toString()));
    for (const { id } of Resources) ids.add(id);
    users += Resources.length;
  }
  if (users !== total || ids.size !== total) {
    throw new Error(`${name}: ${users} users came, ${ids.size} different ones, and there are ${total}`);
  }
}

/** Found without reading the page as JSON, so that the client takes no time that a server is blamed for. */
function nextCursor(page: Buffer): string | undefined {
  const name = '"nextCursor":"';
  const at = page.indexOf(name);
  if (at < 0) return undefined;
  return page.toString("latin1", at + name.length, page.indexOf('"', at + name.length));
}
