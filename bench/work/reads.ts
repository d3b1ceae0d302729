import { writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Client } from "../client.js";
import type { BenchContext, Installation, Part } from "../context.js";
import { type Figures, medians } from "../figures.js";
import { type Row, singleRow } from "../rows.js";
import { type BenchSimulator, type Server, startScriptServer } from "../servers.js";
import { perRequest, speedOf } from "../times.js";
import type { Population } from "../users.js";
import { type Question, READ_WORKS, type ReadWork } from "./read-works.js";

const WARM_UP_MS = 500;
/** How many answers of each work and server are looked at before it is measured. */
const CHECKED = 10;

/** What is read, beside the floor and the peers. */
export const reads: Part = {
  title: "Reads",
  works: READ_WORKS.map(({ name }) => name),

  async run(context) {
    const { options, note } = context;
    const works = READ_WORKS.filter(({ name }) => context.asksFor(name));
    const subjects = await startSubjects(context, works);
    const cells = works.flatMap((work) => cellsOf(work, subjects));
    for (const cell of cells) await tryCell(cell, () => prepare(cell));
    for (let round = 1; round <= options.rounds; round++) {
      note(`reads, round ${round} of ${options.rounds}`);
      // Each work with all servers, so that a slow moment of the machine hits what is compared alike.
      for (const cell of cells) {
        await tryCell(cell, async () => {
          cell.rounds.push(await measure(cell, options.roundMs));
        });
      }
    }
    const rows = cells.map(rowOf);
    const memory = await Promise.all(subjects.map(memoryOf));
    return [...rows, ...memory];
  },
};

/** A server that is measured. */
interface Subject {
  readonly server: Server;
  readonly kind: "floor" | "bridge" | "peer";
  /** Undefined: the floor, which has no users. */
  readonly population: Population | undefined;
  readonly simulator: BenchSimulator | undefined;
}

/** A work done with a server. */
interface Cell {
  readonly work: ReadWork;
  readonly subject: Subject;
  readonly questions: readonly Question[];
  readonly rounds: Figures[];
  failure: string | undefined;
}

async function startSubjects(context: BenchContext, works: readonly ReadWork[]): Promise<readonly Subject[]> {
  const installations: Installation[] = [];
  for (const accounts of context.options.sizes) installations.push(await context.installation(accounts));
  const floor = await startFloor(context, await context.installation(context.largest));
  const peers = works.some((work) => work.peers.length > 0) ? await context.peers() : [];
  return [
    { server: floor, kind: "floor", population: undefined, simulator: undefined },
    ...installations.map(({ bridge: server, population, simulator }): Subject => {
      return { server, kind: "bridge", population, simulator };
    }),
    ...peers.map((peer): Subject => ({ ...peer, kind: "peer", simulator: undefined })),
  ];
}

/** With bytes as the bridge answers them: a user of middling size, and the first page. */
async function startFloor(context: BenchContext, { bridge, population }: Installation): Promise<Server> {
  const bySize = [...population.sample].sort((a, b) => JSON.stringify(a).length - JSON.stringify(b).length);
  const middling = bySize[Math.floor(bySize.length / 2)];
  const client = new Client(bridge);
  const [user, page] = [context.file("user.json"), context.file("page.json")];
  writeFileSync(user, (await client.get(`${bridge.path}/Users/${middling?.id}`)).body);
  writeFileSync(page, (await client.get(`${bridge.path}/Users?startIndex=1&count=100`)).body);
  client.close();
  return startScriptServer(context.processes, { name: "floor", script: "floor.ts", args: [user, page] });
}

function cellsOf(work: ReadWork, subjects: readonly Subject[]): readonly Cell[] {
  return subjects.flatMap((subject): Cell[] => {
    const questions = questionsFor(work, subject);
    return questions === undefined ? [] : [{ work, subject, questions, rounds: [], failure: undefined }];
  });
}

/** Undefined where the work is not for this server. */
function questionsFor(
  work: ReadWork,
  { server, kind, population }: Subject,
): readonly Question[] | undefined {
  if (population === undefined) {
    return work.floor === undefined ? undefined : [{ path: work.floor, isAnsweredBy: () => true }];
  }
  return kind === "bridge" || work.peers.some((name) => name === server.name)
    ? work.questions(population)
    : undefined;
}

/** A failure ends the cell and not the run. */
async function tryCell(cell: Cell, action: () => Promise<void>): Promise<void> {
  if (cell.failure !== undefined) return;
  try {
    await action();
  } catch (error) {
    cell.failure = error instanceof Error ? error.message : String(error);
  }
}

/** Checks that answers are right, so that nobody measures errors, and lets the server get warm. */
async function prepare({ work, subject: { server }, questions }: Cell): Promise<void> {
  const client = new Client({ ...server, headers: { ...server.headers, ...work.headers } });
  const step = Math.max(1, Math.floor(questions.length / CHECKED));
  try {
    for (const { path, isAnsweredBy } of questions.filter((_, n) => n % step === 0)) {
      const { body, headers } = await client.get(`${server.path}${path}`);
      const text = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      if (!isAnsweredBy(JSON.parse(text.toString()))) throw new Error(`wrong answer to ${path}`);
      if (work.headers !== undefined && text === body)
        throw new Error(`the answer to ${path} is not compressed`);
    }
  } finally {
    client.close();
  }
  await loadCell(work, server, questions, WARM_UP_MS);
}

function loadCell(work: ReadWork, server: Server, questions: readonly Question[], durationMs: number) {
  return work.load({
    origin: server.origin,
    headers: { ...server.headers, ...work.headers },
    paths: questions.map(({ path }) => `${server.path}${path}`),
    connections: work.connections,
    durationMs,
  });
}

async function measure({ work, subject, questions }: Cell, roundMs: number): Promise<Figures> {
  const { server, simulator } = subject;
  const before = await server.process.usage();
  await simulator?.newRequests();
  const times = await loadCell(work, server, questions, roundMs);
  const after = await server.process.usage();
  const asked = await simulator?.newRequests();
  server.process.forgetOutput();
  return {
    ...speedOf(times),
    cpuMsPerRequest: (after.cpuMs - before.cpuMs) / times.timesMs.length,
    loopDelayP99Ms: after.loopDelayP99Ms,
    ...(asked && perRequest(asked, times.timesMs.length)),
  };
}

function rowOf({ work, subject, rounds, failure }: Cell): Row {
  return {
    work: work.name,
    server: subject.server.name,
    figures: medians(rounds),
    rounds,
    ...(failure !== undefined && { failure }),
  };
}

async function memoryOf({ server }: Subject): Promise<Row> {
  const { peakRssMib } = await server.process.usage();
  return singleRow("memory", server.name, { peakRssMib });
}
