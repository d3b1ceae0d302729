import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "./client.js";
import type { Options } from "./options.js";
import { startPeers } from "./peers/start.js";
import type { Processes } from "./processes.js";
import type { Row } from "./rows.js";
import {
  type BenchSimulator,
  type Server,
  startBridge,
  startSimulator,
  syncAgeSeconds,
  untilIdle,
} from "./servers.js";
import type { Snapshots } from "./snapshots.js";
import { type Population, readPopulation } from "./users.js";

const SAMPLE_SIZE = 2000;
/** No pass runs while requests are measured: what a pass costs is measured on its own. */
const A_DAY_SECONDS = 86_400;

/** A server of somebody else, with users. */
export interface Peer {
  readonly server: Server;
  readonly population: Population;
}

/** A bridge with its simulated Twilio and a database full of users. */
export interface Installation {
  readonly accounts: number;
  readonly simulator: BenchSimulator;
  readonly bridge: Server;
  readonly population: Population;
}

export interface BenchContextOptions {
  readonly options: Options;
  readonly processes: Processes;
  readonly snapshots: Snapshots;
  /** For files of this run. */
  readonly folder: string;
  /** Says what is going on. */
  readonly note: (text: string) => void;
}

/** What all parts of a run share. */
export class BenchContext {
  readonly options: Options;
  readonly processes: Processes;
  readonly snapshots: Snapshots;
  readonly note: (text: string) => void;
  readonly #folder: string;
  readonly #installations = new Map<number, Promise<Installation>>();
  #peers: Promise<readonly Peer[]> | undefined;

  constructor({ options, processes, snapshots, folder, note }: BenchContextOptions) {
    this.options = options;
    this.processes = processes;
    this.snapshots = snapshots;
    this.note = note;
    this.#folder = folder;
  }

  /** The largest number of accounts. */
  get largest(): number {
    return Math.max(...this.options.sizes);
  }

  /** Where a file of this name goes. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  asksFor(work: string): boolean {
    return this.options.only?.includes(work) ?? true;
  }

  /** The one of this size; started when it is first asked for. */
  installation(accounts: number): Promise<Installation> {
    const known = this.#installations.get(accounts) ?? this.#install(accounts);
    this.#installations.set(accounts, known);
    return known;
  }

  /** The peers; started when they are first asked for. */
  peers(): Promise<readonly Peer[]> {
    this.#peers ??= this.#startPeers();
    return this.#peers;
  }

  async #startPeers(): Promise<readonly Peer[]> {
    const { bridge, population } = await this.installation(this.options.peerSize);
    this.note("starts the peers");
    const { processes } = this;
    const { total } = population;
    const servers = await startPeers({ processes, bridge, total, usersPath: this.file("users.jsonl") });
    const read = async (server: Server) => ({
      server,
      population: await readPopulation(server, SAMPLE_SIZE),
    });
    return Promise.all(servers.map(read));
  }

  async #install(accounts: number): Promise<Installation> {
    const { seed } = this.options;
    const databasePath = await this.snapshots.copy(accounts, "usual");
    this.note(`starts a bridge with ${accounts} accounts`);
    const simulator = await startSimulator(this.processes, { accounts, seed });
    const bridge = await startBridge(this.processes, {
      name: bridgeName(accounts),
      simulator,
      databasePath,
      accountSyncSeconds: A_DAY_SECONDS,
    });
    const client = new Client(bridge);
    while ((await syncAgeSeconds(client)) === undefined) await sleep(50);
    client.close();
    await untilIdle(bridge);
    return { accounts, simulator, bridge, population: await readPopulation(bridge, SAMPLE_SIZE) };
  }
}

/** What the rows of a bridge with so many accounts are called. */
export function bridgeName(accounts: number): string {
  return `bridge ${accounts}`;
}

/** A part of the run. */
export interface Part {
  readonly title: string;
  /** What it measures, by the names of its rows. */
  readonly works: readonly string[];
  run(context: BenchContext): Promise<readonly Row[]>;
}
