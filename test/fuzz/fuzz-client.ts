import { Agent, type IncomingMessage, request } from "node:http";
import { type FuzzAnswer, type FuzzRequest, unpack } from "./request.js";

/** A bridge that needs longer than this for an answer hangs. */
export const HANG_MS = 10_000;

/** No answer came. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/** Sends requests over connections that it keeps. */
export class FuzzClient {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws NoAnswerError */
  exchange({ method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer> {
    const isChunked = headers["transfer-encoding"] !== undefined;
    const hasLength = body !== undefined && !isChunked;
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => reject(new NoAnswerError(cause.message, { cause }));
      const sent = request({
        host: "127.0.0.1",
        port: this.#port,
        agent: this.#agent,
        method,
        path,
        headers: { ...headers, ...(hasLength && { "content-length": body.length }) },
        timeout: HANG_MS,
      });
      sent.once("timeout", () => sent.destroy(new Error(`no answer within ${HANG_MS} ms`)));
      sent.once("error", fail);
      sent.once("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", fail);
        response.once("end", () => resolve(readAnswer(response, Buffer.concat(chunks))));
      });
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function readAnswer({ statusCode = 0, headers }: IncomingMessage, bytes: Buffer): FuzzAnswer {
  const text = bytes.length === 0 ? "" : unpack(bytes, headers["content-encoding"]).toString();
  return { status: statusCode, headers, text, body: parse(text) };
}

function parse(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
