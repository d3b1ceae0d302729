import { once } from "node:events";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";

export interface KeptRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface KeptAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it was sent: compressed where the headers say so. */
  readonly bytes: Buffer;
  /** The bytes, parsed; undefined where there are none, or they are compressed or no JSON. */
  readonly body: unknown;
  /** Whether an earlier request has used the same socket. */
  readonly isReused: boolean;
}

/** A client that keeps its one socket open from request to request, as those of identity providers do. */
export class KeptConnection {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(port: number) {
    this.#port = port;
  }

  async exchange({ method, path, headers, body }: KeptRequest): Promise<KeptAnswer> {
    const asked = request({ port: this.#port, agent: this.#agent, method, path, headers });
    const answered = once(asked, "response") as Promise<[IncomingMessage]>;
    asked.end(body);
    const [response] = await answered;
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const { headers: received } = response;
    const isJson =
      bytes.length > 0 &&
      received["content-encoding"] === undefined &&
      /json/.test(received["content-type"] ?? "");
    return {
      status: response.statusCode ?? 0,
      headers: received,
      bytes,
      body: isJson ? JSON.parse(bytes.toString()) : undefined,
      isReused: asked.reusedSocket,
    };
  }

  close(): void {
    this.#agent.destroy();
  }
}
