import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { startServer } from "../../src/http/server.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { openSqliteStore } from "../../src/storage/sqlite-store.js";
import {
  type BridgeOnSimulator,
  SCIM_JSON,
  startBridgeOnSimulator,
  TOKEN,
} from "../support/bridge-on-simulator.js";

interface Answer {
  readonly status: number | undefined;
  readonly body: Record<string, unknown>;
}

describe("a stop", () => {
  let simulator: Simulator;
  let folder: string;
  let running: BridgeOnSimulator;
  let port: number;
  /** What happened, in its order. */
  let events: string[];
  let agent: Agent;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "graceful-stop-"));
    simulator = await startSimulator({ accounts: 10 });
    events = [];
    agent = new Agent({ keepAlive: true });
    running = await start();
    ({ port } = await running.bridge.listen());
  });
  afterEach(async () => {
    agent.destroy();
    await simulator.close();
    await rm(folder, { recursive: true });
  });

  function start(): Promise<BridgeOnSimulator> {
    return startBridgeOnSimulator({
      running: simulator,
      env: { PORT: "0", DATABASE_URL: `file:${join(folder, "bridge.db")}` },
      parts: {
        openStore: async ({ databaseUrl }, log) => {
          const store = await openSqliteStore({ url: databaseUrl, log });
          const close = async () => {
            events.push("database closed");
            await store.close();
          };
          return { ...store, close };
        },
      },
    });
  }

  /** A request over a connection that is kept open. */
  async function ask(method: string, path: string, body?: object): Promise<Answer> {
    const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": SCIM_JSON };
    const sent = request({ host: "127.0.0.1", port, method, path: `/scim/v2${path}`, headers, agent });
    sent.end(body && JSON.stringify(body));
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    return { status: answer.statusCode, body: text === "" ? {} : JSON.parse(text) };
  }

  async function connectionFailure(): Promise<unknown> {
    const socket = connect(port, "127.0.0.1");
    const [error] = await once(socket, "error");
    return error.code;
  }

  it("waits for the answer to a write, refuses new connections meanwhile, then closes the database", async () => {
    const { id } = (await ask("POST", "/Users", { userName: "ada@example.com" })).body;
    const { faults } = simulator.world;
    const hold = faults.add({ kind: "hold", method: "POST" });
    const suspending = ask("PATCH", `/Users/${id}`, {
      Operations: [{ op: "replace", value: { active: false } }],
    }).then((answer) => {
      events.push("answered");
      return answer;
    });
    await faults.whenFired(hold.id);
    const stopped = running.bridge.stop().then(() => void events.push("stopped"));
    expect(await connectionFailure()).toBe("ECONNREFUSED");
    expect(events).toEqual([]);

    faults.clear();
    expect(await suspending).toMatchObject({ status: 200, body: { active: false } });
    await stopped;
    expect(events).toEqual(["answered", "database closed", "stopped"]);
    expect(simulator.world.accounts.get(String(id)).status).toBe("suspended");
  });

  it("loses nothing: the next start shows what was written last", async () => {
    const { faults } = simulator.world;
    const hold = faults.add({ kind: "hold", method: "POST", at: "after" });
    const creating = ask("POST", "/Users", { userName: "ada@example.com", title: "Countess", active: false });
    await faults.whenFired(hold.id);
    const stopped = running.bridge.stop();
    faults.clear();
    const { status, body } = await creating;
    expect(status).toBe(201);
    await stopped;

    const again = await start();
    const read = await again.scim("get", `/Users/${body.id}`);
    expect(read.body).toMatchObject({ userName: "ada@example.com", title: "Countess", active: false });
    await again.stop();
  });

  it("is not held up by a connection that is kept open and has nothing to do", async () => {
    expect((await ask("GET", "/Users")).status).toBe(200);
    await running.bridge.stop();
    expect(events).toEqual(["database closed"]);
  });

  it("is not held up by a connection on which nothing was ever asked", async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    // The server has accepted the connections that came before the one of an answer.
    expect((await ask("GET", "/Users")).status).toBe(200);
    await running.bridge.stop();
    expect(events).toEqual(["database closed"]);
    socket.destroy();
  });

  it("breaks off a pass over the accounts, instead of waiting for Twilio", async () => {
    const { faults } = simulator.world;
    const hold = faults.add({ kind: "hold" });
    const pass = running.bridge.sync.pass();
    await faults.whenFired(hold.id);
    await running.bridge.stop();
    expect(events).toEqual(["database closed"]);
    faults.clear();
    await pass;
  });
});

describe("a server that stops", () => {
  it("cuts off, once its patience ends, a client that does not send the rest of its request", async () => {
    const server = await startServer(
      (_request, response) => void response.flushHeaders(),
      "127.0.0.1",
      0,
      10,
    );
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf of");
    await once(socket, "data");
    await server.stop();
    await expect(
      startServer(() => undefined, "127.0.0.1", server.port).then((next) => next.stop()),
    ).resolves.toBeUndefined();
  });
});
