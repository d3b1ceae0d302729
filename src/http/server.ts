import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type App, messagesOf } from "./messages.js";

/** A client that has not sent its headers or its body by then is cut off. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Longer than the idle time of usual load balancers, so that they and not we close a connection between two requests. */
const KEEP_ALIVE_MS = 75_000;

/** How long a stop waits: longer than any write takes, and shorter than the 30 s after which Kubernetes kills. */
const STOP_GRACE_MS = 27_000;

export interface RunningServer {
  readonly port: number;
  /**
   * Takes no new connection, and resolves when all requests under way are answered, or cut off because their client
   * does not send the rest of them.
   */
  stop(): Promise<void>;
}

/** @throws what listening throws, such as EADDRINUSE */
export async function startServer(
  app: App,
  host: string,
  port: number,
  stopGraceMs = STOP_GRACE_MS,
): Promise<RunningServer> {
  const server = createServer(
    {
      ...messagesOf(app),
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    app,
  );
  const unused = connectionsWithoutRequest(server);
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => stop(server, unused, stopGraceMs),
  };
}

/** The connections on which no request has come yet. Node does not count them among the idle ones. */
function connectionsWithoutRequest(server: Server): ReadonlySet<Socket> {
  const unused = new Set<Socket>();
  server.on("connection", (socket) => {
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  server.on("request", ({ socket }) => unused.delete(socket));
  return unused;
}

async function stop(server: Server, unused: ReadonlySet<Socket>, graceMs: number): Promise<void> {
  const closed = once(server, "close");
  // A connection that was busy when the server closed would stay open for its next request, which never comes.
  server.on("request", (_request, response) => {
    response.shouldKeepAlive = false;
    response.once("close", () => setImmediate(() => server.closeIdleConnections()));
  });
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  // A server that closes enforces its own time limits no more.
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  server.close();
  for (const socket of unused) socket.destroy();
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
