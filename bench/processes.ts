import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const PROBE = fileURLToPath(new URL("probe.mjs", import.meta.url));
const LOADER = fileURLToPath(new URL("../test/support/typescript-loader.mjs", import.meta.url));

/** Longer than a bridge takes to answer what is under way. */
const STOP_GRACE_MS = 30_000;
const OUTPUT_POLL_MS = 5;

/** What a process has used. Delays are those since it was asked before. */
export type Usage = z.infer<typeof usage>;

const usage = z.object({
  /** Since the start, of all threads. */
  cpuMs: z.number(),
  loopDelayP99Ms: z.number(),
  loopDelayMaxMs: z.number(),
  /** Since the start. */
  peakRssMib: z.number(),
});

const reply = z.object({ id: z.number(), answer: z.unknown() });

export interface StartOptions {
  /** For messages, and the name of its output. */
  readonly name: string;
  /** Of node: options, the script and its arguments. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A process that is running, with the probe in it. */
export class BenchProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #outputPath: string;
  readonly #exited: Promise<unknown>;
  #questions = 0;

  constructor({ name, args, env }: StartOptions, folder: string) {
    this.name = name;
    this.#outputPath = join(folder, `${name.replaceAll(/[^\w-]+/g, "-")}-${process.hrtime.bigint()}.log`);
    const output = openSync(this.#outputPath, "a");
    this.#child = spawn(process.execPath, ["--import", PROBE, ...args], {
      cwd: folder,
      env: { NODE_ENV: "production", ...env },
      stdio: ["ignore", output, output, "ipc"],
    });
    closeSync(output);
    this.#exited = once(this.#child, "exit");
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves once the process has printed what matches. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#output());
      if (found !== null) return found;
      if (!this.isRunning) throw new Error(`${this.name} ended early:\n${this.#output().slice(-2000)}`);
      await sleep(OUTPUT_POLL_MS);
    }
  }

  /** Throws away what it has printed, so that a log of millions of lines does not fill the disk. */
  forgetOutput(): void {
    truncateSync(this.#outputPath);
  }

  /** Resolves when the process has done its work and ended. */
  async ended(): Promise<void> {
    await this.#exited;
    if (this.#child.exitCode !== 0) throw new Error(`${this.name} failed:\n${this.#output().slice(-2000)}`);
  }

  async usage(): Promise<Usage> {
    return usage.parse(await this.ask("usage"));
  }

  /** Sends a question to the process, and gives its answer. */
  ask(question: string, about: object = {}): Promise<unknown> {
    this.#questions += 1;
    const id = this.#questions;
    return new Promise<unknown>((resolve, reject) => {
      const read = (message: unknown) => {
        const { id: of, answer } = reply.parse(message);
        if (of !== id) return;
        this.#child.off("message", read);
        resolve(answer);
      };
      this.#child.on("message", read);
      const ended = () =>
        reject(new Error(`${this.name} ended while it was asked:\n${this.#output().slice(-2000)}`));
      void this.#exited.then(ended);
      this.#child.send({ id, ask: question, ...about }, (error) => {
        if (error !== null) ended();
      });
    });
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.#child.kill("SIGTERM");
    const killing = setTimeout(() => this.#child.kill("SIGKILL"), STOP_GRACE_MS);
    await this.#exited;
    clearTimeout(killing);
  }

  #output(): string {
    return readFileSync(this.#outputPath, "utf8");
  }
}

/** All processes of a run, so that none is left when it ends. */
export class Processes {
  readonly #folder: string;
  readonly #started: BenchProcess[] = [];
  #isOver = false;

  /** @param folder where they run and print to */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Starts node with these arguments.
   *
   * @throws Error once all are being stopped
   */
  start(options: StartOptions): BenchProcess {
    if (this.#isOver) throw new Error("the run is over");
    const started = new BenchProcess(options, this.#folder);
    this.#started.push(started);
    return started;
  }

  /** Starts a TypeScript file of this folder. */
  startScript(name: string, script: string, args: readonly string[] = []): BenchProcess {
    const path = fileURLToPath(new URL(script, import.meta.url));
    return this.start({ name, args: ["--import", LOADER, path, ...args] });
  }

  /** Stops all that run, and lets no other start. */
  async stopAll(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#started.map((started) => started.stop()));
  }
}
