import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import supertest from "supertest";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { TOKEN } from "../support/bridge-on-simulator.js";
import type { CrashOrder, CrashPoint } from "./crash-points.js";

/** A simulator, and one bridge process after another on one database file. */
export interface CrashSite {
  readonly simulator: Simulator;
  /** Starts the next bridge, which will not survive the creation of `userName`. Resolves once it serves. */
  startBridge(point: CrashPoint, userName: string): Promise<DoomedBridge>;
  clear(): Promise<void>;
}

export interface DoomedBridge {
  /** Asks for the user's account. Answers undefined where the process died instead. */
  create(userName: string): Promise<supertest.Response | undefined>;
  /** The users that are listed: SID to userName. */
  users(): Promise<Map<string, string>>;
  /** Asks for the account that the process does not survive, and resolves when it is dead. */
  createAndDie(): Promise<supertest.Response | undefined>;
}

export async function openCrashSite(): Promise<CrashSite> {
  const simulator = await startSimulator({ accounts: 3 });
  const folder = await mkdtemp(join(tmpdir(), "bridge-crash-"));
  const children: ChildProcess[] = [];

  return {
    simulator,
    async startBridge(point, userName) {
      const env = {
        TWILIO_ACCOUNT_SID: simulator.accountSid,
        TWILIO_AUTH_TOKEN: simulator.authToken,
        TWILIO_API_URL: simulator.url,
        SCIM_TOKEN: TOKEN,
        DATABASE_URL: `file:${folder}/bridge.db`,
        PORT: "0",
      };
      const child = startProcess({ point, userName, env });
      children.push(child);
      const exited = once(child, "exit");
      const port = await Promise.race([
        once(child.stdout, "data").then(([line]) => Number(String(line))),
        exited.then(() => Number.NaN),
      ]);
      return doomedBridge({ simulator, child, exited, port, point, userName });
    },
    async clear() {
      for (const child of children) child.kill("SIGKILL");
      await simulator.close();
      await rm(folder, { recursive: true });
    },
  };
}

function startProcess(order: CrashOrder) {
  const file = (name: string) => new URL(name, import.meta.url);
  return spawn(
    process.execPath,
    [
      "--import",
      file("../support/typescript-loader.mjs").href,
      file("bridge-process.ts").pathname,
      JSON.stringify(order),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
}

interface Doom {
  readonly simulator: Simulator;
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly port: number;
  readonly point: CrashPoint;
  readonly userName: string;
}

function doomedBridge({ simulator, child, exited, port, point, userName }: Doom): DoomedBridge {
  const agent = supertest(`http://127.0.0.1:${port}/scim/v2`);
  const { accounts, faults, traffic } = simulator.world;

  // Namesakes on purpose: what is recovered must not be taken for another of the same name.
  const create = (name: string) =>
    agent
      .post("/Users")
      .auth(TOKEN, { type: "bearer" })
      .send({ userName: name, displayName: "Namesake" })
      .then((response): supertest.Response | undefined => response)
      .catch(() => undefined);

  /** Kills the process from outside while its request is held at Twilio. */
  async function dieAtTwilio(at: "before" | "after", isThere: () => boolean): Promise<undefined> {
    const rule = faults.add({ kind: "hold", route: "accounts.create", at, count: 1 });
    const answer = create(userName);
    while (!isThere()) await turn();
    child.kill("SIGKILL");
    await exited;
    faults.release(rule.id);
    await answer;
    return undefined;
  }

  return {
    create,
    async users() {
      const { body } = await agent.get("/Users?count=1000").auth(TOKEN, { type: "bearer" });
      const resources: { id: string; userName: string }[] = body.Resources;
      return new Map(resources.map((user) => [user.id, user.userName]));
    },
    async createAndDie() {
      const arrived = () => traffic.report().routes["accounts.create"]?.requests ?? 0;
      const made = () => accounts.list().length;
      const [arrivedBefore, madeBefore] = [arrived(), made()];
      if (point === "while Twilio works") return dieAtTwilio("before", () => arrived() > arrivedBefore);
      if (point === "while Twilio answers") return dieAtTwilio("after", () => made() > madeBefore);
      const answer = await create(userName);
      if (point === "after the answer") child.kill("SIGKILL");
      await exited;
      return answer;
    },
  };
}
