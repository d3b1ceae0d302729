import { once } from "node:events";
import { createServer, type Server, type ServerOptions } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { SecureContextOptions } from "node:tls";
import { type App, messagesOf } from "./messages.js";

/** A client that has not sent its headers or its body by then is cut off. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** Longer than the idle time of usual load balancers, so that they and not we close a connection between two requests. */
const KEEP_ALIVE_MS = 75_000;

/** How long a stop waits: longer than any write takes, and shorter than the 30 s after which Kubernetes kills. */
const STOP_GRACE_MS = 27_000;

/** A certificate with those that it is signed with, and its private key, in PEM. */
export type CertificatePair = Required<Pick<SecureContextOptions, "cert" | "key">>;

const TLS_VERSIONS = { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" } as const;

export interface RunningServer {
  readonly port: number;
  /** Shows another certificate to those that connect from now on; nothing where it serves plain HTTP. */
  useCertificate(pair: CertificatePair): void;
  /**
   * Takes no new connection, and resolves when all requests under way are answered, or cut off because their client
   * does not send the rest of them.
   */
  stop(): Promise<void>;
}

/**
 * @param pair to serve HTTPS with; undefined: plain HTTP
 * @throws what listening throws, such as EADDRINUSE
 */
export async function startServer(
  app: App,
  host: string,
  port: number,
  stopGraceMs = STOP_GRACE_MS,
  pair?: CertificatePair,
): Promise<RunningServer> {
  const options: ServerOptions = {
    ...messagesOf(app),
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const secure =
    pair &&
    createSecureServer({ ...options, ...TLS_VERSIONS, ...pair, handshakeTimeout: HEADERS_TIMEOUT_MS }, app);
  const server = secure ?? createServer(options, app);
  const unused = connectionsWithoutRequest(server);
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    useCertificate: (other) => secure?.setSecureContext({ ...TLS_VERSIONS, ...other }),
    stop: () => stop(server, unused, stopGraceMs),
  };
}

/**
 * The connections on which no request has come yet, by the client's end: that is all that a connection and the TLS within
 * it have in common. Node does not count them among the idle ones.
 */
function connectionsWithoutRequest(server: Server): ReadonlyMap<string, Socket> {
  const unused = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const end = farEnd(socket);
    unused.set(end, socket);
    socket.once("close", () => {
      if (unused.get(end) === socket) unused.delete(end);
    });
  });
  server.on("request", ({ socket }) => {
    if (unused.size > 0) unused.delete(farEnd(socket));
  });
  return unused;
}

function farEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

async function stop(server: Server, unused: ReadonlyMap<string, Socket>, graceMs: number): Promise<void> {
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
  for (const socket of unused.values()) socket.destroy();
  await closed;
  clearInterval(sweep);
  clearTimeout(deadline);
}
