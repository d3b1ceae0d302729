import { connect, type Socket } from "node:net";
import { type Load, partOf } from "./load.js";

const READ_BUFFER_BYTES = 256 * 1024;

/**
 * Load for large answers, which does no more than wrk does: it reads the header, and counts the bytes of the body.
 * autocannon keeps bodies, which takes more time than a server needs to send a page: all servers would look alike.
 */
export const loadBySockets: Load = async ({ origin, headers, paths, connections, durationMs }) => {
  const timesMs: number[] = [];
  const startedAt = performance.now();
  let lastAt = startedAt;
  const sockets: Socket[] = [];
  const conversations = Array.from({ length: connections }, (_, n) => {
    const requests = partOf(paths, n, connections).map((path) => requestText(origin, path, headers));
    return converse(new URL(origin), requests, {
      opened: (socket) => sockets.push(socket),
      answered(ms) {
        timesMs.push(ms);
        lastAt = performance.now();
        return lastAt - startedAt < durationMs;
      },
    });
  });
  try {
    await Promise.all(conversations);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return { timesMs: timesMs.sort((a, b) => a - b), elapsedMs: lastAt - startedAt };
};

interface Listener {
  opened(socket: Socket): void;
  /** @returns whether there is time for another request */
  answered(ms: number): boolean;
}

/** One connection. Resolves when its listener has had enough. */
function converse(origin: URL, requests: readonly string[], listener: Listener): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0;
    let sentAt = 0;
    let missing: number | undefined;
    const send = () => {
      sentAt = performance.now();
      missing = undefined;
      socket.write(requests[next % requests.length] ?? "");
      next += 1;
    };
    const read = (length: number, buffer: Uint8Array) => {
      missing = missing === undefined ? bytesAfter(buffer, length) : missing - length;
      if (Number.isNaN(missing))
        reject(new Error(`unexpected answer: ${textOf(buffer, Math.min(length, 300))}`));
      else if (missing === 0 && listener.answered(performance.now() - sentAt)) send();
      else if (missing === 0) resolve();
      return true;
    };
    const onread = { buffer: Buffer.allocUnsafe(READ_BUFFER_BYTES), callback: read };
    const socket = connect({ host: origin.hostname, port: Number(origin.port), noDelay: true, onread }, send);
    listener.opened(socket);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("the connection was closed")));
  });
}

/** How much of the answer is still to come after its first bytes; NaN where it cannot be told, or is no success. */
function bytesAfter(buffer: Uint8Array, length: number): number {
  const text = textOf(buffer, Math.min(length, 4096));
  const headerEnd = text.indexOf("\r\n\r\n");
  const bodyLength = /^content-length: *(\d+)/im.exec(text)?.[1];
  if (!text.startsWith("HTTP/1.1 200 ") || headerEnd < 0) return Number.NaN;
  return headerEnd + 4 + Number(bodyLength) - length;
}

function textOf(buffer: Uint8Array, length: number): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset, length).toString("latin1");
}

function requestText(origin: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: new URL(origin).host, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}
